/* SPDX-License-Identifier: MIT */
/*
 * The C++ half of the shim: hands the tests that C files declared to GoogleTest, and runs them.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/shim.h"

extern "C" void ptv_shim_report(enum ptv_test_result result, const char *file, int line,
				const char *message)
{
	using testing::TestPartResult;
	TestPartResult::Type type = TestPartResult::kNonFatalFailure;

	if (result == PTV_TEST_FATAL)
		type = TestPartResult::kFatalFailure;
	if (result == PTV_TEST_SKIPPED)
		type = TestPartResult::kSkip;
	GTEST_MESSAGE_AT_(file, line, message, type);
}

extern "C" void ptv_shim_record(const char *key, const char *value)
{
	testing::Test::RecordProperty(key, value);
}

namespace
{

void run_setup(const struct ptv_test_case *test, void *data)
{
	if (test->fixture->setup)
		test->fixture->setup(data);
}

void run_teardown(const struct ptv_test_case *test, void *data)
{
	if (test->fixture->teardown)
		test->fixture->teardown(data);
}

void run_body(const struct ptv_test_case *test, void *data)
{
	if (test->plain)
		test->plain();
	if (test->with_data)
		test->with_data(data);
	if (test->with_param)
		test->with_param(test->param);
}

class CTest : public testing::Test
{
public:
	explicit CTest(const struct ptv_test_case *test) : test_(test)
	{
		if (test_->fixture)
			data_ = std::calloc(1, std::max<size_t>(test_->fixture->size_bytes, 1));
	}

	~CTest() override
	{
		std::free(data_);
	}

	CTest(const CTest &) = delete;
	CTest &operator=(const CTest &) = delete;

	/* GoogleTest leaves out the body after a fatal failure or a skip here. */
	void SetUp() override
	{
		if (test_->fixture)
			ptv_test_call(test_, data_, run_setup);
	}

	void TestBody() override
	{
		ptv_test_call(test_, data_, run_body);
	}

	void TearDown() override
	{
		if (test_->fixture)
			ptv_test_call(test_, data_, run_teardown);
	}

private:
	const struct ptv_test_case *test_;
	void *data_ = nullptr;
};

std::string full_name(const struct ptv_test_case *test)
{
	return std::string(test->suite) + "." + test->name;
}

std::vector<const struct ptv_test_case *> sorted_tests()
{
	std::vector<const struct ptv_test_case *> tests;

	for (const struct ptv_test_case *test = ptv_test_all(); test; test = test->next)
		tests.push_back(test);
	std::sort(tests.begin(), tests.end(), [](const auto *a, const auto *b) {
		return std::make_tuple(std::string(a->suite), std::string(a->file), a->line,
				       std::string(a->name)) <
		       std::make_tuple(std::string(b->suite), std::string(b->file), b->line,
				       std::string(b->name));
	});
	return tests;
}

/*
 * In a filter of GoogleTest "-" starts the list of what is left out, so that a test with one in its
 * name could not be asked for. An argument that is the name of one test means that test.
 */
std::string exact_filter(const char *argument, const std::set<std::string> &names)
{
	static const char flag[] = "--gtest_filter=";
	std::string text = argument;

	if (text.compare(0, sizeof(flag) - 1, flag) == 0 &&
	    names.count(text.substr(sizeof(flag) - 1)))
		std::replace(text.begin() + sizeof(flag) - 1, text.end(), '-', '?');
	return text;
}

} // namespace

int main(int argc, char **argv)
{
	std::set<std::string> names;
	std::vector<std::string> arguments;
	std::vector<char *> pointers;

	for (const struct ptv_test_case *test : sorted_tests()) {
		if (!names.insert(full_name(test)).second) {
			std::fprintf(stderr, "%s:%d: a second test named %s\n", test->file,
				     test->line, full_name(test).c_str());
			return 2;
		}
		testing::RegisterTest(test->suite, test->name, nullptr, nullptr, test->file,
				      test->line, [test]() -> testing::Test * {
					      return new CTest(test);
				      });
	}
	for (int i = 0; i < argc; i++)
		arguments.push_back(i ? exact_filter(argv[i], names) : argv[i]);
	for (std::string &argument : arguments)
		pointers.push_back(argument.data());
	pointers.push_back(nullptr);
	testing::InitGoogleTest(&argc, pointers.data());
	return RUN_ALL_TESTS();
}
