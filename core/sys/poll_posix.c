/* SPDX-License-Identifier: MIT
 *
 * core/sys/poll_posix.c - the selector on poll(2), for where there is no
 * better one.
 *
 * A place per slot says what is asked of it and what is still to be reported;
 * the entries that poll(2) is given follow from the places. While a thread is
 * in poll(2) the entries are its own. Who changes a place then puts it on a
 * list and rings the bell, and the waiting thread brings the entries up to date
 * when it comes out. This bell is not the doorbell of the poll's wakers: what
 * is done with the one takes nothing from the other.
 *
 * A mutex goes to whoever is quickest, and threads that change places without
 * pause would keep it from who waits for as long as they go on. So who waits
 * has precedence: see lock_first.
 *
 * poll(2) knows levels only. An edge is a direction that is disarmed when it
 * was reported, until mio_source_arm or a modify arms it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* POLLRDHUP */
#endif

#include "core/sys/selector.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include "core/assert.h"
#include "core/clock.h"
#include "core/sys/doorbell.h"
#include "core/sys/handle_set.h"
#include "core/sys/poll_call.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0 /* then the end is found by reading */
#endif

#define FLAGS_READABLE ((uint32_t)(POLLIN | POLLRDHUP))
#define FLAGS_WRITABLE ((uint32_t)POLLOUT)
#define FLAGS_PRIORITY ((uint32_t)POLLPRI)

#define BELL_KEY UINT64_MAX

struct place {
    uint64_t key;
    int fd;
    uint32_t entry;        /* index + 1 of its entry; 0: it has none */
    uint32_t next_changed; /* index + 1 of the next in the list; 0: the last */
    uint16_t asked;        /* poll's flags */
    uint16_t armed;        /* those of them that are still to be reported */
    uint8_t mode;
    bool is_used;
    bool is_silent;  /* to be left out until it is armed or modified */
    bool is_closed;  /* the descriptor, under us */
    bool is_changed; /* in the list: its entry is out of date */
};

struct poll_selector {
    struct mio_selector base;
    const struct mio_allocator *allocator;
    const struct mio_log *log;
    pthread_mutex_t lock; /* of all that follows, but see is_polling */

    struct place *places; /* by slot; then the doorbell's, then the bell's */
    uint32_t places_count;
    uint32_t first_changed;
    struct mio_handle_set handles; /* of the places */

    /* While is_polling, these belong to who waits. */
    struct pollfd *entries;
    uint32_t *owners; /* the place of each entry */
    uint32_t entries_count;
    uint32_t next_entry; /* where the next harvest begins */
    bool is_polling;

    uint32_t closed_count; /* found closed in this round, not told yet */
    int closed_fd;         /* the last of them */

    bool is_rung;
    struct mio_doorbell bell;

    pthread_cond_t left; /* the waiting thread came out of poll(2) */
    uint64_t rounds_count;
    uint32_t removers_count; /* threads that wait for that */

    bool is_waiter_at_door; /* it wants the lock; atomic, not under it */
    pthread_cond_t passed;  /* it has it */
};

static struct poll_selector *selector_of(struct mio_selector *self)
{
    return (struct poll_selector *)self;
}

static void lock(struct poll_selector *self)
{
    int rc = pthread_mutex_lock(&self->lock);
    MIO_ASSERT(rc == 0);
}

/* For who waits: those that come to change a place let it go first. */
static void lock_first(struct poll_selector *self)
{
    if (pthread_mutex_trylock(&self->lock) == 0)
        return;
    __atomic_store_n(&self->is_waiter_at_door, true, __ATOMIC_RELAXED);
    lock(self);
    __atomic_store_n(&self->is_waiter_at_door, false, __ATOMIC_RELAXED);
    (void)pthread_cond_broadcast(&self->passed);
}

/* For who changes a place. It lets the waiting thread go first, once: by the
 * time it comes to run, that one may be at the door again. */
static void lock_to_change(struct poll_selector *self)
{
    lock(self);
    /* Seen under the lock, it is not yet cleared: the broadcast follows. */
    if (__atomic_load_n(&self->is_waiter_at_door, __ATOMIC_RELAXED))
        (void)pthread_cond_wait(&self->passed, &self->lock);
}

