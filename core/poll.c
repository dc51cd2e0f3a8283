/* SPDX-License-Identifier: MIT
 *
 * core/poll.c - the registry and the wait: step 2 of a byte's walk.
 *
 * What stands beside a system call is counted here. A locked instruction costs
 * 15 ns, 7 % of an epoll_ctl: register has two (the source, the slot),
 * deregister one, reregister and wait none, and while the process has one
 * thread nobody has any (sys/threads.h). A return from a function that was
 * entered before the call costs 8 ns: each has its own one, and no other
 * (sys/epoll_call.h). */
#include "core/poll.h"

#include <stdbool.h>

#include "core/assert.h"
#include "core/poll_private.h"
#include "core/sys/selector_call.h"
#include "core/sys/threads.h"

#define SOURCES_MAX_DEFAULT 65536
#define SOURCES_MAX_LIMIT (UINT32_C(1) << 31)
#define DOORBELL_KEY (UINT64_C(0) | MIO_SLOT_NONE)

static int open_parts(struct mio_poll *self,
                      const struct mio_selector_options *options)
{
    int rc = mio_slot_table_init(&self->table, options->sources_max,
                                 options->allocator);
    if (rc < 0)
        return rc;

    rc = mio_selector_new(&self->selector, options);
    if (rc < 0)
        goto fail_selector;

    rc = mio_wake_list_new(&self->wake_list, self->selector, DOORBELL_KEY,
                           options->allocator);
    if (rc < 0)
        goto fail_wake_list;
    return MIO_OK;

fail_wake_list:
    self->selector->ops->free(self->selector);
fail_selector:
    mio_slot_table_deinit(&self->table);
    return rc;
}

