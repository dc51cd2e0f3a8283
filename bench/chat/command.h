/* SPDX-License-Identifier: MIT
 *
 * bench/chat/command.h - from a server's name to the command that runs it. */
#ifndef BENCH_CHAT_COMMAND_H
#define BENCH_CHAT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#define COMMAND_WORDS_MAX 24

struct command {
    char *words[COMMAND_WORDS_MAX]; /* ends with NULL */
    uint32_t words_count;
    bool tells_port; /* chooses its port and prints "listening on IP:PORT" */
};

/** Make the command for `name`. Files it needs (ngircd's configuration) go to
 *  `dir`; `port` is free. Returns 0 | -errno. */
int command_init(struct command *self, const char *name, const char *chat,
                 const char *dir, uint16_t port, uint32_t connections);
void command_deinit(struct command *self);

#endif /* BENCH_CHAT_COMMAND_H */
