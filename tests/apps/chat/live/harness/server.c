/* SPDX-License-Identifier: MIT
 *
 * live/harness/server.c - start, signal and read the chat binary. */
#define _GNU_SOURCE /* pipe2 */
#include "tests/apps/chat/live/harness/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/deadline.h"

#define ARGUMENTS_MAX 64

static char **run_argv;
static int run_argc;

void server_set_command(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s CHAT_BINARY [OPTION ...]\n", argv[0]);
        exit(2);
    }
    run_argv = argv + 1;
    run_argc = argc - 1;
    /* A server that dies leaves sockets behind: that is a failed assertion,
     * not the end of the test program. */
    (void)signal(SIGPIPE, SIG_IGN);
}

const char *server_option(const char *name)
{
    for (int i = 1; i + 1 < run_argc; i++)
        if (strcmp(run_argv[i], name) == 0)
            return run_argv[i + 1];
    return NULL;
}

static void gather(char **argv, const char *first, va_list more)
{
    int n = 0;
    for (int i = 0; i < run_argc; i++)
        argv[n++] = run_argv[i];
    argv[n++] = (char *)(uintptr_t) "--listen";
    argv[n++] = (char *)(uintptr_t) "127.0.0.1:0";
    argv[n++] = (char *)(uintptr_t) "--stats";
    argv[n++] = (char *)(uintptr_t) "--exit-with-parent";
    for (const char *a = first; a != NULL; a = va_arg(more, const char *)) {
        assert_true(n < ARGUMENTS_MAX - 1);
        argv[n++] = (char *)(uintptr_t)a;
    }
    argv[n] = NULL;
}

/* In the child: never returns. */
static void become_server(char **argv, int output_fd, uint32_t files_max)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (files_max != 0) {
        struct rlimit limit = {files_max, files_max};
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    (void)dup2(output_fd, STDOUT_FILENO);
    execv(argv[0], argv);
    _exit(127);
}

/* One read, at most until the deadline; false at the end of the output. */
static bool read_some(struct server *self, int64_t deadline_ms)
{
    struct pollfd ready = {.fd = self->output_fd, .events = POLLIN};
    int n = poll(&ready, 1, deadline_left_ms(deadline_ms));
    if (n == 0)
        fail_msg("the server said nothing more; so far:\n%s", self->output);
    ssize_t got = read(self->output_fd, self->output + self->output_size,
                       SERVER_OUTPUT_MAX - 1 - self->output_size);
    if (got <= 0)
        return false;
    self->output_size += (size_t)got;
    self->output[self->output_size] = 0;
    return true;
}

size_t server_await(struct server *self, size_t from, const char *text)
{
    int64_t deadline = deadline_in_ms(DEADLINE_MS);
    for (;;) {
        const char *found = strstr(self->output + from, text);
        if (found != NULL && strchr(found, '\n') != NULL)
            return (size_t)(found - self->output);
        if (!read_some(self, deadline))
            fail_msg("the server ended; it had said:\n%s", self->output);
    }
}

static struct server *start(uint32_t files_max, char **argv)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct server *self = calloc(1, sizeof *self);
    assert_non_null(self);
    self->pid = fork();
    assert_true(self->pid >= 0);
    if (self->pid == 0)
        become_server(argv, ends[1], files_max);
    (void)close(ends[1]);
    self->output_fd = ends[0];
    size_t at = server_await(self, 0, "listening on ");
    unsigned port = 0;
    unsigned reactors = 0;
    assert_int_equal(sscanf(self->output + at,
                            "listening on 127.0.0.1:%u, %u reactor", &port,
                            &reactors),
                     2);
    self->port = (uint16_t)port;
    self->reactors_count = reactors;
    return self;
}

struct server *server_start(const char *argument, ...)
{
    char *argv[ARGUMENTS_MAX];
    va_list more;
    va_start(more, argument);
    gather(argv, argument, more);
    va_end(more);
    return start(0, argv);
}

struct server *server_start_with_files(uint32_t files_max, const char *argument,
                                       ...)
{
    char *argv[ARGUMENTS_MAX];
    va_list more;
    va_start(more, argument);
    gather(argv, argument, more);
    va_end(more);
    return start(files_max, argv);
}

int server_wait(struct server *self)
{
    int64_t deadline = deadline_in_ms(DEADLINE_MS);
    while (read_some(self, deadline))
        ;
    int status = 0;
    assert_int_equal(waitpid(self->pid, &status, 0), self->pid);
    (void)close(self->output_fd);
    free(self);
    return status;
}

int server_stop(struct server *self, int signal_number)
{
    assert_int_equal(kill(self->pid, signal_number), 0);
    return server_wait(self);
}

void server_stop_in_order(struct server *self)
{
    int status = server_stop(self, SIGTERM);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void server_read_stats(struct server *self, struct server_stats *out)
{
    size_t from = self->output_size;
    assert_int_equal(kill(self->pid, SIGUSR1), 0);
    size_t begin = server_await(self, from, "stats reactor=0");
    size_t end = server_await(self, begin, "stats end");
    memcpy(out->text, self->output + begin, end - begin);
    out->text[end - begin] = 0;
    out->reactors_count = self->reactors_count;
    /* Room for the next ones: what was read is not needed again. */
    self->output_size = 0;
    self->output[0] = 0;
}

uint64_t server_stat(const struct server_stats *self, uint32_t reactor,
                     const char *name)
{
    char start_of_line[64];
    char key[64];
    (void)snprintf(start_of_line, sizeof start_of_line, "stats reactor=%u ",
                   (unsigned)reactor);
    (void)snprintf(key, sizeof key, " %s=", name);
    const char *line = strstr(self->text, start_of_line);
    if (line == NULL)
        fail_msg("no line of reactor %u in:\n%s", (unsigned)reactor,
                 self->text);
    const char *found = strstr(line, key);
    const char *end = strchr(line, '\n');
    if (found == NULL || end == NULL || found > end)
        fail_msg("no '%s' for reactor %u in:\n%s", name, (unsigned)reactor,
                 self->text);
    return strtoull(found + strlen(key), NULL, 10);
}

uint64_t server_stat_sum(const struct server_stats *self, const char *name)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < self->reactors_count; i++)
        sum += server_stat(self, i, name);
    return sum;
}
