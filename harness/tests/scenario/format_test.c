/* SPDX-License-Identifier: MIT */
/* Goal: what scenarios/FORMAT.md teaches is true. Method: each of its examples is loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "written.h"

#define FORMAT_MD PTV_SOURCE_DIR "/scenarios/FORMAT.md"

/* The next example, between ```yaml and ```; false if there is none. */
static bool next_example(FILE *file, char *text, size_t room)
{
	char line[256];
	size_t size = 0;
	bool inside = false;

	while (fgets(line, sizeof(line), file) != NULL) {
		if (inside && strcmp(line, "```\n") == 0)
			return true;
		if (inside) {
			PTV_ASSERT(size + strlen(line) < room);
			memcpy(text + size, line, strlen(line) + 1U);
			size += strlen(line);
		} else {
			inside = strcmp(line, "```yaml\n") == 0;
		}
	}
	return false;
}

PTV_TEST_F(scenario_format, every_example_of_the_document_loads, ptv_written_fixture)
{
	char text[4096];
	FILE *file = fopen(FORMAT_MD, "r");
	int examples = 0;

	PTV_ASSERT(file != NULL);
	while (next_example(file, text, sizeof(text))) {
		PTV_EXPECT(ptv_written_load(data, text, strlen(text)) != NULL);
		PTV_EXPECT_STREQ(((struct ptv_written *)data)->diag.text, "");
		examples++;
	}
	(void)fclose(file);
	PTV_EXPECT_GE(examples, 5);
}
