/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "play/text.h"

/* Every option of every command, by the letter that commands name it with. */
static const struct {
	char letter;
	const char *name;
	const char *argument; /* NULL: none */
	const char *meaning;
} table[] = {
	{'p', "policy", "P[,Q...]",
	 "drivers, each NAME, NAME@ERA or FILE.so (default: all, each in its natural era)"},
	{'e', "era", "ERA", "play every policy in this era"},
	{'s', "set", "SLOT=RULE", "vary a rule of the drivers; may be repeated"},
	{'D', "driver-source", "DIR",
	 "the driver of a kernel tree, built now, as one more policy (era 6.12 or --era)"},
	{'f', "format", "text|json", "how to print (default: text)"},
	{'o', "output", "FILE", "print there"},
	{'O', "observations", "FILE",
	 "write every observation of one run, a JSON object a line (one file, one policy)"},
	{'V', "variant", "N",
	 "with --observations: that run of confluent's family (--format json tells its number)"},
	{'c', "choice", "N[,N...]", "one run only: values of the file's choices, in order"},
	{'n', "choices", "N", "at most N runs a file and policy"},
	{'v', "evidence", "N",
	 "lines of evidence a violation (default: 30 for one policy, else none)"},
	{'g', "engine", "leap|step",
	 "leap over clocks in which nothing happens (default), or step each"},
	{'S', "seed", "N", "where randomness begins (default: 1); printed first"},
	{'N', "timelines", "N", "stop after N timelines (default: 100000, unless --seconds)"},
	{'t', "seconds", "T", "stop after T seconds"},
	{'C', "compare", "N",
	 "step every N-th timeline of a policy too, and play it again (default: 64; 0: none)"},
	{'U', "full", "N",
	 "let regions run full in one timeline of N, so that there are PMIs (default: 16)"},
	{'k', "known", "FILE",
	 "violations that are no find (default: results/known.txt where it is there)"},
	{'W', "finds", "DIRECTORY", "write the scenario of each find there"},
	{'w', "width", "N", "width of the picture in pixels (default: 1400)"},
	{'F', "from", "CYCLE", "where the axis begins (default: 0)"},
	{'T', "to", "CYCLE", "where it ends (default: with the timeline)"},
	{'h', "help", NULL, "this"},
};

static int find_long(const char *name)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static size_t row_of(int letter)
{
	size_t i;

	for (i = 0; i < PTV_ARRAY_SIZE(table) && table[i].letter != letter; i++)
		;
	PTV_ASSERT(i < PTV_ARRAY_SIZE(table));
	return i;
}

void ptv_options_help(FILE *out, const struct ptv_command *command)
{
	const char *letter;
	char text[32];

	(void)fprintf(out, "usage: ptvmx %s [OPTION...] %s\n%s\n\n", command->name,
		      command->arguments, command->meaning);
	for (letter = command->options; *letter; letter++) {
		const size_t row = row_of(*letter);

		(void)snprintf(text, sizeof(text), "--%s %s", table[row].name,
			       table[row].argument ? table[row].argument : "");
		(void)fprintf(out, "  %-23s %s\n", text, table[row].meaning);
	}
}

static int parse_number(const char *name, const char *text, uint64_t *value, struct ptv_diag *diag)
{
	char *end = NULL;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno)
		return ptv_diag(diag, NULL, 0, 0, "--%s wants a number, not '%s'", name, text);
	return 0;
}

static int parse_count(const char *name, const char *text, uint64_t *value, struct ptv_diag *diag)
{
	if (parse_number(name, text, value, diag))
		return -1;
	return *value ? 0 : ptv_diag(diag, NULL, 0, 0, "--%s wants at least 1", name);
}

static int parse_choices(struct ptv_options *options, const char *text, struct ptv_diag *diag)
{
	char *copy = ptv_string_copy(text), *rest = copy, *word;
	int result = 0;

	while (!result && (word = strsep(&rest, ",")) != NULL) {
		if (options->choices == PTV_CLI_CHOICES)
			result = ptv_diag(diag, NULL, 0, 0, "--choice: more than %u values",
					  PTV_CLI_CHOICES);
		else
			result = parse_number("choice", word, &options->choice[options->choices++],
					      diag);
	}
	free(copy);
	return result;
}

/* One of two words. */
static int parse_word(const char *name, const char *text, const char *first, const char *second,
		      struct ptv_diag *diag)
{
	if (strcmp(text, first) == 0)
		return 0;
	if (strcmp(text, second) == 0)
		return 1;
	return ptv_diag(diag, NULL, 0, 0, "--%s wants %s or %s, not '%s'", name, first, second,
			text);
}

