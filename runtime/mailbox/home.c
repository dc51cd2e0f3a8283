/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/home.c - see home.h. */
#include "runtime/mailbox/home.h"

#include <ck_pr.h>
#include <stddef.h>
#include <stdlib.h>

#include "runtime/mailbox/litmus.h"

void mio_home_init(struct mio_home *self)
{
    self->word = NULL;
}

void mio_home_push(struct mio_home *self, struct mio_message *first,
                   struct mio_message *last)
{
    struct mio_message *found = ck_pr_load_ptr(&self->word);
    do {
        MIO_LITMUS_YIELD(MIO_LITMUS_HOME);
        last->next = found;
        /* Links before the word, and all that the receiver did with the
         * payloads before the sender writes there again; pairs with take. */
        ck_pr_fence_release();
    } while (!ck_pr_cas_ptr_value(&self->word, found, first, &found));
}

struct mio_message *mio_home_take(struct mio_home *self)
{
    if (ck_pr_load_ptr(&self->word) == NULL)
        return NULL;
    struct mio_message *first =
        (struct mio_message *)ck_pr_fas_ptr(&self->word, NULL);
    /* Pairs with push's release. */
    ck_pr_fence_acquire();
    return first;
}

int mio_homeward_init(struct mio_homeward *self, uint32_t reactors_count)
{
    self->used_count = 0;
    self->chains = calloc(reactors_count, sizeof(*self->chains));
    self->used = calloc(reactors_count, sizeof(*self->used));
    if (self->chains != NULL && self->used != NULL)
        return 0;
    mio_homeward_deinit(self);
    return MIO_ENOMEM;
}

void mio_homeward_deinit(struct mio_homeward *self)
{
    free(self->chains);
    free(self->used);
    self->chains = NULL;
    self->used = NULL;
}

bool mio_homeward_add(struct mio_homeward *self, struct mio_message *message,
                      size_t slot_size)
{
    struct mio_homeward_chain *chain = &self->chains[message->home];
    struct mio_message **recent = &chain->recent[chain->count % MIO_AHEAD];
    if (chain->count == 0)
        chain->last = message;
    message->next = chain->first;
    chain->first = message;
    /* Last in, first out: this is met MIO_AHEAD places before that. */
    mio_free_slot_of(message)->ahead =
        chain->count < MIO_AHEAD ? NULL : *recent;
    *recent = message;
    if (!chain->is_listed) {
        chain->is_listed = true;
        self->used[self->used_count++] = message->home;
    }
    chain->count++;
    chain->bytes += (uint32_t)slot_size;
    return chain->count >= MIO_HOMEWARD_MESSAGES &&
           chain->bytes >= MIO_HOMEWARD_BYTES;
}

uint32_t mio_homeward_send(struct mio_homeward *self, uint32_t reactor,
                           struct mio_home *home)
{
    struct mio_homeward_chain *chain = &self->chains[reactor];
    uint32_t count = chain->count;
    if (count > 0)
        mio_home_push(home, chain->first, chain->last);
    chain->first = NULL;
    chain->last = NULL;
    chain->count = 0;
    chain->bytes = 0;
    return count;
}
