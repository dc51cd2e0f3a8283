/* SPDX-License-Identifier: MIT
 *
 * live/harness/server.h - the real chat binary as a child of a test.
 *
 * main calls server_set_command with the test's own arguments: the binary, then
 * options that every server of this run gets (as --reactors 2). */
#ifndef TESTS_APPS_CHAT_LIVE_HARNESS_SERVER_H
#define TESTS_APPS_CHAT_LIVE_HARNESS_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#define SERVER_OUTPUT_MAX (1 << 20)
#define SERVER_REACTORS_MAX 64

struct server {
    pid_t pid; /* 0: not running */
    int output_fd;
    uint16_t port;
    uint32_t reactors_count;
    char output[SERVER_OUTPUT_MAX]; /* all that it printed so far */
    size_t output_size;
};

/* The binary and options of this run, from main's arguments. */
void server_set_command(int argc, char **argv);

/* The value of an option of this run, as server_option("--reactors"). */
const char *server_option(const char *name);

/* Start with further arguments (NULL at the end); waits for its port. */
struct server *server_start(const char *argument, ...);

/* The same with a limit on its descriptors. */
struct server *server_start_with_files(uint32_t files_max, const char *argument,
                                       ...);

/* Signal it and return its wait status. Frees it. */
int server_stop(struct server *self, int signal_number);

/* Wait for its end, as it is. Frees it. */
int server_wait(struct server *self);

/* The teardown of a test: an orderly stop that must end with status 0. */
void server_stop_in_order(struct server *self);

/* A fresh value of a counter of one reactor (SIGUSR1, then its line). */
struct server_stats {
    char text[SERVER_OUTPUT_MAX];
    uint32_t reactors_count;
};
void server_read_stats(struct server *self, struct server_stats *out);
uint64_t server_stat(const struct server_stats *self, uint32_t reactor,
                     const char *name);
uint64_t server_stat_sum(const struct server_stats *self, const char *name);

/* Read output until it contains `text` after position `from`; fails the test
 * at the deadline. Returns the position of what was found. */
size_t server_await(struct server *self, size_t from, const char *text);

#endif /* TESTS_APPS_CHAT_LIVE_HARNESS_SERVER_H */
