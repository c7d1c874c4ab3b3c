"""Runs a model checker as a child process and reads what it found.

Shared by `corpus` (our results against a recorded table) and `run` (side by side with a peer). Wall time is that of the
whole process, start-up included, because that is what a user waits for. Peak memory is the kernel's figure for the
process (`ru_maxrss`). Linux keeps the peak of the parent across `exec`, so a small child of a Python process would be
charged with Python's 16 MiB; GNU time in between, where it is installed, brings that floor down to 2 MiB.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

OURS_PROPERTY_DECLINED = 20
TIME_LIMIT = "time limit"
GNU_TIME = "/usr/bin/time"


@dataclass
class Outcome:
    """What one run gave; the three counters are None when the program did not say them."""

    code: object  # exit code, or TIME_LIMIT
    wall_s: float
    peak_mib: float
    generated: int = None
    distinct: int = None
    depth: int = None
    text: str = ""

    @property
    def counts(self):
        return (self.generated, self.distinct)


def run_child(command, folder, limit_s):
    """Runs a command in a folder; its stdout and stderr land in one text."""
    with tempfile.TemporaryFile() as sink, tempfile.NamedTemporaryFile("r") as peak:
        measured = [GNU_TIME, "-q", "-f", "%M", "-o", peak.name, *command] if os.access(GNU_TIME, os.X_OK) else command
        streams = {"stdin": subprocess.DEVNULL, "stdout": sink, "stderr": subprocess.STDOUT}
        start = time.monotonic()
        child = subprocess.Popen(measured, cwd=folder, start_new_session=True, **streams)
        late = threading.Event()
        timer = threading.Timer(limit_s, lambda: (late.set(), os.killpg(child.pid, signal.SIGKILL)))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.monotonic() - start
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait a second time.
        sink.seek(0)
        text, kib = sink.read().decode("utf-8", "replace"), peak.read().strip()
    code = TIME_LIMIT if late.is_set() else child.returncode
    return Outcome(code, wall_s, (int(kib) if kib.isdigit() else usage.ru_maxrss) / 1024, text=text)


def ours(binary, spec, config, workers, limit_s):
    """Runs Interlock on a specification."""
    command = [binary, "tla", "check", spec, "--config", config, "--workers", str(workers), "--json"]
    outcome = run_child(command, os.path.dirname(spec), limit_s)
    start = outcome.text.find("{\n")
    try:
        report, _ = json.JSONDecoder().raw_decode(outcome.text[max(start, 0):])
    except ValueError:
        return outcome
    outcome.generated, outcome.distinct, outcome.depth = (report.get(name) for name in ("generated", "distinct", "depth"))
    return outcome


COUNTS = re.compile(r"^(\d+) states generated, (\d+) distinct states found", re.MULTILINE)
DEPTH = re.compile(r"^The depth of the complete state graph search is (\d+)", re.MULTILINE)


def peer(command, spec, config, workers, limit_s):
    """Runs a program with TLC's command line on a specification; its files go to a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as states:
        arguments = ["-workers", str(workers), "-metadir", states, "-noGenerateSpecTE", "-config", config]
        outcome = run_child(command + arguments + [os.path.basename(spec)], os.path.dirname(spec), limit_s)
    counts, depth = COUNTS.findall(outcome.text), DEPTH.search(outcome.text)
    if counts:
        outcome.generated, outcome.distinct = (int(number) for number in counts[-1])
    if depth:
        outcome.depth = int(depth.group(1))
    return outcome


def first_line(command):
    """The first line that a program prints, for the record of versions; empty if it does not run."""
    try:
        return run_child(command, None, 20).text.strip().splitlines()[0]
    except (OSError, IndexError):
        return ""
