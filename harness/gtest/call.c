/* SPDX-License-Identifier: MIT */
/*
 * The C half of the shim: checks, and the way out of a test. A fatal failure leaves by longjmp,
 * which only ever skips C frames because both ends are in this file.
 */
#include "gtest/ptv_test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gtest/shim.h"

#define MESSAGE_BYTES 4096

/* Where a fatal failure of this thread goes; NULL outside a test. */
static _Thread_local jmp_buf *way_out;

/* Set while a broken assertion is what the test wants. */
static _Thread_local bool assertion_wanted;

static struct ptv_test_case *tests;
static struct ptv_test_generator *generators;

void ptv_test_add(struct ptv_test_case *test)
{
	test->next = tests;
	tests = test;
}

void ptv_test_add_generator(struct ptv_test_generator *generator)
{
	generator->next = generators;
	generators = generator;
}

struct ptv_test_case *ptv_test_all(void)
{
	for (struct ptv_test_generator *g = generators; g; g = g->next)
		g->generate();
	generators = NULL;
	return tests;
}

__attribute__((noreturn)) static void leave(void)
{
	if (!way_out) {
		fprintf(stderr, "a fatal failure outside a test\n");
		abort();
	}
	longjmp(*way_out, 1);
}

void ptv_test_report(enum ptv_test_result result, const char *file, int line, const char *format,
		     ...)
{
	char message[MESSAGE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	ptv_shim_report(result, file, line, message);
	if (result != PTV_TEST_NONFATAL)
		leave();
}

void ptv_test_record(const char *key, const char *format, ...)
{
	char message[MESSAGE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	ptv_shim_record(key, message);
}

void ptv_test_call(const struct ptv_test_case *test, void *data,
		   void (*step)(const struct ptv_test_case *, void *))
{
	jmp_buf here;
	jmp_buf *volatile outer = way_out;

	way_out = &here;
	if (!setjmp(here))
		step(test, data);
	way_out = outer;
}

bool ptv_test_asserts(void (*fn)(void *arg), void *arg)
{
	jmp_buf here;
	jmp_buf *volatile outer = way_out;
	volatile bool asserted = true;

	way_out = &here;
	assertion_wanted = true;
	if (!setjmp(here)) {
		fn(arg);
		asserted = false;
	}
	assertion_wanted = false;
	way_out = outer;
	return asserted;
}

static void report_assertion(const char *file, int line, const char *what)
{
	char message[MESSAGE_BYTES];

	snprintf(message, sizeof(message), "assertion broken: %s", what);
	ptv_shim_report(PTV_TEST_FATAL, file, line, message);
}

/*
 * In a test program this is how a broken assertion is reported. A library that has its own way
 * keeps it in a file of its own, so that the linker leaves that file out here.
 */
void ptv_assert_failed(const char *file, int line, const char *what)
{
	if (!assertion_wanted)
		report_assertion(file, line, what);
	leave();
}

bool ptv_test_true(enum ptv_test_result result, const char *file, int line, bool value,
		   const char *text)
{
	if (!value)
		ptv_test_report(result, file, line, "not true: %s", text);
	return value;
}

static int compare(struct ptv_test_int a, struct ptv_test_int b)
{
	if (a.negative != b.negative)
		return a.negative ? -1 : 1;
	return a.bits < b.bits ? -1 : a.bits > b.bits;
}

static void print(char *text, size_t size_bytes, struct ptv_test_int value)
{
	if (value.negative)
		snprintf(text, size_bytes, "%lld (0x%llx)", (long long)value.bits,
			 (unsigned long long)value.bits);
	else
		snprintf(text, size_bytes, "%llu (0x%llx)", (unsigned long long)value.bits,
			 (unsigned long long)value.bits);
}

bool ptv_test_compare(enum ptv_test_result result, const char *file, int line,
		      enum ptv_test_relation relation, struct ptv_test_int a, struct ptv_test_int b,
		      const char *text_a, const char *text_b)
{
	static const struct {
		const char *sign;
		bool holds[3]; /* for less, equal, greater */
	} relations[] = {
		[PTV_TEST_EQ] = {"==", {false, true, false}},
		[PTV_TEST_NE] = {"!=", {true, false, true}},
		[PTV_TEST_LT] = {"<", {true, false, false}},
		[PTV_TEST_LE] = {"<=", {true, true, false}},
		[PTV_TEST_GT] = {">", {false, false, true}},
		[PTV_TEST_GE] = {">=", {false, true, true}},
	};
	char value_a[64], value_b[64];

	if (relations[relation].holds[compare(a, b) + 1])
		return true;
	print(value_a, sizeof(value_a), a);
	print(value_b, sizeof(value_b), b);
	ptv_test_report(result, file, line, "not true: %s %s %s\n  left:  %s\n  right: %s", text_a,
			relations[relation].sign, text_b, value_a, value_b);
	return false;
}

bool ptv_test_streq(enum ptv_test_result result, const char *file, int line, const char *a,
		    const char *b, const char *text_a, const char *text_b)
{
	if (a == b || (a && b && !strcmp(a, b)))
		return true;
	ptv_test_report(result, file, line, "not equal: %s, %s\n  left:  %s%s%s\n  right: %s%s%s",
			text_a, text_b, a ? "\"" : "", a ? a : "NULL", a ? "\"" : "", b ? "\"" : "",
			b ? b : "NULL", b ? "\"" : "");
	return false;
}

/* The bytes from `from` on, at most 16. */
static void print_bytes(char *text, const unsigned char *bytes, size_t from, size_t size_bytes)
{
	text[0] = '\0';
	for (size_t i = from; i < size_bytes && i < from + 16; i++)
		text += sprintf(text, " %02x", bytes[i]);
}

bool ptv_test_memeq(enum ptv_test_result result, const char *file, int line, const void *a,
		    const void *b, size_t size_bytes, const char *text_a, const char *text_b)
{
	const unsigned char *bytes_a = a, *bytes_b = b;
	char value_a[64], value_b[64];
	size_t at = 0;

	while (at < size_bytes && bytes_a[at] == bytes_b[at])
		at++;
	if (at == size_bytes)
		return true;
	print_bytes(value_a, bytes_a, at, size_bytes);
	print_bytes(value_b, bytes_b, at, size_bytes);
	ptv_test_report(result, file, line,
			"not equal: %s, %s, from byte %zu of %zu on\n  left: %s\n  right:%s",
			text_a, text_b, at, size_bytes, value_a, value_b);
	return false;
}

static void check_name(const char *name)
{
	size_t length = strlen(name);

	if (length && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-./+=@,") == length)
		return;
	fprintf(stderr, "\"%s\" cannot name a test\n", name);
	abort();
}

static char *copy(const char *text)
{
	char *result = strdup(text);

	if (!result)
		abort();
	return result;
}

void ptv_test_register(const char *suite, const char *name, const char *file, int line,
		       void (*fn)(const void *param), const void *param)
{
	struct ptv_test_case *test = calloc(1, sizeof(*test));

	if (!test)
		abort();
	check_name(suite);
	check_name(name);
	test->suite = copy(suite);
	test->name = copy(name);
	test->file = copy(file);
	test->line = line;
	test->with_param = fn;
	test->param = param;
	ptv_test_add(test);
}
