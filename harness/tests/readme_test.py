#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""readme.py can fail: a README that tells what is not so is found, --write mends what it can."""

import os
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = "#!/bin/sh\necho \"it says $1\"\n"
RIGHT = "# x\n\n```console\n$ build/release/bin/ptvmx yes\nit says yes\n```\n\n[there](there)\n"

# (what, README, expected status, whether --write mends it)
CASES = (
    ("the truth", RIGHT, 0, True),
    ("another output", RIGHT.replace("says yes", "says no"), 1, True),
    ("an output that is left out", RIGHT.replace("it says yes\n", ""), 1, True),
    ("a line too many", RIGHT.replace("it says yes\n", "it says yes\nand no\n"), 1, True),
    ("a link to nothing", RIGHT.replace("(there)", "(nowhere)"), 1, False),
    ("too many lines", RIGHT + "\n" * 120 + "end\n", 1, False),
)


def readme(root, *options):
    run = subprocess.run([sys.executable, "-B", os.path.join(HERE, "readme.py"), "--root", root,
                          "--bin", os.path.join(root, "bin"), *options],
                         capture_output=True, text=True, check=False)
    return run.returncode


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    faults = 0
    for what, text, status, mends in CASES:
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, "bin"))
            program = os.path.join(root, "bin", "ptvmx")
            write(program, PROGRAM)
            os.chmod(program, stat.S_IRWXU)
            write(os.path.join(root, "there"), "")
            write(os.path.join(root, "README.md"), text)
            before = readme(root)
            readme(root, "--write")
            after = readme(root)
        if before != status or (after == 0) != mends:
            print("%s: status %d, after --write %d" % (what, before, after))
            faults += 1
    print("%d of %d went wrong" % (faults, len(CASES)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
