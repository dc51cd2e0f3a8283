/* SPDX-License-Identifier: MIT
 *
 * bench/chat/server.h - the server process under load. */
#ifndef BENCH_CHAT_SERVER_H
#define BENCH_CHAT_SERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server {
    pid_t pid; /* 0 = not known: nothing can be said about the process */
    bool ours; /* started here, so to be stopped here */
    struct sockaddr_in address;
    char dir[32]; /* its configuration and log */
    char log[48];
};

/** Start the server that `name` means (see --help) and wait until it accepts.
 *  `connections` is how many it must take, `chat` the binary of miocene.
 *  Returns 0 | -errno, with a word on stderr and the end of its log. */
int server_start(struct server *self, const char *name, const char *chat,
                 uint32_t connections);

/** Use a server that runs already, at "IP:PORT". Returns 0 | -EINVAL. */
int server_attach(struct server *self, const char *address, pid_t pid);

/** Stop a server that was started here, by SIGTERM and, after three seconds, by
 *  SIGKILL; remove its files. */
void server_stop(struct server *self, bool show_log);

#endif /* BENCH_CHAT_SERVER_H */
