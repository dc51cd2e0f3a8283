/* SPDX-License-Identifier: MIT
 *
 * bench/chat/client.c - sockets that never block. */
#include "bench/chat/client.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/chat/memory.h"

/* Edge-triggered, registered once: a socket that is always writable must not
 * report that on every turn. */
#define INTEREST (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

static int begin_connect(int fd, int poll, uint32_t index,
                         const struct sockaddr_in *address)
{
    /* The load must not be delayed on our side of the wire. */
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        return -errno;
    struct epoll_event ev = {.events = INTEREST, .data.u32 = index};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &ev) != 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
        errno != EINPROGRESS)
        return -errno;
    return 0;
}

int client_open(struct client *self, uint32_t index, int poll,
                const struct sockaddr_in *address, int receive_buffer)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* Best effort: a smaller buffer only makes a stall show sooner. */
    if (receive_buffer > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof(receive_buffer));
    int rc = begin_connect(fd, poll, index, address);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    *self = (struct client){
        .index = index,
        .fd = fd,
        .state = CLIENT_CONNECTING,
    };
    return 0;
}

void client_close(struct client *self)
{
    if (self->state == CLIENT_CLOSED)
        return;
    close(self->fd);
    free(self->in);
    free(self->out);
    *self = (struct client){.index = self->index, .fd = -1};
}

static void append(char **bytes, uint32_t *size, uint32_t *capacity,
                   const char *data, size_t data_size)
{
    size_t needed = *size + data_size;
    if (needed > *capacity) {
        *capacity = (uint32_t)(needed < 512 ? 512 : needed * 2);
        *bytes = memory_resize(*bytes, *capacity, 1);
    }
    memcpy(*bytes + *size, data, data_size);
    *size = (uint32_t)needed;
}

int client_send(struct client *self, const char *data, size_t size)
{
    ssize_t sent = 0;
    if (self->out_size == 0 && self->state > CLIENT_CONNECTING) {
        sent = send(self->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (sent < 0)
            sent = 0;
    }
    if ((size_t)sent < size)
        append(&self->out, &self->out_size, &self->out_capacity, data + sent,
               size - (size_t)sent);
    return 0;
}

int client_flush(struct client *self)
{
    if (self->out_size == 0)
        return 0;
    ssize_t sent =
        send(self->fd, self->out, self->out_size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    self->out_size -= (uint32_t)sent;
    memmove(self->out, self->out + sent, self->out_size);
    return 0;
}

int client_read(struct client *self, struct client_buffer *buffer)
{
    assert(self->in_size <= CLIENT_LINE_MAX);

    if (self->in_size > 0)
        memcpy(buffer->bytes, self->in, self->in_size);
    ssize_t n =
        recv(self->fd, buffer->bytes + self->in_size, CLIENT_READ_MAX, 0);
    return n < 0 ? -errno : (int)n;
}

static void keep_rest(struct client *self, const char *rest, size_t size)
{
    /* No server sends lines that long; drop them rather than grow. */
    if (size > CLIENT_LINE_MAX)
        size = 0;
    self->in_size = 0;
    if (size > 0)
        append(&self->in, &self->in_size, &self->in_capacity, rest, size);
}

void client_lines(struct client *self, struct client_buffer *buffer,
                  size_t size, client_line_fn *fn, void *ctx)
{
    const char *line = buffer->bytes;
    const char *end = buffer->bytes + self->in_size + size;
    const char *lf;

    /* Only the new bytes can hold the first line end. */
    const char *search = line + self->in_size;
    while ((lf = memchr(search, '\n', (size_t)(end - search))) != NULL) {
        size_t length = (size_t)(lf - line);
        if (length > 0 && lf[-1] == '\r')
            length--;
        fn(ctx, self, line, length);
        if (self->state == CLIENT_CLOSED)
            return; /* the line closed it */
        line = search = lf + 1;
    }
    keep_rest(self, line, (size_t)(end - line));
}
