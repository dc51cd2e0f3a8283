/* SPDX-License-Identifier: MIT
 *
 * runtime/group.c - see group.h.
 *
 * A broadcast's bytes are in one message, the load; each reactor with members
 * gets a share of it. The load counts shares, atomically; a share counts those
 * on its reactor who read it, plainly. A share is a system message. As it is
 * handled, it is shown to one member after the other as if it were a message to
 * that one; if they are many, it goes back to the head of the queue now and
 * then, so that the reactor can look for events. */
#include "runtime/group.h"

#include <ck_pr.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/count.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/groups.h"
#include "runtime/reactor/system.h"

/* So many members get a broadcast between two entries at most. */
#define FAN_OUT_ENTRIES 16

/* What all shares of a broadcast share: the payload of a held message. */
struct load {
    uint32_t shares_count; /* atomic */
    uint32_t size;
    const struct mio_message_type *type;
    struct mio_name_key group;
    unsigned char bytes[];
};

/* The payload of what is sent to a reactor, and shown to its members. */
struct share {
    struct mio_slice slice; /* first; the reactor itself has one reference */
    struct load *load;
    struct mio_reactor *reactor; /* where it is */
    struct mio_group *group;     /* NULL: it was not begun */
};

static void handle_share(struct mio_reactor *reactor, struct mio_actor *to,
                         struct mio_message *message);
static void drop_share(struct mio_reactor *reactor,
                       struct mio_message *message);

static const struct mio_system_type share_type = {
    .base = {.name = "broadcast"},
    .handle = handle_share,
    .dropped = drop_share,
};

static struct mio_message *message_of(void *payload)
{
    return (struct mio_message *)payload - 1;
}

/* --- members ------------------------------------------------------------- */

static uint32_t *row_of(const struct mio_common *common,
                        const struct mio_name_key *key)
{
    size_t row = key->hash % MIO_GROUP_ROWS;
    return &common->group_rows[row * common->reactors_count];
}

/* Others see it at once: past the queues. */
static void count_member(struct mio_reactor *reactor,
                         const struct mio_group *group, uint32_t change)
{
    uint32_t *count = &row_of(reactor->common, &group->key)[reactor->index];
    ck_pr_store_32(count, *count + change);
}

static struct mio_group *new_group(struct mio_reactor *reactor,
                                   const struct mio_name_key *key)
{
    struct mio_message *message =
        mio_reactor_message_new(reactor, sizeof(struct mio_group));
    if (message == NULL)
        return NULL;
    struct mio_group *group = mio_message_payload(message);
    *group = (struct mio_group){.key = *key};
    if (mio_groups_add(&reactor->groups, group) == 0)
        return group;
    mio_reactor_message_free(reactor, message);
    return NULL;
}

static void free_group_if_unused(struct mio_reactor *reactor,
                                 struct mio_group *group)
{
    if (group->members != NULL || group->is_busy)
        return;
    mio_groups_remove(&reactor->groups, group);
    mio_reactor_message_free(reactor, message_of(group));
}

/* Its actor ends, or leaves. */
static void left(struct mio_actor *actor, struct mio_attachment *attachment)
{
    struct mio_reactor *reactor = actor->reactor;
    struct mio_group_member *member =
        (struct mio_group_member *)(void *)attachment; /* its first member */
    struct mio_group *group = member->group;
    if (group->cursor == member)
        group->cursor = member->next;
    *member->link = member->next;
    if (member->next != NULL)
        member->next->link = member->link;
    count_member(reactor, group, (uint32_t)-1);
    mio_reactor_message_free(reactor, message_of(member));
    free_group_if_unused(reactor, group);
}

/* Not behind the cursor: a broadcast that is being handed out came before. */
static void add_member(struct mio_actor *self, struct mio_group *group,
                       struct mio_group_member *member)
{
    *member = (struct mio_group_member){.actor = self, .group = group};
    member->attachment.ended = left;
    member->next = group->members;
    member->link = &group->members;
    if (member->next != NULL)
        member->next->link = &member->next;
    group->members = member;
    mio_attach_early(self, &member->attachment);
    count_member(self->reactor, group, 1);
}

static struct mio_attachment *find_own(const struct mio_actor *self,
                                       const struct mio_group *group)
{
    struct mio_attachment *attachment = self->early_attachments;
    for (; attachment != NULL; attachment = attachment->next) {
        if (attachment->ended == left &&
            ((struct mio_group_member *)(void *)attachment)->group == group)
            return attachment;
    }
    return NULL;
}

