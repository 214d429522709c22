#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""readme.py can fail: a page that tells what is not so is found, --write mends what it can."""

import os
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# Stands for ptvmx: says which command it got, and knows one scenario.
PROGRAM = """#!/bin/sh
if [ "$1" != matrix ]; then echo "it says $1"; exit; fi
cat <<'END'
{"files": [{"file": "scenarios/thread/a.yaml", "asks": "resumes", "question": "A?", "policies": [
 {"policy": "x", "reconstructed": true, "open_error": 0, "panics": 0, "checks": [
  {"check": "resumes", "violated": 1, "exercised": 1, "verdict": "never"}]}]}]}
END
"""
RIGHT = "# x\n\n```console\n$ build/release/bin/ptvmx yes\nit says yes\n```\n\n[there](there)\n"
PAGE = """# t

<!-- verdicts: x -->

| claim | file | check | x\\* |
|---|---|---|---|
| c | [a](../scenarios/thread/a.yaml) | resumes | **NEVER** |

"""

# (what, README, expected status, whether --write mends it)
CASES = (
    ("the truth", RIGHT, 0, True),
    ("another output", RIGHT.replace("says yes", "says no"), 1, True),
    ("an output that is left out", RIGHT.replace("it says yes\n", ""), 1, True),
    ("a line too many", RIGHT.replace("it says yes\n", "it says yes\nand no\n"), 1, True),
    ("a link to nothing", RIGHT.replace("(there)", "(nowhere)"), 1, False),
    ("too many lines", RIGHT + "\n" * 120 + "end\n", 1, False),
)

# What is defined in one block is there in those behind it; a command may be a pipe.
WORKED = """# w

```sh
say() { build/release/bin/ptvmx $1; }
```

```console
$ say so | cut -c4-
says so
```
"""
WORKED_CASES = (
    ("a worked example", WORKED, 0, True),
    ("a worked example that goes another way", WORKED.replace("says so", "says no"), 1, True),
    ("a command that fails", WORKED.replace("say so", "shout so"), 1, False),
)

# The same for the page of claims.
PAGE_CASES = (
    ("a true claim", PAGE, 0, True),
    ("another verdict", PAGE.replace("**NEVER**", "ok"), 1, True),
    ("another check", PAGE.replace("| resumes", "| counted"), 1, True),
    ("verdicts left out", PAGE.replace(" resumes | **NEVER** |", ""), 1, True),
    ("a scenario that is not spoken of", "# t\n", 1, False),
)


def readme(root, *options):
    run = subprocess.run([sys.executable, "-B", os.path.join(HERE, "readme.py"), "--root", root,
                          "--bin", os.path.join(root, "bin"), *options],
                         capture_output=True, text=True, check=False)
    return run.returncode


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def went_wrong(what, pages, status, mends):
    with tempfile.TemporaryDirectory() as root:
        for folder in ("bin", "docs", "scenarios/thread"):
            os.makedirs(os.path.join(root, folder))
        program = os.path.join(root, "bin", "ptvmx")
        write(program, PROGRAM)
        os.chmod(program, stat.S_IRWXU)
        write(os.path.join(root, "there"), "")
        write(os.path.join(root, "scenarios/thread/a.yaml"), "")
        write(os.path.join(root, "docs/architecture.md"), WORKED)
        for name, text in pages:
            write(os.path.join(root, name), text)
        before = readme(root)
        readme(root, "--write")
        after = readme(root)
    if before == status and (after == 0) == mends:
        return 0
    print("%s: status %d, after --write %d" % (what, before, after))
    return 1


def main():
    faults = 0
    for what, text, status, mends in CASES:
        faults += went_wrong(what, (("README.md", text), ("docs/thread.md", PAGE)), status, mends)
    for what, text, status, mends in PAGE_CASES:
        faults += went_wrong(what, (("README.md", RIGHT), ("docs/thread.md", text)), status, mends)
    for what, text, status, mends in WORKED_CASES:
        faults += went_wrong(what, (("README.md", RIGHT), ("docs/thread.md", PAGE),
                                    ("docs/architecture.md", text)), status, mends)
    print("%d of %d went wrong" % (faults, len(CASES) + len(PAGE_CASES) + len(WORKED_CASES)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
