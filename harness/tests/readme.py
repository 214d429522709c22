#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""README.md must not rot: its commands are run and what they print is compared with what it quotes.

    readme.py --bin FOLDER-OF-PROGRAMS [--root DIR] [--write]

In a block that begins with ```console, a line "$ build/release/bin/ptvmx ..." is a command and the
lines up to the next one are its output. A table under <!-- verdicts: POLICY,... of PATH --> has a
row for each file below PATH. --write puts in what is true; without it a difference is a failure.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

LINES = 120
COMMAND = re.compile(r"^\$ build/release/bin/(\S+) (.*)$")
TABLE = re.compile(r"^<!-- verdicts: (\S+) of (\S+) -->$")
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)[^)]*\)")


def run(options, program, arguments):
    """What a command of the README prints; pictures go to a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        for at, word in enumerate(arguments):
            if at and arguments[at - 1] == "--output":
                arguments[at] = os.path.join(folder, os.path.basename(word))
        done = subprocess.run([os.path.join(options.bin, program), *arguments], cwd=options.root,
                              capture_output=True, text=True, check=False)
    if done.returncode > 1:
        sys.exit("%s %s: status %d: %s" % (program, " ".join(arguments), done.returncode,
                                           done.stderr.strip()))
    return done.stdout.rstrip("\n").split("\n") if done.stdout else []


def cell(policy, asks):
    """The answer to the question of a file, as ptvmx matrix prints it."""
    check = next(c for c in policy["checks"] if c["check"] == asks)
    if policy["open_error"]:
        return "refused"
    if check["violated"] == 0 and policy["panics"]:
        return "panic"
    return {"always": "ok", "idle": "idle", "never": "**NEVER**",
            "sometimes": "%d/%d" % (check["violated"], check["exercised"])}[check["verdict"]]


def table(options, policies, path):
    """The rows of the table of verdicts."""
    text = "\n".join(run(options, "ptvmx", ["matrix", path, "--policy", policies,
                                            "--format", "json"]))
    found = json.loads(text)
    marks = {p["policy"]: "\\*" if p["reconstructed"] else ""
             for f in found["files"] for p in f["policies"]}
    names = policies.split(",")
    rows = ["| question | check | %s |" % " | ".join(n + marks[n] for n in names),
            "|---" * (len(names) + 2) + "|"]
    for file in found["files"]:
        by_name = {p["policy"]: p for p in file["policies"]}
        cells = [cell(by_name[name], file["asks"]) for name in names]
        rows.append("| [%s](%s) | %s | %s |" % (file["question"], file["file"], file["asks"],
                                                " | ".join(cells)))
    return rows


def renewed(options, lines):
    """The README as it should be."""
    out, at = [], 0
    while at < len(lines):
        line = lines[at]
        out.append(line)
        at += 1
        match = TABLE.match(line)
        if match:
            out += ["", *table(options, *match.groups())]
            while at < len(lines) and (not lines[at] or lines[at].startswith("|")):
                at += 1
            out.append("")
        if line == "```console":
            while lines[at] != "```":
                match = COMMAND.match(lines[at])
                if match:
                    out += [lines[at], *run(options, match.group(1), shlex.split(match.group(2)))]
                at += 1
    return out


def faults_of(options, lines, wanted):
    """What is wrong with the README, one text a fault."""
    faults = []
    for number, (is_there, should) in enumerate(zip(lines, wanted), 1):
        if is_there != should:
            faults.append("README.md:%d: not what the command prints (make results renews it)\n"
                          "  is:     %s\n  should: %s" % (number, is_there, should))
            break
    if not faults and len(lines) != len(wanted):
        faults.append("README.md: %d lines, should be %d" % (len(lines), len(wanted)))
    if len(lines) > LINES:
        faults.append("README.md: %d lines, at most %d" % (len(lines), LINES))
    for target in LINK.findall("\n".join(lines)):
        if "://" not in target and not os.path.exists(os.path.join(options.root, target)):
            faults.append("README.md: links to %s, which is not there" % target)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", default=".")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    path = os.path.join(options.root, "README.md")
    with open(path, encoding="utf-8") as file:
        lines = file.read().rstrip("\n").split("\n")
    wanted = renewed(options, lines)
    if options.write:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(wanted) + "\n")
        return 0
    faults = faults_of(options, lines, wanted)
    for fault in faults:
        print(fault)
    print("README.md: %d found" % len(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
