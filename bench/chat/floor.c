/* SPDX-License-Identifier: MIT
 *
 * bench/chat/floor.c - the lower bound: what a chat server cannot do without.
 *
 * One thread; TCP_NODELAY; all that a turn produced for a connection leaves in
 * one write. It knows NICK, JOIN, PRIVMSG, PING and CAP, checks nothing, has no
 * limits, and is no server to be used: it shows what the kernel costs.
 *
 * With --fault=lose|duplicate|swap|echo|damage it does wrong on purpose, once
 * in FAULT_EVERY messages; the tests of the load program need a liar. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/chat/memory.h"

#define BATCH_MAX 512
#define READ_MAX (64u * 1024)
#define NAME_MAX_SIZE 64
#define CHANNELS_MAX 4096
#define FAULT_EVERY 50u

struct connection {
    struct connection *next; /* of all there ever were */
    int fd;
    bool dirty;
    bool full;
    bool echo;
    char nick[NAME_MAX_SIZE];
    char *in;
    size_t in_size, in_capacity;
    char *out;
    size_t out_size, out_capacity;
};

struct channel {
    char name[NAME_MAX_SIZE];
    struct connection **members;
    uint32_t count, capacity;
    char held[1024]; /* FAULT_SWAP: what half of the members still miss */
    size_t held_size;
    const struct connection *held_except;
};

enum fault {
    FAULT_NONE,
    FAULT_LOSE,
    FAULT_DUPLICATE,
    FAULT_SWAP, /* half of the members see two messages in the other order */
    FAULT_ECHO, /* the sender gets its own, unasked */
    FAULT_DAMAGE
};

struct floor {
    int poll;
    int listener;
    bool gather;
    enum fault fault;
    uint32_t messages;
    struct connection *connections;
    struct channel channels[CHANNELS_MAX];
    uint32_t channels_count;
    struct connection **dirty;
    uint32_t dirty_count, dirty_capacity;
};

/* Ask to be told when a full socket takes bytes again, or no longer. */
static void watch_writable(struct floor *self, struct connection *to, bool on)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = to};
    if (on)
        ev.events |= EPOLLOUT;
    epoll_ctl(self->poll, EPOLL_CTL_MOD, to->fd, &ev);
    to->full = on;
}

static void flush(struct floor *self, struct connection *to)
{
    ssize_t n = send(to->fd, to->out, to->out_size, MSG_NOSIGNAL);
    if (n > 0) {
        to->out_size -= (size_t)n;
        memmove(to->out, to->out + n, to->out_size);
    }
    if (to->full != (to->out_size > 0))
        watch_writable(self, to, to->out_size > 0);
}

static void mark_dirty(struct floor *self, struct connection *to)
{
    if (self->dirty_count == self->dirty_capacity) {
        self->dirty_capacity = self->dirty_capacity * 2 + 64;
        self->dirty = memory_resize(self->dirty, self->dirty_capacity,
                                    sizeof(*self->dirty));
    }
    self->dirty[self->dirty_count++] = to;
    to->dirty = true;
}

static void put(struct floor *self, struct connection *to, const char *data,
                size_t size)
{
    if (to->out_size + size > to->out_capacity) {
        to->out_capacity = (to->out_size + size) * 2;
        to->out = memory_resize(to->out, to->out_capacity, 1);
    }
    memcpy(to->out + to->out_size, data, size);
    to->out_size += size;
    if (to->full)
        return; /* until the kernel says that there is room */
    if (!self->gather)
        flush(self, to);
    else if (!to->dirty)
        mark_dirty(self, to);
}

static void flush_dirty(struct floor *self)
{
    for (uint32_t i = 0; i < self->dirty_count; i++) {
        self->dirty[i]->dirty = false;
        if (self->dirty[i]->fd >= 0)
            flush(self, self->dirty[i]);
    }
    self->dirty_count = 0;
}

static struct channel *find_channel(struct floor *self, const char *name,
                                    size_t size)
{
    for (uint32_t i = 0; i < self->channels_count; i++)
        if (strncmp(self->channels[i].name, name, size) == 0 &&
            self->channels[i].name[size] == '\0')
            return &self->channels[i];
    return NULL;
}

static struct channel *open_channel(struct floor *self, const char *name,
                                    size_t size)
{
    struct channel *channel = find_channel(self, name, size);
    if (channel != NULL || size >= NAME_MAX_SIZE ||
        self->channels_count == CHANNELS_MAX)
        return channel;
    channel = &self->channels[self->channels_count++];
    memcpy(channel->name, name, size);
    return channel;
}

