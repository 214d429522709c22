# SPDX-License-Identifier: MIT
#
# Flags that hold for every target.

find_program(PTV_CCACHE ccache)
if(PTV_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
	set(CMAKE_C_COMPILER_LAUNCHER ${PTV_CCACHE})
	set(CMAKE_CXX_COMPILER_LAUNCHER ${PTV_CCACHE})
endif()

if(PTV_WARNINGS)
	add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Werror
		"$<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes;-Wstrict-prototypes>")
endif()

# __FILE__ is relative to the source tree: the same source gives the same binary anywhere.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(PTV_SANITIZE)
	add_compile_options(-fsanitize=${PTV_SANITIZE} -fno-sanitize-recover=all
		-fno-omit-frame-pointer)
	add_link_options(-fsanitize=${PTV_SANITIZE})
endif()

if(PTV_COVERAGE)
	add_compile_options(--coverage)
	add_link_options(--coverage)
endif()

if(PTV_LTO)
	include(CheckIPOSupported)
	check_ipo_supported(LANGUAGES C)
endif()
