# SPDX-License-Identifier: MIT
#
# What is taken from the distribution; cmake/setup.sh installs it.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

# libipt comes without a .pc file.
find_library(PTV_IPT_LIBRARY ipt REQUIRED)
find_path(PTV_IPT_INCLUDE intel-pt.h REQUIRED)
add_library(ptv_ipt INTERFACE)
target_link_libraries(ptv_ipt INTERFACE ${PTV_IPT_LIBRARY})
target_include_directories(ptv_ipt SYSTEM INTERFACE ${PTV_IPT_INCLUDE})
