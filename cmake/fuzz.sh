#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds libFuzzer's programs and runs each from a fixed seed: cmake/fuzz.sh [JOBS]
# Without a clang that has libFuzzer there is nothing to do.
set -eu

jobs=${1:-2}
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *b, unsigned long n) { return !b && n; }' >"$work/try.c"
if ! clang -fsanitize=fuzzer,address "$work/try.c" -o "$work/try" 2>"$work/said"; then
	echo "libFuzzer: skipped, clang cannot link it here"
	exit 0
fi

cmake --preset fuzz
cmake --build --preset fuzz -j "$jobs"
mkdir "$work/timeline" "$work/yaml" "$work/corpus"
find scenarios -name '*.yaml' -exec cp {} "$work/corpus/" \;

# Runs, not seconds: the same on a slow machine.
bin=$PWD/build/fuzz/bin
known=$PWD/results/known.txt
cd "$work"
PTV_KNOWN=$known "$bin/ptv_fuzz_timeline" -seed=1 -runs=2000 -max_len=119 -len_control=0 \
	-timeout=120 timeline
"$bin/ptv_fuzz_yaml" -seed=1 -runs=20000 -max_len=4096 -timeout=10 yaml corpus
