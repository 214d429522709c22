#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Goal: each thing that trace.py says can be said.

Method: a small tree, one violation at a time."""

import re
import sys
import tempfile

import style_test
import trace

HW = "/* Rules. HW-001, HW-002..004. E1\n *\n * Not modelled. HW-005, and\n * HW-006.\n */\n"
TEST = 'EXPECT(a); /* HW-001, E1 */\nEXPECT(b); /* HW-002..004 */\nsw.pick = 1; sw.other = 1;\n'
SCENARIO = "# HW-003.\n  - {do: end, because: \"HW-002: so it is; X-1\"}\n"

CLEAN = {
    "model/hw/topa.c": HW + "static int x; /* X-1 */\nint y = sw->other;\n",
    "model/spec/switch.def": 'PTV_SWITCH(pick, 1, "A|B", "X-1", "m")\n'
                             'PTV_SWITCH(other, 0, "NO|YES", "Q", "m")\n',
    "model/spec/latency.def": 'PTV_LATENCY(wait, 5, 1, 9, "cycles", "s", "m")\n',
    "harness/tests/hw/topa_test.c": TEST,
    "scenarios/hw/a.yaml": SCENARIO,
    "docs/a.md": "HW-006 and C-1\n",
    "VALIDATION.md": "## What is not modelled\n\n| HW-005, E1 | so |\n\nHW-001 is.\n\n## Next\n",
}

STATE = {"HW-001": "tested", "HW-002": "tested", "HW-003": "implemented", "HW-004": "implemented",
         "HW-005": "later: no such thing", "E1": "tested; a part later", "X-1": "tested",
         "other": "tested"}
CELL = {"X-1": "pick = B", "other": "other = NO", "C-1": "latency wait = 5"}

# what is changed (a file: pattern, replacement), and what is said about it
PLANTED = [
    ("docs/a.md", "HW-006", "HW-141", "docs/a.md:1: there is no rule HW-141"),
    ("docs/a.md", "C-1", "E12", "no rule E12"),
    ("model/hw/topa.c", "X-1", "X-1, G28", "no rule G28"),
    ("scenarios/hw/a.yaml", "X-1", "C-13", "no rule C-13"),
    ("harness/tests/hw/topa_test.c", "E1", "E1-E12", "no rule E12"),
    ("harness/tests/hw/topa_test.c", "HW-001", "x", "HW-001 is tested, but no test"),
    ("harness/tests/hw/topa_test.c", "HW-001", "HW-001..002", "HW-001 is tested, but no test"),
    ("scenarios/hw/a.yaml", "HW-002", "so", "HW-002 is tested, but no test"),
    ("scenarios/hw/a.yaml", '"HW-002', '"HW-003', "HW-003 is implemented, but scenarios/hw/a"),
    ("harness/tests/hw/topa_test.c", "sw.pick", "x", "X-1 is tested, but no test sets pick"),
    ("harness/tests/hw/topa_test.c", "sw.other", "x", "other is tested, but no test"),
    ("model/hw/topa.c", "HW-001", "x", "HW-001 is tested, but no code"),
    ("model/hw/topa.c", r"\.\.004", "..003", "HW-004 is implemented, but no code"),
    ("model/hw/topa.c", "E1\n", "\n", "E1 is tested, but no code"),
    ("model/hw/topa.c", "Not modelled. ", "", "HW-005 is later, but model/hw/topa.c:3 does it"),
    ("model/hw/topa.c", "int y.*", "int y; /* HW-005 */", "HW-005 is later, but model/hw"),
    ("model/hw/topa.c", "sw->other", "1", "other is tested, but no code"),
    ("model/spec/requirements.md", r"\| HW-077 .*\n", "", "no rule HW-077"),
    ("model/spec/requirements.md", r"\| G27 .*\n", "", "no rule G27"),
    ("model/spec/requirements.md", r"(\| HW-078 .*\n)", r"\1\1", "HW-078 is defined twice"),
    ("model/spec/requirements.md", r"(HW-079.*)n/a.*", r"\1done |", "no state done"),
    ("model/spec/requirements.md", r"(HW-080.*)n/a.*", r"\1later |", "is later: say why"),
    ("model/spec/requirements.md", r"(HW-080.*)n/a.*", r"\1x | later: x |", "6 cells"),
    ("model/spec/requirements.md", "pick = B", "pick = A", "the default of pick is B"),
    ("model/spec/requirements.md", "pick = B", "-", "no row has the switch pick"),
    ("model/spec/requirements.md", "wait = 5", "wait = 6", "no wait with the default 6"),
    ("model/spec/requirements.md", "wait = 5", "wait = 5, gone = NO", "no gone with the default"),
    ("VALIDATION.md", "HW-005, ", "", "does not say that HW-005 is not modelled"),
    ("VALIDATION.md", ", E1", "", "does not say that E1 is not modelled"),
    ("VALIDATION.md", "HW-005", "HW-003..005", "says that HW-003 is not modelled"),
    ("VALIDATION.md", "What is not", "What is", "no section on what is not modelled"),
    ("model/spec/switch.def", '"X-1"', '"C-1"', "pick is of X-1, by switch.def of C-1"),
]


def requirements():
    rows = ["| id | rule | source | label | state |", "|---|---|---|---|---|"]
    names = [trace.spelled(group if group in "GE" else group + "-", number)
             for group, count in trace.GROUPS.items() for number in range(1, count + 1)]
    for name in names + ["other"]:
        rows.append("| %s | r | s | %s | %s |" % (name, CELL.get(name, "A"),
                                                  STATE.get(name, "n/a: not here")))
    return "\n".join(rows) + "\n"


def judged(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            style_test.plant(root, path, text)
        return trace.check(root)[0]


def main():
    clean = dict(CLEAN, **{trace.RULES: requirements()})
    wrong = 0
    faults = judged(clean)
    if faults:
        print("fault with a clean tree: %s" % faults)
        wrong += 1
    for path, pattern, text, said in PLANTED:
        planted, count = re.subn(pattern, text, clean[path], count=1)
        faults = judged(dict(clean, **{path: planted}))
        if count != 1 or said not in "\n".join(faults):
            print("blind to %s in %s: %s" % (said, path, faults))
            wrong += 1
    print("%d planted, %d wrong" % (len(PLANTED), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
