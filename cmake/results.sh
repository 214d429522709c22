#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Writes results/ anew with the programs of a build: cmake/results.sh build/release/bin
# Every file of results/ gets a line in results/README.md that names its command, or its author.
set -eu

bin=${1:?usage: results.sh FOLDER-OF-PROGRAMS}
cd "$(dirname "$0")/.."

if [ ! -x "$bin/ptvmx" ]; then
	echo "results: no $bin/ptvmx, nothing written" >&2
	exit 0
fi

mkdir -p results/plots
rm -f results/plots/*.svg

# line FILE COMMAND
line() {
	# shellcheck disable=SC2016
	printf '| [%s](%s) | `%s` |\n' "$1" "$1" "$2" >>results/README.md
}

# matrix FILE PATH...: a verdict that differs from its file (status 1) is a result; anything above
# is a failure.
matrix() {
	file=$1
	shift
	"$bin/ptvmx" matrix --format text "$@" >"results/$file" || [ $? -eq 1 ]
	line "$file" "ptvmx matrix $*"
}

# plot NAME FILE OPTION...
plot() {
	file=plots/$1.svg
	shift
	"$bin/ptvmx" plot "$@" --output "results/$file"
	line "$file" "ptvmx plot $* --output results/$file"
}

cat >results/README.md <<'EOF'
# Results

What the programs found, written by `make results` and never edited. Red stays red: a violated
check of a driver is a result. How to read a picture: [docs/plots.md](../docs/plots.md).

| file | command |
|---|---|
EOF

echo '| [rtl_findings.md](rtl_findings.md) | by hand, from where lock-step stopped |' \
	>>results/README.md
line rtl_mutants.md "make mutants"
matrix matrix.txt scenarios/thread
matrix upstream.txt scenarios/upstream

thread=scenarios/thread
plot thread-main $thread/enable-virt_on-virt_off+cpu.yaml --policy dont-die,handle-vmx --width 1000
plot thread-main-proposals $thread/enable-virt_on-virt_off+cpu.yaml \
	--policy naive,dont-die,fail-add,pmi-pending,half-pmi-restart,handle-vmx --width 1000
plot gap $thread/enable-virt_on-virt_off-disable+gap.yaml \
	--policy dont-die,pmi-pending,handle-vmx --width 1000
plot task $thread/sched_in-virt_on-sched_out-virt_off-sched_in+task.yaml \
	--policy dont-die,fail-add,handle-vmx --width 1000
plot vms-always $thread/virt_on-sched_in-vcpu_run+vms-always.yaml \
	--policy naive,fail-add,handle-vmx --width 1000
plot pmi-late $thread/to_int-virt_on+pmi-late.yaml \
	--policy naive,pmi-pending,half-pmi-write,handle-vmx --from 33000 --width 1000
plot pmi-before-vmxon $thread/to_int-virt_on+nmi-before-vmxon.yaml \
	--policy pmi-pending,half-pmi-restart,handle-vmx --from 33000 --width 1000
plot restart $thread/to_int-virt_on-virt_off+restart.yaml \
	--policy half-pmi-write,half-pmi-restart,handle-vmx --from 33000 --width 1000

# The kernel's own drivers, where they were built from the texts that results were looked at with;
# else what is committed stays.
real=yes
# shellcheck disable=SC2013
for version in $(sed -n 's/^PTV_LINUX("\([^"]*\)".*/\1/p' model/spec/linux.def); do
	if [ ! -e "$bin/../lib/$version.so" ]; then
		why="$version was not built"
	elif [ -e "$bin/../lib/$version.so.unknown" ]; then
		why="$version: new driver text that MANIFEST does not know"
	else
		continue
	fi
	[ $real = no ] || echo "results: linux-matrix.txt and linux.md stay as they are, $why" >&2
	real=no
done
[ -x /usr/bin/python3 ] || real=no

# known ARGUMENT...: the lines, without their heading.
known() {
	"$bin/ptvmx" known "$@" | sed 1d
}

{
	"$bin/ptvmx" known scenarios/bench | sed -n 1p
	{
		known scenarios
		if [ $real = yes ]; then
			known scenarios --policy linux-6.1,linux-6.12
		else
			grep '^linux-' results/known.txt || true
		fi
	} | LC_ALL=C sort -u
} >results/known.txt.new
mv results/known.txt.new results/known.txt
line known.txt "ptvmx known scenarios, and the same for --policy linux-6.1,linux-6.12"

if [ $real = yes ]; then
	matrix linux-matrix.txt scenarios/linux --policy handle-vmx,linux-6.1,linux-6.12
	/usr/bin/python3 -B cmake/linux_compare.py --bin "$bin" --write results/linux.md
else
	line linux-matrix.txt \
		"ptvmx matrix scenarios/linux --policy handle-vmx,linux-6.1,linux-6.12"
fi
echo '| [linux_findings.md](linux_findings.md) | by hand, from fuzzing and scenarios/linux |' \
	>>results/README.md
line linux.md "cmake/linux_compare.py --bin build/release/bin --write results/linux.md"

# What pages quote, and the figures of VALIDATION.md.
if [ -x /usr/bin/python3 ]; then
	/usr/bin/python3 -B harness/tests/readme.py --bin "$bin" --write
	/usr/bin/python3 -B harness/tests/validation.py figures --bin "$bin" --write
fi
