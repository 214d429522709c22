#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/observations.schema.json, observations.md and verdicts.schema.json say what is printed.

    output_schema.py names        --bin DIR [--write]  schemas and tables are those of spec/*.def
    output_schema.py observations --bin DIR            what --observations writes is valid
    output_schema.py verdicts     --bin DIR            what --format json prints is valid
    output_schema.py strict       --bin DIR            nothing else is: damaged output is refused

--write puts what comes from the tables into the documents anew.
"""

import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

from scenario_schema import rows

OBSERVATIONS = "docs/observations.schema.json"
VERDICTS = "docs/verdicts.schema.json"
DOCUMENT = "docs/observations.md"
BEGIN, END = "<!-- kinds: begin -->", "<!-- kinds: end -->"
# Runs with many kinds of observations: (file, policy).
RUNS = (
    ("scenarios/thread/enable-virt_on-virt_off+cpu.yaml", "dont-die"),
    ("scenarios/thread/to_int-past_int-to_int-virt_on-virt_off+full.yaml", "handle-vmx"),
    ("scenarios/thread/to_int-virt_on+nmi-before-vmxon.yaml", "naive"),
    ("scenarios/thread/virt_on-sched_in-vcpu_run+vms-always.yaml", "handle-vmx"),
    ("scenarios/thread/virt_on-sched_in-sched_out-sched_in+counted.yaml", "fail-add"),
    ("scenarios/thread/enable-virt_fail-disable+vmxon-fails.yaml", "handle-vmx"),
    ("scenarios/hw/emit-vmxon-int_ack+pmi-crosses.yaml", None),
)
SEEN_AT_LEAST = 30  # kinds that these runs show


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def program(options, *arguments):
    """What ptvmx prints; a verdict that differs (1) or a bound (4) is an answer too."""
    done = subprocess.run([os.path.join(options.bin, "ptvmx"), *arguments], cwd=options.root,
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 4):
        sys.exit("ptvmx %s: status %d: %s" % (" ".join(arguments), done.returncode, done.stderr))
    return done.stdout


def validator(options, path):
    schema = json.loads(read(options.root, path))
    jsonschema.Draft7Validator.check_schema(schema)
    base = pathlib.Path(options.root, path).as_uri()  # where its references start
    return jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver(base, schema))


def fault_of(valid, data):
    error = jsonschema.exceptions.best_match(valid.iter_errors(data))
    if error is None:
        return None
    return "%s: %s" % ("/".join(map(str, error.absolute_path)) or "it", error.message[:300])


def observations(options):
    """Lines of all RUNS; of those that differ in numbers only, one."""
    lines = {}
    for path, policy in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "o.jsonl")
            policies = ["--policy", policy] if policy else []
            program(options, "run", path, *policies, "--observations", target)
            with open(target, encoding="utf-8") as file:
                for line in file:
                    data = json.loads(line)
                    shape = tuple((k, v if isinstance(v, str) and not v.startswith("0x")
                                   and k != "bytes" else type(v)) for k, v in data.items())
                    lines.setdefault(shape, data)
    return list(lines.values())


# --- The table of the document ---


def field_text(name, schema):
    choices = schema.get("anyOf", [schema])
    words = []
    for choice in choices:
        if "enum" in choice:
            words.append("\\|".join("`%s`" % word for word in choice["enum"]))
        elif "$ref" in choice:
            words.append(choice["$ref"].rsplit("/", 1)[1])
        else:
            words.append(choice["type"])
    unit = schema.get("description")
    return "`%s` %s%s" % (name, " or ".join(words), " (%s)" % unit if unit else "")


def table(schema):
    out = ["| kind | when | fields |", "|---|---|---|"]
    for kind in schema["properties"]["kind"]["enum"]:
        one = schema["definitions"][kind]
        fields = [field_text(name, part) for name, part in one["properties"].items()
                  if name not in ("cycle", "lp", "seq", "kind", "by", "copy")]
        out.append("| `%s` | %s | %s |" % (kind, one["description"].replace("|", "\\|"),
                                           "<br>".join(fields)))
    return "\n".join(out)


def renewed(text, schema):
    head, rest = text.split(BEGIN + "\n", 1)
    return head + BEGIN + "\n\n" + table(schema) + "\n\n" + END + rest.split(END, 1)[1]


# --- Tests ---


def put(options, path, wanted, faults):
    if read(options.root, path) == wanted:
        return
    if not options.write:
        faults.append("%s is not what the tables say: output_schema.py names --write" % path)
        return
    with open(os.path.join(options.root, path), "w", encoding="utf-8") as file:
        file.write(wanted)


def test_names(options):
    faults = []
    printed = program(options, "list", "observations", "--format", "json")
    put(options, OBSERVATIONS, printed, faults)
    schema = json.loads(printed)
    kinds = [row[1] for row in rows(options.root, "obs.def", "PTV_OBS")]
    if kinds != schema["properties"]["kind"]["enum"] or not kinds:
        faults.append("%s has other kinds than obs.def" % OBSERVATIONS)
    put(options, DOCUMENT, renewed(read(options.root, DOCUMENT), schema), faults)
    verdicts = json.loads(read(options.root, VERDICTS))
    checks = rows(options.root, "checks.def", "PTV_CHECK")
    verdicts["definitions"]["check"]["enum"] = [row[1] for row in checks]
    stimuli = rows(options.root, "stimulus.def", "PTV_STIMULUS")
    verdicts["definitions"]["stimulus"]["enum"] = [row[1] for row in stimuli]
    put(options, VERDICTS, json.dumps(verdicts, indent=2) + "\n", faults)
    return faults


def test_observations(options):
    valid = validator(options, OBSERVATIONS)
    lines = observations(options)
    faults = ["%s in %s" % (fault, json.dumps(line)) for line in lines
              for fault in [fault_of(valid, line)] if fault]
    kinds = {line["kind"] for line in lines}
    print("%d shapes of %d kinds" % (len(lines), len(kinds)))
    if len(kinds) < SEEN_AT_LEAST:
        faults.append("only %d kinds were seen" % len(kinds))
    return faults


def changed(options, folder, source, change):
    """A scenario with something changed, and the path of the copy."""
    data = yaml.safe_load(read(options.root, source))
    change(data)
    path = os.path.join(folder, os.path.basename(source))
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(data, file)
    return path


def expect_wrongly(data):
    data["expect"]["dont-die"]["resumes"] = "always"


def expect_wrong_bytes(data):
    [entry["expect"] for entry in data["timeline"] if "expect" in entry][-1]["stored"] = 1


def fill_or_not(data):
    """The region is full, and so the NMI there to be placed, in one of two runs."""
    data["timeline"][1] = {"do": "progress", "branches": {"from": 500, "to": 6500, "step": 6000}}


def documents(options):
    """JSON of the commands: violations of every kind, choices, bounds, faults of both layers."""
    with tempfile.TemporaryDirectory() as folder:
        wrong = changed(options, folder, RUNS[0][0], expect_wrongly)
        wrong_hw = changed(options, folder, "scenarios/hw/emit+stop.yaml", expect_wrong_bytes)
        partly = changed(options, folder, "scenarios/thread/to_int-virt_on+pmi-late.yaml",
                         fill_or_not)
        for command in (["run", "scenarios/thread", "--policy", "naive,dont-die@4.12"],
                        ["run", RUNS[0][0], "--policy", "dont-die", "--choices", "2"],
                        ["run", RUNS[0][0], "--policy", "dont-die", "--evidence", "0"],
                        ["run", wrong, "--policy", "dont-die"], ["run", wrong_hw],
                        ["run", partly, "--policy", "naive"], ["matrix", "scenarios/hw"],
                        ["show", RUNS[1][0], "--policy", "handle-vmx"]):
            yield command, json.loads(program(options, *command, "--format", "json"))


def test_verdicts(options):
    valid = validator(options, VERDICTS)
    faults, seen = [], set()
    for command, data in documents(options):
        fault = fault_of(valid, data)
        if fault:
            faults.append("%s: %s" % (" ".join(command), fault))
        for policy in (p for f in data["files"] for p in f["policies"]):
            seen |= {key for key in ("not_placed", "panics", "bounded") if policy.get(key)}
            seen |= {"differences"} if policy.get("differences") else set()
            for check in policy.get("checks", []):
                seen |= {check["verdict"], check["match"]} | ({"earliest", "pair"} & set(check))
    wanted = {"not_placed", "panics", "bounded", "differences", "idle", "always", "never",
              "unsaid", "expected", "differs", "earliest", "pair"}
    return faults + ["never seen: " + word for word in sorted(wanted - seen)]


def damages(data, path=()):
    """Copies of data with one thing wrong: a key too many, one missing, another type."""
    if isinstance(data, dict):
        for key in data:
            yield path + (key, "missing"), {k: v for k, v in data.items() if k != key}
            for where, value in damages(data[key], path + (key,)):
                yield where, {**data, key: value}
        yield path + ("key too many",), {**data, "surplus": 1}
    elif isinstance(data, list):
        if data:
            for where, value in damages(data[0], path + (0,)):
                yield where, [value] + data[1:]
    else:
        yield path + ("another type",), [data]


OPTIONAL = {"copy", "event", "asks", "era", "not_placed", "not_compared", "question",
            "evidence_left_out", "expected", "line", "skipped", "waits_in_vain",
            "waits_in_vain_stimulus"}


def refuses(valid, data):
    """Which damages are not noticed, and how many were tried."""
    unnoticed, tried = [], 0
    for where, damaged in damages(copy.deepcopy(data)):
        if where[-1] == "missing" and where[-2] in OPTIONAL:
            continue
        tried += 1
        if valid.is_valid(damaged):
            unnoticed.append("/".join(map(str, where)))
    return unnoticed, tried


def test_strict(options):
    faults, tried = [], 0
    valid = validator(options, OBSERVATIONS)
    one_of_each = {line["kind"]: line for line in observations(options)}
    for kind, line in one_of_each.items():
        unnoticed, count = refuses(valid, line)
        faults += ["observation %s: %s" % (kind, where) for where in unnoticed]
        tried += count
    valid = validator(options, VERDICTS)
    command = ("run", RUNS[0][0], "--policy", "dont-die", "--format", "json", "--evidence", "4")
    data = json.loads(program(options, *command))
    policy = data["files"][0]["policies"][0]
    for check in [c for c in policy["checks"] if c["violated"]][1:]:
        policy["checks"] = [check]  # damages() looks into the first of a list
        unnoticed, count = refuses(valid, data)
        faults += ["verdict: %s" % where for where in unnoticed]
        tried += count
    print("%d damages" % tried)
    return faults if tried > 500 else faults + ["only %d damages were tried" % tried]


def main():
    tests = {"names": test_names, "observations": test_observations, "verdicts": test_verdicts,
             "strict": test_strict}
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", choices=tests)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "../.."))
    parser.add_argument("--bin", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.root, options.bin = os.path.abspath(options.root), os.path.abspath(options.bin)
    faults = tests[options.test](options)
    for fault in faults:
        print(fault)
    print("%s: %d found" % (options.test, len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
