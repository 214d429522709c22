/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The kernel's own AUX transactions: ring_buffer.c as it is, compiled like the driver with every
 * access to memory instrumented (point.c). Of it perf_aux_output_begin, _end and _flag,
 * perf_get_aux and rb_free_aux are used; the rest is there because the text is not cut.
 */
#include "buffer.h"

#undef PTV_LINUX_WARN_LINE
#define PTV_LINUX_WARN_LINE (0x8000U + __LINE__)

#include "ring_buffer.c"