static void unlock(struct poll_selector *self)
{
    (void)pthread_mutex_unlock(&self->lock);
}

static struct place *place_of_key(struct poll_selector *self, uint64_t key)
{
    uint32_t slot = (uint32_t)key;
    if (key == BELL_KEY)
        return &self->places[self->places_count - 1];
    if (slot >= self->places_count - 2)
        return &self->places[self->places_count - 2];
    return &self->places[slot];
}

/* --- places to entries ---------------------------------------------------- */

static void add_entry(struct poll_selector *self, struct place *place)
{
    self->owners[self->entries_count] = (uint32_t)(place - self->places);
    place->entry = ++self->entries_count;
}

/* The last one takes its place. */
static void remove_entry(struct poll_selector *self, struct place *place)
{
    uint32_t hole = place->entry - 1;
    uint32_t last = --self->entries_count;
    self->entries[hole] = self->entries[last];
    self->owners[hole] = self->owners[last];
    self->places[self->owners[hole]].entry = hole + 1;
    place->entry = 0;
}

static void update_entry(struct poll_selector *self, struct place *place)
{
    bool is_watched = place->is_used && !place->is_silent;
    if (is_watched && place->entry == 0)
        add_entry(self, place);
    if (!is_watched && place->entry != 0)
        remove_entry(self, place);
    if (is_watched)
        self->entries[place->entry - 1] = (struct pollfd){
            .fd = place->fd,
            .events = (short)place->armed,
        };
}

static void list_changed(struct poll_selector *self, struct place *place)
{
    if (place->is_changed)
        return;
    place->is_changed = true;
    place->next_changed = self->first_changed;
    self->first_changed = (uint32_t)(place - self->places) + 1;
}

static void update_changed(struct poll_selector *self)
{
    while (self->first_changed != 0) {
        struct place *place = &self->places[self->first_changed - 1];
        self->first_changed = place->next_changed;
        place->is_changed = false;
        update_entry(self, place);
    }
}

/* A place says something new. One ring ends a wait, however much changes. */
static void place_changed(struct poll_selector *self, struct place *place)
{
    if (!self->is_polling) {
        update_entry(self, place);
        return;
    }
    list_changed(self, place);
    if (!self->is_rung) {
        self->is_rung = true;
        mio_doorbell_ring(&self->bell);
    }
}

/* --- registrations -------------------------------------------------------- */

static uint32_t poll_flags(uint32_t interest)
{
    uint32_t flags = 0;
    if (interest & MIO_READABLE)
        flags |= FLAGS_READABLE;
    if (interest & MIO_WRITABLE)
        flags |= FLAGS_WRITABLE;
    if (interest & MIO_PRIORITY)
        flags |= FLAGS_PRIORITY;
    return flags;
}

static int check_flags(uint32_t flags)
{
    uint32_t interest = mio_flags_interest(flags);
    uint32_t mode = mio_flags_mode(flags);
    if (interest & (MIO_AIO | MIO_LIO))
        return MIO_ENOTSUP;
    if (!(mode & MIO_EXCLUSIVE))
        return MIO_OK;
    /* What nobody supports has the same answer everywhere. */
    if ((mode & MIO_ONESHOT) || (interest & MIO_PRIORITY))
        return MIO_EINVAL;
    return MIO_ENOTSUP;
}

/* poll(2) takes files and directories, and calls them ready for ever. */
static int check_handle(mio_handle handle)
{
    struct stat what;
    if (handle != (int)handle)
        return MIO_EBADF; /* or it would be another one, cut off */
    if (fstat((int)handle, &what) < 0)
        return -errno;
    return S_ISREG(what.st_mode) || S_ISDIR(what.st_mode) ? MIO_EPERM : MIO_OK;
}

static int check(const struct mio_source *source, uint32_t flags)
{
    int rc = check_flags(flags);
    return rc < 0 ? rc : check_handle(source->handle);
}

static void ask(struct place *place, uint64_t key, uint32_t flags)
{
    place->key = key;
    place->asked = (uint16_t)poll_flags(mio_flags_interest(flags));
    place->armed = place->asked;
    place->mode = (uint8_t)mio_flags_mode(flags);
    place->is_silent = false;
}

