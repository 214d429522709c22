#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The kernel's own driver against a row of drivers.def, on every file of a folder of scenarios.

    linux_compare.py --bin build/release/bin [--write results/linux.md] [FOLDER]

Each file is played with its first choices, both drivers in the kernel's era. Compared are: the MSR
writes of the driver in order, the records, the bytes that hardware stored, the states of the event
and the splats. A difference must be of a kind that EXPLAINED knows; status 1 if one is not.

A point costs time (latency `kpoint`), and the kernel's driver has more of them than ours: for the
comparison it costs none, so that both meet the same machine.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

KERNELS = ("6.1", "6.12")
OUTPUT = {"0x560": "RTIT_OUTPUT_BASE", "0x561": "RTIT_OUTPUT_MASK_PTRS"}
NAMES = dict(OUTPUT, **{"0x570": "RTIT_CTL", "0x571": "RTIT_STATUS"})

# Kinds of differences: who differs (the generation of the driver, our shim, or a mistake of ours),
# and why.
EXPLAINED = {
    "output-cached": (
        "generation",
        "the driver remembers what RTIT_OUTPUT_BASE and _MASK_PTRS hold and does not write the "
        "same value again (295c52ee1485, 5.5); `handle-vmx` is 4.12 and always writes"),
    "state-bits": (
        "generation",
        "hw.state is a set of bits, PERF_HES_UPTODATE says that no transaction is open "
        "(2e17bf3a469a); in 4.12 and 6.1 it is 0 or PERF_HES_STOPPED"),
    "traces-earlier": (
        "generation",
        "without the writes that it need not do the kernel's driver turns tracing on some cycles "
        "earlier, and hardware stores more"),
}

SKIPPED = 77


