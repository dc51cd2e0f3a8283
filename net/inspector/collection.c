/* SPDX-License-Identifier: MIT
 *
 * net/inspector/collection.c - see collection.h. */
#include "net/inspector/collection.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/poll.h"
#include "runtime/runtime.h"

int mio_collection_init(struct mio_collection *self, struct mio_waker *waker,
                        uint32_t reactors_count, int64_t within_ns)
{
    self->within_ns = within_ns;
    self->deadline_ns = MIO_FOREVER;
    self->places = calloc(reactors_count, sizeof(*self->places));
    if (self->places == NULL)
        return MIO_ENOMEM;
    self->reactors_count = reactors_count;
    for (uint32_t i = 0; i < reactors_count; i++)
        self->places[i].waker = waker;
    return 0;
}

void mio_collection_deinit(struct mio_collection *self)
{
    free(self->places);
}

/* On the reactor's thread. The place is the inspector's again with the store:
 * pairs with is_asked. After that only the waker is touched, and the inspector
 * is not freed before the reactors' threads have ended. */
static void answer(void *ctx, const struct mio_reactor_figures *figures)
{
    struct mio_collection_place *place = ctx;
    struct mio_waker *waker = place->waker;
    place->has_figures = figures != NULL;
    if (figures != NULL)
        place->figures = *figures;
    __atomic_store_n(&place->is_asked, 0, __ATOMIC_RELEASE);
    (void)mio_waker_wake(waker);
}

static bool is_asked(const struct mio_collection_place *place)
{
    return __atomic_load_n(&place->is_asked, __ATOMIC_ACQUIRE) != 0;
}

/* One that has not made a turn may never be started, and its inbox would keep
 * the question beyond our end. */
static bool has_begun(const struct mio_runtime *runtime, uint32_t reactor)
{
    struct mio_counters counters;
    return mio_runtime_counters(runtime, reactor, &counters) == 0 &&
           counters.turns > 0;
}

static void ask(struct mio_collection *self, struct mio_runtime *runtime,
                uint32_t reactor)
{
    struct mio_collection_place *place = &self->places[reactor];
    place->is_fresh = false;
    if (is_asked(place))
        return; /* since an earlier time: it may still answer */
    place->has_figures = false;
    if (!has_begun(runtime, reactor))
        return;
    __atomic_store_n(&place->is_asked, 1, __ATOMIC_RELEASE);
    if (mio_runtime_ask_figures(runtime, reactor, answer, place) < 0)
        __atomic_store_n(&place->is_asked, 0, __ATOMIC_RELEASE);
}

void mio_collection_start(struct mio_collection *self,
                          struct mio_runtime *runtime)
{
    if (self->deadline_ns != MIO_FOREVER)
        return;
    self->deadline_ns = mio_clock_monotonic_ns() + self->within_ns;
    for (uint32_t i = 0; i < self->reactors_count; i++)
        ask(self, runtime, i);
}

static bool has_all(const struct mio_collection *self)
{
    for (uint32_t i = 0; i < self->reactors_count; i++)
        if (is_asked(&self->places[i]))
            return false;
    return true;
}

int64_t mio_collection_timeout_ns(const struct mio_collection *self)
{
    if (self->deadline_ns == MIO_FOREVER)
        return MIO_FOREVER;
    int64_t left_ns = self->deadline_ns - mio_clock_monotonic_ns();
    return left_ns < 0 || has_all(self) ? 0 : left_ns;
}

bool mio_collection_is_done(struct mio_collection *self)
{
    if (self->deadline_ns == MIO_FOREVER)
        return false;
    if (!has_all(self) && mio_clock_monotonic_ns() < self->deadline_ns)
        return false;
    for (uint32_t i = 0; i < self->reactors_count; i++)
        self->places[i].is_fresh = !is_asked(&self->places[i]);
    self->deadline_ns = MIO_FOREVER;
    return true;
}

const struct mio_reactor_figures *
mio_collection_figures(const struct mio_collection *self, uint32_t reactor)
{
    const struct mio_collection_place *place = &self->places[reactor];
    return place->is_fresh && place->has_figures ? &place->figures : NULL;
}
