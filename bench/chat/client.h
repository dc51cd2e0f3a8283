/* SPDX-License-Identifier: MIT
 *
 * bench/chat/client.h - one connection to the server: bytes out, lines in. */
#ifndef BENCH_CHAT_CLIENT_H
#define BENCH_CHAT_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum client_state {
    CLIENT_CLOSED,
    CLIENT_CONNECTING,
    CLIENT_REGISTERING,
    CLIENT_JOINING,
    CLIENT_READY
};

struct client {
    uint32_t index;
    int fd;
    enum client_state state;
    bool echo; /* the server granted echo-message */

    char *in; /* the beginning of a line whose end has not come yet */
    uint32_t in_size;
    uint32_t in_capacity;

    char *out; /* what the socket did not take; sent when it is writable */
    uint32_t out_size;
    uint32_t out_capacity;
};

/* Called for each line, without its line end. */
typedef void client_line_fn(void *ctx, struct client *client, const char *line,
                            size_t size);

/* Bytes that one read may bring, and a line's longest unfinished beginning. */
#define CLIENT_READ_MAX (256u * 1024)
#define CLIENT_LINE_MAX (16u * 1024)

/* Shared by all clients of a thread: they are read one after the other. */
struct client_buffer {
    char bytes[CLIENT_LINE_MAX + CLIENT_READ_MAX];
};

/** Begin to connect; the epoll instance `poll` reports the client's index.
 *  receive_buffer: bytes that the kernel may hold for it, 0 = as it likes.
 *  Returns 0 | -errno. */
int client_open(struct client *self, uint32_t index, int poll,
                const struct sockaddr_in *address, int receive_buffer);

/** Close and release. Fine for a client that is closed already. */
void client_close(struct client *self);

/** Send, or keep for later what the socket does not take.
 *  Returns 0 | -errno of a connection that is lost. */
int client_send(struct client *self, const char *data, size_t size);

/** Send what was kept; call when the socket is writable. As client_send(). */
int client_flush(struct client *self);

/** Read once into the buffer. Returns the bytes read, 0 at the end of the
 *  stream, | -errno (-EAGAIN: nothing there). Follow with client_lines(). */
int client_read(struct client *self, struct client_buffer *buffer);

/** Hand over the whole lines of the `size` bytes just read; keep the rest. */
void client_lines(struct client *self, struct client_buffer *buffer,
                  size_t size, client_line_fn *fn, void *ctx);

#endif /* BENCH_CHAT_CLIENT_H */