int mio_group_join(struct mio_actor *self, const char *name)
{
    struct mio_reactor *reactor = self->reactor;
    struct mio_name_key key;
    int result = mio_name_key_init(&key, name);
    if (result < 0)
        return result;
    struct mio_group *group = mio_groups_find(&reactor->groups, &key);
    if (group != NULL && find_own(self, group) != NULL)
        return MIO_EEXIST;
    struct mio_message *message =
        mio_reactor_message_new(reactor, sizeof(struct mio_group_member));
    if (message == NULL)
        return MIO_ENOMEM;
    if (group == NULL)
        group = new_group(reactor, &key);
    if (group == NULL) {
        mio_reactor_message_free(reactor, message);
        return MIO_ENOMEM;
    }
    mio_actor_publish_before_effect(self);
    add_member(self, group, mio_message_payload(message));
    return 0;
}

int mio_group_leave(struct mio_actor *self, const char *name)
{
    struct mio_name_key key;
    int result = mio_name_key_init(&key, name);
    if (result < 0)
        return result;
    const struct mio_group *group =
        mio_groups_find(&self->reactor->groups, &key);
    struct mio_attachment *attachment =
        group != NULL ? find_own(self, group) : NULL;
    if (attachment == NULL)
        return MIO_ENOENT;
    mio_actor_publish_before_effect(self);
    mio_detach(attachment);
    left(self, attachment);
    return 0;
}

/* --- shares -------------------------------------------------------------- */

static void drop_load(struct mio_reactor *reactor, struct load *load)
{
    if (load->type->drop != NULL)
        load->type->drop(load->bytes, load->size);
    mio_reactor_message_free(reactor, message_of(load));
}

/* The last reference on a reactor. */
static void release_share(struct mio_slice *slice)
{
    struct share *share = (struct share *)(void *)slice; /* its first member */
    struct mio_reactor *reactor = share->reactor;
    struct load *load = share->load;
    mio_reactor_message_free(reactor, message_of(share));
    ck_pr_fence_release(); /* all was read; pairs with the one below */
    if (ck_pr_faa_32(&load->shares_count, (uint32_t)-1) != 1)
        return;
    ck_pr_fence_acquire();
    drop_load(reactor, load);
}

/* No member is left who has not got it. */
static void finish_share(struct mio_reactor *reactor, struct share *share)
{
    struct mio_group *group = share->group;
    if (group != NULL) {
        group->cursor = NULL;
        group->is_busy = false;
        free_group_if_unused(reactor, group);
    }
    mio_slice_unref(&share->slice);
}

/* The runtime has ended, here or there. */
static void drop_share(struct mio_reactor *reactor, struct mio_message *message)
{
    struct share *share = mio_message_payload(message);
    share->reactor = reactor;
    finish_share(reactor, share);
}

/* Show it to a member, as the dispatch of a message would. */
static void show(struct mio_reactor *reactor, struct mio_actor *actor,
                 struct mio_message *message)
{
    const struct share *share = mio_message_payload(message);
    if (mio_actor_registry_is_marked(reactor->registry, actor->id)) {
        mio_reactor_end_later(actor, MIO_EKILLED);
        mio_reactor_end_all(reactor);
        return;
    }
    if (actor->actor_class->receive == NULL) {
        mio_count(&reactor->counters.dead_letters);
        return;
    }
    mio_count(&reactor->counters.fanned_out);
    message->to = actor->id;
    message->type = share->load->type;
    message->size = sizeof(share->slice);
    message->next = NULL; /* it cannot be kept: others are to see it */
    reactor->receiving = message;
    actor->received++;
    int result = actor->receive(actor, actor->state, message);
    reactor->receiving = NULL;
    mio_reactor_settle(reactor, actor, result);
}

/* Nothing else is handled before: those who have it not yet would otherwise
 * get later things first. */
static void go_on_later(struct mio_reactor *reactor,
                        struct mio_message *message)
{
    message->type = &share_type.base;
    message->kind = MIO_ENTRY_SYSTEM;
    mio_queue_push_first(&reactor->queue, message);
}

static void handle_share(struct mio_reactor *reactor, struct mio_actor *to,
                         struct mio_message *message)
{
    (void)to;
    struct share *share = mio_message_payload(message);
    struct mio_group *group = share->group;
    if (group == NULL) {
        share->reactor = reactor;
        group = mio_groups_find(&reactor->groups, &share->load->group);
        if (group == NULL) {
            finish_share(reactor, share);
            return;
        }
        MIO_ASSERT(!group->is_busy);
        share->group = group;
        group->is_busy = true;
        group->cursor = group->members;
    }
    for (int i = 0; i < FAN_OUT_ENTRIES && group->cursor != NULL; i++) {
        struct mio_actor *actor = group->cursor->actor;
        group->cursor = group->cursor->next;
        show(reactor, actor, message);
    }
    if (group->cursor != NULL)
        go_on_later(reactor, message);
    else
        finish_share(reactor, share);
}

