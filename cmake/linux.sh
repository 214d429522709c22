#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the PT driver of a Linux kernel, unmodified, as a driver behind the pmu border:
#
#     linux.sh fetch VERSION FOLDER        the few files of Debian's linux-source-VERSION, once
#     linux.sh build NAME TREE OUT         TREE/arch/x86/events/intel/pt.c and its headers -> OUT
#     linux.sh oracle NAME TREE OUT        KVM's checks of writes to PT's MSRs -> OUT
#     linux.sh make NAME VERSION FOLDER OUT
#                                          both, when OUT is older than what it is made of; without
#                                          a package OUT goes, and that is no failure
#
# PTV_LINUX_SITES=no has the compiler's calls stay calls (shim/point.c), to compare.
#
# TREE is what fetch has made or any kernel tree. Nothing of a kernel's text is part of this
# repository or leaves the build folder. Status 0 done, 1 it does not compile (the compiler's first
# error is printed), 3 there is no package to be had (one line says why).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
shim=$here/../harness/engine/linux/shim
model=$here/../model
manifest=$here/../harness/engine/linux/MANIFEST
# The options below are gcc's, whatever the rest is compiled with.
cc=${CC:-gcc}
case $("$cc" --version 2>&1) in *clang*) cc=gcc ;; esac
sites=${PTV_LINUX_SITES:-$(case $("$cc" -dumpmachine 2>&1) in x86_64*) echo yes ;; esac)}

files="arch/x86/events/intel/pt.c arch/x86/events/intel/pt.h
	arch/x86/include/asm/msr-index.h arch/x86/include/asm/intel_pt.h
	arch/x86/include/asm/intel-family.h arch/x86/kvm/vmx/vmx.c arch/x86/kvm/vmx/vmx.h
	include/linux/perf_event.h include/uapi/linux/perf_event.h
	kernel/events/core.c kernel/events/internal.h kernel/events/ring_buffer.c"

absent() {
	echo "linux-source: skipped, $1" >&2
	exit 3
}

fetch() {
	version=$1
	tree=$2
	[ ! -e "$tree/.complete" ] || return 0
	command -v apt-get >/dev/null 2>&1 || absent "no apt-get here"
	command -v dpkg-deb >/dev/null 2>&1 || absent "no dpkg-deb here"
	tmp=$tree.$$
	mkdir -p "$tmp/tree"
	# shellcheck disable=SC2086
	(cd "$tmp" && timeout 300 apt-get -qq -o Acquire::Retries=0 \
		-o Acquire::http::Timeout=20 -o APT::Sandbox::User=root \
		download "linux-source-$version" >apt.log 2>&1) ||
		{
			why=$(grep -m1 '^E:' "$tmp/apt.log" || echo "apt-get failed")
			rm -rf "$tmp"
			absent "no package linux-source-$version ($why)"
		}
	dpkg-deb --fsys-tarfile "$tmp"/linux-source-*.deb |
		tar -xO --wildcards '*/linux-source-*.tar.xz' >"$tmp/source.tar.xz"
	names=""
	for file in $files; do
		names="$names linux-source-$version/$file"
	done
	# shellcheck disable=SC2086
	tar -xJf "$tmp/source.tar.xz" -C "$tmp/tree" --strip-components=1 --occurrence=1 \
		$names || absent "linux-source-$version lacks a file"
	basename "$tmp"/linux-source-*.deb .deb >"$tmp/tree/.package"
	: >"$tmp/tree/.complete"
	rm -rf "$tree"
	mv "$tmp/tree" "$tree"
	rm -rf "$tmp"
}

# Texts that were never looked at: to be reported, not an error.
compare() {
	version=$1
	tree=$2
	unknown=0
	for file in $files; do
		[ -e "$tree/$file" ] || continue
		sum=$(sha256sum "$tree/$file" | cut -d' ' -f1)
		grep -q "^$sum  $version  $file\$" "$manifest" && continue
		unknown=1
		echo "linux-source-$version: $file is a text that MANIFEST does not know:" \
			"expectations are to be looked at" >&2
	done
}

# note OUT: says beside OUT whether its text is one that MANIFEST does not know (linux.h).
note() {
	if [ "$unknown" -eq 1 ]; then
		: >"$1.unknown"
	else
		rm -f "$1.unknown"
	fi
}

# Empty files for the headers that the sources name and that are not taken from the kernel: what is
# missing in the shim is then an error, and never a header of the host.
headers() {
	tree=$1
	work=$2
	mkdir -p "$work/include/linux" "$work/include/uapi/linux" "$work/include/asm" \
		"$work/k/intel"
	cp "$tree/include/linux/perf_event.h" "$work/include/linux/"
	cp "$tree/include/uapi/linux/perf_event.h" "$work/include/uapi/linux/"
	for name in msr-index intel_pt intel-family; do
		cp "$tree/arch/x86/include/asm/$name.h" "$work/include/asm/"
	done
	cp "$tree/arch/x86/events/intel/pt.c" "$tree/arch/x86/events/intel/pt.h" "$work/k/intel/"
	cp "$tree/kernel/events/ring_buffer.c" "$tree/kernel/events/internal.h" "$work/k/"
	: >"$work/k/perf_event.h"
	find "$work/include" "$work/k" -name '*.[ch]' -exec cat {} + |
		sed -n 's/^#[ \t]*include[ \t]*<\([^>]*\)>.*/\1/p' | sort -u |
		while read -r name; do
			[ -e "$work/include/$name" ] && continue
			mkdir -p "$work/include/$(dirname "$name")"
			: >"$work/include/$name"
		done
}

