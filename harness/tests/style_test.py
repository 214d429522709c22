#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Goal: each rule of style.py can fail. Method: a small tree, and one violation in it at a time."""

import argparse
import os
import subprocess
import sys
import tempfile

import style

SPDX = "/* SPDX-License-Identifier: MIT */\n"
WORK = "/wo" + "rk/"
LONG = "static void f(void)\n{\n" + "\tg();\n" * 68 + "}\n"

CLEAN = {
    "model/include/ptv/hw.h": SPDX + "#include <stdint.h>\n",
    "model/include/ptv/kern.h": SPDX + '#include "spec/a.def"\n',
    "model/include/ptv/obs.h": SPDX,
    "model/include/ptv/world.h": SPDX + '#include "ptv/hw.h"\n#include "ptv/kern.h"\n',
    "model/spec/a.def": SPDX,
    "model/hw/topa.h": SPDX,
    "model/hw/topa.c": SPDX + '#include "ptv/hw.h"\n#include "topa.h"\n' + LONG.replace(
        "\tg();\n", "", 1),
    "model/hw/topa_table.c": SPDX + '#include "topa.h"\n',
    "model/hw/lp.c": SPDX + '#include "topa.h"\n',
    "model/core/aux.c": SPDX + '#include "ptv/kern.h"\n#include <string.h>\n',
    "model/machine.c": SPDX + '#include "ptv/world.h"\n',
    "harness/play/play.h": SPDX,
    "harness/cli/main.c": SPDX + '#include <stdio.h>\n#include "play/play.h"\n',
    "results/a.txt": "x \n",
}

# rule, file, what it holds, what is said about it
PLANTED = [
    ("includes", "model/hw/fifo.c", '#include "topa.h"\n', "another unit's header"),
    ("includes", "model/hw/fifo.c", "#include <stdio.h>\n", "no <stdio.h>"),
    ("includes", "model/hw/fifo.c", '#include "core/aux.h"\n', "beside the file"),
    ("includes", "model/hw/fifo.c", '#include "ptv/world.h"\n', "hardware and kernel"),
    ("includes", "model/core/kvm.c", '#include "ptv/hw.h"\n', "shows ptv/hw.h"),
    ("includes", "model/driver/rule.c", '#include "ptv/world.h"\n', "shows ptv/hw.h"),
    ("includes", "model/check/gap.c", '#include "ptv/kern.h"\n', "shows ptv/kern.h"),
    ("includes", "model/replay.c", '#include "ptv/world.h"\n', "hardware and kernel"),
    ("includes", "model/include/ptv/x.h", "#include <stdio.h>\n", "no <stdio.h>"),
    ("includes", "harness/show/plot/plot.c", '#include "ptv/hw.h"\n', "what was seen"),
    ("includes", "harness/cli/run.c", '#include "hw/topa.h"\n', "private header"),
    ("includes", "examples/driver/x.c", '#include "hw/topa.h"\n', "only ptv/"),
    ("functions", "model/hw/fifo.c", LONG, "70 lines"),
    ("functions", "harness/x.cpp", 'extern "C" {\nclass A\n{\n' + LONG + "};\n}\n", "70 lines"),
    ("lengths", "model/hw/fifo.c", "\n" * 601, "602 lines"),
    ("lengths", "model/hw/fifo.c", "\t" * 13 + "\n", "104 columns"),
    ("lengths", "model/spec/b.def", "x" * 133 + "\n", "133 columns"),
    ("spaces", "docs/a.md", "a \n", "white space"),
    ("spaces", "scenarios/a.yaml", "a", "line end"),
    ("unfinished", "model/hw/fifo.c", "/* TO" "DO: all */\n", "TO" "DO"),
    ("spdx", "model/hw/fifo.c", None, "SPDX"),
    ("spdx", "cmake/a.sh", None, "SPDX"),
    ("paths", "docs/a.md", "see %sx\n" % WORK, "path of one machine"),
    ("paths", "results/b.txt", "(%sx)\n" % WORK, "path of one machine"),
    ("headers", "model/include/ptv/x.h", "uint8_t f(void);\n", "by itself as -std=c11"),
    ("headers", "model/include/ptv/x.h", "struct x { int class; };\n", "as -std=c++17"),
    ("format", "model/hw/fifo.c", "int  x;\n", "make format"),
    ("pure", "model/hw/fifo.c", "#include <stdlib.h>\nvoid *f(void);\nvoid *f(void)\n{\n"
     "\treturn malloc(1);\n}\n", "asks for malloc"),
]


def plant(root, path, text):
    place = os.path.join(root, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w", encoding="utf-8") as file:
        file.write(text)


def archive(root, options, path):
    """An archive of one file, for the rule that reads symbols."""
    lib = os.path.join(root, "libptv_model.a")
    if os.path.exists(lib):
        os.remove(lib)
    subprocess.run([options.cc, "-c", "-o", "x.o", path], cwd=root, check=True)
    subprocess.run(["ar", "rcs", lib, "x.o"], cwd=root, check=True)
    os.remove(os.path.join(root, "x.o"))
    return lib


def judge(rule, root, options, path):
    if rule == "pure":
        options.archive = archive(root, options, path)
    return style.RULES[rule](root, options)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    options = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    wrong = 0
    with tempfile.TemporaryDirectory() as root:
        with open(os.path.join(here, "../../.clang-format"), encoding="utf-8") as layout:
            plant(root, ".clang-format", layout.read())
        for path, text in CLEAN.items():
            plant(root, path, text)
        for rule in style.RULES:
            faults = judge(rule, root, options, "model/hw/topa_table.c")
            if faults:
                print("%s finds fault with a clean tree: %s" % (rule, faults))
                wrong += 1
        for rule, path, text, said in PLANTED:
            head = "#" + SPDX if path.endswith(".sh") else SPDX if path.endswith(style.CODE) else ""
            plant(root, path, "x\n" if text is None else head + text)
            faults = judge(rule, root, options, path)
            hit = any(path in f or rule == "pure" for f in faults) and said in "\n".join(faults)
            if not hit and not (rule == "format" and not style.shutil.which("clang-format")):
                print("%s is blind to %s: %s" % (rule, path, faults))
                wrong += 1
            os.remove(os.path.join(root, path))
    print("%d planted, %d wrong" % (len(PLANTED), wrong))
    missing = set(style.RULES) - {rule for rule, _, _, _ in PLANTED}
    if missing:
        print("nothing planted for %s" % sorted(missing))
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
