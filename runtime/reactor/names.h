/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/names.h - a table of names: whose each is. Not installed.
 *
 * One for all reactors, and one on each. Looking up takes no lock and writes
 * nothing: it never waits for a change that was begun and not ended. Changes
 * exclude each other by a spinlock, held for some 50 ns. */
#ifndef MIO_RUNTIME_REACTOR_NAMES_H
#define MIO_RUNTIME_REACTOR_NAMES_H

#include <ck_spinlock.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/message.h"
#include "runtime/name.h"
#include "runtime/reactor/cell.h"

#define MIO_NAME_WORDS ((MIO_NAME_SIZE_MAX + 1) / 8)

/* A name as it is compared: in words, padded with zeros. */
struct mio_name_key {
    uint64_t words[MIO_NAME_WORDS];
    uint32_t words_count; /* up to the one with the first zero */
    uint32_t hash;
};

/* Read it.
 * Returns 0 | MIO_EINVAL (NULL, empty) | MIO_ENAMETOOLONG. */
MIO_NODISCARD int mio_name_key_init(struct mio_name_key *self,
                                    const char *name);

/* A name that somebody has. Other threads read words, id and next at any time,
 * also while the entry is given to another name: see mio_names_find. */
struct mio_name {
    uint64_t words[MIO_NAME_WORDS];
    uint64_t id;
    uint32_t next; /* place of the next, in its bucket or among the free */
    uint32_t hash;
    /* Who has it alone touches these: */
    struct mio_names *table;
    struct mio_attachment attachment;
};

/* A place is an index + 1; 0: none. */
struct mio_names {
    uint64_t *buckets; /* each: removals from it so far, place of the first */
    struct mio_name *entries;
    uint32_t buckets_mask;
    uint32_t entries_max;
    _Alignas(64) ck_spinlock_t lock;
    uint32_t used; /* entries below were used at least once */
    uint32_t free; /* place of the first free one of these */
};

/* Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_names_init(struct mio_names *self, uint32_t names_max);
void mio_names_deinit(struct mio_names *self);

/* Whose name it is at some moment of this call; nobody: nobody's.
 *                                                         Thread: any. */
mio_actor_id mio_names_find(const struct mio_names *self,
                            const struct mio_name_key *key);

/* Give it to `id`; *out is its entry until it is removed.
 * Returns 0 | MIO_EEXIST | MIO_EFULL.                     Thread: any. */
MIO_NODISCARD int mio_names_insert(struct mio_names *self,
                                   const struct mio_name_key *key,
                                   mio_actor_id id, struct mio_name **out);

/* Take it away.                                           Thread: any. */
void mio_names_remove(struct mio_names *self, struct mio_name *name);

/* Whether an entry has this name. Thread: who has it. */
static inline bool mio_name_is(const struct mio_name *self,
                               const struct mio_name_key *key)
{
    for (uint32_t i = 0; i < key->words_count; i++) {
        if (self->words[i] != key->words[i])
            return false;
    }
    return true;
}

#endif /* MIO_RUNTIME_REACTOR_NAMES_H */