static int poll_add(struct mio_selector *base, struct mio_source *source,
                    uint64_t key, uint32_t flags)
{
    int rc = check(source, flags);
    if (rc < 0)
        return rc;

    struct poll_selector *self = selector_of(base);
    int fd = (int)source->handle;
    lock_to_change(self);
    if (mio_handle_set_add(&self->handles, fd)) {
        struct place *place = place_of_key(self, key);
        place->fd = fd;
        place->is_used = true;
        place->is_closed = false;
        ask(place, key, flags);
        place_changed(self, place);
    } else {
        rc = MIO_EEXIST;
    }
    unlock(self);
    return rc;
}

static int poll_modify(struct mio_selector *base, struct mio_source *source,
                       uint64_t key, uint32_t flags)
{
    int rc = check(source, flags);
    if (rc < 0)
        return rc;

    struct poll_selector *self = selector_of(base);
    lock_to_change(self);
    struct place *place = place_of_key(self, key);
    MIO_ASSERT(place->is_used);
    /* It was found closed. Whatever has the number now is not what was
     * registered, as epoll would say, too. */
    if (place->is_closed) {
        rc = MIO_ENOENT;
    } else {
        ask(place, key, flags);
        place_changed(self, place);
    }
    unlock(self);
    return rc;
}

/* As long as a thread is in poll(2) the kernel holds the file: the caller's
 * close would close nothing yet. */
static void wait_until_left(struct poll_selector *self)
{
    uint64_t round = self->rounds_count;
    self->removers_count++;
    while (self->is_polling && self->rounds_count == round)
        (void)pthread_cond_wait(&self->left, &self->lock);
    self->removers_count--;
}

static void poll_remove(struct mio_selector *base, struct mio_source *source)
{
    struct poll_selector *self = selector_of(base);
    lock_to_change(self);
    struct place *place = &self->places[source->slot];
    MIO_ASSERT(place->is_used);
    if (!place->is_closed)
        mio_handle_set_remove(&self->handles, place->fd);
    place->is_used = false;
    place_changed(self, place);
    wait_until_left(self);
    unlock(self);
}

static void arm_place(struct poll_selector *self, struct place *place,
                      uint32_t directions)
{
    if (!place->is_used || place->is_closed || place->mode != MIO_EDGE)
        return;
    /* Out-of-band data is found by reading, too: urgent and readable. */
    uint32_t interest = directions;
    if (directions & MIO_READABLE)
        interest |= MIO_PRIORITY;
    uint32_t armed = place->armed | (place->asked & poll_flags(interest));
    if (armed == place->armed && !place->is_silent)
        return;
    place->armed = (uint16_t)armed;
    place->is_silent = false;
    place_changed(self, place);
}

static void poll_arm(struct mio_selector *base, struct mio_source *source,
                     uint32_t directions)
{
    struct poll_selector *self = selector_of(base);
    lock_to_change(self);
    arm_place(self, &self->places[source->slot], directions);
    unlock(self);
}

/* --- entries to events ---------------------------------------------------- */

static uint32_t closed_by(uint32_t flags)
{
    uint32_t readiness = 0;
    if (flags & (POLLHUP | POLLRDHUP))
        readiness |= MIO_READY_READ_CLOSED;
    /* An error alone is a pipe whose reader is gone. */
    if ((flags & POLLHUP) || flags == POLLERR ||
        (flags & (POLLOUT | POLLERR)) == (POLLOUT | POLLERR))
        readiness |= MIO_READY_WRITE_CLOSED;
    return readiness;
}

static uint32_t readiness_of(uint32_t flags)
{
    uint32_t readiness = closed_by(flags);
    /* A peer that sends no more can be read without blocking. */
    if (flags & (POLLIN | POLLPRI | POLLRDHUP))
        readiness |= MIO_READY_READABLE;
    if (flags & POLLOUT)
        readiness |= MIO_READY_WRITABLE;
    if (flags & POLLPRI)
        readiness |= MIO_READY_PRIORITY;
    if (flags & POLLERR)
        readiness |= MIO_READY_ERROR;
    return readiness;
}

