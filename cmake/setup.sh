#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that are missing, and nothing when all are there.
set -eu

packages="gcc g++ cmake ninja-build pkg-config make git clang-format clang-tidy ccache
	libgtest-dev googletest libfyaml-dev libcjson-dev libxxhash-dev libipt-dev
	gnuplot-nox fonts-dejavu-core python3 python3-jsonschema python3-yaml
	verilator libsystemc-dev zlib1g-dev xz-utils"

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "setup: not a Debian system; needed are: $packages" >&2
	exit 0
fi

# A package is also there when another one provides it.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
	sed -n 's/^installed //p' | tr -s " ," "\n")
missing=""
for package in $packages; do
	printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "setup: packages are missing; as root:" >&2
	echo "    apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 -q update
# The list is meant to be split into words.
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=300 -q install -y --no-install-recommends $missing
