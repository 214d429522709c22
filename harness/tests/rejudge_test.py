#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tools/rejudge, the outsider, confirms what ptvmx says, and nothing else.

    rejudge_test.py corpus --bin DIR   every violation in scenarios/ is one for it too
    rejudge_test.py thread --bin DIR   the same of scenarios/thread
    rejudge_test.py finds --bin DIR    and in random timelines; what is held there is not violated
    rejudge_test.py canary --bin DIR   falsified verdicts are caught; what is held is not violated
    rejudge_test.py apart              it is small and shares no code with ptvmx
"""

import argparse
import ast
import collections
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/rejudge")
sys.path.insert(0, FOLDER)
import rejudge  # noqa: E402  (it lies in FOLDER)

LINES = 300
# Kinds of observations at which checks of kind C judge.
AT = {"no-gp": ["msr"], "no-splat": ["splat", "stimulus"], "vm-entry-ok": ["vmx_op"],
      "trace-owned": ["trace_en", "store", "aux_end"], "unread-safe": ["store", "sw_store"],
      "stopped-is-stopped": ["trace_en", "ret"],
      "belief-true": ["belief", "call", "ret", "vmx_mode"]}
ENDS = ["counted", "gap-announced", "no-false-gap", "bytes-conserved"]
FILES = ("enable-virt_on-virt_off-disable+gap", "to_int-virt_on+pmi-late",
         "virt_on-sched_in-sched_out-sched_in+counted", "enable-virt_fail-disable+vmxon-fails")


def verdicts(options, *paths):
    done = subprocess.run([options.ptvmx, "run", *paths, "--format", "json", "--evidence", "0"],
                          cwd=options.root, stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def test_corpus(options, scenarios="scenarios"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "verdicts.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(verdicts(options, scenarios), file)
        done = subprocess.run([sys.executable, "-B", os.path.join(FOLDER, "rejudge.py"),
                               options.ptvmx, path], cwd=options.root, check=False)
    return done.returncode


def test_thread(options):
    return test_corpus(options, "scenarios/thread")


def falsified(result):
    """The same verdict with something in it that is not so."""
    if "pair" in result:
        for side, (old, new) in ((0, ("asked=1", "asked=0")), (1, ("running=1", "running=0")),
                                 (1, ("trace_en=0", "trace_en=1")), (0, ("room=yes", "room=none"))):
            other = copy.deepcopy(result)
            text = other["pair"][side]["situation"].replace(old, new)
            if text != other["pair"][side]["situation"]:
                other["pair"][side]["situation"] = text
                yield other
        return
    for key, change in (("seq", 1), ("seq", -1), ("cycle", 1), ("stimulus", 1)):
        other = copy.deepcopy(result)
        other["earliest"][key] += change
        yield other


def held(options, policy, worlds):
    """Claims against what is held: everywhere where the check could have been violated."""
    for result in policy["checks"]:
        check = result["check"]
        if result["verdict"] != "always" or check == "confluent":
            continue
        kinds = AT.get(check, ["closed"] if check in ENDS else ["settled"])
        for world in worlds:
            if world.kind in kinds:
                yield check, world


def worlds_of(options, command):
    """Every moment of a run and its copies."""
    seen, prefix = [], 0
    for o in rejudge.observations(options.ptvmx, command):
        if "copy" not in o:
            seen, prefix = seen[:prefix] + [o], prefix + 1
        else:
            seen[o["seq"]:] = [o]
        yield rejudge.World(list(seen))


def found(options, folder):
    """Random timelines that violate something, as files; the policies under which they do."""
    nothing = os.path.join(folder, "known.txt")
    with open(nothing, "w", encoding="utf-8"):
        pass
    finds = os.path.join(folder, "finds")
    subprocess.run([options.ptvmx, "fuzz", "--seed", "3", "--timelines", "4000", "--compare", "0",
                    "--known", nothing, "--finds", finds], cwd=options.root,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    files = collections.defaultdict(list)
    for path in sorted(os.path.join(finds, name) for name in os.listdir(finds)):
        with open(path, encoding="utf-8") as file:
            files[re.search(r"^expect:\n  ([a-z-]+):", file.read(), re.M)[1]].append(path)
    return files


def test_finds(options):
    os.chdir(options.root)
    tried, wrong = {"violated": 0, "held": 0}, []
    with tempfile.TemporaryDirectory() as folder:
        for name, paths in found(options, folder).items():
            for file in verdicts(options, *paths, "--policy", name)["files"]:
                policy = file["policies"][0]
                for result in [r for r in policy["checks"] if r["violated"]]:
                    tried["violated"] += 1
                    if not rejudge.is_true(options.ptvmx, result):
                        wrong.append("%s, %s: not confirmed" % (file["file"], result["check"]))
                for check, world in held(options, policy,
                                         list(worlds_of(options, policy["command"]))):
                    tried["held"] += 1
                    if any(world.violated(check, event) for event in world.events()):
                        wrong.append("%s: %s is held, not violated at %s" % (
                            file["file"], check, world.now))
    print("%d violations judged again, %d moments at which a check is held" %
          tuple(tried.values()))
    print("\n".join(wrong))
    return len(wrong) or tried["violated"] < 200 or tried["held"] < 1000


def test_canary(options):
    os.chdir(options.root)
    tried, wrong = {"falsified": 0, "held": 0}, []
    for name in FILES:
        for policy in verdicts(options, "scenarios/thread/%s.yaml" % name)["files"][0]["policies"]:
            for result in [r for r in policy["checks"] if r["violated"]]:
                for other in falsified(result):
                    tried["falsified"] += 1
                    if rejudge.is_true(options.ptvmx, other):
                        wrong.append("%s, %s: falsified %s" % (name, policy["policy"], other))
            if policy["runs"] != 1:
                continue
            worlds = worlds_of(options, policy["command"])
            for check, world in held(options, policy, list(worlds)):
                tried["held"] += 1
                if world.violated(check, 0):
                    wrong.append("%s, %s: %s is held, not violated at %s" % (
                        name, policy["policy"], check, world.now))
    print("%d falsified verdicts, %d moments at which a check is held" % tuple(tried.values()))
    print("\n".join(wrong))
    return len(wrong) or tried["falsified"] < 100 or tried["held"] < 1000


def test_apart(_options):
    with open(os.path.join(FOLDER, "rejudge.py"), encoding="utf-8") as file:
        text = file.read()
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module)
    lines = text.count("\n")
    strange = sorted(m for m in modules if m.split(".")[0] not in sys.stdlib_module_names)
    print("%d lines, imports beside the standard library: %s" % (lines, strange or "none"))
    return lines > LINES or strange or os.listdir(FOLDER) != ["rejudge.py"]


def main():
    tests = {"corpus": test_corpus, "thread": test_thread, "finds": test_finds,
             "canary": test_canary, "apart": test_apart}
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", choices=tests)
    parser.add_argument("--root", default=os.path.join(FOLDER, "../.."))
    parser.add_argument("--bin", default="build/release/bin")
    options = parser.parse_args()
    options.root = os.path.abspath(options.root)
    options.ptvmx = os.path.join(os.path.abspath(options.bin), "ptvmx")
    return 1 if tests[options.test](options) else 0


if __name__ == "__main__":
    sys.exit(main())