def play(options, path, policy, folder):
    out = os.path.join(folder, "observations")
    run = subprocess.run(
        [os.path.join(options.bin, "ptvmx"), "run", path, "--policy", policy, "--observations", out,
         *first_choices(path)], capture_output=True, text=True, check=False)
    if run.returncode > 1:
        sys.exit("linux_compare: " + run.stderr.strip())
    with open(out, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def first_choices(path):
    """One run only: the first value of the first choice says so."""
    with open(path, encoding="utf-8") as file:
        match = re.search(r"(?:(\d+)\.\.\d|from: *(\d+))", re.sub(r"#.*", "", file.read()))
    return ["--choice", match.group(1) or match.group(2)] if match else []


def timed(path, folder):
    """A copy of the file in which points cost no time."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if re.search(r"^timing:", text, re.M):
        text = re.sub(r"^timing: *\{", "timing: {kpoint: 0, ", text, flags=re.M)
    else:
        text = re.sub(r"^machine:", "timing: {kpoint: 0}\nmachine:", text, flags=re.M)
    copy = os.path.join(folder, os.path.basename(path))
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text)
    return copy


# --- What is compared ---


def own(observations):
    return [o for o in observations if "copy" not in o]


def msr_accesses(observations):
    """The driver's accesses to PT's registers, those in an NMI too: (write, msr, value, fault)."""
    return [(o["write"], o["msr"], o["value"], o["fault"]) for o in own(observations)
            if o["kind"] == "msr" and o["msr"] in NAMES]


def uncached(accesses):
    """Writes without those of a value that an output register is known to hold; how many went."""
    known, kept, gone = {}, [], 0
    for write, msr, value, fault in accesses:
        if write and msr in OUTPUT and known.get(msr) == value:
            gone += 1
            continue
        known[msr] = value
        if write:
            kept.append((msr, value, fault))
    return kept, gone


def records(observations):
    return [(o["type"], o["flags"], o["offset"], o["size"]) for o in own(observations)
            if o["kind"] == "record"]


def states(observations):
    return [(o["state"], o["hw_state"]) for o in own(observations) if o["kind"] == "event_state"]


def splats(observations):
    return [o["splat_kind"] for o in own(observations) if o["kind"] == "splat"]


def stored(observations):
    return sum(o["bytes"] for o in own(observations) if o["kind"] == "store")


def compare(ours, real):
    """Kinds of differences, and what could not be put into one."""
    kinds, unknown = set(), []
    ours_kept, gone = uncached(msr_accesses(ours))
    real_kept, real_gone = uncached(msr_accesses(real))
    if gone != real_gone:
        kinds.add("output-cached")
    if real_gone:
        unknown.append("the kernel's driver rewrote an output register")
    if [w[0] for w in ours_kept] != [w[0] for w in real_kept]:
        unknown.append("other MSRs are written, or in another order")
    elif ours_kept != real_kept:
        unknown += ["%s: %s and %s" % (NAMES[a[0]], a[1:], b[1:])
                    for a, b in zip(ours_kept, real_kept) if a != b]
    if states(ours) != states(real):
        if [s[0] for s in states(ours)] == [s[0] for s in states(real)]:
            kinds.add("state-bits")
        else:
            unknown.append("the event has other states")
    if "output-cached" in kinds and stored(real) > stored(ours):
        kinds.add("traces-earlier")
    elif stored(real) != stored(ours):
        unknown.append("bytes stored: %d and %d" % (stored(ours), stored(real)))
    for name, what in (("records", records), ("splats", splats)):
        if what(ours) != what(real):
            unknown.append("%s: %s and %s" % (name, what(ours), what(real)))
    return kinds, unknown


# --- The document ---


def table(options, folder, lines):
    """Adds a row a file to lines; the kinds that were met, and whether all is explained."""
    met, clean = set(), True
    files = sorted(name for name in os.listdir(options.folder) if name.endswith(".yaml"))
    for name in files:
        path = timed(os.path.join(options.folder, name), folder)
        for kernel in options.kernels:
            ours = play(options, path, "%s@%s" % (options.ours, kernel), folder)
            real = play(options, path, "linux-" + kernel, folder)
            kinds, unknown = compare(ours, real)
            met |= kinds
            clean = clean and not unknown
            writes = [len([a for a in msr_accesses(o) if a[0]]) for o in (ours, real)]
            lines.append("| %s | %s | %d / %d | %d | %d | %d | %s |" % (
                name[:-5], kernel, writes[0], writes[1], len(records(real)), stored(real),
                len(states(real)), ", ".join(sorted(kinds) + unknown) or "none"))
            for text in unknown:
                print("%s, %s: %s" % (name, kernel, text))
    return met, clean


def document(options, folder):
    lines = [
        "# The kernel's own driver against `%s`" % options.ours, "",
        "Written by `cmake/linux_compare.py`, never edited. Each file of `%s` is played"
        % options.folder,
        "with its first choices under Debian's unmodified pt.c (`linux-6.1`, `linux-6.12`) and",
        "under the row `%s` in the same era, with points that cost no time. MSR writes are"
        % options.ours,
        "counted ours / the kernel's; records, bytes and states are equal unless a difference is",
        "named.", "",
        "| file | kernel | MSR writes | records | bytes stored | states | differences |",
        "|---|---|---|---|---|---|---|"]
    met, clean = table(options, folder, lines)
    lines += ["", "| difference | whose | why |", "|---|---|---|"]
    lines += ["| %s | %s | %s |" % (kind, *EXPLAINED[kind]) for kind in sorted(met)]
    return "\n".join(lines) + "\n", clean


def unusable(options, kernel):
    """Why there is nothing to be compared with what is committed, or None."""
    library = os.path.join(options.bin, "../lib/linux-%s.so" % kernel)
    if not os.path.exists(library):
        return "was not built"
    if os.path.exists(library + ".unknown") and not options.any:
        return "is a new driver text that MANIFEST does not know"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--write")
    parser.add_argument("--ours", default="handle-vmx")
    parser.add_argument("--any", action="store_true", help="texts that MANIFEST does not know, too")
    parser.add_argument("folder", nargs="?", default="scenarios/thread")
    options = parser.parse_args()
    options.kernels = []
    for kernel in KERNELS:
        why = unusable(options, kernel)
        if why:
            print("linux_compare: linux-%s skipped, it %s" % (kernel, why))
        else:
            options.kernels.append(kernel)
    if not options.kernels:
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        text, clean = document(options, folder)
    if options.write:
        with open(options.write, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text, end="")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
