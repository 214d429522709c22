/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The kernel's own AUX transactions: ring_buffer.c as it is, compiled like the driver with every
 * access to memory instrumented (point.c). Of it perf_aux_output_begin, _end and _flag,
 * perf_get_aux and rb_free_aux are used; the rest is there because the text is not cut.
 */
#include "buffer.h"

#undef WARN_ON_ONCE
#define WARN_ON_ONCE(c) ptv_linux_warn(!!(c), 0x8000U + __LINE__)
#undef WARN_ON
#define WARN_ON WARN_ON_ONCE

#include "ring_buffer.c"
