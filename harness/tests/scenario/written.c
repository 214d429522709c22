/* SPDX-License-Identifier: MIT */
#include "written.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void setup(void *data)
{
	struct ptv_written *w = data;
	int fd;

	(void)snprintf(w->path, sizeof(w->path), "/tmp/ptv_scenario_XXXXXX");
	fd = mkstemp(w->path);
	PTV_ASSERT(fd >= 0);
	(void)close(fd);
}

static void teardown(void *data)
{
	struct ptv_written *w = data;

	ptv_scenario_free(w->scenario);
	(void)unlink(w->path);
}

const struct ptv_fixture ptv_written_fixture = {sizeof(struct ptv_written), setup, teardown};

struct ptv_scenario *ptv_written_load(struct ptv_written *written, const char *text, size_t size)
{
	FILE *file = fopen(written->path, "wb");

	PTV_ASSERT(file != NULL);
	PTV_ASSERT_EQ(fwrite(text, 1, size, file), size);
	PTV_ASSERT_EQ(fclose(file), 0);
	ptv_scenario_free(written->scenario);
	memset(&written->diag, 0, sizeof(written->diag));
	written->scenario = ptv_scenario_load(written->path, &written->diag);
	return written->scenario;
}

struct ptv_scenario *ptv_written_good(struct ptv_written *written, const char *text)
{
	struct ptv_scenario *scenario = ptv_written_load(written, text, strlen(text));

	PTV_EXPECT_STREQ(written->diag.text, "");
	PTV_ASSERT(scenario != NULL);
	return scenario;
}
