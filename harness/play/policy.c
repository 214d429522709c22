/* SPDX-License-Identifier: MIT */
#include "play/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/linux/linux.h"
#include "engine/so/so.h"
#include "play/text.h"

static int unknown_driver(const char *name, struct ptv_diag *diag)
{
	const struct ptv_driver_row *rows;
	const struct ptv_linux_row *real;
	struct ptv_string names = {0};
	size_t count, i;

	rows = ptv_driver_rows(&count);
	for (i = 0; i < count; i++)
		ptv_string_add(&names, "%s%s", i ? ", " : "", rows[i].name);
	real = ptv_linux_rows(&count);
	for (i = 0; i < count; i++)
		ptv_string_add(&names, ", %s", real[i].name);
	(void)ptv_diag(diag, NULL, 0, 0,
		       "unknown policy '%s' (known: %s, none, or a path to a .so)", name,
		       ptv_string(&names));
	ptv_string_free(&names);
	return -1;
}

static const struct ptv_era_row *find_era(const char *name, struct ptv_diag *diag)
{
	const struct ptv_era_row *era = ptv_era_find(name);
	const struct ptv_era_row *rows;
	struct ptv_string names = {0};
	size_t count, i;

	if (era)
		return era;
	rows = ptv_era_rows(&count);
	for (i = 0; i < count; i++)
		ptv_string_add(&names, "%s%s", i ? ", " : "", rows[i].name);
	(void)ptv_diag(diag, NULL, 0, 0, "unknown era '%s' (known: %s)", name, ptv_string(&names));
	ptv_string_free(&names);
	return NULL;
}

static bool is_library(const char *driver)
{
	const size_t size = strlen(driver);

	return size > 3U && strcmp(driver + size - 3U, ".so") == 0;
}

static int apply_set(struct ptv_policy *policy, const char *setting, struct ptv_diag *diag)
{
	const char *equals = strchr(setting, '=');
	const struct ptv_slot_row *slots = ptv_slot_rows();
	const char *why = "";
	struct ptv_string slot = {0};
	int result, i;

	if (!equals)
		return ptv_diag(diag, NULL, 0, 0, "--set wants slot=rule, not '%s'", setting);
	if (!policy->has_row)
		return ptv_diag(diag, NULL, 0, 0, "--set: '%s' is not a row of rules",
				policy->name);
	ptv_string_add(&slot, "%.*s", (int)(equals - setting), setting);
	result = ptv_driver_set(&policy->row, ptv_string(&slot), equals + 1, &why);
	if (result == -1) {
		struct ptv_string names = {0};

		for (i = 0; i < (int)PTV_SLOTS; i++)
			ptv_string_add(&names, "%s%s", i ? ", " : "", slots[i].name);
		(void)ptv_diag(diag, NULL, 0, 0, "--set: unknown slot '%s' (known: %s)",
			       ptv_string(&slot), ptv_string(&names));
		ptv_string_free(&names);
	} else if (result == -2) {
		const char *rules = "";

		for (i = 0; i < (int)PTV_SLOTS; i++) {
			if (strcmp(slots[i].name, ptv_string(&slot)) == 0)
				rules = slots[i].rules;
		}
		(void)ptv_diag(diag, NULL, 0, 0, "--set: unknown rule '%s' of %s (known: %s)",
			       equals + 1, ptv_string(&slot), rules);
	} else if (result == -3) {
		(void)ptv_diag(diag, NULL, 0, 0, "--set %s means nothing with %s: %s", setting,
			       policy->name, why);
	} else if (result == -4) {
		(void)ptv_diag(diag, NULL, 0, 0,
			       "--set: driver %s has no slots (see ptvmx list slots)",
			       policy->row.name);
	}
	ptv_string_free(&slot);
	return result ? -1 : 0;
}

static const char *newest_era(void)
{
	size_t count;
	const struct ptv_era_row *eras = ptv_era_rows(&count);

	PTV_ASSERT(count > 0U);
	return eras[count - 1U].name;
}

/* The driver's row or library; *natural becomes its own era. */
static int find_driver(struct ptv_policy *policy, const char *driver, const char **natural,
		       struct ptv_diag *diag)
{
	const struct ptv_driver_row *row;

	policy->real = ptv_linux_find(driver);
	if (policy->real) {
		*natural = policy->real->era;
		if (!ptv_linux_known(policy->real))
			policy->unjudged = PTV_LINUX_UNKNOWN;
		return ptv_linux_load(policy->real, &policy->ops, &policy->library, diag);
	}
	if (is_library(driver)) {
		*natural = newest_era();
		return ptv_so_load(driver, &policy->ops, &policy->library, diag);
	}
	row = ptv_driver_find(driver);
	if (!row)
		return unknown_driver(driver, diag);
	policy->row = *row;
	policy->has_row = true;
	policy->ops = ptv_driver_ops(row);
	*natural = row->era;
	return 0;
}

static void set_names(struct ptv_policy *policy, const char *driver, const char *natural,
		      const struct ptv_variation *variation)
{
	struct ptv_string name = {0}, given = {0};
	size_t i;

	ptv_string_add(&name, "%s", driver);
	if (strcmp(policy->era->name, natural) != 0)
		ptv_string_add(&name, "@%s", policy->era->name);
	ptv_string_add(&given, "--policy %s", ptv_string(&name));
	for (i = 0; variation && i < variation->sets; i++)
		ptv_string_add(&given, " --set %s", variation->set[i]);
	free(policy->name);
	policy->name = ptv_string_take(&name);
	policy->given = ptv_string_take(&given);
}