/* What fuzz and replay take; false if the letter is none of theirs. */
static bool take_fuzz(struct ptv_options *options, int letter, const char *value, int *result,
		      struct ptv_diag *diag)
{
	*result = 0;
	switch (letter) {
	case 'S':
		*result = parse_number("seed", value, &options->seed, diag);
		return true;
	case 'N':
		*result = parse_count("timelines", value, &options->timelines, diag);
		return true;
	case 't':
		*result = parse_count("seconds", value, &options->seconds, diag);
		return true;
	case 'C':
		*result = parse_number("compare", value, &options->compare, diag);
		return true;
	case 'U':
		*result = parse_count("full", value, &options->full, diag);
		if (!*result && options->full > UINT32_MAX)
			*result = ptv_diag(diag, NULL, 0, 0, "--full wants at most %u, not '%s'",
					   UINT32_MAX, value);
		return true;
	case 'k':
		options->known = value;
		return true;
	case 'W':
		options->finds = value;
		return true;
	default:
		return false;
	}
}

static int take(struct ptv_options *options, int letter, const char *value, struct ptv_diag *diag)
{
	uint64_t number = 0;
	int word;

	if (take_fuzz(options, letter, value, &word, diag))
		return word;
	switch (letter) {
	case 'p':
		options->policy = value;
		return 0;
	case 'e':
		options->era = value;
		return 0;
	case 's':
		if (options->sets == PTV_CLI_SETS)
			return ptv_diag(diag, NULL, 0, 0, "--set: more than %u", PTV_CLI_SETS);
		options->set[options->sets++] = value;
		return 0;
	case 'D':
		options->driver_source = value;
		return 0;
	case 'f':
		word = parse_word("format", value, "text", "json", diag);
		options->format = word == 1 ? PTV_FORMAT_JSON : PTV_FORMAT_TEXT;
		return word < 0 ? -1 : 0;
	case 'o':
		options->output = value;
		return 0;
	case 'O':
		options->observations = value;
		return 0;
	case 'c':
		return parse_choices(options, value, diag);
	case 'V':
		return parse_number("variant", value, &options->variant, diag);
	case 'n':
		if (parse_number("choices", value, &options->limit, diag))
			return -1;
		return options->limit ? 0
				      : ptv_diag(diag, NULL, 0, 0, "--choices wants at least 1");
	case 'v':
		if (parse_number("evidence", value, &number, diag))
			return -1;
		if (number > 100000U || (number > 0U && number < 4U))
			return ptv_diag(diag, NULL, 0, 0,
					"--evidence wants 0 or 4..100000, not '%s'", value);
		options->evidence = (size_t)number;
		return 0;
	case 'w':
		return parse_number("width", value, &options->width, diag);
	case 'F':
		return parse_number("from", value, &options->from, diag);
	case 'T':
		return parse_number("to", value, &options->to, diag);
	default:
		break;
	}
	word = parse_word("engine", value, "leap", "step", diag);
	options->step_only = word == 1;
	return word < 0 ? -1 : 0;
}

/* getopt's long options and letters of this command. */
static void make_long(const struct ptv_command *command, struct option *longs)
{
	const char *letter;

	for (letter = command->options; *letter; letter++, longs++) {
		const size_t row = row_of(*letter);

		longs->name = table[row].name;
		longs->has_arg = table[row].argument ? required_argument : no_argument;
		longs->flag = NULL;
		longs->val = *letter;
	}
	memset(longs, 0, sizeof(*longs));
}

static int complain(const struct ptv_command *command, int letter, const char *word,
		    struct ptv_diag *diag)
{
	const int row = strncmp(word, "--", 2) == 0 ? find_long(word + 2) : -1;

	if (letter == ':')
		return ptv_diag(diag, NULL, 0, 0, "option %s wants %s", word,
				row >= 0 ? table[row].argument : "an argument");
	if (row >= 0)
		return ptv_diag(diag, NULL, 0, 0,
				"option %s is not one of ptvmx %s (see ptvmx %s --help)", word,
				command->name, command->name);
	return ptv_diag(diag, NULL, 0, 0, "unknown option '%s' (see ptvmx %s --help)", word,
			command->name);
}

int ptv_options_parse(struct ptv_options *options, const struct ptv_command *command, int argc,
		      char **argv, bool *help, struct ptv_diag *diag)
{
	struct option longs[PTV_ARRAY_SIZE(table) + 1U];
	int letter;

	memset(options, 0, sizeof(*options));
	options->evidence = SIZE_MAX;
	options->variant = UINT64_MAX;
	options->compare = UINT64_MAX;
	options->seed = 1;
	make_long(command, longs);
	opterr = 0;
	optind = 1;
	for (;;) {
		/* An option's word is where getopt stands before it goes on, but for operands that
		 * it skips. */
		letter = getopt_long(argc, argv, ":ho:", longs, NULL);
		if (letter < 0)
			break;
		if (letter == 'h') {
			*help = true;
			return 0;
		}
		if (letter == '?' || letter == ':')
			return complain(command, letter, argv[optind - 1], diag);
		if (take(options, letter, optarg, diag))
			return -1;
	}
	options->words = argv + optind;
	options->word_count = (size_t)(argc - optind);
	if (options->word_count < command->words_min)
		return ptv_diag(diag, NULL, 0, 0, "%s wants %s (see ptvmx %s --help)",
				command->name, command->arguments, command->name);
	return 0;
}
