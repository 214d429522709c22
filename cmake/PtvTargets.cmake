# SPDX-License-Identifier: MIT
#
# Targets by folder: a pattern that matches nothing makes no target.

set(PTV_LIBRARIES "" CACHE INTERNAL "static libraries that programs and tests link")
set(PTV_MODULES "" CACHE INTERNAL "shared libraries that tests load")

function(ptv_set_lto target)
	if(PTV_LTO)
		# Fat objects: the tests link them without the cost of optimising at link time, and
		# the symbol table of the model can be read. Functions begin on cache lines: where
		# the linker happens to put them made a third of the speed of a clock.
		set_property(TARGET ${target} PROPERTY INTERPROCEDURAL_OPTIMIZATION ON)
		target_compile_options(${target} PRIVATE -ffat-lto-objects -falign-functions=64)
	endif()
endfunction()

# ptv_library(name SOURCES pattern... [LINK library...] [LTO])
function(ptv_library name)
	cmake_parse_arguments(PARSE_ARGV 1 arg "LTO" "" "SOURCES;LINK")
	file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${arg_SOURCES})
	if(NOT sources)
		return()
	endif()
	add_library(${name} STATIC ${sources})
	target_link_libraries(${name} PUBLIC ${arg_LINK})
	if(arg_LTO)
		ptv_set_lto(${name})
	endif()
	set(PTV_LIBRARIES ${PTV_LIBRARIES} ${name} CACHE INTERNAL "")
endfunction()

# Links everything that exists; the order of the libraries does not matter.
function(ptv_link_all target)
	target_link_libraries(${target} PRIVATE ptv_harness_headers)
	if(PTV_LIBRARIES)
		list(JOIN PTV_LIBRARIES "," group)
		target_link_libraries(${target} PRIVATE "$<LINK_GROUP:RESCAN,${group}>")
	endif()
	# A driver in a shared library reports its broken assertions like everybody else.
	target_link_options(${target} PRIVATE -Wl,--export-dynamic-symbol=ptv_assert_failed)
endfunction()

# ptv_program(name SOURCES pattern... [LTO])
function(ptv_program name)
	cmake_parse_arguments(PARSE_ARGV 1 arg "LTO" "" "SOURCES")
	file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${arg_SOURCES})
	if(NOT sources)
		return()
	endif()
	add_executable(${name} ${sources})
	ptv_link_all(${name})
	if(arg_LTO)
		ptv_set_lto(${name})
	endif()
endfunction()

# ptv_modules(pattern...): each file is a shared library of its own, lib/<name>.so, built as a
# driver outside the tree would be: against the public headers alone.
function(ptv_modules)
	file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${ARGN})
	foreach(source IN LISTS sources)
		get_filename_component(name ${source} NAME_WE)
		add_library(example_${name} MODULE ${source})
		target_link_libraries(example_${name} PRIVATE ptv_headers)
		set_target_properties(example_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name})
		set(PTV_MODULES ${PTV_MODULES} example_${name} CACHE INTERNAL "")
	endforeach()
endfunction()

# The drivers of real kernels: lib/linux-<version>.so for each row of linux.def, as far as their
# sources can be had (cmake/linux.sh). They are looked at with every build; without a package the
# rest builds, and what needs them says that they are not there.
function(ptv_linux_drivers)
	set(script ${PROJECT_SOURCE_DIR}/cmake/linux.sh)
	set(table ${PROJECT_SOURCE_DIR}/model/spec/linux.def)
	set_property(SOURCE harness/engine/linux/linux.c APPEND PROPERTY COMPILE_DEFINITIONS
		PTV_LINUX_SCRIPT="${script}")
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
	file(STRINGS ${table} rows REGEX "^PTV_LINUX")
	set(commands "")
	foreach(row IN LISTS rows)
		string(REGEX MATCH "\"([^\"]*)\", \"[^\"]*\", \"([^\"]*)\"" found "${row}")
		list(APPEND commands COMMAND ${CMAKE_COMMAND} -E env CC=${CMAKE_C_COMPILER}
			${script} make ${CMAKE_MATCH_1} ${CMAKE_MATCH_2}
			${PROJECT_SOURCE_DIR}/build/linux-source-${CMAKE_MATCH_2}
			${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/${CMAKE_MATCH_1}.so)
	endforeach()
	add_custom_target(ptv_linux ALL ${commands} COMMENT "" VERBATIM)
endfunction()

# ptv_fuzzer(name target): a function of harness/fuzz/target.h under libFuzzer. Everything else is
# compiled with -fsanitize=fuzzer-no-link (preset fuzz).
function(ptv_fuzzer name target)
	add_executable(${name} harness/fuzz/libfuzzer/main.c)
	target_compile_definitions(${name} PRIVATE PTV_TARGET=${target})
	ptv_link_all(${name})
	target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
