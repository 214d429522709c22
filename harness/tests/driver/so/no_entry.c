/* SPDX-License-Identifier: MIT */
/* A shared library that is no driver: it lacks the entry point. */
int ptv_not_a_driver(void);

int ptv_not_a_driver(void)
{
	return 0;
}
