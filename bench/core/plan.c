/* SPDX-License-Identifier: MIT
 *
 * bench/core/plan.c - the workloads and the contestants. */
#include "bench/core/plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVENT(n) {{"per event", "event", NULL, n, 5000}}, 1

const struct plan plans[] = {
    {"chain", "Event chain, 100 pipes, 1 active", "chain 100 1", "chain 10 1",
     EVENT(20000), 1, 1, true},
    {"chain", "Event chain, 1,000 pipes, 100 active", "chain 1000 100",
     "chain 100 10", EVENT(20000), 1, 1, true},
    {"chain", "Event chain, 5,000 pipes, 1,000 active", "chain 5000 1000",
     "chain 100 20", EVENT(20000), 1, 1, true},
    {"registry",
     "Registration, 2,000 pipes",
     "registry 2000",
     "registry 20",
     {{"register", "register", NULL, 2000, 2000},
      {"reregister", "reregister", NULL, 2000, 2000},
      {"deregister", "deregister", NULL, 2000, 2000}},
     3,
     3,
     1,
     true},
    {"wake",
     "Wake",
     "wake",
     "wake",
     {{"receiver asleep", "asleep", NULL, 2000, 2000},
      {"receiver awake", "awake", "own", 5000, 2000},
      {"another wake under way", "coalesced", NULL, 20000, 2000}},
     3,
     1,
     1,
     true},
    {"timers",
     "Timers, 10,000 live",
     "timers 10000 60000",
     "timers 100 60000",
     {{"insert", "insert", NULL, 10000, 10000},
      {"re-arm", "rearm", NULL, 20000, 10000},
      {"cancel", "cancel", NULL, 10000, 10000}},
     3,
     10,
     1,
     true},
    {"timers",
     "Timers, 10,000 live",
     "timers 10000 60000",
     "timers 100 60000",
     {{"fire", "fire", NULL, 10000, 10000}},
     1,
     1,
     2,
     true},
    {"timers-million",
     "Timers, 1,000,000 live",
     "timers 1000000 60000",
     "timers 10000 60000",
     {{"insert", "insert", NULL, 1000000, 0},
      {"re-arm", "rearm", NULL, 1000000, 0},
      {"cancel", "cancel", NULL, 1000000, 0},
      {"fire", "fire", NULL, 1000000, 0}},
     4,
     1,
     4,
     false},
};

const int plans_count = sizeof(plans) / sizeof(plans[0]);

/* Of each selector: name, file, variable, value. */
static const struct {
    const char *selector, *name, *file, *variable, *value;
} entries[] = {
    {"epoll", "raw epoll", "raw_epoll", NULL, NULL},
    {"epoll", "raw epoll again", "raw_epoll", NULL, NULL},
    {"epoll", "miocene poll+events", "miocene", "MIO_SELECTOR", "epoll"},
    {"epoll", "miocene event_loop", "miocene_loop", "MIO_SELECTOR", "epoll"},
    {"epoll", "Rust mio", NULL, NULL, NULL},
    {"epoll", "libuv", "uv", NULL, NULL},
    {"epoll", "libev", "ev", "LIBEV_FLAGS", "4"},
    {"epoll", "libevent", "event", NULL, NULL},
    {"poll", "raw poll", "raw_poll", NULL, NULL},
    {"poll", "miocene poll+events", "miocene", "MIO_SELECTOR", "poll"},
    {"poll", "miocene event_loop", "miocene_loop", "MIO_SELECTOR", "poll"},
    {"poll", "libev", "ev", "LIBEV_FLAGS", "2"},
    {"poll", "libevent", "event", "EVENT_NOEPOLL", "1"},
};

void contest_init(struct contest *self, const char *selector,
                  const char *directory, const char *mio_path,
                  const char *mio_why_not)
{
    *self = (struct contest){.name = selector};
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        if (strcmp(entries[i].selector, selector) != 0)
            continue;
        struct contestant *one = &self->contestants[self->count++];
        one->name = entries[i].name;
        one->file = entries[i].file;
        one->variable = entries[i].variable;
        one->value = entries[i].value;
        if (one->file != NULL)
            snprintf(one->path, sizeof(one->path), "%s/%s", directory,
                     one->file);
        else if (mio_path != NULL)
            snprintf(one->path, sizeof(one->path), "%s", mio_path);
        else
            snprintf(one->why_not, sizeof(one->why_not), "%s", mio_why_not);
    }
}