/* What an edge that is reported disarms. poll(2) repeats an error or a hang-up
 * whatever is asked, so the place then falls silent. An error may hide what
 * comes after it, so it is told to who reads and who writes: in using the
 * source they take the error away, and then arm it. */
static uint32_t report_edge(struct poll_selector *self, struct place *place,
                            uint32_t flags)
{
    uint32_t readiness = readiness_of(flags);
    if (flags & POLLERR) {
        readiness |= readiness_of(place->armed & (POLLIN | POLLOUT));
        place->armed = 0;
    }
    place->armed = (uint16_t)(place->armed & ~flags);
    if (flags & (POLLERR | POLLHUP)) {
        place->is_silent = true;
        list_changed(self, place);
    } else {
        self->entries[place->entry - 1].events = (short)place->armed;
    }
    return readiness;
}

static uint32_t report(struct poll_selector *self, struct place *place,
                       uint32_t flags)
{
    if (place->mode == MIO_EDGE)
        return report_edge(self, place, flags);
    if (place->mode & MIO_ONESHOT) {
        place->is_silent = true;
        list_changed(self, place);
    }
    return readiness_of(flags);
}

/* It would be reported at once for ever. The number may be used anew. */
static void found_closed(struct poll_selector *self, struct place *place)
{
    place->is_closed = true;
    place->is_silent = true;
    self->closed_count++;
    self->closed_fd = place->fd;
    mio_handle_set_remove(&self->handles, place->fd);
    list_changed(self, place);
}

/* Returns whether the entry made an event. */
static bool harvest_entry(struct poll_selector *self, uint32_t index,
                          struct mio_batch *batch, uint32_t count)
{
    uint32_t flags = (uint16_t)self->entries[index].revents;
    struct place *place = &self->places[self->owners[index]];
    /* Changed while poll(2) ran: this answers a question of before. */
    if (place->is_changed || place->key == BELL_KEY)
        return false;
    if (flags & POLLNVAL) {
        found_closed(self, place);
        return false;
    }
    uint64_t key = place->key;
    mio_batch_write(batch, count, key, report(self, place, flags));
    return true;
}

/* Begins where the last one ended, so that a small batch starves nobody. */
static int harvest(struct poll_selector *self, struct mio_batch *batch,
                   uint32_t events_max, uint32_t ready_count)
{
    uint32_t count = 0;
    uint32_t index = self->next_entry;
    for (uint32_t i = 0; i < self->entries_count; i++, index++) {
        if (ready_count == 0 || count == events_max)
            break;
        if (index >= self->entries_count)
            index = 0;
        if (self->entries[index].revents == 0)
            continue;
        ready_count--;
        if (harvest_entry(self, index, batch, count))
            count++;
    }
    self->next_entry = index;
    return (int)count;
}

/* --- waiting -------------------------------------------------------------- */

/* Returns false if another thread waits. */
static bool enter(struct poll_selector *self)
{
    lock_first(self);
    bool is_free = !self->is_polling;
    self->is_polling = true;
    unlock(self);
    return is_free;
}

/* Without the lock, which a log must not be called with. */
static void tell_closed(const struct poll_selector *self, uint32_t count,
                        int fd)
{
    mio_log_print(self->log, MIO_LOG_WARNING,
                  "poll: handle %d was closed while it was registered, and is "
                  "left out (%u such were found)",
                  fd, (unsigned)count);
}

static int leave(struct poll_selector *self, struct mio_batch *batch,
                 uint32_t events_max, int ready_count)
{
    int count = 0;
    lock_first(self);
    if (ready_count > 0)
        count = harvest(self, batch, events_max, (uint32_t)ready_count);
    if (self->is_rung)
        mio_doorbell_answered(&self->bell);
    self->is_rung = false;
    self->is_polling = false;
    self->rounds_count++;
    update_changed(self);
    if (self->removers_count > 0)
        (void)pthread_cond_broadcast(&self->left);
    uint32_t closed_count = self->closed_count;
    int closed_fd = self->closed_fd;
    self->closed_count = 0;
    unlock(self);
    if (closed_count > 0)
        tell_closed(self, closed_count, closed_fd);
    return count;
}

