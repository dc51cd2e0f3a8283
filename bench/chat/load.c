/* SPDX-License-Identifier: MIT
 *
 * bench/chat/load.c - the loop, and what each line means for the books. */
#include "bench/chat/load.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/chat/clock.h"
#include "bench/chat/irc.h"
#include "bench/chat/memory.h"

#define BATCH_MAX 512
#define STALLED_BUFFER 4096

int load_init(struct load *self, const struct layout *layout,
              const struct sockaddr_in *address, uint32_t payload_size,
              bool echo)
{
    memset(self, 0, sizeof(*self));
    self->layout = *layout;
    self->address = *address;
    self->echo_wanted = echo;
    self->poll = epoll_create1(EPOLL_CLOEXEC);
    if (self->poll < 0)
        return -errno;
    self->clients = memory_zeroed(layout->clients, sizeof(*self->clients));
    self->buffer = memory_zeroed(1, sizeof(*self->buffer));
    payload_init(&self->payload, payload_size);
    return 0;
}

void load_deinit(struct load *self)
{
    for (uint32_t i = 0; i < self->opened; i++)
        client_close(&self->clients[i]);
    if (self->ledger.layout.clients > 0) {
        ledger_deinit(&self->ledger);
        order_deinit(&self->order);
    }
    close(self->poll);
    free(self->clients);
    free(self->buffer);
    memset(self, 0, sizeof(*self));
}

int load_open_next(struct load *self)
{
    assert(self->opened < self->layout.clients);

    uint32_t index = self->opened;
    /* What a stalled client leaves unread should pile up in the server, whose
     * limits are the question, not in our kernel buffers. */
    int buffer = layout_is_stalled(&self->layout, index) ? STALLED_BUFFER : 0;
    int rc = client_open(&self->clients[index], index, self->poll,
                         &self->address, buffer);
    if (rc == 0)
        self->opened++;
    return rc;
}

void load_begin_traffic(struct load *self)
{
    self->echo = self->echo_wanted && self->echo_granted == self->opened;
    ledger_init(&self->ledger, &self->layout, self->echo);
    order_init(&self->order, &self->layout, self->echo);
    histogram_reset(&self->latency);
    self->deliveries = 0;
}

static void lost(struct load *self, struct client *client)
{
    if (client->state == CLIENT_CLOSED)
        return;
    if (client->state == CLIENT_READY)
        self->ready--;
    if (!layout_is_stalled(&self->layout, client->index))
        self->lost_clients++;
    client_close(client);
}

static void say(struct load *self, struct client *client, const char *data,
                size_t size)
{
    if (client_send(client, data, size) < 0)
        lost(self, client);
}

void load_send(struct load *self, uint32_t index, const char *data, size_t size)
{
    struct client *client = &self->clients[index];
    if (client->state != CLIENT_CLOSED)
        say(self, client, data, size);
}

void load_say(struct load *self, uint32_t sender, int64_t due_ns)
{
    char line[IRC_REQUEST_MAX + PAYLOAD_SIZE_MAX + 2];
    struct client *client = &self->clients[sender];
    if (client->state != CLIENT_READY)
        return;

    uint32_t channel = layout_channel(&self->layout, sender);
    uint32_t id = ledger_sent(&self->ledger, sender, due_ns);
    order_sent(&self->order, sender, id);
    size_t size = irc_write_privmsg(line, channel);
    payload_write(&self->payload, id, line + size);
    size += self->payload.size;
    memcpy(line + size, "\r\n", 2);
    say(self, client, line, size + 2);
}

static void delivered(struct load *self, const struct client *client,
                      uint32_t id)
{
    enum ledger_verdict verdict =
        ledger_delivered(&self->ledger, client->index, id);
    if (verdict == LEDGER_STRAY || verdict == LEDGER_DUPLICATE)
        return;

    order_delivered(&self->order, client->index, id);
    self->deliveries++;
    self->completed += verdict == LEDGER_LAST;
    int64_t due_ns = self->ledger.messages[id].due_ns;
    if (due_ns >= self->latency_from_ns && due_ns < self->latency_until_ns)
        histogram_add(&self->latency, self->now_ns - due_ns);
}

static void complain(struct load *self, const char *line, size_t size)
{
    if (self->complaint[0] == '\0')
        snprintf(self->complaint, sizeof(self->complaint), "%.*s",
                 (int)(size < 199 ? size : 199), line);
}

