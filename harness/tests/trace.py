#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rules against the tree: what is cited is defined, and each rule's state is what the tree shows.

    trace.py [--root DIR] [--table]

Rules stand in model/spec/requirements.md, a row each: id first, state last. A citation is the id.
"HW-055..057", "G1-G27" and "HW-055 to HW-058" cite all that lie between. What counts for which
state:

    implemented  a citation in the model's processor (PROCESSOR below), single or in a range, but
                 not in a paragraph that says "not modelled"
    tested       that, and one in a test or in a scenario: a single one, and in a scenario not in a
                 comment
    later        no citation in the model outside "not modelled"

A rule whose id is the name of a switch is cited by the name. Switches and defaults of the rows are
those of switch.def and latency.def. VALIDATION.md, "What is not modelled", cites every rule of
which something is "later", and no other.

--table prints a line a rule: its state, the first place in the processor's code and the first in
tests or scenarios that cites it.
"""

import argparse
import os
import re
import sys

import style

RULES = "model/spec/requirements.md"
VALIDATION = "VALIDATION.md"
GROUPS = {"HW": 140, "G": 27, "E": 11, "X": 12, "C": 12}
STATES = ("tested", "implemented", "later", "n/a")
FOLDERS = ("model", "harness", "scenarios", "docs", "examples")
PROCESSOR = re.compile(r"model/(hw/|machine|spec/\w+\.def$|include/ptv/(hw|cfg)\.h$)")
TESTS = re.compile(r"harness/tests/.*\.(c|h)$|scenarios/(?!bad/).*\.yaml$")
NOT_READ = re.compile(r"harness/tests/trace\w*\.py$|%s$" % RULES)
CITATION = re.compile(r"\b(HW-|[GE]|[XC]-)(\d{1,3})(?:(?:\.\.|-| to )\1?(\d{1,3}))?\b")
ROW = re.compile(r"^\| ([\w-]+) \|(.*)\|$", re.M)
SWITCH_CELL = re.compile(r"(latency )?(\w+) = (\w+)")
SWITCH = re.compile(r'PTV_SWITCH\((\w+), (\d+), "([^"]*)", "([^"]*)"')
LATENCY = re.compile(r"PTV_LATENCY\((\w+), (\d+),")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
NOT_MODELLED = re.compile(r"not\s+(?:\*\s*)?modelled", re.I)


# --- Rules ---


class Rule:
    def __init__(self, name, cells, line):
        self.name = name
        self.line = line
        self.state = re.split(r"[;:]", cells[-1], 1)[0].strip()
        self.note = cells[-1][len(self.state):].strip("; :")
        self.switches = SWITCH_CELL.findall(cells[-2])


def spelled(prefix, number):
    return "HW-%03d" % number if prefix == "HW-" else "%s%d" % (prefix, number)


def group_of(name):
    match = re.match(r"(HW|[GEXC])-?\d+$", name)
    return match.group(1) if match else "Q"


def load_rules(root):
    text = style.read(root, RULES)
    rules, faults = {}, []
    for match in ROW.finditer(text):
        name, cells = match.group(1), [c.strip() for c in match.group(2).split("|")]
        line = style.line_at(text, match.start())
        if name == "id" or set(name) == {"-"}:
            continue
        rule = Rule(name, cells, line)
        where = "%s:%d: %s" % (RULES, line, name)
        if len(cells) != 4:
            faults.append("%s has %d cells, not 5" % (where, len(cells) + 1))
        if name in rules:
            faults.append("%s is defined twice" % where)
        if rule.state not in STATES:
            faults.append("%s: no state %s" % (where, rule.state))
        if rule.state in ("later", "n/a") and not rule.note:
            faults.append("%s is %s: say why" % (where, rule.state))
        rules[name] = rule
    for group, count in GROUPS.items():
        prefix = group if group in "GE" else group + "-"
        for number in range(1, count + 1):
            if spelled(prefix, number) not in rules:
                faults.append("%s: no rule %s" % (RULES, spelled(prefix, number)))
    return rules, faults


# --- Citations ---


class Tree:
    """Who cites what: sets of paths by id."""

    def __init__(self, root, rules):
        self.names = [n for n in rules if group_of(n) == "Q"]
        self.cited = {}     # id: first place
        self.evidence = {}  # in tests and scenarios
        self.code = {}      # in the processor, as something that it does
        self.exact = {}     # the same, but singly
        self.claimed = {}   # anywhere in the model, as something that it does
        self.words = set()  # of tests and scenarios
        self.count = 0
        for path in style.files(root):
            if not NOT_READ.match(path) and (style.under(path, *FOLDERS) or
                                             "/" not in path and path.endswith(".md")):
                self.read(path, style.read(root, path))

    def read(self, path, text):
        if path.startswith("scenarios/"):
            text = re.sub(r"^\s*#.*", "", text, flags=re.M) if TESTS.match(path) else text
        doing = undone(text) if path.startswith("model/") else text
        if TESTS.match(path):
            self.words |= set(re.findall(r"\w+", text))
        for name, line, single in citations(text):
            self.count += 1
            place = "%s:%d" % (path, line)
            self.cited.setdefault(name, place)
            if TESTS.match(path) and single:
                self.evidence.setdefault(name, place)
        for name, line, single in citations(doing):
            if path.startswith("model/"):
                self.claimed.setdefault(name, "%s:%d" % (path, line))
            if PROCESSOR.match(path):
                self.code.setdefault(name, "%s:%d" % (path, line))
                if single:
                    self.exact.setdefault(name, "%s:%d" % (path, line))
        self.read_names(path, text)

    def read_names(self, path, text):
        for name in self.names:
            if not re.search(r"\b%s\b" % name, text):
                continue
            if TESTS.match(path):
                self.evidence.setdefault(name, path)
            if path.startswith("model/hw/"):
                self.code.setdefault(name, path)


def undone(text):
    """The text without the paragraphs of comments that say what is not modelled."""
    def comment(match):
        parts = re.split(r"(\n[ \t]*\*[ \t]*(?=\n))", match.group(0))
        return "".join(re.sub(r"[^\n]", " ", p) if NOT_MODELLED.search(p) else p for p in parts)
    return COMMENT.sub(comment, text)


def citations(text):
    """(id, line, whether it is cited by itself)"""
    for match in CITATION.finditer(text):
        prefix, first, last = match.groups()
        if prefix == "HW-" and len(first) != 3 or len(first) > 2 and prefix != "HW-":
            continue
        line = style.line_at(text, match.start())
        if last is None or int(last) <= int(first):
            yield spelled(prefix, int(first)), line, True
            continue
        for number in range(int(first), int(last) + 1):
            yield spelled(prefix, number), line, False


# --- What must hold ---


def state_faults(rules, tree):
    for name, rule in rules.items():
        where = "%s:%d: %s is %s" % (RULES, rule.line, name, rule.state)
        done = rule.state in ("tested", "implemented")
        if done and name not in tree.code:
            yield where + ", but no code of the processor cites it"
        if rule.state == "tested" and name not in tree.evidence:
            yield where + ", but no test and no scenario cites it"
        if rule.state == "implemented" and name in tree.evidence:
            yield "%s, but %s cites it" % (where, tree.evidence[name])
        if rule.state == "later" and name in tree.claimed:
            yield "%s, but %s does it" % (where, tree.claimed[name])
        for _, switch, _ in rule.switches if rule.state == "tested" else ():
            if switch not in tree.words and not switch.startswith("pmi_margin"):
                yield "%s, but no test sets %s" % (where, switch)


def missing_faults(root, rules):
    """VALIDATION.md against what the rules call later."""
    text = style.read(root, VALIDATION)
    match = re.search(r"^## What is not modelled\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not match:
        yield "%s: no section on what is not modelled" % VALIDATION
        return
    rows = "\n".join(line for line in match.group(1).split("\n") if line.startswith("|"))
    told = {name for name, _, _ in citations(rows)}
    for name, rule in rules.items():
        late = rule.state == "later" or "later" in rule.note
        if late and name not in told:
            yield "%s does not say that %s is not modelled" % (VALIDATION, name)
        if not late and name in told:
            yield "%s says that %s is not modelled: it is %s" % (VALIDATION, name, rule.state)


def citation_faults(rules, tree):
    for name, place in sorted(tree.cited.items()):
        if name not in rules:
            yield "%s: there is no rule %s" % (place, name)


def switch_faults(root, rules):
    told = {}
    for rule in rules.values():
        for latency, switch, value in rule.switches:
            told[switch] = (value, rule.name, bool(latency))
    for name, default, choices, key in SWITCH.findall(style.read(root, "model/spec/switch.def")):
        value, rule, _ = told.pop(name, (None, None, None))
        if value is None:
            yield "%s: no row has the switch %s" % (RULES, name)
        elif value != choices.split("|")[int(default)]:
            yield "%s: the default of %s is %s" % (RULES, name, choices.split("|")[int(default)])
        elif key in rules and rule != key:
            yield "%s: %s is of %s, by switch.def of %s" % (RULES, name, rule, key)
    sizes = dict(LATENCY.findall(style.read(root, "model/spec/latency.def")))
    for name, (value, rule, latency) in told.items():
        if not latency or sizes.get(name) != value:
            yield "%s: %s: there is no %s with the default %s" % (RULES, rule, name, value)


def check(root):
    """Faults, and the tables of counts."""
    rules, faults = load_rules(root)
    tree = Tree(root, rules)
    faults += citation_faults(rules, tree)
    faults += state_faults(rules, tree)
    faults += switch_faults(root, rules)
    faults += missing_faults(root, rules)
    return faults, rules, tree


def print_counts(rules, tree):
    print("%-6s%s%8s" % ("", "".join("%13s" % s for s in STATES), "all"))
    for group in list(GROUPS) + ["Q", ""]:
        states = [r.state for n, r in rules.items() if group in ("", group_of(n))]
        print("%-6s%s%8d" % (group or "all", "".join("%13d" % states.count(s) for s in STATES),
                             len(states)))
    print("%d citations of %d rules; %d rules in tests and scenarios" % (
        tree.count, len(tree.cited), len(tree.evidence)))


def print_table(rules, tree):
    for name, rule in rules.items():
        code = tree.exact.get(name, tree.code.get(name, "-"))
        print("%-22s %-12s %-34s %s" % (name, rule.state, code, tree.evidence.get(name, "-")))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "../.."))
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    faults, rules, tree = check(options.root)
    if options.table:
        print_table(rules, tree)
    print_counts(rules, tree)
    for fault in faults:
        print(fault)
    print("%d found" % len(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
