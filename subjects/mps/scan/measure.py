#!/usr/bin/env python3
"""Compares findings of `interlock scan --json` with a table of what a careful reading found.

Usage: measure.py FINDINGS.json GROUND-TRUTH.tsv [--verbose]

The table has the columns id, version, path, lines, function, class, verdict, why. A row counts as found if a finding of
severity error or warning, of a rule that speaks about its class, lies in its file, in a function that the row names and
within five lines of its lines. Where only a further place of a finding does (the access that its message is about, while the
finding stands at the caller that lacks the lock), the row counts as found on the trace. A row of verdict CONTRACT is met by
a note there and no error; one of verdict FP is broken by an error there. LATENT rows are shown, not counted.
"""
import fnmatch
import json
import re
import sys

# Which rules speak about which class of the table.
RULES = {
    "queue-confinement": {"guarded-by", "unguarded-container"},
    "lazy-init-race": {"lazy-init", "guarded-by"},
    "unguarded-container": {"unguarded-container", "guarded-by"},
    "guard-inconsistent": {"guarded-by", "closure-escape", "unguarded-container"},
    "stale-after-relock": {"stale-value", "guard-escape"},
    "guarded-ref-escape": {"guard-escape"},
    "check-then-act": {"check-then-act"},
    "raw-lock-exception": {"hand-lock"},
    "this-captured-async": {"closure-escape"},
    "maybeowned-in-block": {"closure-escape"},
    "exception-through-dispatch": {"exception-through-c"},
    "sync-reentrancy": {"reentrant-dispatch"},
    "unbounded-wait": {"wait-under-lock"},
    "lock-order": {"lock-order"},
    "fork-safety": {"fork-safety"},
    "async-borrowed-memory": {"borrowed-memory"},
    "owner-destroyed-early": {"owner-destroyed-early"},
    "encoder-protocol": {"open-encoder", "overwritten-owner"},
    "signal-safety": {"signal-handler"},
}
SLACK = 5


def ranges(text):
    """Line ranges of a row: `66`, `20-59`, `27,117,231-232`, `82-109 -> 44-70`."""
    found = []
    for part in re.split(r"[,>]| - ", text.replace(" ", "")):
        numbers = [int(number) for number in re.findall(r"\d+", part)]
        if numbers:
            found.append((numbers[0], numbers[-1]))
    return found


def names(text):
    """The functions that a row names: `A::f / g`, `~C`, `handle_*_op`, `C ctor deleter` (also the constructor C)."""
    return {word for word in re.findall(r"~?[A-Za-z_][\w*]*", text)}


def function(spot):
    """The function of a spot, a closure's being that in which it stands, without its class."""
    name = re.sub(r"^(?:(?:block|lambda) in )+", "", spot["function"])
    return name.split("::")[-1]


def at(spot, row):
    if not spot["file"].endswith(row["path"]):
        return False
    if not any(fnmatch.fnmatchcase(function(spot), name) for name in row["names"]):
        return False
    return any(low - SLACK <= spot["line"] <= high + SLACK for low, high in row["ranges"])


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    verbose = "--verbose" in sys.argv
    with open(arguments[0], encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    rows = []
    with open(arguments[1], encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split("\t")
        for line in file:
            row = dict(zip(header, line.rstrip("\n").split("\t")))
            row["ranges"] = ranges(row["lines"])
            row["names"] = names(row["function"])
            rows.append(row)
    counts = {}
    for row in rows:
        rules = RULES.get(row["class"], set())
        spoken = [finding for finding in findings if finding["rule"] in rules]
        hits = [finding for finding in spoken if at(finding["spot"], row)]
        traces = [finding for finding in spoken if any(at(related["spot"], row) for related in finding["related"])]
        loud = [finding for finding in hits if finding["severity"] != "note"]
        errors = [finding for finding in hits if finding["severity"] == "error"]
        quiet = [finding for finding in hits if finding["severity"] == "note"]
        verdict = row["verdict"]
        traced = False
        if verdict in ("BUG-UPSTREAM", "BUG-READ"):
            met = bool(loud)
            traced = not met and any(finding["severity"] != "note" for finding in traces)
        elif verdict == "CONTRACT":
            met = bool(quiet) and not errors
        elif verdict == "FP":
            met = not errors
        else:
            met = None
        total = counts.setdefault((verdict, row["class"]), [0, 0, 0])
        total[0] += int(bool(met))
        total[1] += 1
        total[2] += int(traced)
        if verbose or met is False:
            word = "trace" if traced else {True: "met", False: "NOT MET", None: "latent"}[met]
            what = "; ".join(f"{finding['rule']} {finding['severity']} {finding['spot']['line']}" for finding in hits)
            place = f"{row['path'].split('/')[-1]}:{row['lines']}"
            print(f"{word:8} {row['id']:4} {verdict:13} {row['class']:26} {place}  {what}")
    print()
    for verdict in ("BUG-UPSTREAM", "BUG-READ", "CONTRACT", "FP"):
        classes = sorted(key for key in counts if key[0] == verdict)
        met = sum(counts[key][0] for key in classes)
        total = sum(counts[key][1] for key in classes)
        if not total:
            continue
        traced = sum(counts[key][2] for key in classes)
        further = f", {traced} more on a trace" if traced else ""
        print(f"{verdict}: {met} of {total} ({100 * met / total:.0f} %){further}")
        for key in classes:
            print(f"    {key[1]}: {counts[key][0]} of {counts[key][1]}")
    severities = {}
    for finding in findings:
        severities[finding["severity"]] = severities.get(finding["severity"], 0) + 1
    print("findings:", ", ".join(f"{count} {severity}" for severity, count in sorted(severities.items())))


if __name__ == "__main__":
    main()
