#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Mutants of the RTL twin: does lock-step notice a wrong processor?

    rtl.py --build DIR --work DIR [--every N] [--jobs N] [--least PERCENT] [--table FILE]

Every mutant is one changed token of an expression of model/rtl. All of them are built into one
design, in which a word of the configuration says which is alive (0: none), so that one run tries
them all: random input, until C model and twin differ or the clocks are used up. A mutant that
lives is printed with its line; those of EQUIVALENT change nothing that can be seen, for the reason
given.

The operators (OPERATORS) turn comparisons, logic, arithmetic and constants round.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

OPERATORS = (
    ("==", "!="), ("!=", "=="), ("&&", "||"), ("||", "&&"), (">=", ">"), (" > ", " >= "),
    (" < ", " <= "), (" + ", " - "), (" - ", " + "), (" & ", " | "), (" | ", " & "),
    ("1'b0", "1'b1"), ("1'b1", "1'b0"), ("'d1", "'d0"), ("'d0", "'d1"), ("'1", "'0"),
)
NEGATION = re.compile(r"!(?=[\w(])")
LITERAL = re.compile(r"\s*[\w']+\s*$")  # resets and defaults: a name or a number alone
SKIPPED = re.compile(r"\b(localparam|typedef|function|for|import|logic)\b")
UNITS = ("cpu", "fifo", "lp", "op", "pmi", "rtit", "topa", "vmx")
ADDRESS = 250  # of the word that says which mutant lives

# Mutants that nothing can tell from the original: (file, part of the statement, change) and why.
LEAST = "the lesser of two equal numbers is either"
UNITS_OF_ONE = "a granularity of 1 masks nothing either way"
EQUIVALENT = (
    ("ptv_fifo.sv", "level_q != 16'd0", "'d0 to 'd1",
     "one byte alone is never all that waits: the least packet has two"),
    ("ptv_fifo.sv", "cfg_i.t_drain_bytes > 32'(StoreMax)", "> to >=", LEAST),
    ("ptv_fifo.sv", "store_len > level_q", "> to >=", LEAST),
    ("ptv_fifo.sv", "32'(store_len) > place_room_i", "> to >=", LEAST),
    ("ptv_fifo.sv", "cfg_i.ptr_granularity > 8'd1", "> to >=", UNITS_OF_ONE),
    ("ptv_fifo.sv", "cfg_i.ptr_granularity > 8'd1", "'d1 to 'd0", UNITS_OF_ONE),
    ("ptv_fifo.sv", "5'(i) < packet_len_o", "< to <=",
     "a byte behind the valid ones is written, and written again before it is read"),
    ("ptv_topa.sv", "size > cfg_i.t_pmi_margin", "> to >=", "a region is larger than any margin"),
    ("ptv_topa.sv", "size > cfg_i.t_pmi_margin", "'d0 to 'd1",
     "a region is larger than any margin"),
    ("ptv_topa.sv", "off_q > early_at ? off_q", "> to >=", LEAST),
)

def without_comments(text):
    return re.sub(r"//[^\n]*", lambda m: " " * len(m.group(0)), text)

