/* SPDX-License-Identifier: MIT
 *
 * net/inspector/collection.h - the answers of all reactors. Not installed.
 *
 * All are asked at once. Each has one place for its answer, which it is asked
 * for again only when that is in: a reactor that is stuck is left out, and has
 * one question in its inbox however often somebody asks. */
#ifndef MIO_NET_INSPECTOR_COLLECTION_H
#define MIO_NET_INSPECTOR_COLLECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "core/waker.h"
#include "runtime/figures.h"

struct mio_collection_place {
    struct mio_waker *waker;
    uint32_t is_asked; /* set by the inspector, cleared by the reactor */
    bool is_fresh;     /* the answer is of this collection */
    bool has_figures;
    struct mio_reactor_figures figures;
};

struct mio_collection {
    struct mio_collection_place *places;
    uint32_t reactors_count;
    int64_t within_ns;
    int64_t deadline_ns; /* MIO_FOREVER: none is under way */
};

/* The waker is rung from reactors' threads. Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_collection_init(struct mio_collection *self,
                                      struct mio_waker *waker,
                                      uint32_t reactors_count,
                                      int64_t within_ns);
void mio_collection_deinit(struct mio_collection *self);

/* Ask all, unless they are being asked. */
void mio_collection_start(struct mio_collection *self,
                          struct mio_runtime *runtime);

/* How long to wait for answers: MIO_FOREVER if for none. */
int64_t mio_collection_timeout_ns(const struct mio_collection *self);

/* One was under way, and ends now: all have answered, or took too long. */
bool mio_collection_is_done(struct mio_collection *self);

/* What a reactor said in the collection that is done; NULL: nothing. */
const struct mio_reactor_figures *
mio_collection_figures(const struct mio_collection *self, uint32_t reactor);

#endif /* MIO_NET_INSPECTOR_COLLECTION_H */
