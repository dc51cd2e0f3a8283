/* SPDX-License-Identifier: MIT
 *
 * bench/chat/traffic.c - the schedule of the open loop, the window of the
 * closed one. */
#include "bench/chat/traffic.h"

#include "bench/chat/clock.h"

#define TURN_NS (100 * NS_PER_MS)

static void say_next(struct traffic *self, int64_t due_ns)
{
    uint32_t sender = self->cursor;
    self->cursor = (sender + 1) % layout_active(&self->load->layout);
    self->said++;
    load_say(self->load, sender, due_ns);
}

static int64_t next_due_ns(const struct traffic *self)
{
    double offset = (double)self->said * (double)NS_PER_S / self->rate;
    return self->began_ns + (int64_t)offset;
}

/* Say what is due; returns when there is something to do next. */
static int64_t say_due(struct traffic *self, int64_t end_ns)
{
    if (self->rate > 0) {
        int64_t due_ns;
        int64_t now_ns = clock_now_ns();
        while ((due_ns = next_due_ns(self)) <= now_ns && due_ns < end_ns)
            say_next(self, due_ns);
        return due_ns < end_ns ? due_ns : end_ns;
    }
    uint32_t replace =
        self->said == 0 ? self->in_flight : self->load->completed;
    self->load->completed = 0;
    while (replace-- > 0)
        say_next(self, clock_now_ns());
    return end_ns;
}

bool traffic_run(struct traffic *self, int64_t end_ns)
{
    struct load *load = self->load;
    uint64_t deliveries = load->deliveries;
    int64_t now_ns = clock_now_ns();
    int64_t moved_ns = now_ns;
    if (self->said == 0)
        self->began_ns = now_ns;

    while (now_ns < end_ns) {
        int64_t wake_ns = say_due(self, end_ns);
        load_turn(load, wake_ns);
        now_ns = clock_now_ns();
        if (load->deliveries != deliveries || load->ledger.owed == 0)
            moved_ns = now_ns;
        else if (now_ns - moved_ns > self->patience_ns)
            return false;
        deliveries = load->deliveries;
    }
    return true;
}

bool traffic_drain(struct traffic *self)
{
    struct load *load = self->load;
    uint64_t deliveries = load->deliveries;
    int64_t moved_ns = clock_now_ns();

    while (load->ledger.owed > 0) {
        int64_t now_ns = clock_now_ns();
        load_turn(load, now_ns + TURN_NS);
        if (load->deliveries != deliveries)
            moved_ns = now_ns;
        else if (now_ns - moved_ns > self->patience_ns)
            break;
        deliveries = load->deliveries;
    }
    self->said = 0;
    load->completed = 0;
    return load->ledger.owed == 0;
}