def closing(text, at):
    """The place after the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    raise ValueError("no closing parenthesis")

def sites(text):
    """(begin, end) of each expression that is assigned or decides, in order."""
    body = text.index("\n);\n")
    found = []
    for match in re.finditer(r"\bif (?=\()", text[body:]):
        begin = body + match.end()
        if text.startswith("(!rst_ni)", begin):
            continue
        found.append((begin + 1, closing(text, begin) - 1))
    statement = re.compile(r"(?:(?<=[;\n)])|(?<=begin)|(?<=: ))\s*(?:assign\s+)?"
                           r"[\w.\[\]{}:+*, ]+?\s*(?:<=|\|=|=)(?!=)\s*([^;]*?);", re.S)
    at = body
    while True:
        match = statement.search(text, at)
        if not match:
            break
        at = match.end() - 1
        head = text[match.start():match.start(1)]
        if SKIPPED.search(head) or LITERAL.match(match.group(1)) or re.search(
                r"\b(begin|case)\b", match.group(1)):
            continue
        found.append(match.span(1))
    found.sort()
    return [s for i, s in enumerate(found) if i == 0 or s[0] >= found[i - 1][1]]

def changes(expression):
    """(what, expression with that change), one for each token that an operator fits."""
    for old, new in OPERATORS:
        for match in re.finditer(re.escape(old), expression):
            before, after = expression[:match.start()], expression[match.end():]
            if old == "'d0" and after[:1].isdigit() or old == "'d1" and after[:1].isdigit():
                continue
            if old == "'1" and (after[:1].isalnum() or before[-1:].isdigit()):
                continue
            if old == ">=" and after.startswith("="):
                continue
            yield "%s to %s" % (old.strip(), new.strip()), before + new + after
    for match in NEGATION.finditer(expression):
        yield "! dropped", expression[:match.start()] + expression[match.end():]

class Mutant:
    def __init__(self, number, path, line, what, text):
        self.number, self.path, self.line, self.what = number, path, line, what
        self.text = " ".join(text.split())
        self.clocks = None

    def why_equivalent(self):
        for path, part, what, why in EQUIVALENT:
            if path == self.path and part in self.text and what == self.what:
                return why
        return None

def mutate(path, text, mutants):
    """The file with all its mutants in place of the originals."""
    text = without_comments(text)
    parts, done = [], 0
    for begin, end in sites(text):
        expression = text[begin:end]
        arms = []
        for what, changed in changes(expression):
            number = len(mutants) + 1
            line = text.count("\n", 0, begin) + 1
            mutants.append(Mutant(number, path, line, what, expression))
            arms.append("cfg_i.mutant == 16'd%d ? (%s) :\n" % (number, changed))
        parts += [text[done:begin], "".join(arms), "(%s)" % expression if arms else expression]
        done = end
    return "".join(parts) + text[done:]

def give_configuration(name, text):
    """Units that do not look at the configuration get it, to know which mutant is alive."""
    if name == "ptv_cpu.sv":
        return text.replace("  input  logic        clk_i,", "  input  cfg_t cfg_i,\n"
                            "  input  logic        clk_i,", 1)
    if name == "ptv_lp.sv":
        return text.replace("ptv_cpu u_cpu (\n", "ptv_cpu u_cpu (.cfg_i,\n", 1)
    return text

def write_design(root, build, work):
    mutants, files = [], []
    with open(os.path.join(build, "rtl", "ptv_spec_pkg.sv"), encoding="utf-8") as file:
        spec = file.read()
    spec = spec.replace("typedef struct packed {\n", "typedef struct packed {\n"
                        "    logic [15:0] mutant;\n", 1)
    spec = spec.replace("      default: ;\n",
                        "      8'd%d: c.mutant = data[15:0];\n      default: ;\n" % ADDRESS, 1)
    for name in ["ptv_spec_pkg.sv"] + sorted(os.listdir(os.path.join(root, "model/rtl"))):
        if not name.endswith(".sv"):
            continue
        if name == "ptv_spec_pkg.sv":
            text = spec
        else:
            with open(os.path.join(root, "model/rtl", name), encoding="utf-8") as file:
                text = file.read()
        if name[4:-3] in UNITS:
            text = mutate(name, give_configuration(name, text), mutants)
        path = os.path.join(work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        files.append(path)
    files.sort(key=lambda f: (not f.endswith("spec_pkg.sv"), not f.endswith("_pkg.sv"), f))
    return mutants, files

def build_runner(options, files):
    """Verilates the design and links it with the runner and the libraries of the build."""
    root, work = options.root, options.work
    include = ["-I" + os.path.join(root, p) for p in ("harness", "model/include", "model")]
    objects = []
    for source, define in (("harness/mutants/runner.c", []),
                           ("harness/engine/rtl/words.c", ["-Dptv_twin_words=plain_words"])):
        objects.append(os.path.join(work, os.path.basename(source)[:-2] + ".o"))
        subprocess.run(["cc", "-std=c11", "-O2", "-D_GNU_SOURCE", *include, *define, "-c",
                        os.path.join(root, source), "-o", objects[-1]], check=True)
    libraries = [os.path.join(options.build, "lib", "lib%s.a" % name)
                 for name in ("ptv_rtl", "ptv_play", "ptv_model")]
    compiler = "ccache g++" if shutil.which("ccache") else "g++"
    subprocess.run(
        ["verilator", "--cc", "--exe", "--build", "-Mdir", os.path.join(work, "obj"), "-O3",
         "--x-assign", "fast", "--x-initial", "fast", "--prefix", "Vptv_twin", "--top-module",
         "ptv_twin", "-Wno-fatal", "-Wno-lint", "-CFLAGS", "-O1 " + " ".join(include),
         "-MAKEFLAGS", "CXX='%s'" % compiler,
         "-LDFLAGS", " ".join(objects + libraries), "-o", "runner",
         os.path.join(root, "model/rtl/ptv_public.vlt"), *files,
         os.path.join(root, "harness/engine/rtl/twin.cpp")],
        check=True, stdout=subprocess.DEVNULL)
    return os.path.join(work, "obj", "runner")

def run(runner, mutants, options):
    """Fills in after how many clocks each was noticed. The original must agree."""
    chosen = [m for m in mutants if m.number % options.every == 0]
    numbers = ["0"] + [str(m.number) for m in chosen]
    running = [subprocess.Popen([runner, *numbers[i::options.jobs]], stdout=subprocess.PIPE,
                                text=True) for i in range(options.jobs)]
    result = {}
    for process in running:
        result.update(line.split() for line in process.communicate()[0].split("\n") if line)
        if process.returncode:
            sys.exit("the runner ended with status %d" % process.returncode)
    if result["0"] != "lives":
        sys.exit("the original differs from the C model after %s clocks" % result["0"])
    for mutant in chosen:
        word = result[str(mutant.number)]
        mutant.clocks = None if word == "lives" else int(word)
    return chosen

def write_table(path, chosen):
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Mutants of the RTL\n\n"
                   "One changed token each; *killed* when lock-step over random input stopped. "
                   "Written by `make mutants`.\n\n"
                   "| file | mutants | killed | equivalent | alive |\n|---|---|---|---|---|\n")
        for name in sorted({m.path for m in chosen}) + ["all"]:
            own = [m for m in chosen if name in (m.path, "all")]
            alive = [m for m in own if m.clocks is None]
            same = [m for m in alive if m.why_equivalent()]
            file.write("| %s | %d | %d | %d | %d |\n" % (
                name, len(own), len(own) - len(alive), len(same), len(alive) - len(same)))
        for title, wanted in (("Alive", False), ("Equivalent", True)):
            lives = [m for m in chosen
                     if m.clocks is None and bool(m.why_equivalent()) == wanted]
            file.write("\n## %s\n\n%s" % (title, "" if lives else "None.\n"))
            for m in lives:
                file.write("- %s, `%s`: %s%s\n" % (m.path, m.text[:90], m.what, (
                    ". " + m.why_equivalent()) if wanted else ""))

def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", default=".")
    parser.add_argument("--build", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--least", type=float, default=95.0)
    parser.add_argument("--table")
    options = parser.parse_args()
    for name in ("root", "build", "work"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    if not shutil.which("verilator"):
        print("skipped: no Verilator")
        return 0
    os.makedirs(options.work, exist_ok=True)
    mutants, files = write_design(options.root, options.build, options.work)
    chosen = run(build_runner(options, files), mutants, options)
    alive = [m for m in chosen if m.clocks is None]
    for m in alive:
        print("%s:%d: alive: %s in %s%s" % (m.path, m.line, m.what, m.text[:100], (
            " (equivalent: %s)" % m.why_equivalent()) if m.why_equivalent() else ""))
    killed = len(chosen) - len(alive)
    percent = 100.0 * killed / len(chosen)
    print("%d of %d mutants killed, %.1f %%" % (killed, len(chosen), percent))
    if options.table:
        write_table(options.table, chosen)
    return 0 if percent >= options.least else 1

if __name__ == "__main__":
    sys.exit(main())
