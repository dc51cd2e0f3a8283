/* SPDX-License-Identifier: MIT
 *
 * apps/top/sys/terminal.h - a screen, keys, and a connection that waits. */
#ifndef MIO_APPS_TOP_SYS_TERMINAL_H
#define MIO_APPS_TOP_SYS_TERMINAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"

/* Take the screen; given back by close, also on SIGINT and SIGTERM.
 * Returns 0 | MIO_ENOTSUP (no terminal). */
MIO_NODISCARD int top_terminal_open(void);
void top_terminal_close(void);

void top_terminal_size(uint32_t *columns, uint32_t *rows);

/* Show a page in place of what is there. */
void top_terminal_show(const char *text);

/* What ended a wait. */
enum top_wait { TOP_TIME, TOP_RESIZED, TOP_QUIT, TOP_KEY };

/* Wait for a key, another size, a signal to quit; at most so long. */
enum top_wait top_terminal_wait(int milliseconds);

/* Wait, without a terminal. */
void top_sleep(int milliseconds);

/* Connect to an inspector: a path, or "127.0.0.1:9100".
 * Returns a descriptor | a code. */
MIO_NODISCARD int top_dial(const char *address);
void top_hang_up(int fd);

/* Ask one question and read its answer, without its "end"; the caller frees it.
 * Returns 0 | MIO_ENOMEM | MIO_ETIMEDOUT | MIO_ECONNRESET | another code. */
MIO_NODISCARD int top_ask(int fd, const char *question, char **out);

#endif /* MIO_APPS_TOP_SYS_TERMINAL_H */
