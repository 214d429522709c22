#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The figures of VALIDATION.md are what its commands print.

    validation.py figures --bin FOLDER-OF-PROGRAMS [--root DIR] [--write]
    validation.py can_fail

In the table of evidence, the figures of a row ("≥ 300 violations judged", "0 not confirmed") are
looked up in what the row's command prints: the largest number in front of these words. Numbers with
≥ may grow without anybody's having to touch the page; one without it must be equal.
--write mends what is not so. build/release/bin/ stands for FOLDER-OF-PROGRAMS.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

PAGE = "VALIDATION.md"
HEAD = "| evidence | question it answers | command | figures |"
FIGURE = re.compile(r"(≥ )?(\d+)( [^;|≥]*[^;|≥ ])")
COMMAND = re.compile(r"`([^`]*)`")


def printed(options, command):
    text = command.replace("build/release/bin", options.bin)
    done = subprocess.run(["sh", "-c", text], cwd=options.root, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit("%s: status %d\n%s" % (command, done.returncode, done.stdout[-2000:]))
    return done.stdout


def true_figure(output, figure):
    """The figure as it should be; None if the output does not speak of it."""
    least, number, words = figure.groups()
    found = [int(n) for n in re.findall(r"(\d+)" + re.escape(words), output)]
    if not found:
        return None
    true = max(found)
    return "%s%d%s" % (least or "", int(number) if least and true >= int(number) else true, words)


def checked(options, line, command, faults):
    """A row as it should be."""
    output = printed(options, command)
    cells = line.split(" | ")

    def renew(figure):
        true = true_figure(output, figure)
        if true != figure.group():
            faults.append("%s: \"%s\" should be \"%s\"" % (command, figure.group(), true))
        return true or figure.group()
    cells[3] = FIGURE.sub(renew, cells[3])
    return " | ".join(cells)


def rows(lines):
    """Numbers of the lines of the table of evidence."""
    start = lines.index(HEAD) + 2
    end = start
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    return range(start, end)


def test_figures(options):
    path = os.path.join(options.root, PAGE)
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    faults, count, command = [], 0, None
    for at in rows(lines):
        cells = lines[at].strip("|").split(" | ")
        if len(cells) != 4:
            faults.append("%s:%d: %d cells, not 4: evidence, question, command, figures or -" % (
                PAGE, at + 1, len(cells)))
            continue
        own = COMMAND.search(cells[2])
        command = own.group(1) if own else command
        if FIGURE.search(cells[3]):
            lines[at] = checked(options, lines[at], command, faults)
            count += len(FIGURE.findall(cells[3]))
        elif cells[3].strip() != "-":
            faults.append("%s:%d: neither a figure nor -" % (PAGE, at + 1))
    if options.write:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
    for fault in faults:
        print(fault)
    print("%s: %d figures, %d wrong" % (PAGE, count, len(faults)))
    return 1 if faults or not count else 0


def test_can_fail(options):
    """A page that says what is not so is found, and mended where it can be."""
    cases = (("≥ 4 apples; 0 pears", 0, 0), ("≥ 5 apples; 0 pears", 0, 0),
             ("≥ 6 apples; 0 pears", 1, 0), ("≥ 4 apples; 1 pears", 1, 0),
             ("≥ 4 plums", 1, 1), ("many apples", 1, 1))
    wrong = 0
    for figures, before, after in cases:
        with tempfile.TemporaryDirectory() as options.root:
            with open(os.path.join(options.root, PAGE), "w", encoding="utf-8") as file:
                file.write("%s\n|---|---|---|---|\n| e | q? | `echo 3 apples, 5 apples, 0 pears`"
                           " | %s |\n" % (HEAD, figures))
            options.write = False
            first = test_figures(options)
            options.write = True
            test_figures(options)
            options.write = False
            if (first, test_figures(options)) != (before, after):
                wrong += 1
                print("wrong: %s" % figures)
    print("%d of %d went wrong" % (wrong, len(cases)))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", choices=["figures", "can_fail"])
    parser.add_argument("--root", default=".")
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    return test_figures(options) if options.test == "figures" else test_can_fail(options)


if __name__ == "__main__":
    sys.exit(main())
