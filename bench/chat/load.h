/* SPDX-License-Identifier: MIT
 *
 * bench/chat/load.h - the clients of one run, in one thread over one epoll.
 *
 * ramp.h brings them into their channels, traffic.h makes them talk; both turn
 * the loop below until they have what they want. */
#ifndef BENCH_CHAT_LOAD_H
#define BENCH_CHAT_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/chat/client.h"
#include "bench/chat/histogram.h"
#include "bench/chat/layout.h"
#include "bench/chat/ledger.h"
#include "bench/chat/order.h"
#include "bench/chat/payload.h"

struct load {
    struct layout layout;
    struct sockaddr_in address;
    bool echo_wanted;
    bool echo; /* every client was granted echo-message */
    int poll;
    struct client *clients;
    struct client_buffer *buffer;
    struct payload payload;
    int64_t now_ns; /* when the bytes now being handled were read */

    struct ledger ledger;
    struct order order;
    struct histogram latency;
    int64_t latency_from_ns; /* messages due in [from, until) are timed */
    int64_t latency_until_ns;

    uint32_t opened;
    uint32_t ready;
    uint32_t lost_clients; /* closed by the server, stalled ones aside */
    uint32_t echo_granted;
    uint32_t completed; /* messages since traffic last looked */
    uint64_t deliveries;
    uint64_t corrupt; /* PRIVMSG lines that are none of ours */
    uint64_t pongs;
    char complaint[200]; /* the first ERROR or refusal, for the report */
};

/** Prepare to load the server at `address`. Returns 0 | -errno. */
int load_init(struct load *self, const struct layout *layout,
              const struct sockaddr_in *address, uint32_t payload_size,
              bool echo);

/** Close all clients and release everything. */
void load_deinit(struct load *self);

/** Open the next client. Returns 0 | -errno. */
int load_open_next(struct load *self);

/** Send bytes on client `index`, if it is still connected. */
void load_send(struct load *self, uint32_t index, const char *data,
               size_t size);

/** Begin to count messages; every client is in its channel. */
void load_begin_traffic(struct load *self);

/** Send message number ledger.messages_count of `sender`, due at due_ns. */
void load_say(struct load *self, uint32_t sender, int64_t due_ns);

/** Wait for bytes until deadline_ns at most, and handle one batch.
 *  Returns the number of sockets that had news. */
int load_turn(struct load *self, int64_t deadline_ns);

#endif /* BENCH_CHAT_LOAD_H */
