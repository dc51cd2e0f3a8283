/* SPDX-License-Identifier: MIT
 *
 * bench/chat/cells.c - each workload answers one question; its figure means
 * nothing beside another cell's. */
#include "bench/chat/cells.h"

#include <stddef.h>
#include <strings.h>

/* Where the ramp is not the question: no more at once than a listener with a
 * backlog of ten (ngircd's) takes without dropping SYNs for seconds. */
#define RAMP_GENTLE 10
#define RAMP_AT_ONCE 0

#define CELLS_COUNT (sizeof(cells) / sizeof(cells[0]))

const struct workload cells_default = {
    .layout = {.clients = 100, .channels = 10},
    .payload_size = 64,
    .in_flight = 8,
    .duration_s = 2,
    .warmup_s = 0.5,
    .window = RAMP_GENTLE,
};

static const struct cell cells[] = {
    {
        .name = "A",
        .purpose = "CPU per delivery at a fixed rate: the regression gate",
        .workload = {.layout = {.clients = 1000, .channels = 10},
                     .payload_size = 64,
                     .rate = 500,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_GENTLE},
    },
    {
        .name = "C",
        .purpose = "throughput with the server never idle",
        .workload = {.layout = {.clients = 1000, .channels = 10},
                     .payload_size = 64,
                     .in_flight = 64,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_GENTLE},
    },
    {
        .name = "D",
        .purpose = "fan-out: everyone in one channel",
        .workload = {.layout = {.clients = 1000, .channels = 1},
                     .payload_size = 64,
                     .in_flight = 8,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_GENTLE},
    },
    {
        .name = "N3",
        .purpose = "tail latency when messages follow each other closely",
        .workload = {.layout = {.clients = 200, .channels = 20},
                     .payload_size = 64,
                     .in_flight = 4,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_GENTLE},
    },
    {
        .name = "E",
        .purpose = "C with 5,000 connections",
        .workload = {.layout = {.clients = 5000, .channels = 50},
                     .payload_size = 64,
                     .in_flight = 64,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_AT_ONCE},
    },
    {
        .name = "F",
        .purpose = "C with 10,000 connections",
        .workload = {.layout = {.clients = 10000, .channels = 100},
                     .payload_size = 64,
                     .in_flight = 64,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_AT_ONCE},
    },
    {
        .name = "I",
        .purpose = "10,000 connections that do nothing",
        .workload = {.layout = {.clients = 10000, .channels = 100},
                     .payload_size = 64,
                     .in_flight = 1,
                     .duration_s = 2,
                     .window = RAMP_AT_ONCE,
                     .ramp_only = true},
    },
    {
        .name = "O",
        .purpose = "one order for all members, the sender too (echo-message)",
        .workload = {.layout = {.clients = 200, .channels = 10},
                     .payload_size = 64,
                     .in_flight = 64,
                     .duration_s = 5,
                     .warmup_s = 1,
                     .window = RAMP_GENTLE,
                     .echo = true},
    },
    {
        /* 0.5 MB/s to each member: more than the 4 MB that the kernel takes
         * for a peer that does not read, well before the end. */
        .name = "Z",
        .purpose = "ten members that never read must harm nobody else",
        .workload = {.layout = {.clients = 60, .channels = 1, .stalled = 10},
                     .payload_size = 380,
                     .rate = 1200,
                     .duration_s = 15,
                     .warmup_s = 1,
                     .window = RAMP_GENTLE},
    },
};

const struct cell *cells_all(uint32_t *count)
{
    *count = CELLS_COUNT;
    return cells;
}

const struct cell *cells_find(const char *name)
{
    for (uint32_t i = 0; i < CELLS_COUNT; i++)
        if (strcasecmp(cells[i].name, name) == 0)
            return &cells[i];
    return NULL;
}