# compile OBJECT OPTION... SOURCE
compile() {
	object=$1
	shift
	# shellcheck disable=SC2086
	"$cc" -std=gnu11 -O2 -g -nostdinc -isystem "$("$cc" -print-file-name=include)" \
		-ffreestanding -fPIC -fvisibility=hidden -fno-strict-aliasing -fwrapv \
		-fno-stack-protector -w -I "$work/include" -I "$work/k/intel" -I "$work/k" \
		-I "$work" -I "$model/include" -I "$model" -I "$shim" -include "$shim/kernel.h" \
		-DPTV_LINUX_NAME="\"$name_given\"" $defines -o "$work/$object" -c "$@" \
		2>"$work/errors" && return 0
	first 'error'
}

# first PATTERN: ends with the first error that matches, at its place in TREE.
first() {
	grep -m1 "$1" "$work/errors" | sed "s|.*$work/k/intel/|$tree/arch/x86/events/intel/|
		s|.*$work/k/|$tree/kernel/events/|
		s|$work/include/asm/|$tree/arch/x86/include/asm/|
		s|$work/include/|$tree/include/|" >&2
	exit 1
}

# Puts sites (shim/site.inc) where the compiler calls for an access, and counts jumps back.
put_sites() {
	cat "$shim/site.inc"
	awk '
		/^\.L[0-9]+:/ { behind[substr($1, 1, length($1) - 1)] }
		/^\tcall\t__tsan_(unaligned_)?(read|write)[0-9]+(@PLT)?$/ {
			print "\tptv_linux_touch " ($2 ~ /read/ ? "r" : "w")
			next
		}
		/^\tj/ && $2 in behind {
			print "\tptv_linux_loop " $1 ", " $2
			next
		}
		{ print }' "$1"
}

# instrumented PART: compiles it with calls before every access to memory and, elsewhere than on
# x86-64, in every block of code.
instrumented() {
	case $sites in
	yes)
		# shellcheck disable=SC2086
		compile "$1.s" -S -fsanitize=thread -mno-red-zone -fno-jump-tables $plain \
			"$shim/$1.c"
		put_sites "$work/$1.s" >"$work/$1.sites.s"
		compile "$1.o" "$work/$1.sites.s"
		;;
	*)
		# shellcheck disable=SC2086
		compile "$1.o" -fsanitize=thread -fsanitize-coverage=trace-pc $plain "$shim/$1.c"
		;;
	esac
}

# names PREFIX OBJECT ANCHOR: its functions by offset, where the anchor lies, and its size.
names() {
	nm -n "$work/$2.o" >"$work/symbols"
	echo "static const struct ptv_linux_name ptv_linux_$2_names[] = {"
	sed -n 's/^\([0-9a-f]*\) [tT] \([a-zA-Z0-9_]*\).*/{0x\1, "\2"},/p' "$work/symbols"
	echo "};"
	sed -n "s/^\([0-9a-f]*\) T $3\$/#define PTV_LINUX_$1_ANCHOR 0x\1UL/p" "$work/symbols"
	size -A "$work/$2.o" |
		sed -n "s/^\.text  *\([0-9]*\).*/#define PTV_LINUX_$1_SIZE \1UL/p"
}

