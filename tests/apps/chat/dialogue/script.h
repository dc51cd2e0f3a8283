/* SPDX-License-Identifier: MIT
 *
 * dialogue/script.h - what clients say and what they must read, as a list.
 *
 * Each step is a client's letter, a sign, and a text:
 *
 *   "a+ann"       connects and registers as ann
 *   "a/cap1 ..."  asks for capabilities, after "a*"; registers with "a+"
 *   "a*"          connects and says nothing
 *   "a>JOIN #x"   says it
 *   "a<:* 366 *"  the next line that it reads matches this pattern
 *   "a~:* 366 *"  some line matches; those before it are skipped
 *   "a="          everything was read: the answer to a PING comes next
 *   "a!"          the server ends the connection
 *   "a-"          closes it */
#ifndef TESTS_APPS_CHAT_DIALOGUE_SCRIPT_H
#define TESTS_APPS_CHAT_DIALOGUE_SCRIPT_H

#include <stddef.h>

struct server;

/* Play all steps on a server that runs. Fails the test at the first surprise
 * and says at which step. */
void script_play(const struct server *server, const char *const *steps,
                 size_t steps_count);

#define PLAY(server, ...)                                                      \
    script_play((server), (const char *const[]){__VA_ARGS__},                  \
                sizeof((const char *const[]){__VA_ARGS__}) /                   \
                    sizeof(const char *))

#endif /* TESTS_APPS_CHAT_DIALOGUE_SCRIPT_H */