static void broadcast(struct floor *self, const struct channel *channel,
                      uint32_t from, uint32_t until, const char *line,
                      size_t size, const struct connection *except)
{
    for (uint32_t i = from; i < until; i++)
        if (channel->members[i] != except)
            put(self, channel->members[i], line, size);
}

static void join(struct floor *self, struct connection *who, const char *name,
                 size_t size)
{
    char line[512];
    struct channel *channel = open_channel(self, name, size);
    if (channel == NULL)
        return;
    if (channel->count == channel->capacity) {
        channel->capacity = channel->capacity * 2 + 16;
        channel->members = memory_resize(channel->members, channel->capacity,
                                         sizeof(struct connection *));
    }
    channel->members[channel->count++] = who;
    int n = snprintf(line, sizeof(line), ":%s!bench@127.0.0.1 JOIN %s\r\n",
                     who->nick, channel->name);
    broadcast(self, channel, 0, channel->count, line, (size_t)n, NULL);
    n = snprintf(line, sizeof(line), ":floor 366 %s %s :End of /NAMES list\r\n",
                 who->nick, channel->name);
    put(self, who, line, (size_t)n);
}

/* Half a channel sees one message in FAULT_EVERY after the one that followed.
 */
static void broadcast_swapped(struct floor *self, struct channel *channel,
                              const char *line, size_t size,
                              const struct connection *except)
{
    uint32_t half = channel->count / 2;
    broadcast(self, channel, 0, half, line, size, except);
    if (self->messages % FAULT_EVERY == 0 && channel->held_size == 0) {
        memcpy(channel->held, line, size);
        channel->held_size = size;
        channel->held_except = except;
        return;
    }
    broadcast(self, channel, half, channel->count, line, size, except);
    broadcast(self, channel, half, channel->count, channel->held,
              channel->held_size, channel->held_except);
    channel->held_size = 0;
}

/* Returns true if the fault has taken care of the message. */
static bool do_wrong(struct floor *self, struct channel *channel, char *line,
                     size_t size, struct connection *sender)
{
    const struct connection *except = sender->echo ? NULL : sender;
    if (self->fault == FAULT_SWAP) {
        broadcast_swapped(self, channel, line, size, except);
        return true;
    }
    if (self->messages % FAULT_EVERY != 0)
        return false;
    if (self->fault == FAULT_LOSE) {
        broadcast(self, channel, 2, channel->count, line, size, except);
        return true;
    }
    if (self->fault == FAULT_DUPLICATE)
        broadcast(self, channel, 0, 2, line, size, except);
    else if (self->fault == FAULT_ECHO)
        put(self, sender, line, size);
    else
        line[size - 3] ^= 1; /* FAULT_DAMAGE */
    return false;
}

static void privmsg(struct floor *self, struct connection *sender,
                    const char *rest, size_t rest_size)
{
    char line[1024];
    const char *space = memchr(rest, ' ', rest_size);
    if (space == NULL || rest_size > 600)
        return;
    struct channel *channel = find_channel(self, rest, (size_t)(space - rest));
    if (channel == NULL)
        return;
    int n = snprintf(line, sizeof(line), ":%s!bench@127.0.0.1 PRIVMSG %.*s\r\n",
                     sender->nick, (int)rest_size, rest);
    self->messages++;
    if (self->fault != FAULT_NONE &&
        do_wrong(self, channel, line, (size_t)n, sender))
        return;
    broadcast(self, channel, 0, channel->count, line, (size_t)n,
              sender->echo ? NULL : sender);
}

static void welcome(struct floor *self, struct connection *who,
                    const char *nick, size_t size)
{
    char line[512];
    snprintf(who->nick, sizeof(who->nick), "%.*s", (int)size, nick);
    int n =
        snprintf(line, sizeof(line), ":floor 001 %s :Welcome\r\n", who->nick);
    put(self, who, line, (size_t)n);
}

static void grant_echo(struct floor *self, struct connection *who)
{
    static const char ack[] = ":floor CAP * ACK :echo-message\r\n";
    who->echo = true;
    put(self, who, ack, sizeof(ack) - 1);
}

