# SPDX-License-Identifier: MIT
# Thin: every verb is CMake's, see docs/building.md.
.PHONY: help setup build run test asan fuzz mutants results tidy format

JOBS ?= 2

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## install the Debian packages that are missing
	@cmake/setup.sh

build: setup ## the release build, programs in build/release/bin
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

run: build ## the question this project started from, every policy against every timeline
	build/release/bin/ptvmx matrix scenarios/thread

test: build ## the whole test suite on the release build
	ctest --preset release -j $(JOBS)

asan: setup ## the whole test suite under address and undefined-behaviour sanitizers
	cmake --preset asan
	cmake --build --preset asan -j $(JOBS)
	ctest --preset asan -j $(JOBS)

fuzz: build ## random timelines, then libFuzzer where clang is there; fixed seeds
	build/release/bin/ptvmx fuzz --seed 2 --timelines 200000
	cmake/fuzz.sh $(JOBS)

mutants: build ## the mutants of the RTL, all of them, and their table in results/
	python3 -B harness/mutants/rtl.py --build build/release --work build/release/mutants \
		--table results/rtl_mutants.md

results: build ## write results/ anew
	cmake/results.sh build/release/bin

tidy: setup ## clang-tidy over model and harness
	cmake --preset dev
	cmake --build --preset dev -j $(JOBS)
	run-clang-tidy -quiet -p build/dev -j $(JOBS) '/(model|harness|examples)/.*\.c$$'

format: ## lay out every C and C++ source by .clang-format
	find model harness examples -name '*.[ch]' -o -name '*.cpp' | xargs -r clang-format -i