static int64_t deadline_of(int64_t timeout_ns)
{
    if (timeout_ns <= 0)
        return timeout_ns;
    int64_t now = mio_clock_monotonic_ns();
    return timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

static int poll_wait(struct mio_selector *base, struct mio_batch *batch,
                     uint32_t events_max, int64_t timeout_ns)
{
    MIO_ASSERT(events_max > 0);

    struct poll_selector *self = selector_of(base);
    int64_t deadline = deadline_of(timeout_ns);
    for (;;) {
        if (!enter(self)) {
            errno = EBUSY;
            return -1;
        }
        int ready_count =
            mio_poll_call(self->entries, self->entries_count, timeout_ns);
        int code = errno;
        int count = leave(self, batch, events_max, ready_count);
        errno = code;
        if (ready_count < 0 || count > 0)
            return ready_count < 0 ? -1 : count;

        /* Only the bell, what was changed since, or a wait in pieces: wait for
         * the rest. */
        if (timeout_ns > 0)
            timeout_ns = deadline - mio_clock_monotonic_ns();
        else if (timeout_ns < 0)
            continue;
        if (timeout_ns <= 0)
            return 0;
    }
}

static mio_handle poll_handle(const struct mio_selector *self)
{
    (void)self;
    return MIO_HANDLE_NONE;
}

/* --- its life ------------------------------------------------------------- */

static void release_memory(struct poll_selector *self)
{
    const struct mio_allocator *allocator = self->allocator;
    uint32_t count = self->places_count;
    mio_handle_set_deinit(&self->handles);
    mio_allocator_release(allocator, self->owners, count,
                          sizeof(self->owners[0]));
    mio_allocator_release(allocator, self->entries, count,
                          sizeof(self->entries[0]));
    mio_allocator_release(allocator, self->places, count,
                          sizeof(self->places[0]));
    mio_allocator_release(allocator, self, 1, sizeof(*self));
}

static void release(struct poll_selector *self)
{
    (void)pthread_cond_destroy(&self->passed);
    (void)pthread_cond_destroy(&self->left);
    (void)pthread_mutex_destroy(&self->lock);
    release_memory(self);
}

static void poll_free(struct mio_selector *base)
{
    struct poll_selector *self = selector_of(base);
    MIO_ASSERT(!self->is_polling);

    mio_doorbell_close(&self->bell);
    release(self);
}

static const struct mio_selector_ops poll_ops = {
    .has_edges = false,
    .free = poll_free,
    .add = poll_add,
    .modify = poll_modify,
    .remove = poll_remove,
    .arm = poll_arm,
    .wait = poll_wait,
    .handle = poll_handle,
};

/* All of it is touched only as it fills. */
static int allocate(struct poll_selector **out, uint32_t places_count,
                    const struct mio_allocator *allocator)
{
    struct poll_selector *self =
        mio_allocator_allocate_zeroed(allocator, 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    self->allocator = allocator;
    self->places_count = places_count;
    self->places = mio_allocator_allocate_zeroed(allocator, places_count,
                                                 sizeof(self->places[0]));
    self->entries = mio_allocator_allocate_zeroed(allocator, places_count,
                                                  sizeof(self->entries[0]));
    self->owners = mio_allocator_allocate_zeroed(allocator, places_count,
                                                 sizeof(self->owners[0]));
    int rc = mio_handle_set_init(&self->handles, places_count, allocator);
    if (rc < 0 || self->places == NULL || self->entries == NULL ||
        self->owners == NULL) {
        release_memory(self);
        return MIO_ENOMEM;
    }
    *out = self;
    return MIO_OK;
}

int mio_selector_new_poll(struct mio_selector **out,
                          const struct mio_selector_options *options)
{
    struct poll_selector *self;
    int rc = allocate(&self, options->sources_max + 2, options->allocator);
    if (rc < 0)
        return rc;

    self->base.ops = &poll_ops;
    self->log = options->log;
    (void)pthread_mutex_init(&self->lock, NULL);
    (void)pthread_cond_init(&self->left, NULL);
    (void)pthread_cond_init(&self->passed, NULL);
    rc = mio_doorbell_open(&self->bell, &self->base, BELL_KEY);
    if (rc < 0) {
        release(self);
        return rc;
    }
    *out = &self->base;
    return MIO_OK;
}