static int parse_driver(struct ptv_policy *policy, const char *driver, const char *era,
			const struct ptv_variation *variation, struct ptv_diag *diag)
{
	const char *natural = NULL;
	size_t i;

	policy->name = ptv_string_copy(driver);
	if (find_driver(policy, driver, &natural, diag))
		return -1;
	if (!era && variation)
		era = variation->era;
	policy->era = find_era(era ? era : natural, diag);
	if (!policy->era)
		return -1;
	for (i = 0; variation && i < variation->sets; i++) {
		if (apply_set(policy, variation->set[i], diag))
			return -1;
		policy->varied = true;
	}
	set_names(policy, driver, natural, variation);
	return 0;
}

int ptv_policy_parse(struct ptv_policy *policy, const char *text,
		     const struct ptv_variation *variation, struct ptv_diag *diag)
{
	char *driver = ptv_string_copy(text);
	char *at = strrchr(driver, '@');
	int result;

	memset(policy, 0, sizeof(*policy));
	if (at && !strchr(at, '/'))
		*at = '\0';
	else
		at = NULL;
	if (strcmp(driver, "none") == 0) {
		policy->none = true;
		policy->name = ptv_string_copy("none");
		policy->given = ptv_string_copy("--policy none");
		result = 0;
	} else {
		result = parse_driver(policy, driver, at ? at + 1 : NULL, variation, diag);
	}
	free(driver);
	if (result)
		ptv_policy_free(policy);
	return result;
}

void ptv_policy_free(struct ptv_policy *policy)
{
	free(policy->name);
	free(policy->given);
	ptv_so_close(policy->library);
	memset(policy, 0, sizeof(*policy));
}

bool ptv_policy_is(const struct ptv_policy *policy, const char *written)
{
	const char *at = strrchr(written, '@');
	const size_t size = at ? (size_t)(at - written) : strlen(written);
	const char *era, *name;

	if (policy->varied)
		return false;
	if (policy->none)
		return strcmp(written, "none") == 0;
	if (!policy->has_row && !policy->real)
		return false;
	name = policy->has_row ? policy->row.name : policy->real->name;
	if (strlen(name) != size || strncmp(name, written, size) != 0)
		return false;
	era = at ? at + 1 : policy->has_row ? policy->row.era : policy->real->era;
	return strcmp(era, policy->era->name) == 0;
}

/* The driver of a kernel tree, as one more policy. */
static int add_tree(struct ptv_policies *policies, const struct ptv_variation *variation,
		    struct ptv_diag *diag)
{
	struct ptv_policy *policy = &policies->at[policies->count];

	memset(policy, 0, sizeof(*policy));
	if (ptv_linux_load_tree(variation->source, &policy->ops, &policy->library, diag))
		return -1;
	policies->count++;
	policy->era = find_era(variation->era ? variation->era : newest_era(), diag);
	if (!policy->era)
		return -1;
	if (variation->sets > 0U)
		return ptv_diag(diag, NULL, 0, 0, "--set: a kernel's driver is not a row of rules");
	set_names(policy, "driver-source", newest_era(), NULL);
	free(policy->given);
	policy->given = ptv_string_copy("--driver-source");
	return 0;
}

static int parse_all(struct ptv_policies *policies, const struct ptv_variation *variation,
		     struct ptv_diag *diag)
{
	const struct ptv_driver_row *rows;
	struct ptv_diag own = {{0}};
	size_t count, i;

	rows = ptv_driver_rows(&count);
	policies->at = ptv_alloc(count, sizeof(*policies->at));
	policies->all = !variation || (!variation->era && variation->sets == 0U);
	for (i = 0; i < count; i++) {
		/* A driver that the settings do not fit is left out; but some must fit. */
		if (ptv_policy_parse(&policies->at[policies->count], rows[i].name, variation,
				     &own) == 0)
			policies->count++;
		else if (!variation || variation->sets == 0U)
			return ptv_diag(diag, NULL, 0, 0, "%s", own.text);
	}
	return policies->count ? 0 : ptv_diag(diag, NULL, 0, 0, "%s", own.text);
}

int ptv_policies_parse(struct ptv_policies *policies, const char *text,
		       const struct ptv_variation *variation, struct ptv_diag *diag)
{
	const char *source = variation ? variation->source : NULL;
	char *copy, *word, *rest;
	int result = 0;

	memset(policies, 0, sizeof(*policies));
	if (!text && !source) {
		result = parse_all(policies, variation, diag);
		if (result)
			ptv_policies_free(policies);
		return result;
	}
	copy = rest = text ? ptv_string_copy(text) : NULL;
	policies->at = ptv_alloc((text ? strlen(text) : 0U) + 2U, sizeof(*policies->at));
	while (!result && (word = strsep(&rest, ",")) != NULL) {
		if (*word)
			result = ptv_policy_parse(&policies->at[policies->count], word, variation,
						  diag);
		else
			result = ptv_diag(diag, NULL, 0, 0, "--policy wants a name%s",
					  *text ? " on each side of a comma" : "");
		policies->count += result ? 0U : 1U;
	}
	free(copy);
	if (!result && source)
		result = add_tree(policies, variation, diag);
	if (result)
		ptv_policies_free(policies);
	return result;
}

void ptv_policies_free(struct ptv_policies *policies)
{
	size_t i;

	for (i = 0; i < policies->count; i++)
		ptv_policy_free(&policies->at[i]);
	free(policies->at);
	memset(policies, 0, sizeof(*policies));
}
