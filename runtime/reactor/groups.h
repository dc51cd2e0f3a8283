/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/groups.h - the members of groups on one reactor. Not
 * installed.
 *
 * What a group is on all reactors together nobody knows. Others see a row of
 * counts for each hash of a name: on which reactors somebody is in such a
 * group. A row that two groups share costs a message that finds no group. */
#ifndef MIO_RUNTIME_REACTOR_GROUPS_H
#define MIO_RUNTIME_REACTOR_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/reactor/cell.h"
#include "runtime/reactor/names.h"

/* Rows of counts: common->group_rows, a count for each reactor in each row.
 * Each count has one writer, its reactor. */
#define MIO_GROUP_ROWS 1024

/* The payload of a held message. */
struct mio_group_member {
    struct mio_attachment attachment; /* first */
    struct mio_actor *actor;
    struct mio_group *group;
    struct mio_group_member *next;
    struct mio_group_member **link;
};

/* The payload of a held message. */
struct mio_group {
    struct mio_group *next; /* of its bucket */
    struct mio_group_member *members;
    struct mio_group_member *cursor; /* who gets the broadcast next */
    bool is_busy;                    /* a broadcast is being handed out */
    struct mio_name_key key;
};

/* Grows with the number of groups; as large as it is if memory is out. */
struct mio_groups {
    struct mio_group **buckets;
    uint32_t buckets_count; /* a power of 2, or 0 */
    uint32_t count;
};

void mio_groups_deinit(struct mio_groups *self);

/* NULL: there is none. */
struct mio_group *mio_groups_find(const struct mio_groups *self,
                                  const struct mio_name_key *key);

/* Add one that is not there. Returns 0 | MIO_ENOMEM (only the first ever). */
MIO_NODISCARD int mio_groups_add(struct mio_groups *self,
                                 struct mio_group *group);
void mio_groups_remove(struct mio_groups *self, struct mio_group *group);

#endif /* MIO_RUNTIME_REACTOR_GROUPS_H */
