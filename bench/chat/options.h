/* SPDX-License-Identifier: MIT
 *
 * bench/chat/options.h - the command line: one workload per named cell, run
 * on one or several servers. */
#ifndef BENCH_CHAT_OPTIONS_H
#define BENCH_CHAT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/chat/layout.h"

#define OPTIONS_SERVERS_MAX 8
#define OPTIONS_CELLS_MAX 16

struct workload {
    struct layout layout;
    uint32_t payload_size;
    double rate;        /* messages a second; 0 = closed loop */
    uint32_t in_flight; /* of the closed loop */
    double duration_s;
    double warmup_s;
    uint32_t window; /* connections on their way at once; 0 = all */
    bool echo;       /* ask for echo-message */
    bool ramp_only;  /* connect, join, stay idle */
};

struct options {
    struct workload workload;
    const char *cell; /* its name */

    const char *cells[OPTIONS_CELLS_MAX]; /* to be run one after the other */
    uint32_t cells_count;
    const char *servers[OPTIONS_SERVERS_MAX]; /* the first is under test */
    uint32_t servers_count;
    const char *address; /* of a server that runs already */
    pid_t pid;           /* its process, 0 = unknown */
    const char *chat;    /* the binary behind the name miocene */
    uint32_t rounds;
    double stuck_s;    /* a ramp without progress for so long has failed */
    double patience_s; /* a delivery without others for so long is lost */
    double syscalls_s; /* length of the pass that counts them; 0 = none */
    bool show_log;     /* print what the server printed */
    bool pin;          /* the load on the last CPU, the server on the others */
};

/** Read the command line as it applies to `cell` (NULL: to no cell). Exits with
 *  a message on --help and on what makes no sense. */
void options_parse(struct options *self, int argc, char **argv,
                   const char *cell);

#endif /* BENCH_CHAT_OPTIONS_H */
