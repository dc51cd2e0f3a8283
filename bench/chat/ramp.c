/* SPDX-License-Identifier: MIT
 *
 * bench/chat/ramp.c - connect, register, join. */
#include "bench/chat/ramp.h"

#include <string.h>

#include "bench/chat/clock.h"

#define TURN_NS (100 * NS_PER_MS)

/* Keep `window` clients on their way. Returns false if one cannot be opened. */
static bool open_some(struct load *load, uint32_t window)
{
    while (load->opened < load->layout.clients &&
           load->opened - load->ready - load->lost_clients < window) {
        int rc = load_open_next(load);
        if (rc < 0) {
            strncpy(load->complaint, strerror(-rc),
                    sizeof(load->complaint) - 1);
            return false;
        }
    }
    return true;
}

bool ramp_up(struct load *load, uint32_t window, int64_t stuck_ns,
             int64_t *took_ns)
{
    int64_t began_ns = clock_now_ns();
    int64_t moved_ns = began_ns;
    uint32_t ready = 0;
    if (window == 0)
        window = load->layout.clients;

    while (load->ready < load->layout.clients && load->lost_clients == 0) {
        if (!open_some(load, window))
            break;
        load_turn(load, clock_now_ns() + TURN_NS);
        int64_t now_ns = clock_now_ns();
        if (load->ready != ready)
            moved_ns = now_ns;
        else if (now_ns - moved_ns > stuck_ns)
            break;
        ready = load->ready;
    }
    *took_ns = moved_ns - began_ns;
    return load->ready == load->layout.clients;
}

bool ramp_settle(struct load *load, int64_t stuck_ns)
{
    static const char ping[] = "PING :settle\r\n";
    uint32_t active = layout_active(&load->layout);
    uint64_t wanted = load->pongs + active;
    uint64_t pongs = load->pongs;
    int64_t moved_ns = clock_now_ns();

    for (uint32_t i = 0; i < active; i++)
        load_send(load, i, ping, sizeof(ping) - 1);
    while (load->pongs < wanted && load->lost_clients == 0) {
        load_turn(load, clock_now_ns() + TURN_NS);
        int64_t now_ns = clock_now_ns();
        if (load->pongs != pongs)
            moved_ns = now_ns;
        else if (now_ns - moved_ns > stuck_ns)
            return false;
        pongs = load->pongs;
    }
    return load->pongs >= wanted;
}
