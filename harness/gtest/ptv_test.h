/* SPDX-License-Identifier: MIT */
/*
 * Tests in C, run by GoogleTest.
 *
 *	PTV_TEST(topa, stop_entry_halts_output_before_next_byte)
 *	{
 *		PTV_EXPECT_EQ(ptv_topa_next(...), 4096);
 *	}
 *
 * EXPECT reports and goes on, ASSERT reports and leaves the test. Integers of any type compare by
 *their mathematical value and are printed in decimal and hex. PTV_ASSERT(cond) of ptv/base.h is the
 *fatal form of PTV_EXPECT(cond): in a test program a broken assertion, of the test or of the model,
 *fails the test and leaves it. Leaving is a longjmp over C frames: a test that allocates does so in
 *a fixture, whose teardown always runs.
 *
 * A test that is made at run time (one for each scenario file, say) is registered by a generator:
 *
 *	PTV_TEST_GENERATOR(each_scenario)
 *	{
 *		ptv_test_register("scenario", "thread/virt_on.yaml", path, 1, run_scenario, param);
 *	}
 *
 * Generators run in every process of the test program, and ctest starts one for each test: they
 *list, and leave reading and parsing to the test.
 */
#ifndef PTV_HARNESS_GTEST_TEST_H
#define PTV_HARNESS_GTEST_TEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ptv/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PTV_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* What surrounds each test of a group. */
struct ptv_fixture {
	size_t size_bytes;	      /* of the data; it is zero when setup is called */
	void (*setup)(void *data);    /* may be NULL; a fatal failure here skips the test's body */
	void (*teardown)(void *data); /* may be NULL; always called */
};

/* A test in a source file; made by the macros below. */
struct ptv_test_case {
	const char *suite;
	const char *name;
	const char *file;
	int line;
	void (*plain)(void);		       /* PTV_TEST */
	void (*with_data)(void *data);	       /* PTV_TEST_F */
	const struct ptv_fixture *fixture;     /* PTV_TEST_F */
	void (*with_param)(const void *param); /* ptv_test_register() */
	const void *param;		       /* ptv_test_register() */
	struct ptv_test_case *next;
};

/* A function that registers tests at start-up. */
struct ptv_test_generator {
	void (*generate)(void);
	struct ptv_test_generator *next;
};

/* How a check ended. */
enum ptv_test_result { PTV_TEST_NONFATAL, PTV_TEST_FATAL, PTV_TEST_SKIPPED };

/* An integer of any type, by value. */
struct ptv_test_int {
	uint64_t bits; /* two's complement */
	bool negative;
};

enum ptv_test_relation {
	PTV_TEST_EQ,
	PTV_TEST_NE,
	PTV_TEST_LT,
	PTV_TEST_LE,
	PTV_TEST_GT,
	PTV_TEST_GE
};

/*
 * Registers the test suite.name. Both names may use letters, digits and "_-./+=@,"; suite, name and
 * file are copied, param belongs to the caller and must stay valid. A failure without a place of
 * its own is reported at file:line.
 */
void ptv_test_register(const char *suite, const char *name, const char *file, int line,
		       void (*fn)(const void *param), const void *param);

/* Adds to the lists; called by the constructors that the macros make. */
void ptv_test_add(struct ptv_test_case *test);
void ptv_test_add_generator(struct ptv_test_generator *generator);

/* Reports at file:line; FATAL and SKIPPED do not return. */
void ptv_test_report(enum ptv_test_result result, const char *file, int line, const char *format,
		     ...) PTV_PRINTF(4, 5);

/* Writes a property of the test into the XML and JSON output. */
void ptv_test_record(const char *key, const char *format, ...) PTV_PRINTF(2, 3);

/* The comparisons behind the macros; false after a failure that was reported without being fatal.
 */
bool ptv_test_true(enum ptv_test_result result, const char *file, int line, bool value,
		   const char *text);
bool ptv_test_compare(enum ptv_test_result result, const char *file, int line,
		      enum ptv_test_relation relation, struct ptv_test_int a, struct ptv_test_int b,
		      const char *text_a, const char *text_b);
bool ptv_test_streq(enum ptv_test_result result, const char *file, int line, const char *a,
		    const char *b, const char *text_a, const char *text_b);
bool ptv_test_memeq(enum ptv_test_result result, const char *file, int line, const void *a,
		    const void *b, size_t size_bytes, const char *text_a, const char *text_b);

/* Calls fn(arg) and says whether it ended in a broken PTV_ASSERT, which then is no failure. */
bool ptv_test_asserts(void (*fn)(void *arg), void *arg);

/* Runs the test; a failure that leaves it comes back here. For the C++ side. */
void ptv_test_call(const struct ptv_test_case *test, void *data,
		   void (*step)(const struct ptv_test_case *, void *));

static inline struct ptv_test_int ptv_test_signed(int64_t value)
{
	struct ptv_test_int result = {(uint64_t)value, value < 0};

	return result;
}

static inline struct ptv_test_int ptv_test_unsigned(uint64_t value)
{
	struct ptv_test_int result = {value, false};

	return result;
}

#ifdef __cplusplus
}
#endif

#define PTV_TEST_ID(suite, name, what) ptv_test_##suite##__##name##__##what

#define PTV_TEST_ADD(suite_, name_, ...)                                                  \
	static struct ptv_test_case PTV_TEST_ID(suite_, name_, case) = {.suite = #suite_, \
									.name = #name_,   \
									.file = __FILE__, \
									.line = __LINE__, \
									__VA_ARGS__};     \
	__attribute__((constructor)) static void PTV_TEST_ID(suite_, name_, add)(void)    \
	{                                                                                 \
		ptv_test_add(&PTV_TEST_ID(suite_, name_, case));                          \
	}

