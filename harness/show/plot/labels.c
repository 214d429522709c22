/* SPDX-License-Identifier: MIT */
/*
 * Staggering: from right to left each label takes the lowest row in which it covers no other text
 * and lies above every line that its text would cross (a line reaches up to its own label).
 */
#include "show/plot/page.h"

#define PAD 4.0

static bool clear(const struct ptv_label *label, size_t i, size_t labels, unsigned int row,
		  bool lines)
{
	size_t j;

	for (j = i + 1U; j < labels; j++) {
		const bool covers = label[j].left < label[i].right + PAD &&
				    label[i].left < label[j].right + PAD;
		const bool crosses = lines && label[j].line > label[i].left - PAD &&
				     label[j].line < label[i].right + PAD;

		if ((covers && label[j].row == row) || (crosses && label[j].row >= row))
			return false;
	}
	return true;
}

unsigned int ptv_labels_stagger(struct ptv_label *label, size_t labels, bool lines)
{
	unsigned int rows = 0;
	size_t i;

	for (i = labels; i-- > 0U;) {
		label[i].row = 0;
		while (!clear(label, i, labels, label[i].row, lines))
			label[i].row++;
		rows = label[i].row + 1U > rows ? label[i].row + 1U : rows;
	}
	return rows;
}
