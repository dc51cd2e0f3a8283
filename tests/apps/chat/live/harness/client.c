/* SPDX-License-Identifier: MIT
 *
 * live/harness/client.c - lines over a blocking socket. */
#include "tests/apps/chat/live/harness/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/deadline.h"
#include "tests/apps/chat/live/harness/server.h"

struct client *client_connect(const struct server *server)
{
    struct client *self = calloc(1, sizeof *self);
    assert_non_null(self);
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(self->fd >= 0);
    int one = 1;
    (void)setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(server->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(self->fd, (struct sockaddr *)&to, sizeof to), 0);
    return self;
}

void client_register(struct client *self, const char *nick)
{
    (void)snprintf(self->nick, sizeof self->nick, "%s", nick);
    client_say(self, "NICK %s", nick);
    client_say(self, "USER %s 0 * :%s of the tests", nick, nick);
    (void)client_expect(self, ":* 001 *");
    client_sync(self, NULL);
}

struct client *client_join_server(const struct server *server, const char *nick)
{
    struct client *self = client_connect(server);
    client_register(self, nick);
    return self;
}

void client_close(struct client *self)
{
    (void)close(self->fd);
    free(self);
}

void client_vanish(struct client *self)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client_close(self);
}

bool client_try_send(struct client *self, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = send(self->fd, at, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

void client_send(struct client *self, const void *bytes, size_t size)
{
    if (!client_try_send(self, bytes, size))
        fail_msg("%s: the server closed while it was written to", self->nick);
}

void client_say(struct client *self, const char *format, ...)
{
    char line[CLIENT_LINE_MAX];
    va_list values;
    va_start(values, format);
    int n = vsnprintf(line, sizeof line - 2, format, values);
    va_end(values);
    assert_true(n >= 0 && (size_t)n < sizeof line - 2);
    memcpy(line + n, "\r\n", 2);
    client_send(self, line, (size_t)n + 2);
}

/* Keep the tail of what was read, for the message of a failure. */
static void remember(struct client *self, const char *line, size_t size)
{
    if (size + 2 > sizeof self->seen)
        size = sizeof self->seen - 2;
    if (self->seen_size + size + 2 > sizeof self->seen)
        self->seen_size = 0;
    memcpy(self->seen + self->seen_size, line, size);
    self->seen_size += size;
    self->seen[self->seen_size++] = '\n';
    self->seen[self->seen_size] = 0;
}

static bool take_line(struct client *self)
{
    char *start = self->buffer + self->begin;
    char *end = memchr(start, '\n', self->end - self->begin);
    if (end == NULL)
        return false;
    size_t size = (size_t)(end - start);
    self->begin += size + 1;
    if (size > 0 && start[size - 1] == '\r')
        size--;
    assert_true(size < sizeof self->line);
    memcpy(self->line, start, size);
    self->line[size] = 0;
    remember(self, self->line, size);
    return true;
}

static bool fill(struct client *self, int64_t deadline, const char *wanted)
{
    if (self->begin > 0) {
        memmove(self->buffer, self->buffer + self->begin,
                self->end - self->begin);
        self->end -= self->begin;
        self->begin = 0;
    }
    assert_true(self->end < sizeof self->buffer);
    struct pollfd ready = {.fd = self->fd, .events = POLLIN};
    if (poll(&ready, 1, deadline_left_ms(deadline)) == 0)
        fail_msg("%s waited in vain for '%s' and read:\n%s", self->nick, wanted,
                 self->seen);
    ssize_t n = recv(self->fd, self->buffer + self->end,
                     sizeof self->buffer - self->end, 0);
    if (n <= 0)
        return false; /* the end, or a reset: both end a connection */
    self->end += (size_t)n;
    return true;
}

static const char *read_for(struct client *self, const char *wanted)
{
    int64_t deadline = deadline_in_ms(DEADLINE_MS);
    while (!take_line(self))
        if (!fill(self, deadline, wanted))
            return NULL;
    return self->line;
}

const char *client_read(struct client *self)
{
    return read_for(self, "a line");
}

static bool matches(const char *line, const char *pattern)
{
    return fnmatch(pattern, line, FNM_NOESCAPE) == 0;
}

const char *client_expect(struct client *self, const char *pattern)
{
    for (;;) {
        const char *line = read_for(self, pattern);
        if (line == NULL)
            fail_msg("%s: the connection ended before '%s':\n%s", self->nick,
                     pattern, self->seen);
        if (matches(line, pattern)) {
            self->seen_size = 0;
            return line;
        }
    }
}

const char *client_expect_next(struct client *self, const char *pattern)
{
    const char *line = read_for(self, pattern);
    if (line == NULL || !matches(line, pattern))
        fail_msg("%s: expected '%s', got '%s'", self->nick, pattern,
                 line == NULL ? "the end" : line);
    return line;
}

void client_expect_end(struct client *self)
{
    while (read_for(self, "the end of the connection") != NULL)
        ;
}

static unsigned pings;

/* Lines until the PONG; whether one of them matched. */
static bool sync_and_match(struct client *self, const char *pattern)
{
    char pong[64];
    unsigned number = ++pings;
    bool matched = false;
    client_say(self, "PING sync-%u", number);
    (void)snprintf(pong, sizeof pong, "*PONG*sync-%u", number);
    for (;;) {
        const char *line = read_for(self, pong);
        if (line == NULL)
            fail_msg("%s: the connection ended before a PONG:\n%s", self->nick,
                     self->seen);
        if (matches(line, pong))
            return matched;
        if (pattern != NULL && matches(line, pattern))
            matched = true;
    }
}

void client_sync(struct client *self, const char *never)
{
    if (sync_and_match(self, never) && never != NULL)
        fail_msg("%s read what it must not, '%s':\n%s", self->nick, never,
                 self->seen);
}

bool client_hears(struct client *self, const char *pattern)
{
    return sync_and_match(self, pattern);
}