/* A test: the body follows. */
#define PTV_TEST(suite_, name_)                                                \
	static void PTV_TEST_ID(suite_, name_, body)(void);                    \
	PTV_TEST_ADD(suite_, name_, .plain = PTV_TEST_ID(suite_, name_, body)) \
	static void PTV_TEST_ID(suite_, name_, body)(void)

/* A test within a struct ptv_fixture; the body sees its data as `void *data`. */
#define PTV_TEST_F(suite_, name_, fixture_)                                        \
	static void PTV_TEST_ID(suite_, name_, body)(void *data);                  \
	PTV_TEST_ADD(suite_, name_, .with_data = PTV_TEST_ID(suite_, name_, body), \
		     .fixture = &(fixture_))                                       \
	static void PTV_TEST_ID(suite_, name_, body)(void *data)

/* A function that registers tests at start-up: the body follows. */
#define PTV_TEST_GENERATOR(name_)                                                 \
	static void name_(void);                                                  \
	static struct ptv_test_generator name_##_generator = {.generate = name_}; \
	__attribute__((constructor)) static void name_##_add(void)                \
	{                                                                         \
		ptv_test_add_generator(&name_##_generator);                       \
	}                                                                         \
	static void name_(void)

#define PTV_TEST_INT(x)                       \
	_Generic((x), signed char             \
		 : ptv_test_signed, char      \
		 : ptv_test_signed, short     \
		 : ptv_test_signed, int       \
		 : ptv_test_signed, long      \
		 : ptv_test_signed, long long \
		 : ptv_test_signed, default   \
		 : ptv_test_unsigned)(x)

#define PTV_TEST_HERE(result) PTV_TEST_##result, __FILE__, __LINE__
#define PTV_TEST_RELATION(result, relation, a, b)                                            \
	((void)ptv_test_compare(PTV_TEST_HERE(result), PTV_TEST_##relation, PTV_TEST_INT(a), \
				PTV_TEST_INT(b), #a, #b))
#define PTV_TEST_STREQ(result, a, b) ((void)ptv_test_streq(PTV_TEST_HERE(result), a, b, #a, #b))
#define PTV_TEST_MEMEQ(result, a, b, size) \
	((void)ptv_test_memeq(PTV_TEST_HERE(result), a, b, size, #a, #b))

#define PTV_EXPECT(cond)	     ((void)ptv_test_true(PTV_TEST_HERE(NONFATAL), (cond), #cond))
#define PTV_EXPECT_EQ(a, b)	     PTV_TEST_RELATION(NONFATAL, EQ, a, b)
#define PTV_EXPECT_NE(a, b)	     PTV_TEST_RELATION(NONFATAL, NE, a, b)
#define PTV_EXPECT_LT(a, b)	     PTV_TEST_RELATION(NONFATAL, LT, a, b)
#define PTV_EXPECT_LE(a, b)	     PTV_TEST_RELATION(NONFATAL, LE, a, b)
#define PTV_EXPECT_GT(a, b)	     PTV_TEST_RELATION(NONFATAL, GT, a, b)
#define PTV_EXPECT_GE(a, b)	     PTV_TEST_RELATION(NONFATAL, GE, a, b)
#define PTV_EXPECT_STREQ(a, b)	     PTV_TEST_STREQ(NONFATAL, a, b)
#define PTV_EXPECT_MEMEQ(a, b, size) PTV_TEST_MEMEQ(NONFATAL, a, b, size)

#define PTV_ASSERT_EQ(a, b)	     PTV_TEST_RELATION(FATAL, EQ, a, b)
#define PTV_ASSERT_NE(a, b)	     PTV_TEST_RELATION(FATAL, NE, a, b)
#define PTV_ASSERT_LT(a, b)	     PTV_TEST_RELATION(FATAL, LT, a, b)
#define PTV_ASSERT_LE(a, b)	     PTV_TEST_RELATION(FATAL, LE, a, b)
#define PTV_ASSERT_GT(a, b)	     PTV_TEST_RELATION(FATAL, GT, a, b)
#define PTV_ASSERT_GE(a, b)	     PTV_TEST_RELATION(FATAL, GE, a, b)
#define PTV_ASSERT_STREQ(a, b)	     PTV_TEST_STREQ(FATAL, a, b)
#define PTV_ASSERT_MEMEQ(a, b, size) PTV_TEST_MEMEQ(FATAL, a, b, size)

/* fn(arg) must end in a broken PTV_ASSERT. */
#define PTV_EXPECT_ASSERTS(fn, arg)                                                  \
	((void)ptv_test_true(PTV_TEST_HERE(NONFATAL), ptv_test_asserts((fn), (arg)), \
			     #fn "(" #arg ") breaks an assertion"))

#define PTV_FAIL(...)		     ptv_test_report(PTV_TEST_HERE(NONFATAL), __VA_ARGS__)
#define PTV_FAIL_AT(file, line, ...) ptv_test_report(PTV_TEST_NONFATAL, file, line, __VA_ARGS__)
#define PTV_SKIP(...)		     ptv_test_report(PTV_TEST_HERE(SKIPPED), __VA_ARGS__)
#define PTV_RECORD(key, ...)	     ptv_test_record(key, __VA_ARGS__)

#endif /* PTV_HARNESS_GTEST_TEST_H */
