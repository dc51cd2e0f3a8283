/* SPDX-License-Identifier: MIT
 *
 * apps/top/sys/dial_posix.c - see terminal.h: the connection. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/top/sys/terminal.h"
#include "net/address.h"
#include "net/tcp_stream.h"
#include "net/unix_stream.h"

#define PATIENCE_MS 5000
#define ANSWER_MAX ((size_t)32 << 20)

static int dial_unix(const struct mio_address *at)
{
    struct mio_unix_stream stream;
    int result = mio_unix_stream_connect(&stream, at);
    return result < 0 ? result : (int)mio_unix_stream_release(&stream);
}

static int dial_tcp(const struct mio_address *at)
{
    struct mio_tcp_stream stream;
    int result = mio_tcp_stream_connect(&stream, at);
    return result < 0 ? result : (int)mio_tcp_stream_release(&stream);
}

int top_dial(const char *address)
{
    struct mio_address at;
    int result =
        strchr(address, '/') != NULL && strncmp(address, "unix:", 5) != 0
            ? mio_address_from_path(&at, address)
            : mio_address_parse(&at, address);
    if (result < 0)
        return result;
    return mio_address_family(&at) == MIO_FAMILY_UNIX ? dial_unix(&at)
                                                      : dial_tcp(&at);
}

void top_hang_up(int fd)
{
    (void)close(fd);
}

/* Returns 0 | MIO_ETIMEDOUT | a code. */
static int await(int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};
    int count = poll(&ready, 1, PATIENCE_MS);
    if (count < 0)
        return errno == EINTR ? 0 : -errno;
    return count == 0 ? MIO_ETIMEDOUT : 0;
}

static int say(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t size = send(fd, text, left, MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN)
            return -errno;
        int result = size < 0 ? await(fd, POLLOUT) : 0;
        if (result < 0)
            return result;
        text += size > 0 ? size : 0;
        left -= size > 0 ? (size_t)size : 0;
    }
    return 0;
}

/* "end" on a line of its own is the last that came: cut it off. */
static bool cut_end(char *text, size_t size)
{
    bool ends = size >= 4 && memcmp(text + size - 4, "end\n", 4) == 0 &&
                (size == 4 || text[size - 5] == '\n');
    if (ends)
        text[size - 4] = '\0';
    return ends;
}

static int read_some(int fd, char **text, size_t *size, size_t *capacity)
{
    if (*size + 1 >= *capacity) {
        size_t wanted = *capacity == 0 ? 65536 : 2 * *capacity;
        char *bytes = wanted <= ANSWER_MAX ? realloc(*text, wanted) : NULL;
        if (bytes == NULL)
            return MIO_ENOMEM;
        *text = bytes;
        *capacity = wanted;
    }
    ssize_t got = read(fd, *text + *size, *capacity - *size - 1);
    if (got == 0)
        return MIO_ECONNRESET;
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? await(fd, POLLIN) : -errno;
    *size += (size_t)got;
    (*text)[*size] = '\0';
    return 0;
}

int top_ask(int fd, const char *question, char **out)
{
    char *text = NULL;
    size_t size = 0;
    size_t capacity = 0;
    int result = say(fd, question);
    while (result == 0) {
        result = read_some(fd, &text, &size, &capacity);
        if (result == 0 && size > 0 && cut_end(text, size)) {
            *out = text;
            return 0;
        }
    }
    free(text);
    return result;
}
