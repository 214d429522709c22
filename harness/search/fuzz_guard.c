/* SPDX-License-Identifier: MIT */
#include "search/fuzz_guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptv/base.h"

/* Of processor time: a timeline takes milliseconds, under sanitizers tens of them. */
#define HANG_SECONDS	 20
#define ASSERTION_STATUS 3

void ptv_guard_alive(void)
{
	const struct itimerval timer = {{0, 0}, {HANG_SECONDS, 0}};

	(void)setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

void *ptv_guard_share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	PTV_ASSERT(memory != MAP_FAILED);
	return memory;
}

void ptv_guard_unshare(void *memory, size_t size)
{
	(void)munmap(memory, size);
}

__attribute__((noreturn)) static void child(int said, void (*fn)(void *ctx), void *ctx)
{
	const struct rlimit no_core = {0, 0};

	(void)dup2(said, STDERR_FILENO);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)signal(SIGVTALRM, SIG_DFL);
	ptv_guard_alive();
	fn(ctx);
	_exit(0);
}

/* Keeps the first line, reads the rest so that the child can end. */
static void listen(int said, char *text, size_t room)
{
	char more[512];
	size_t size = 0, n;
	ssize_t got;

	for (;;) {
		got = read(said, more, sizeof(more));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n = (size_t)got < room - 1U - size ? (size_t)got : room - 1U - size;
		memcpy(text + size, more, n);
		size += n;
	}
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

void ptv_guard_run(void (*fn)(void *ctx), void *ctx, struct ptv_guarded *guarded)
{
	int said[2], status = 0;
	pid_t pid;

	memset(guarded, 0, sizeof(*guarded));
	(void)fflush(NULL);
	PTV_ASSERT(pipe(said) == 0);
	pid = fork();
	PTV_ASSERT(pid >= 0);
	if (pid == 0) {
		(void)close(said[0]);
		child(said[1], fn, ctx);
	}
	(void)close(said[1]);
	listen(said[0], guarded->text, sizeof(guarded->text));
	(void)close(said[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		guarded->how = PTV_GUARD_DONE;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == ASSERTION_STATUS)
		guarded->how = PTV_GUARD_ASSERTION;
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM)
		guarded->how = PTV_GUARD_HANG;
	else
		guarded->how = PTV_GUARD_CRASH;
	if (guarded->how == PTV_GUARD_CRASH && guarded->text[0] == '\0')
		(void)snprintf(guarded->text, sizeof(guarded->text), "%s %d",
			       WIFSIGNALED(status) ? "signal" : "exit status",
			       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
