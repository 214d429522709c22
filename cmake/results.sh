#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Writes results/ anew with the programs of a build: cmake/results.sh build/release/bin
set -eu

bin=${1:?usage: results.sh FOLDER-OF-PROGRAMS}
cd "$(dirname "$0")/.."

if [ ! -x "$bin/ptvmx" ]; then
	echo "results: no $bin/ptvmx, nothing written" >&2
	exit 0
fi

mkdir -p results

# A verdict that differs from its file (status 1) is a result; anything above is a failure.
matrix() {
	"$bin/ptvmx" matrix --format text "$@" || [ $? -eq 1 ]
}

matrix scenarios/thread >results/matrix.txt