build() {
	name_given=$1
	tree=$2
	out=$3
	if ! command -v "$cc" >/dev/null 2>&1; then
		echo "error: no compiler $cc (CC)" >&2
		exit 1
	fi
	for file in arch/x86/events/intel/pt.c arch/x86/events/intel/pt.h \
		include/linux/perf_event.h include/uapi/linux/perf_event.h \
		kernel/events/ring_buffer.c kernel/events/internal.h \
		arch/x86/include/asm/msr-index.h arch/x86/include/asm/intel_pt.h \
		arch/x86/include/asm/intel-family.h; do
		if [ ! -e "$tree/$file" ]; then
			echo "$tree/$file: error: no such file: not a kernel tree with PT" >&2
			exit 1
		fi
	done
	work=$out.work
	trap 'rm -rf "$work"' EXIT
	rm -rf "$work"
	headers "$tree" "$work"
	defines=""
	grep -q 'aux_config' "$tree/include/linux/perf_event.h" &&
		defines="$defines -DPTV_LINUX_AUX_CONFIG"
	grep -q 'resume_allowed' "$tree/arch/x86/events/intel/pt.h" &&
		defines="$defines -DPTV_LINUX_AUX_PAUSE"
	# Not inlined and not cloned: an address tells the function (shim/label.c).
	plain="-fno-inline -fno-ipa-sra -fno-ipa-cp -fno-partial-inlining
		-fno-reorder-blocks-and-partition -fno-optimize-sibling-calls
		--param=tsan-instrument-func-entry-exit=0"
	for part in driver buffer; do
		instrumented $part
	done
	{
		echo "struct ptv_linux_name { unsigned long offset; const char *name; };"
		names DRIVER driver intel_pt_handle_vmx
		names BUFFER buffer perf_get_aux
	} >"$work/names.h"
	objects="$work/driver.o $work/buffer.o"
	for source in "$shim"/*.c; do
		object=$(basename "$source" .c).o
		[ "$object" = driver.o ] || [ "$object" = buffer.o ] && continue
		compile "$object" "$source"
		objects="$objects $work/$object"
	done
	for name in perf_event_header__init perf_event_header__init_id \
		perf_event__output_id_sample; do
		objects="$objects -Wl,--defsym,$name=ptv_linux_no_record"
	done
	# shellcheck disable=SC2086
	"$cc" -shared -Wl,-Bsymbolic -Wl,-z,defs -Wl,--ignore-unresolved-symbol=ptv_assert_failed \
		-o "$out.tmp" $objects 2>"$work/errors" ||
		first 'undefined reference'
	mv "$out.tmp" "$out"
	rm -rf "$work"
}

# cut FILE NAME...: functions of a C file by name, and structs, as they stand there.
cut_out() {
	source=$1
	shift
	for name in "$@"; do
		awk -v name="$name" '
			!on && /^[a-z]/ && !/;/ &&
				$0 ~ "(^|[^a-zA-Z0-9_])" name "( \\{|\\()" { on = 1 }
			on { print }
			on && /^}/ && !/{$/ { on = 0 }' "$source"
	done
}

# cut_macro NAME FILE: a macro of it.
cut_macro() {
	awk -v name="$1" '
		!on && $1 == "#define" && $2 ~ "^" name "(\\(|$)" { on = 1 }
		on { print }
		on && !/\\$/ { on = 0 }' "$2"
}

# KVM's checks of writes to PT's MSRs, as a library of their own.
oracle() {
	name_given=$1
	tree=$2
	out=$3
	work=$out.work
	trap 'rm -rf "$work"' EXIT
	rm -rf "$work"
	headers "$tree" "$work"
	vmx=$tree/arch/x86/kvm/vmx
	{
		cut_macro RTIT_ADDR_RANGE "$vmx/vmx.h"
		cut_out "$vmx/vmx.h" "struct pt_ctx" "struct pt_desc"
	} >"$work/cut_desc.h"
	{
		cut_macro PT_CAP "$tree/arch/x86/events/intel/pt.c"
		cut_out "$tree/arch/x86/events/intel/pt.c" "struct pt_cap_desc" \
			intel_pt_validate_cap
	} >"$work/cut_caps.h"
	{
		cut_macro MSR_IA32_RTIT_STATUS_MASK "$vmx/vmx.c"
		cut_out "$vmx/vmx.c" pt_can_write_msr pt_output_base_valid vmx_rtit_ctl_check \
			update_intel_pt_cfg
	} >"$work/cut_checks.h"
	cut_out "$vmx/vmx.c" vmx_set_msr | awk '
		/case MSR_/ { on = /MSR_IA32_RTIT/ }
		on { print }' >"$work/cut_cases.h"
	defines=""
	compile oracle.o "$shim/../oracle/oracle.c"
	"$cc" -shared -Wl,-Bsymbolic -o "$out.tmp" "$work/oracle.o"
	mv "$out.tmp" "$out"
}

# Whether OUT is there and newer than everything it is made of.
fresh() {
	[ -e "$2" ] && [ -e "$1/.complete" ] &&
		[ -z "$(find "$shim" "$shim/../oracle" "$model/include" "$model/spec/obs.def" \
			"$0" "$1" -newer "$2" -type f -print -quit)" ]
}

make() {
	mkdir -p "$(dirname "$4")"
	kvm=$(dirname "$4")/kvm-$2.so
	if (fetch "$2" "$3"); then
		compare "$2" "$3"
		note "$4"
		fresh "$3" "$4" && return 0
		(build "$1" "$3" "$4") && (oracle "$1" "$3" "$kvm") && return 0
		rm -f "$4" "$kvm"
		[ $unknown -eq 1 ] || exit 1
		echo "linux-source-$2: skipped, the shim does not fit this text" >&2
	fi
	rm -f "$4" "$4.unknown" "$kvm"
}

case ${1:-} in
fetch) fetch "$2" "$3" ;;
compare) compare "$2" "$3" ;;
build) build "$2" "$3" "$4" ;;
oracle) oracle "$2" "$3" "$4" ;;
make) make "$2" "$3" "$4" "$5" ;;
*)
	sed -n '4,15s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
