/* SPDX-License-Identifier: MIT */
/*
 * What gnuplot's svg terminal leaves to be desired, put right in its text: fonts by family and
 * weight, with others to fall back on where DejaVu is not installed; a title of the picture.
 */
#ifndef PTV_HARNESS_SHOW_PLOT_SVG_H
#define PTV_HARNESS_SHOW_PLOT_SVG_H

#include "play/text.h"

void ptv_svg_finish(const char *svg, const char *title, struct ptv_string *out);

#endif /* PTV_HARNESS_SHOW_PLOT_SVG_H */