/* --- sending ------------------------------------------------------------- */

static struct load *new_load(struct mio_actor *self,
                             const struct mio_name_key *key,
                             const struct mio_message_type *type,
                             const void *payload, size_t size)
{
    struct mio_message *message =
        mio_reactor_message_new(self->reactor, sizeof(struct load) + size);
    if (message == NULL)
        return NULL;
    struct load *load = mio_message_payload(message);
    load->shares_count = 0;
    load->size = (uint32_t)size;
    load->type = type;
    load->group = *key;
    if (size > 0)
        memcpy(load->bytes, payload, size);
    return load;
}

/* A share for each reactor that has members, linked from *out.
 * Returns how many | MIO_EAGAIN | MIO_ENOMEM; then there are some, too. */
static int new_shares(struct mio_actor *self, struct load *load,
                      struct mio_message **out)
{
    const struct mio_common *common = self->reactor->common;
    const uint32_t *row = row_of(common, &load->group);
    int count = 0;
    for (uint32_t i = 0; i < common->reactors_count; i++) {
        if (ck_pr_load_32(&row[i]) == 0)
            continue;
        int result = mio_reactor_check_credit(self->reactor, i);
        if (result < 0)
            return result;
        struct mio_message *message =
            mio_system_new(self->reactor, &share_type, sizeof(struct share));
        if (message == NULL)
            return MIO_ENOMEM;
        struct share *share = mio_message_payload(message);
        *share = (struct share){.load = load};
        mio_slice_init(&share->slice, load->bytes, load->size, release_share);
        message->to = mio_reactor_address(i);
        message->next = *out;
        *out = message;
        count++;
    }
    return count;
}

static void free_shares(struct mio_reactor *reactor, struct mio_message *first)
{
    while (first != NULL) {
        struct mio_message *message = first;
        first = message->next;
        mio_reactor_message_free(reactor, message);
    }
}

static void send_shares(struct mio_actor *self, struct mio_message *first)
{
    while (first != NULL) {
        struct mio_message *message = first;
        first = message->next;
        mio_system_send(self->reactor, self->id, message->to, &share_type,
                        message);
    }
}

int mio_broadcast(struct mio_actor *self, const char *group,
                  const struct mio_message_type *type, const void *payload,
                  size_t size)
{
    struct mio_name_key key;
    struct mio_message *shares = NULL;
    MIO_ASSERT(type != NULL);
    int result = mio_name_key_init(&key, group);
    if (result < 0)
        return result;
    if (size > MIO_MESSAGE_SIZE_MAX - sizeof(struct load))
        return MIO_EINVAL;
    struct load *load = new_load(self, &key, type, payload, size);
    if (load == NULL)
        return MIO_ENOMEM;
    int count = new_shares(self, load, &shares);
    /* Who is a member was seen past the queues: rule 3 of causality. */
    mio_reactor_take(self->reactor);
    if (count < 0) {
        free_shares(self->reactor, shares);
        mio_reactor_message_free(self->reactor, message_of(load));
        return count;
    }
    if (count == 0) {
        drop_load(self->reactor, load);
        return 0;
    }
    load->shares_count = (uint32_t)count;
    send_shares(self, shares);
    return count;
}

/* The way to a reactor with members that has no room; our own always has. */
static mio_actor_id find_crowded(struct mio_actor *self,
                                 const struct mio_name_key *key)
{
    const struct mio_common *common = self->reactor->common;
    const uint32_t *row = row_of(common, key);
    for (uint32_t i = 0; i < common->reactors_count; i++) {
        if (ck_pr_load_32(&row[i]) != 0 &&
            mio_reactor_check_credit(self->reactor, i) < 0)
            return mio_reactor_address(i);
    }
    return self->id;
}

int mio_await_broadcast(struct mio_actor *self, const char *group,
                        struct mio_writable *writable,
                        int (*ready)(struct mio_actor *self, void *state,
                                     struct mio_writable *writable))
{
    struct mio_name_key key;
    int result = mio_name_key_init(&key, group);
    if (result < 0)
        return result;
    return mio_await_writable(self, find_crowded(self, &key), writable, ready);
}