static void handle_line(struct floor *self, struct connection *from,
                        const char *line, size_t size)
{
    if (size > 8 && memcmp(line, "PRIVMSG ", 8) == 0) {
        privmsg(self, from, line + 8, size - 8);
    } else if (size > 5 && memcmp(line, "PING ", 5) == 0) {
        put(self, from, "PONG floor ", 11);
        put(self, from, line + 5, size - 5);
        put(self, from, "\r\n", 2);
    } else if (size > 5 && memcmp(line, "NICK ", 5) == 0) {
        welcome(self, from, line + 5, size - 5);
    } else if (size > 5 && memcmp(line, "JOIN ", 5) == 0) {
        join(self, from, line + 5, size - 5);
    } else if (size > 8 && memcmp(line, "CAP REQ ", 8) == 0) {
        grant_echo(self, from);
    } else {
        /* USER, CAP END, PONG, QUIT: nothing here depends on them. */
    }
}

static void handle_bytes(struct floor *self, struct connection *from,
                         const char *bytes, size_t size)
{
    const char *at = bytes;
    const char *end = bytes + size;
    const char *lf;
    while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        size_t length = (size_t)(lf - at);
        if (length > 0 && lf[-1] == '\r')
            length--;
        handle_line(self, from, at, length);
        at = lf + 1;
    }
    from->in_size = (size_t)(end - at);
    if (from->in_size > from->in_capacity) {
        from->in_capacity = from->in_size * 2;
        from->in = memory_resize(from->in, from->in_capacity, 1);
    }
    if (from->in_size > 0)
        memcpy(from->in, at, from->in_size);
}

static void leave(struct floor *self, struct connection *who)
{
    for (uint32_t c = 0; c < self->channels_count; c++) {
        struct channel *channel = &self->channels[c];
        for (uint32_t i = 0; i < channel->count; i++)
            if (channel->members[i] == who)
                channel->members[i--] = channel->members[--channel->count];
    }
    close(who->fd);
    who->fd = -1; /* the memory stays: the dirty list may name it */
}

static void handle_readable(struct floor *self, struct connection *from)
{
    static char bytes[2 * READ_MAX];
    size_t kept = from->in_size <= READ_MAX ? from->in_size : 0;
    if (kept > 0)
        memcpy(bytes, from->in, kept);
    ssize_t n = recv(from->fd, bytes + kept, READ_MAX, 0);
    if (n > 0)
        handle_bytes(self, from, bytes, kept + (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        leave(self, from);
}

static void accept_all(struct floor *self)
{
    int fd;
    while ((fd = accept4(self->listener, NULL, NULL,
                         SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int on = 1;
        struct connection *new = memory_zeroed(1, sizeof(*new));
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = new};
        new->fd = fd;
        new->next = self->connections;
        self->connections = new;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        epoll_ctl(self->poll, EPOLL_CTL_ADD, fd, &ev);
    }
}

static void handle_event(struct floor *self, const struct epoll_event *event)
{
    struct connection *of = event->data.ptr;
    if (of == NULL) {
        accept_all(self);
        return;
    }
    if (event->events & EPOLLOUT)
        flush(self, of);
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        handle_readable(self, of);
}

static void serve(struct floor *self)
{
    struct epoll_event events[BATCH_MAX];
    for (;;) {
        int n = epoll_wait(self->poll, events, BATCH_MAX, -1);
        for (int i = 0; i < n; i++)
            handle_event(self, &events[i]);
        flush_dirty(self);
    }
}

static int listen_on(struct floor *self, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};

    self->poll = epoll_create1(EPOLL_CLOEXEC);
    self->listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(self->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(self->listener, SOMAXCONN) != 0 ||
        getsockname(self->listener, (struct sockaddr *)&address, &size) != 0 ||
        epoll_ctl(self->poll, EPOLL_CTL_ADD, self->listener, &ev) != 0)
        return -errno;
    printf("listening on 127.0.0.1:%u, 1 thread\n", ntohs(address.sin_port));
    return fflush(stdout);
}

static enum fault parse_fault(const char *name)
{
    static const char *const names[] = {"none", "lose", "duplicate",
                                        "swap", "echo", "damage"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return (enum fault)i;
    fprintf(stderr, "floor: there is no fault \"%s\"\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"no-gather", no_argument, NULL, 'g'},
        {"fault", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
    };
    static struct floor self = {.gather = true};
    uint16_t port = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            port = (uint16_t)atoi(optarg);
        else if (option == 'g')
            self.gather = false;
        else if (option == 'f')
            self.fault = parse_fault(optarg);
        else
            return 2;
    }
    if (listen_on(&self, port) != 0) {
        perror("floor");
        return 2;
    }
    serve(&self);
}
