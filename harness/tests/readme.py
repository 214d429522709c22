#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pages must not rot: their commands are run and what they print is compared with what they quote.

    readme.py --bin FOLDER-OF-PROGRAMS [--root DIR] [--write]

In a block that begins with ```console, a line "$ ..." is a command and the lines up to the next one
are its output; build/release/bin/ stands for FOLDER-OF-PROGRAMS. What a block ```sh defines can be
used in the commands behind it. In a table under <!-- verdicts: POLICY,... --> the columns up to the
one that links to a scenario are ours; behind them come the check that it asks about, and its
verdict under each policy. --write puts in what is true; without it a difference is a failure.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

# Pages, how long they may be, and the folder of scenarios of which they must leave out none.
PAGES = (("README.md", 120, None), ("docs/thread.md", None, "scenarios/thread"),
         ("docs/architecture.md", None, None))
COMMAND = re.compile(r"^\$ (.*)$")
FILE = re.compile(r"(?<=--output )[^/ ]\S*")
TABLE = re.compile(r"^<!-- verdicts: (\S+) -->$")
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)[^)]*\)")


def run(options, command, before=""):
    """What a command prints; pictures go to a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        text = FILE.sub(lambda name: os.path.join(folder, name.group()), before + command)
        done = subprocess.run(["sh", "-c", text.replace("build/release/bin/", options.bin + "/")],
                              cwd=options.root, capture_output=True, text=True, check=False)
    if done.returncode > 1 or done.stderr:
        sys.exit("%s: status %d: %s" % (command, done.returncode, done.stderr.strip()))
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


def matrix(options, policies, paths):
    """What ptvmx matrix finds, file by file, and the policies' names as they are printed."""
    text = "\n".join(run(options, shlex.join(["build/release/bin/ptvmx", "matrix", *paths,
                                              "--policy", policies, "--format", "json"])))
    files = json.loads(text)["files"]
    marks = {p["policy"]: "\\*" if p["reconstructed"] else ""
             for f in files for p in f["policies"]}
    return files, [name + marks[name] for name in policies.split(",")]


def answers(file, policies):
    """The cells of a file: the check that it asks about, and the verdict of each policy."""
    by_name = {p["policy"]: p for p in file["policies"]}
    return [file["asks"], *(cell(by_name[name], file["asks"]) for name in policies.split(","))]


def row_of(cells):
    return "| %s |" % " | ".join(cells)


def table(options, folder, policies, rows):
    """A table as it should be; the cells up to the one that links to a scenario stay."""
    ours = [row.strip("| ").split(" | ") for row in rows]
    width = next(i + 1 for i, text in enumerate(ours[2]) if LINK.search(text))
    paths = [os.path.normpath(os.path.join(folder, LINK.search(" | ".join(cells)).group(1)))
             for cells in ours[2:]]
    files, names = matrix(options, policies, sorted(set(paths)))
    by_path = {os.path.normpath(f["file"]): f for f in files}
    return [row_of([*ours[0][:width], "check", *names]), "|---" * (width + 1 + len(names)) + "|",
            *(row_of([*cells[:width], *answers(by_path[path], policies)])
              for cells, path in zip(ours[2:], paths))]


def rows_below(lines, at):
    """The rows of the table below a mark, and where the page goes on."""
    end = at
    while end < len(lines) and (not lines[end] or lines[end].startswith("|")):
        end += 1
    return [line for line in lines[at:end] if line], end


def renewed(options, page, lines):
    """A page as it should be."""
    out, at, defined = [], 0, ""
    while at < len(lines):
        line = lines[at]
        out.append(line)
        at += 1
        match = TABLE.match(line)
        if match:
            rows, at = rows_below(lines, at)
            out += ["", *table(options, os.path.dirname(page), match.group(1), rows), ""]
        if line == "```sh":
            defined += "\n".join(lines[at:lines.index("```", at)]) + "\n"
        if line == "```console":
            while lines[at] != "```":
                match = COMMAND.match(lines[at])
                if match:
                    out += [lines[at], *run(options, match.group(1), defined)]
                at += 1
    return out


def targets(page, lines):
    """The files of this tree to which a page links."""
    return [os.path.normpath(os.path.join(os.path.dirname(page), target))
            for target in LINK.findall("\n".join(lines)) if "://" not in target]


def faults_of(options, page, lines, wanted):
    """What is wrong with a page, one text a fault."""
    name, most, scenarios = page
    faults = []
    for number, (is_there, should) in enumerate(zip(lines, wanted), 1):
        if is_there != should:
            faults.append("%s:%d: not what the command prints (make results renews it)\n"
                          "  is:     %s\n  should: %s" % (name, number, is_there, should))
            break
    if not faults and len(lines) != len(wanted):
        faults.append("%s: %d lines, should be %d" % (name, len(lines), len(wanted)))
    if most and len(lines) > most:
        faults.append("%s: %d lines, at most %d" % (name, len(lines), most))
    linked = targets(name, lines)
    for target in linked:
        if not os.path.exists(os.path.join(options.root, target)):
            faults.append("%s: links to %s, which is not there" % (name, target))
    for file in sorted(os.listdir(os.path.join(options.root, scenarios))) if scenarios else ():
        if os.path.join(scenarios, file) not in linked:
            faults.append("%s: does not speak of %s/%s" % (name, scenarios, file))
    return faults


def treat(options, page):
    """Mends a page, or says what is wrong with it."""
    path = os.path.join(options.root, page[0])
    with open(path, encoding="utf-8") as file:
        lines = file.read().rstrip("\n").split("\n")
    wanted = "\n".join(renewed(options, page[0], lines)).rstrip("\n").split("\n")
    if options.write:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(wanted) + "\n")
        return 0
    faults = faults_of(options, page, lines, wanted)
    for fault in faults:
        print(fault)
    print("%s: %d found" % (page[0], len(faults)))
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", default=".")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    return max(treat(options, page) for page in PAGES)


if __name__ == "__main__":
    sys.exit(main())
