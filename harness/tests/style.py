#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The rules of the tree that a program can check, one ctest each.

    style.py RULE [--root DIR] [--cc CC] [--cxx CXX] [--archive FILE]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

CODE = (".c", ".h", ".cpp", ".def", ".sh", ".py", ".cmake")
C_LIKE = (".c", ".h", ".cpp")
LEFT_OUT = {"build", "results", "__pycache__", ".git"}
FILE_LINES = 600
FUNCTION_LINES = 70
COLUMNS = {".def": 132}
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MODEL_STD = {"stdint.h", "stdbool.h", "stddef.h", "string.h", "inttypes.h"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# What the model may leave to whoever links it: memory and text helpers without state, its
# assertion, and what compilers bring along.
MODEL_SYMBOLS = re.compile(
    r"^(mem(cpy|set|cmp|move)|str(n?cmp|len)|ptv_assert_failed|_GLOBAL_OFFSET_TABLE_"
    r"|__stack_chk_fail|__(asan|ubsan|gcov|gcc)_\w+|__\w+[sdt]i\d|_Unwind_Resume|__gnu_lto_\w+)$")


# --- The tree ---


def files(root, *endings):
    """Paths below root, relative to it, of the files with one of the endings (any when none)."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders
                            if f not in LEFT_OUT and (f[0] != "." or f == ".ci"))
        for name in sorted(set(names) - LEFT_OUT):
            path = os.path.relpath(os.path.join(folder, name), root)
            wanted = not endings or name.endswith(endings)
            if wanted and not os.path.islink(os.path.join(root, path)):
                found.append(path)
    return found


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def under(path, *folders):
    return any(path.startswith(folder + "/") for folder in folders)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


def blank(match):
    """The same number of lines, and nothing on them."""
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: blank(m) if m.group(0)[0] == "/" else m.group(0), text,
                  flags=re.S)


def includes(root, path):
    """(line, form, name) of each include: form is < or the double quote."""
    text = without_comments(read(root, path))
    return [(line_at(text, m.start()), m.group(1), m.group(2)) for m in INCLUDE.finditer(text)]


def reached(root, name, seen=None):
    """The public headers that including name brings in, name itself among them."""
    seen = set() if seen is None else seen
    path = "model/include/" + name
    if name in seen or not name.startswith("ptv/"):
        return seen
    seen.add(name)
    if os.path.exists(os.path.join(root, path)):
        for _, _, other in includes(root, path):
            reached(root, other, seen)
    return seen


# --- Who may include whom ---


def same_unit(path, name):
    """packet.c and packet_psb.c are of the unit whose header is packet.h."""
    unit = os.path.splitext(os.path.basename(path))[0]
    header = os.path.splitext(name)[0]
    return unit == header or unit.startswith(header + "_")


def model_include_fault(root, path, form, name):
    if form == "<":
        return None if name in MODEL_STD else "the model has no <%s>" % name
    if name.startswith("spec/"):
        return None
    if not name.startswith("ptv/"):
        if "/" in name:
            return "%s: only ptv/, spec/ and headers beside the file" % name
        shared = name == "wires.h" or same_unit(path, "lp.h")
        if under(path, "model/hw") and not same_unit(path, name) and not shared:
            return "%s: another unit's header, which only lp.c may include" % name
        return None
    behind = reached(root, name)
    hidden = set()
    if under(path, "model/core", "model/driver"):
        hidden = {"ptv/hw.h"}
    if under(path, "model/check"):
        hidden = {"ptv/hw.h", "ptv/core.h", "ptv/kern.h", "ptv/port.h", "ptv/pmu.h"}
    for header in sorted(behind & hidden):
        return "%s shows %s, which this folder does not know" % (name, header)
    return None


def both_sides(root, path):
    """Whether a file sees hardware and kernel together."""
    seen = set()
    for _, form, name in includes(root, path):
        if form == '"':
            reached(root, name, seen)
    return "ptv/hw.h" in seen and bool(seen & {"ptv/kern.h", "ptv/core.h"})


def harness_include_fault(root, path, form, name):
    if form == "<" or name.startswith("spec/"):
        return None
    if name.startswith("ptv/"):
        if under(path, "harness/show", "harness/cli") and name in ("ptv/hw.h", "ptv/kern.h"):
            return "%s: this folder knows what was seen, not how it came about" % name
        return None
    beside = os.path.join(root, os.path.dirname(path), name)
    if os.path.exists(beside) or os.path.exists(os.path.join(root, "harness", name)):
        return None
    if not os.path.exists(os.path.join(root, "model", name)):
        return None
    return "%s: a private header of the model" % name


def rule_includes(root, _):
    faults = []
    for path in files(root, *C_LIKE):
        check = None
        if under(path, "model") and not under(path, "model/include", "model/rtl"):
            check = model_include_fault
            if not re.match(r"model/machine[a-z_]*\.[ch]$", path) and both_sides(root, path):
                faults.append("%s:1: sees hardware and kernel, as only machine.c may" % path)
        elif under(path, "harness") and not under(path, "harness/tests", "harness/gtest"):
            check = harness_include_fault
        elif under(path, "model/include", "examples/driver"):
            check = public_include_fault
        if not check:
            continue
        for line, form, name in includes(root, path):
            fault = check(root, path, form, name)
            if fault:
                faults.append("%s:%d: %s" % (path, line, fault))
    return faults


def public_include_fault(_root, path, form, name):
    if form == "<":
        public = under(path, "model/include") and name not in MODEL_STD
        return "the model has no <%s>" % name if public else None
    return None if name.startswith(("ptv/", "spec/")) else "%s: only ptv/ and spec/" % name


# --- Lengths ---


def functions(text):
    """(first line, last line, head) of each function with a body, in C or C++ as we lay it out."""
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', lambda m: "0" * len(m.group(0)),
                  without_comments(text))
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    found, stack, head = [], [], 0
    for match in re.finditer(r"[{};]", text):
        sign, at = match.group(0), match.start()
        before = text[head:at].strip()
        if sign == "{":
            inside = any(kind == "function" for kind, _, _ in stack)
            is_function = not inside and re.search(
                r"\)\s*(const|override|noexcept|__attribute__\s*\(\(.*\)\))*\s*$", before)
            is_function = is_function and not re.search(r"(=|\bnamespace\b)[^()]*$", before)
            stack.append(("function" if is_function else "other", at, before))
        elif sign == "}" and stack:
            kind, start, name = stack.pop()
            if kind == "function":
                found.append((line_at(text, start), line_at(text, at), " ".join(name.split())))
        head = at + 1
    return found


def rule_functions(root, _):
    faults = []
    for path in files(root, *C_LIKE):
        for first, last, head in functions(read(root, path)):
            if last - first + 1 >= FUNCTION_LINES:
                faults.append("%s:%d: %d lines: %s" % (path, first, last - first + 1, head[-60:]))
    return faults


def rule_lengths(root, _):
    faults = []
    for path in files(root, *CODE):
        lines = read(root, path).split("\n")
        ending = os.path.splitext(path)[1]
        if len(lines) - 1 > FILE_LINES and ending != ".def":
            faults.append("%s:1: %d lines, at most %d" % (path, len(lines) - 1, FILE_LINES))
        limit = COLUMNS.get(ending, 100)
        for number, line in enumerate(lines, 1):
            columns = len(line.expandtabs(8))
            if columns > limit:
                faults.append("%s:%d: %d columns, at most %d" % (path, number, columns, limit))
    return faults


def rule_spaces(root, _):
    faults = []
    for path in files(root, *CODE, ".md", ".yaml", ".json", "CMakeLists.txt", "Makefile"):
        text = read(root, path)
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                faults.append("%s:%d: white space at the end" % (path, number))
        if text and not text.endswith("\n"):
            faults.append("%s:%d: no line end at the end" % (path, text.count("\n") + 1))
    return faults


def rule_unfinished(root, _):
    return ["%s:%d: %s" % (path, number, match.group(0))
            for path in files(root, *CODE, ".yaml", "CMakeLists.txt", "Makefile")
            for number, line in enumerate(read(root, path).split("\n"), 1)
            for match in [UNFINISHED.search(line)] if match]


# --- Words ---


def rule_spdx(root, _):
    faults = []
    for path in files(root, *CODE, "CMakeLists.txt", "Makefile"):
        lines = read(root, path).split("\n")
        first = lines[1:2] if lines[0].startswith("#!") else lines[0:1]
        if not first or "SPDX-License-Identifier: MIT" not in first[0]:
            faults.append("%s:1: the SPDX line is not first" % path)
    return faults


def rule_paths(root, _):
    """No file names a folder of the machine it was written on."""
    pattern = re.compile(r"(?<![\w.})*-])/wo" r"rk/")
    found = []
    for path in files(root) + ["results/" + p for p in files(os.path.join(root, "results"))]:
        for number, line in enumerate(read(root, path).split("\n"), 1):
            if pattern.search(line):
                found.append("%s:%d: a path of one machine" % (path, number))
    return found


# --- Tools ---


def rule_headers(root, options):
    """Each public header compiles by itself, in C and in C++."""
    faults = []
    for path in files(root, ".h"):
        if not under(path, "model/include"):
            continue
        for compiler, language in ((options.cc, ["-x", "c", "-std=c11"]),
                                   (options.cxx, ["-x", "c++", "-std=c++17"])):
            name = path[len("model/include/"):]
            with tempfile.NamedTemporaryFile("w", suffix=".c") as unit:
                unit.write('#include "%s"\nextern int ptv_not_empty;\n' % name)
                unit.flush()
                run = subprocess.run(
                    [compiler, *language, "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic",
                     "-Werror", "-Imodel/include", "-Imodel", unit.name],
                    cwd=root, capture_output=True, text=True, check=False)
            if run.returncode:
                faults.append("%s:1: not by itself as %s\n%s" % (path, language[-1], run.stderr))
    return faults


def rule_format(root, _):
    tool = shutil.which("clang-format")
    if not tool:
        print("no clang-format here: nothing checked")
        return []
    faults = []
    for path in files(root, *C_LIKE):
        run = subprocess.run([tool, "--dry-run", "-Werror", path], cwd=root, capture_output=True,
                             text=True, check=False)
        if run.returncode:
            faults.append("%s: make format would change it\n%s" % (path, run.stderr[:400]))
    return faults


def rule_pure(_, options):
    """The model has no I/O, no heap, no clock: what its archive asks for is on a short list."""
    if not options.archive or not os.path.exists(options.archive):
        print("no archive of the model: nothing checked")
        return []
    # readelf, because nm would show what the link-time optimiser's plugin shows.
    run = subprocess.run(["readelf", "-sW", options.archive], capture_output=True, text=True,
                         check=True)
    wanted, defined = set(), set()
    for line in run.stdout.split("\n"):
        words = line.split()
        if len(words) == 8 and words[0].rstrip(":").isdigit() and words[4] in ("GLOBAL", "WEAK"):
            (wanted if words[6] == "UND" else defined).add(words[7])
    return ["%s: the model asks for %s" % (os.path.basename(options.archive), name)
            for name in sorted(wanted - defined) if not MODEL_SYMBOLS.match(name)]


RULES = {
    "includes": rule_includes,
    "functions": rule_functions,
    "lengths": rule_lengths,
    "spaces": rule_spaces,
    "unfinished": rule_unfinished,
    "spdx": rule_spdx,
    "paths": rule_paths,
    "headers": rule_headers,
    "format": rule_format,
    "pure": rule_pure,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("rule", choices=[*RULES])
    parser.add_argument("--root", default=".")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--archive")
    options = parser.parse_args()
    faults = RULES[options.rule](options.root, options)
    for fault in faults:
        print(fault)
    print("%s: %d found" % (options.rule, len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
