#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/scenario.schema.json says what the loader says.

    scenario_schema.py names   [--root DIR] [--write]   names in the schema are those of spec/*.def
    scenario_schema.py accepts [--root DIR]             every scenario and example is valid
    scenario_schema.py refuses [--root DIR]             every file of scenarios/bad is not

A file of scenarios/bad whose fault no schema can see says "# schema: cannot tell"; then it must be
valid. --write puts the parts that come from the tables into the schema anew.
"""

import argparse
import json
import os
import re
import sys

import jsonschema
import yaml

SCHEMA = "docs/scenario.schema.json"
FORMAT = "scenarios/FORMAT.md"
FIRST_LINE = "# yaml-language-server: $schema="
CANNOT_TELL = "# schema: cannot tell\n"
FILE_NAME = re.compile(r"^[a-z0-9_]+(-[a-z0-9_]+)*(\+[a-z0-9_-]+)?\.yaml$")

VMX = ["vmxon", "vmxoff", "vmptrld", "vmclear", "vm_entry", "vm_exit"]
# Keys of `expect` that only some stimuli have: parse_hw.c.
ONLY_WITH = {
    "value": ["rdmsr"],
    "mask": ["rdmsr"],
    "vmx": VMX,
    "reason": VMX,
    "fault": ["rdmsr", "wrmsr"] + VMX,
}


# --- Tables ---


def rows(root, name, macro):
    """The arguments of each macro(...) in model/spec/<name>, strings without their quotes."""
    with open(os.path.join(root, "model/spec", name), encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^#define.*?(?<!\\)$", " ", text, flags=re.S | re.M)
    return [arguments(text, match.end()) for match in re.finditer(macro + r"\(", text)]


def arguments(text, at):
    found, word, depth = [], "", 0
    while depth >= 0:
        string = re.compile(r'"((?:\\.|[^"\\])*)"').match(text, at)
        if string:
            word += string.group(1)
            at = string.end()
            continue
        char = text[at]
        at += 1
        depth += (char == "(") - (char == ")")
        if (char == "," and depth == 0) or depth < 0:
            found.append(word.strip())
            word = ""
        else:
            word += "" if char == "\n" else char
    return found


def described(pairs):
    return {"anyOf": [{"const": name, "description": text} for name, text in pairs]}


def alternatives(names):
    return "|".join(re.escape(name).replace(r"\-", "-") for name in names)


def stimuli(root, layer):
    wanted = ("PTV_LAYER_" + layer, "PTV_LAYER_BOTH")
    return [row for row in rows(root, "stimulus.def", "PTV_STIMULUS") if row[2] in wanted]


# --- What the schema must hold ---


def arguments_of(row):
    names = [] if row[3] == "-" else row[3].split()
    required = [name for name in names if not name.endswith("?")]
    return [name.rstrip("?") for name in names], required


def entry_rule(row, common):
    """What an entry with this stimulus may and must have."""
    names, required = arguments_of(row)
    then = {"propertyNames": {"enum": common + names}, "required": ["do"] + required}
    if "to" in names:
        then["oneOf"] = [{"required": ["branches"]}, {"required": ["to"]}]
    refused = sorted(key for key, which in ONLY_WITH.items() if row[1] not in which)
    if "expect" in common and refused:
        then["properties"] = {"expect": {"propertyNames": {"not": {"enum": refused}}}}
    return {"if": {"properties": {"do": {"const": row[1]}}}, "then": then}


def policies(root):
    drivers = [row[0] for row in rows(root, "drivers.def", r"PTV_DRIVER(?:_OWN)?")]
    drivers += [row[0] for row in rows(root, "linux.def", "PTV_LINUX")]
    eras = [row[0].split("=")[1].strip() for row in rows(root, "eras.def", "PTV_ERA")]
    one = "(%s)(@(%s))?" % (alternatives(drivers), alternatives(eras))
    return {
        "type": "object",
        "patternProperties": {"^%s( *, *%s)*$" % (one, one): {"$ref": "#/definitions/expectation"}},
        "additionalProperties": False,
    }


def expectation(root):
    checks = rows(root, "checks.def", "PTV_CHECK")
    properties = {
        "because": {"$ref": "#/definitions/text"},
        "all": {"const": "always", "description": "no check may be violated"},
    }
    for check in checks:
        properties[check[1]] = {"$ref": "#/definitions/verdict"}
    return {
        "type": "object",
        "required": ["because"],
        "minProperties": 2,
        "properties": properties,
        "additionalProperties": False,
    }


def timing(root):
    properties = {}
    for name, default, least, most, unit, _, meaning in rows(root, "latency.def", "PTV_LATENCY"):
        properties[name] = {
            "description": "%s, %s by default: %s" % (unit, default, meaning),
            "anyOf": [
                {"type": "integer", "minimum": int(least), "maximum": int(most)},
                {"$ref": "#/definitions/number_text"},
            ],
        }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def switches(root):
    properties = {}
    for name, default, choices, key, meaning in rows(root, "switch.def", "PTV_SWITCH"):
        words = choices.split("|")
        properties[name] = {
            "description": "%s; %s by default (%s)" % (meaning, words[int(default)], key),
            "enum": words,
        }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def msr(root):
    table = rows(root, "msr.def", "PTV_MSR")
    names = [row[0] for row in table] + ["LVTPC"]
    return {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": 0xFFFFFFFF},
            {"type": "string", "pattern": "^(0x[0-9a-fA-F]+|(IA32_)?(%s))$" % alternatives(names)},
        ]
    }


def bits(root):
    with open(os.path.join(root, "harness/scenario/register.c"), encoding="utf-8") as file:
        fields = re.findall(r'\{"(\w+)", \d+, (\d+)\}', file.read())
    single = sorted({name for name, size in fields if size == "1"})
    several = sorted({name for name, size in fields if size != "1"})
    pattern = "^((%s)(=[01])?|(%s)=%s)$" % (
        alternatives(single), alternatives(several), "([1-9]?[0-9]+|0x[0-9a-fA-F]+)")
    return {"type": "array", "items": {"type": "string", "pattern": pattern}}


def packets(root):
    names = alternatives([row[1] for row in rows(root, "packet.def", "PTV_PACKET")])
    return {"type": "string", "pattern": "^ *((%s)( +|$))*$" % names}


def from_tables(root):
    kernel, hardware = stimuli(root, "KERNEL"), stimuli(root, "HW")
    checks = rows(root, "checks.def", "PTV_CHECK")
    machines = rows(root, "machine.def", "PTV_MACHINE")
    kernel_common = ["at", "do", "lp", "event", "deliver"]
    hardware_common = ["at", "do", "lp", "expect"]
    return {
        "check": described([(row[1], "violated iff " + row[4]) for row in checks]),
        "machine": described([(row[0], "; ".join(filter(None, row[1:3]))) for row in machines]),
        "policies": policies(root),
        "expectation": expectation(root),
        "timing": timing(root),
        "switches": switches(root),
        "msr": msr(root),
        "bits": bits(root),
        "packets": packets(root),
        "kernel_stimulus": described([(row[1], row[4]) for row in kernel]),
        "hardware_stimulus": described([(row[1], row[4]) for row in hardware]),
        "kernel_arguments": {"allOf": [entry_rule(row, kernel_common) for row in kernel]},
        "hardware_arguments": {"allOf": [entry_rule(row, hardware_common) for row in hardware]},
    }


# --- Files ---


class Loader(yaml.SafeLoader):
    """YAML as the loader in C reads it: numbers are 12 and 0x12, all else is text."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(0|[1-9][0-9]*|0x[0-9a-fA-F]+)$"), list("0123456789"))


def scenarios(root, bad):
    found = []
    for folder, folders, names in os.walk(os.path.join(root, "scenarios")):
        folders.sort()
        if (os.path.basename(folder) == "bad") == bad:
            found += [os.path.join(folder, name) for name in sorted(names)
                      if name.endswith(".yaml")]
    return found


def first_fault(validator, text):
    """Why a file's text is not valid; None if it is."""
    try:
        data = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        return "not YAML: " + str(error).replace("\n", " ")
    error = jsonschema.exceptions.best_match(validator.iter_errors(data))
    if error is None:
        return None
    return "%s: %s" % ("/".join(map(str, error.absolute_path)) or "the file", error.message)


def head_fault(root, path, text):
    """What is wrong with the first line, which tells editors where the schema is, or the name."""
    first = text.split("\n", 1)[0]
    want = FIRST_LINE + os.path.relpath(os.path.join(root, SCHEMA), os.path.dirname(path))
    if first != want:
        return "the first line is not \"%s\"" % want
    if not FILE_NAME.match(os.path.basename(path)):
        return "the name is not event-event+what.yaml (scenarios/FORMAT.md)"
    return None


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# --- Tests ---


def test_names(root, schema, write):
    wanted = from_tables(root)
    stale = [name for name in wanted if schema["definitions"].get(name) != wanted[name]]
    if write and stale:
        schema["definitions"].update(wanted)
        with open(os.path.join(root, SCHEMA), "w", encoding="utf-8") as file:
            json.dump(schema, file, indent=2)
            file.write("\n")
        return []
    return ["%s: %s differs from the tables: run scenario_schema.py names --write" % (SCHEMA, name)
            for name in stale]


def test_accepts(root, validator):
    faults, paths = [], scenarios(root, bad=False)
    for path in paths:
        text = read(path)
        fault = head_fault(root, path, text) or first_fault(validator, text)
        if fault:
            faults.append("%s: %s" % (os.path.relpath(path, root), fault))
    text = read(os.path.join(root, FORMAT))
    for example in re.findall(r"^```yaml\n(.*?)^```$", text, re.S | re.M):
        fault = first_fault(validator, example)
        if fault:
            faults.append("%s: %s in\n%s" % (FORMAT, fault, example))
    return faults if paths else ["scenarios: no files"]


def test_refuses(root, validator):
    faults, paths = [], scenarios(root, bad=True)
    for path in paths:
        text = read(path)
        fault = first_fault(validator, text)
        if fault is None and CANNOT_TELL not in text:
            faults.append("%s: valid" % os.path.relpath(path, root))
        if fault is not None and CANNOT_TELL in text:
            faults.append("%s: not valid after all: %s" % (os.path.relpath(path, root), fault))
    return faults if paths else ["scenarios/bad: no files"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", choices=["names", "accepts", "refuses"])
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "../.."))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    root = os.path.abspath(options.root)
    schema = json.loads(read(os.path.join(root, SCHEMA)))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    if options.test == "names":
        faults = test_names(root, schema, options.write)
    elif options.test == "accepts":
        faults = test_accepts(root, validator)
    else:
        faults = test_refuses(root, validator)
    for fault in faults:
        print(fault)
    print("%s: %d found" % (options.test, len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