int mio_poll_new(struct mio_poll **out, const struct mio_poll_options *options)
{
    static const struct mio_poll_options defaults;
    if (out == NULL)
        return MIO_EINVAL;
    if (options == NULL)
        options = &defaults;
    const struct mio_selector_options parts = {
        .kind = (uint32_t)options->selector,
        .sources_max = options->sources_max != 0 ? options->sources_max
                                                 : SOURCES_MAX_DEFAULT,
        .allocator = options->allocator,
        .log = options->log,
    };
    if (parts.sources_max > SOURCES_MAX_LIMIT)
        return MIO_EINVAL;

    struct mio_poll *self =
        mio_allocator_allocate_zeroed(parts.allocator, 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    int rc = open_parts(self, &parts);
    if (rc < 0) {
        mio_allocator_release(parts.allocator, self, 1, sizeof(*self));
        return rc;
    }
    self->allocator = parts.allocator;
    self->log = parts.log;
    self->has_to_arm = self->selector->ops->arm != NULL;
    mio_registry_init(&self->registry);
    *out = self;
    return MIO_OK;
}

void mio_poll_release_memory(struct mio_poll *self)
{
    mio_slot_table_deinit(&self->table);
    mio_allocator_release(self->allocator, self, 1, sizeof(*self));
}

void mio_poll_free(struct mio_poll *self)
{
    if (self == NULL)
        return;
    MIO_ASSERT(self->selector != NULL);
    MIO_ASSERT(!__atomic_load_n(&self->is_waiting, __ATOMIC_RELAXED));

    mio_registry_close(&self->registry);
    mio_wake_list_close(self->wake_list);
    self->selector->ops->free(self->selector);
    self->selector = NULL;

    /* A source that is closed after its poll looks here once more. */
    uint32_t orphans_count = mio_slot_table_count(&self->table);
    if (orphans_count > 0)
        mio_log_print(self->log, MIO_LOG_WARNING,
                      "poll: freed with %u sources registered, which yield no "
                      "more events",
                      (unsigned)orphans_count);
    mio_registry_unref(&self->registry, MIO_REFS_OF_POLL - orphans_count);
}

static struct mio_poll *poll_of(const struct mio_source *source)
{
    return __atomic_load_n(&source->poll, __ATOMIC_ACQUIRE);
}

static bool is_valid(uint32_t interest, uint32_t mode)
{
    return mio_interest_is_valid(interest) && (mode & ~MIO_MODE_ALL) == 0;
}

static inline int add(struct mio_poll *self, struct mio_source *source,
                      mio_token token, uint32_t flags, uint32_t more_flags)
{
    uint64_t key;
    int rc = mio_slot_table_claim(&self->table, token, &key);
    if (rc < 0)
        return rc;

    /* Before it is watched: whoever takes its first event may arm it, while
     * this thread is still in here. */
    uint32_t slot = mio_slot_of_key(key);
    source->slot = slot;
    source->flags = flags | more_flags;
    rc = mio_selector_add(self->selector, source, key, flags);
    if (rc < 0) {
        mio_slot_table_void(&self->table, slot);
        mio_slot_table_release(&self->table, slot);
        return rc;
    }
    return MIO_OK;
}

/* Of several threads and polls, only one gets it. */
static bool claim(struct mio_source *source, struct mio_poll *self)
{
    struct mio_poll *none = NULL;
    if (!mio_is_single_threaded())
        return __atomic_compare_exchange_n(&source->poll, &none, self, false,
                                           __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
    if (poll_of(source) != NULL)
        return false;
    __atomic_store_n(&source->poll, self, __ATOMIC_RELAXED);
    return true;
}

int mio_poll_register_as(struct mio_poll *self, struct mio_source *source,
                         mio_token token, uint32_t interest, uint32_t mode,
                         uint32_t more_flags)
{
    if (self == NULL || source == NULL || !is_valid(interest, mode))
        return MIO_EINVAL;
    MIO_ASSERT(self->selector != NULL);

    /* Before anything else: whoever fails has changed nothing. */
    if (!claim(source, self))
        return MIO_EEXIST;

    int rc = add(self, source, token, mio_flags_of(interest, mode), more_flags);
    if (rc < 0)
        __atomic_store_n(&source->poll, NULL, __ATOMIC_RELEASE);
    return rc;
}

int mio_poll_register(struct mio_poll *self, struct mio_source *source,
                      mio_token token, uint32_t interest, uint32_t mode)
{
    return mio_poll_register_as(self, source, token, interest, mode, 0);
}

/* Its selector could neither change it nor leave it as it was. */
static void let_go(struct mio_poll *self, struct mio_source *source)
{
    mio_slot_table_void(&self->table, source->slot);
    mio_slot_table_release(&self->table, source->slot);
    __atomic_store_n(&source->poll, NULL, __ATOMIC_RELEASE);
}

static inline int renew(struct mio_poll *self, struct mio_source *source,
                        mio_token token, uint32_t flags)
{
    uint64_t old_key = mio_slot_table_key(&self->table, source->slot);
    mio_token old_token = mio_slot_table_token(&self->table, source->slot);

    /* First the table, then the selector: an event with the new key must not
     * find the old generation, for it would be lost. */
    uint64_t key = mio_slot_table_renew(&self->table, source->slot, token);
    int rc = mio_selector_modify(self->selector, source, key, flags);
    if (__builtin_expect(rc < 0, 0)) {
        if (mio_flags_interest(source->flags) == 0)
            let_go(self, source);
        else
            mio_slot_table_restore(&self->table, old_key, old_token);
        return rc;
    }
    source->flags = flags | (source->flags & MIO_FLAG_SHARED);
    return MIO_OK;
}

int mio_poll_reregister(struct mio_poll *self, struct mio_source *source,
                        mio_token token, uint32_t interest, uint32_t mode)
{
    if (self == NULL || source == NULL || !is_valid(interest, mode))
        return MIO_EINVAL;
    MIO_ASSERT(self->selector != NULL);

    if (poll_of(source) != self)
        return MIO_ENOENT;
    return renew(self, source, token, mio_flags_of(interest, mode));
}

static inline void forget(struct mio_poll *self, struct mio_source *source)
{
    uint32_t slot = source->slot;
    mio_slot_table_void(&self->table, slot);
    mio_selector_remove(self->selector, source);
    mio_slot_table_release(&self->table, slot);
}

int mio_poll_deregister(struct mio_poll *self, struct mio_source *source)
{
    if (self == NULL || source == NULL)
        return MIO_EINVAL;
    if (poll_of(source) != self)
        return MIO_ENOENT;
    if (source->flags & MIO_FLAG_SHARED)
        return mio_poll_deregister_shared(self, source);

    if (self->selector != NULL)
        forget(self, source);
    else
        mio_registry_unref(&self->registry, 1);
    /* Release: another poll, in another thread, may claim it now. */
    __atomic_store_n(&source->poll, NULL, __ATOMIC_RELEASE);
    return MIO_OK;
}

int mio_poll_deregister_shared(struct mio_poll *self, struct mio_source *source)
{
    if (poll_of(source) != self)
        return MIO_ENOENT;

    if (mio_registry_enter(&self->registry)) {
        forget(self, source);
        mio_registry_leave(&self->registry);
    } else {
        mio_registry_unref(&self->registry, 1);
    }
    __atomic_store_n(&source->poll, NULL, __ATOMIC_RELEASE);
    return MIO_OK;
}

void mio_source_deregister(struct mio_source *self)
{
    struct mio_poll *poll = poll_of(self);
    if (poll != NULL)
        (void)mio_poll_deregister(poll, self);
}

void mio_source_arm(struct mio_source *self, uint32_t directions)
{
    struct mio_poll *poll = poll_of(self);
    if (poll == NULL || !poll->has_to_arm)
        return;
    if (!(self->flags & MIO_FLAG_SHARED)) {
        if (poll->selector != NULL)
            poll->selector->ops->arm(poll->selector, self, directions);
    } else if (mio_registry_enter(&poll->registry)) {
        poll->selector->ops->arm(poll->selector, self, directions);
        mio_registry_leave(&poll->registry);
    }
}

static bool has_doorbell(const struct mio_events *events)
{
    for (uint32_t i = 0; i < events->raw_count; i++) {
        uint64_t key;
        (void)mio_batch_read(events->batch, i, &key);
        if (key == DOORBELL_KEY)
            return true;
    }
    return false;
}

/* The doorbell's event makes room for the events of wakers. What does not fit
 * goes back to the list, which rings again for the next wait. */
static void report_woken(struct mio_poll *self, struct mio_events *events)
{
    uint32_t room = events->capacity - events->raw_count + 1;
    struct mio_waker *waker = mio_wake_list_take(self->wake_list);
    while (waker != NULL) {
        struct mio_waker *next = waker->next; /* settled, it may be pushed */
        if (events->wakes_count < room)
            events->wake_tokens[events->wakes_count++] =
                mio_waker_settle(waker);
        else
            (void)mio_wake_list_push(self->wake_list, waker);
        waker = next;
    }
}

/* Some waker was woken, whether or not the doorbell was heard already. Returns
 * how many events more there are. Never inlined: what it needs saved is not to
 * be saved by each wait. */
static __attribute__((noinline)) int take_wakes(struct mio_poll *self,
                                                struct mio_events *events)
{
    if (!has_doorbell(events))
        return 0;
    report_woken(self, events);
    return (int)events->wakes_count - 1;
}

static inline int wait_once(struct mio_poll *self, struct mio_events *events,
                            int64_t timeout_ns)
{
    mio_events_reset(events);
    events->poll = self;

    int count = mio_selector_wait(self->selector, events->batch,
                                  events->capacity, timeout_ns);
    if (count < 0)
        return count;
    events->raw_count = (uint32_t)count;
    if (mio_wake_list_is_pending(self->wake_list))
        count += take_wakes(self, events);
    return count;
}

int mio_poll_wait(struct mio_poll *self, struct mio_events *events,
                  int64_t timeout_ns)
{
    if (self == NULL || events == NULL)
        return MIO_EINVAL;
    /* No exchange, which costs 15 ns here: who waits is seen to wait. Two that
     * come in the very same moment both get in; what they share is atomic, and
     * each event goes to one of them. */
    if (__atomic_load_n(&self->is_waiting, __ATOMIC_RELAXED) != 0)
        return MIO_EBUSY;
    __atomic_store_n(&self->is_waiting, 1, __ATOMIC_RELAXED);
    int count = wait_once(self, events, timeout_ns);
    __atomic_store_n(&self->is_waiting, 0, __ATOMIC_RELAXED);
    return count;
}

mio_handle mio_poll_handle(const struct mio_poll *self)
{
    return self->selector->ops->handle(self->selector);
}
