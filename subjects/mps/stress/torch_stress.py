#!/usr/bin/env python3
"""The workloads of `interlock stress` in PyTorch, on cpu, cuda or mps.

Each result is held against that of one thread on the same device.  Run it
through Interlock, which says what to do in variables and judges the answer:

    interlock stress --command 'python3 subjects/mps/stress/torch_stress.py --device mps'

docs/stress.md describes the protocol.  Nothing is printed to standard output
but its lines.
"""

import argparse
import array
import json
import os
import resource
import sys
import threading
import time

PROTOCOL = 1
CASES = 8
FINDINGS = 20


def tell(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def setting(name, default=None):
    value = os.environ.get("INTERLOCK_STRESS_" + name, default)
    if value is None:
        sys.exit(f"INTERLOCK_STRESS_{name} is not set; run this through `interlock stress --command`")
    return value


def operations(torch):
    """Name to a function that makes inputs, and one that computes."""

    def draws(*shapes):
        return lambda draw: [torch.rand(shape, generator=draw) * 2 - 1 for shape in shapes]

    def masked(*shapes):
        def make(draw):
            mask = torch.rand(shapes[0], generator=draw) < 0.5
            return [mask] + [torch.rand(shape, generator=draw) * 2 - 1 for shape in shapes[1:]]
        return make

    norm = torch.nn.functional.layer_norm
    return {
        "add": (draws((4, 1, 64), (16, 1)), lambda a, b: a + b),
        "mul": (draws((4, 16, 64), (64,)), lambda a, b: a * b),
        "matmul": (draws((4, 16, 64), (4, 64, 24)), torch.matmul),
        "greater": (draws((4, 16, 64), (4, 1, 64)), lambda a, b: (a > b).float()),
        "where": (masked((4, 16, 64), (16, 64), (1, 64)), torch.where),
        "masked-fill": (masked((16, 64), (4, 16, 64)), lambda mask, x: x.clone().masked_fill_(mask, -1e9)),
        "layer-norm": (draws((4, 16, 64), (64,), (64,)), lambda x, w, b: norm(x, (64,), w, b)),
    }


def prepare(torch, device, names, seed):
    """For each workload its cases: inputs on the device, and the result of this thread on the host."""
    known = operations(torch)
    cases = {}
    for index, name in enumerate(names):
        if name not in known:
            sys.exit(f"there is no workload {name}; there are {', '.join(known)}")
        make, compute = known[name]
        cases[name] = []
        for case in range(CASES):
            draw = torch.Generator().manual_seed(seed * 1000 + index * CASES + case)
            inputs = [tensor.to(device) for tensor in make(draw)]
            cases[name].append((compute, inputs, compute(*inputs).cpu()))
    return cases


def difference(torch, expected, given, tolerance):
    """The first element that differs, with both values."""
    if expected.shape != given.shape:
        return (None, None, None)
    close = torch.isclose(given, expected, rtol=tolerance, atol=tolerance)
    if bool(close.all()):
        return None
    element = int((~close).flatten().nonzero()[0])
    return (element, float(expected.flatten()[element]), float(given.flatten()[element]))


class Worker(threading.Thread):
    def __init__(self, number, torch, cases, amount, deadline, tolerance, start):
        super().__init__(name=f"stress-{number}")
        self.number, self.torch, self.cases = number, torch, cases
        self.amount, self.deadline, self.tolerance, self.start_line = amount, deadline, tolerance, start
        # Eight bytes for each, because the growth of memory is looked at.
        self.times = {name: array.array("d") for name in cases}
        self.errors = {name: 0 for name in cases}
        self.findings = []
        self.done = 0

    def run(self):
        names = list(self.cases)
        self.start_line.wait()
        while (self.done < self.amount * len(names)) if self.amount else (time.monotonic() < self.deadline()):
            name = names[(self.done + self.number) % len(names)]
            case = (self.done * 5 + self.number) % CASES
            self.once(name, case)
            self.done += 1

    def once(self, name, case):
        compute, inputs, expected = self.cases[name][case]
        began = time.perf_counter()
        try:
            given = compute(*inputs).cpu()
            wrong = difference(self.torch, expected, given, self.tolerance)
            what = "the result is not that of one thread"
        except Exception as error:  # Whatever a back end raises under load is a finding.
            wrong, what = (None, None, None), f"{type(error).__name__}: {error}"
        self.times[name].append(time.perf_counter() - began)
        if wrong is None:
            return
        self.errors[name] += 1
        if len(self.findings) < FINDINGS:
            finding = {"kernel": name, "case": case, "thread": self.number, "operation": self.done, "what": what}
            if wrong[0] is not None:
                finding.update(element=wrong[0], expected=wrong[1], given=wrong[2])
            self.findings.append(finding)


def resident():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        # Elsewhere only the peak is known, in bytes on macOS.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    parser.add_argument("--tolerance", type=float, default=None, help="0 on cpu, else 1e-4 unless said otherwise")
    arguments = parser.parse_args()
    import torch

    available = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    kind = arguments.device.split(":")[0]
    if kind in available and not available[kind]():
        sys.exit(f"torch {torch.__version__} has no {kind} on this machine")
    tolerance = arguments.tolerance if arguments.tolerance is not None else (1e-6 if kind == "cpu" else 1e-4)
    threads, seed = int(setting("THREADS")), int(setting("SEED"))
    names = setting("WORKLOADS").split(",")
    if setting("SCENARIO", "steady") != "steady":
        sys.exit("only the scenario `steady` is made here")
    amount = int(setting("OPERATIONS", "0"))
    seconds = float(setting("SECONDS", "0"))
    if not amount and not seconds:
        sys.exit("neither INTERLOCK_STRESS_OPERATIONS nor INTERLOCK_STRESS_SECONDS is set")
    # Each thread's own parallelism would hide the schedule that is asked about.
    torch.set_num_threads(1)

    tell(event="hello", protocol=PROTOCOL, threads=threads, device=f"torch {torch.__version__} on {arguments.device}")
    cases = prepare(torch, arguments.device, names, seed)
    start = threading.Barrier(threads + 1)
    began = [0.0]
    workers = [
        Worker(number, torch, cases, amount, lambda: began[0] + seconds, tolerance, start) for number in range(threads)
    ]
    for worker in workers:
        worker.start()
    began[0] = time.monotonic()
    start.wait()
    while any(worker.is_alive() for worker in workers):
        time.sleep(0.2)
        done = sum(worker.done for worker in workers)
        planned = amount * len(names) * threads
        share = done / planned if amount else min((time.monotonic() - began[0]) / seconds, 1.0)
        tell(event="memory", done=share, bytes=resident())
    wall = time.monotonic() - began[0]

    for worker in workers:
        for finding in worker.findings:
            tell(event="finding", **finding)
    for name in names:
        times = sorted(seconds for worker in workers for seconds in worker.times[name])
        at = lambda share: times[min(int(len(times) * share), len(times) - 1)] * 1e6 if times else 0.0
        errors = sum(worker.errors[name] for worker in workers)
        tell(event="kernel", kernel=name, operations=len(times), errors=errors, p50_us=at(0.5), p99_us=at(0.99))
    total = sum(worker.done for worker in workers)
    errors = sum(sum(worker.errors.values()) for worker in workers)
    tell(event="done", operations=total, errors=errors, wall_s=wall)


if __name__ == "__main__":
    main()