static void welcomed(struct load *self, struct client *client)
{
    char line[IRC_REQUEST_MAX];
    if (client->state != CLIENT_REGISTERING)
        return;
    client->state = CLIENT_JOINING;
    uint32_t channel = layout_channel(&self->layout, client->index);
    say(self, client, line, irc_write_join(line, channel));
}

static void joined(struct load *self, struct client *client)
{
    if (client->state != CLIENT_JOINING)
        return;
    client->state = CLIENT_READY;
    self->ready++;
    self->echo_granted += client->echo;
    if (!layout_is_stalled(&self->layout, client->index))
        return;
    /* From here on it never reads. */
    struct epoll_event ev = {.events = 0, .data.u32 = client->index};
    if (epoll_ctl(self->poll, EPOLL_CTL_MOD, client->fd, &ev) != 0)
        lost(self, client);
}

static void answer_ping(struct load *self, struct client *client,
                        const char *rest, size_t size)
{
    char line[CLIENT_LINE_MAX];
    int n = snprintf(line, sizeof(line), "PONG %.*s\r\n", (int)size, rest);
    if (n > 0 && (size_t)n < sizeof(line))
        say(self, client, line, (size_t)n);
}

/* Everything but the messages of the load itself. */
static void handle_irc(struct load *self, struct client *client,
                       const char *line, size_t size)
{
    const char *rest;
    switch (irc_classify(line, size, &rest)) {
    case IRC_WELCOME:
        welcomed(self, client);
        break;
    case IRC_JOINED:
        joined(self, client);
        break;
    case IRC_PING:
        answer_ping(self, client, rest, (size_t)(line + size - rest));
        break;
    case IRC_PONG:
        self->pongs++;
        break;
    case IRC_ECHO_GRANTED:
        client->echo = true;
        break;
    case IRC_SPOKEN:
        self->corrupt++;
        break;
    case IRC_ERROR:
    case IRC_REFUSED:
        complain(self, line, size);
        break;
    case IRC_OTHER:
        break; /* the joins of others, names, the message of the day */
    }
}

static void handle_line(void *ctx, struct client *client, const char *line,
                        size_t size)
{
    struct load *self = ctx;
    uint32_t id;
    if (payload_read(&self->payload, line, size, &id))
        delivered(self, client, id);
    else
        handle_irc(self, client, line, size);
}

/* A short read empties the socket, so the next bytes make a new edge; only the
 * end of the stream has none of its own and must be looked for. */
static void handle_readable(struct load *self, struct client *client,
                            bool ending)
{
    int n;
    do {
        n = client_read(client, self->buffer);
        self->now_ns = clock_now_ns();
        if (n > 0)
            client_lines(client, self->buffer, (size_t)n, handle_line, self);
    } while (client->state != CLIENT_CLOSED &&
             (n == -EINTR || n == CLIENT_READ_MAX || (ending && n > 0)));
    if (n == 0 || (n < 0 && n != -EAGAIN))
        lost(self, client);
}

static void handle_connected(struct load *self, struct client *client)
{
    char lines[IRC_REQUEST_MAX];
    client->state = CLIENT_REGISTERING;
    say(self, client, lines,
        irc_write_register(lines, client->index, self->echo_wanted));
}

static void handle_event(struct load *self, const struct epoll_event *ev)
{
    struct client *client = &self->clients[ev->data.u32];

    if (client->state == CLIENT_CLOSED)
        return; /* an earlier event of this batch closed it */
    if (ev->events & (EPOLLERR | EPOLLHUP)) {
        lost(self, client);
        return;
    }
    if (ev->events & EPOLLOUT) {
        if (client->state == CLIENT_CONNECTING)
            handle_connected(self, client);
        else if (client_flush(client) < 0)
            lost(self, client);
    }
    if (ev->events & (EPOLLIN | EPOLLRDHUP) && client->state != CLIENT_CLOSED)
        handle_readable(self, client, ev->events & EPOLLRDHUP);
}

static int wait_until(int poll, struct epoll_event *events, int64_t deadline_ns)
{
    int64_t left = deadline_ns - clock_now_ns();
    if (left < 0)
        left = 0;
    struct timespec timeout = {.tv_sec = left / NS_PER_S,
                               .tv_nsec = left % NS_PER_S};
    return epoll_pwait2(poll, events, BATCH_MAX, &timeout, NULL);
}

int load_turn(struct load *self, int64_t deadline_ns)
{
    struct epoll_event events[BATCH_MAX];
    int n = wait_until(self->poll, events, deadline_ns);
    for (int i = 0; i < n; i++)
        handle_event(self, &events[i]);
    return n;
}
