/* SPDX-License-Identifier: MIT
 *
 * live/harness/client.h - an IRC client with eyes and no opinions.
 *
 * Blocking, one line at a time, patterns as in the shell (fnmatch), and a
 * deadline that fails the test and shows what was read instead. */
#ifndef TESTS_APPS_CHAT_LIVE_HARNESS_CLIENT_H
#define TESTS_APPS_CHAT_LIVE_HARNESS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_LINE_MAX 10240
#define CLIENT_BUFFER_MAX 65536

struct server;

struct client {
    int fd;
    char nick[40];
    char line[CLIENT_LINE_MAX]; /* the last one read, without CRLF */
    char buffer[CLIENT_BUFFER_MAX];
    size_t begin, end;
    char seen[8192]; /* the tail of all lines since the last expectation */
    size_t seen_size;
};

/* Connect; nothing is said yet. */
struct client *client_connect(const struct server *server);

/* Connect and register; returns when the welcome is complete. */
struct client *client_join_server(const struct server *server,
                                  const char *nick);

/* Register a connected client. */
void client_register(struct client *self, const char *nick);

/* Close and free. */
void client_close(struct client *self);

/* Close by a reset: the peer sees ECONNRESET. */
void client_vanish(struct client *self);

/* Send one line; CRLF is added. */
void client_say(struct client *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Send bytes as they are. */
void client_send(struct client *self, const void *bytes, size_t size);

/* The same; false if the server closed meanwhile. */
bool client_try_send(struct client *self, const void *bytes, size_t size);

/* Read the next line, whatever it is; NULL at the end of the connection. */
const char *client_read(struct client *self);

/* Skip lines until one matches; fails at the deadline or the end. */
const char *client_expect(struct client *self, const char *pattern);

/* The next line must match. */
const char *client_expect_next(struct client *self, const char *pattern);

/* Read to the end of the connection, skipping lines. */
void client_expect_end(struct client *self);

/* PING and wait for its PONG; none of the lines before may match `pattern`
 * (NULL: any may). */
void client_sync(struct client *self, const char *never);

/* One of the lines until the PONG of a new PING matches. */
bool client_hears(struct client *self, const char *pattern);

#endif /* TESTS_APPS_CHAT_LIVE_HARNESS_CLIENT_H */
