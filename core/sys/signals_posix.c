/* SPDX-License-Identifier: MIT
 *
 * core/sys/signals_posix.c - a handler, and a pipe per set.
 *
 * The handler walks a list of places, one per set, that only grows: a place is
 * reused, never freed, so the walk needs no lock. A handler that is in a place
 * while its set ends is waited for (users_count), so that it never writes into
 * a descriptor that was closed and now belongs to somebody else. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif

#include "core/sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/assert.h"

/* All fields but `next` are atomic. */
struct place {
    struct place *next; /* written once, before the place is published */
    uint32_t is_taken;
    uint32_t users_count; /* handlers that are in it now */
    uint32_t watched;     /* a bit per enum mio_signal; 0 while free */
    uint32_t arrived;     /* likewise */
    int pipe_write;
    pid_t owner; /* after a fork, the child has a copy that is not its own */
};

struct mio_signals {
    struct mio_source source; /* the pipe's other end */
    struct place *place;
    uint32_t taken; /* arrived, not given to the caller yet */
};

static const int numbers[MIO_SIGNALS_COUNT] = {
    [MIO_SIGNAL_INTERRUPT] = SIGINT, [MIO_SIGNAL_TERMINATE] = SIGTERM,
    [MIO_SIGNAL_HANGUP] = SIGHUP,    [MIO_SIGNAL_USER1] = SIGUSR1,
    [MIO_SIGNAL_USER2] = SIGUSR2,    [MIO_SIGNAL_CHILD] = SIGCHLD,
    [MIO_SIGNAL_WINDOW] = SIGWINCH,
};

static struct place *places; /* atomic */

/* Guards what follows, and claiming a place. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t watchers_count[MIO_SIGNALS_COUNT];
static struct sigaction actions_before[MIO_SIGNALS_COUNT];

static uint32_t bit_of(enum mio_signal which)
{
    return UINT32_C(1) << which;
}

/* The handler's part: whether this place is of this process and wants it. */
static bool deliver(struct place *place, uint32_t bit, pid_t self)
{
    bool is_wanted = false;
    /* Sequentially consistent, as the two in mio_signals_free: either that one
     * sees this user, or this one sees that nothing is watched any more. */
    (void)__atomic_fetch_add(&place->users_count, 1, __ATOMIC_SEQ_CST);
    uint32_t watched = __atomic_load_n(&place->watched, __ATOMIC_SEQ_CST);
    if ((watched & bit) &&
        __atomic_load_n(&place->owner, __ATOMIC_RELAXED) == self) {
        is_wanted = true;
        /* If something had arrived already, its byte is in the pipe, or about
         * to be written. A full pipe is as good as one more byte. */
        if (__atomic_fetch_or(&place->arrived, bit, __ATOMIC_ACQ_REL) == 0)
            (void)!write(__atomic_load_n(&place->pipe_write, __ATOMIC_RELAXED),
                         "", 1);
    }
    (void)__atomic_fetch_sub(&place->users_count, 1, __ATOMIC_SEQ_CST);
    return is_wanted;
}

static enum mio_signal signal_of(int number)
{
    int which = 0;
    while (which < MIO_SIGNALS_COUNT && numbers[which] != number)
        which++;
    MIO_ASSERT(which < MIO_SIGNALS_COUNT);
    return (enum mio_signal)which;
}

static void handle(int number)
{
    int saved = errno;
    enum mio_signal which = signal_of(number);
    pid_t self = getpid();
    bool is_wanted = false;
    struct place *place = __atomic_load_n(&places, __ATOMIC_ACQUIRE);
    bool is_foreign = false;
    for (; place != NULL; place = place->next) {
        if (deliver(place, bit_of(which), self))
            is_wanted = true;
        else if (__atomic_load_n(&place->owner, __ATOMIC_RELAXED) != self)
            is_foreign = true;
    }
    if (!is_wanted && is_foreign) {
        /* A forked child that watches nothing itself: the signal does to it
         * what it would have done without its parent's sets. */
        (void)sigaction(number, &actions_before[which], NULL);
        (void)raise(number);
    }
    errno = saved;
}

/* Also if it was installed once: a forked child may have taken it back. */
static int install(enum mio_signal which)
{
    struct sigaction now;
    if (sigaction(numbers[which], NULL, &now) < 0)
        return -errno;
    if (now.sa_handler == handle)
        return MIO_OK;

    actions_before[which] = now;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    (void)sigemptyset(&action.sa_mask);
    return sigaction(numbers[which], &action, NULL) < 0 ? -errno : MIO_OK;
}

static void uninstall(enum mio_signal which)
{
    /* Unless somebody else has put his own there meanwhile. */
    struct sigaction now;
    if (sigaction(numbers[which], NULL, &now) == 0 && now.sa_handler == handle)
        (void)sigaction(numbers[which], &actions_before[which], NULL);
}

static int watch(enum mio_signal which)
{
    (void)pthread_mutex_lock(&lock);
    int rc = install(which);
    if (rc == MIO_OK)
        watchers_count[which]++;
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static void unwatch(enum mio_signal which)
{
    (void)pthread_mutex_lock(&lock);
    MIO_ASSERT(watchers_count[which] > 0);
    if (--watchers_count[which] == 0)
        uninstall(which);
    (void)pthread_mutex_unlock(&lock);
}

static struct place *find_free_place(pid_t owner)
{
    struct place *place = places;
    while (place != NULL && __atomic_load_n(&place->is_taken, __ATOMIC_RELAXED))
        place = place->next;
    /* Handlers of the parent were copied in the middle of their visit. */
    if (place != NULL &&
        __atomic_load_n(&place->owner, __ATOMIC_RELAXED) != owner)
        __atomic_store_n(&place->users_count, 0, __ATOMIC_RELAXED);
    return place;
}

static struct place *new_place(void)
{
    struct place *place = calloc(1, sizeof(*place));
    if (place != NULL) {
        place->next = places;
        __atomic_store_n(&places, place, __ATOMIC_RELEASE);
    }
    return place;
}

static struct place *claim_place(int pipe_write)
{
    pid_t owner = getpid();
    (void)pthread_mutex_lock(&lock);
    struct place *place = find_free_place(owner);
    if (place == NULL)
        place = new_place();
    if (place != NULL) {
        __atomic_store_n(&place->is_taken, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&place->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&place->pipe_write, pipe_write, __ATOMIC_RELAXED);
        __atomic_store_n(&place->owner, owner, __ATOMIC_RELAXED);
    }
    (void)pthread_mutex_unlock(&lock);
    return place;
}

static int open_pipe(int ends[2])
{
#ifdef __APPLE__ /* has no pipe2 */
    if (pipe(ends) < 0)
        return -errno;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    return MIO_OK;
#else
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : MIO_OK;
#endif
}

int mio_signals_new(struct mio_signals **out)
{
    struct mio_signals *self = calloc(1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;

    int ends[2];
    int rc = open_pipe(ends);
    if (rc < 0)
        goto fail;
    self->source = (struct mio_source){.handle = ends[0]};
    self->place = claim_place(ends[1]);
    if (self->place != NULL) {
        *out = self;
        return MIO_OK;
    }
    rc = MIO_ENOMEM;
    (void)close(ends[0]);
    (void)close(ends[1]);
fail:
    free(self);
    return rc;
}

static bool is_ours(const struct mio_signals *self)
{
    return __atomic_load_n(&self->place->owner, __ATOMIC_RELAXED) == getpid();
}

void mio_signals_free(struct mio_signals *self)
{
    if (self == NULL)
        return;
    MIO_ASSERT(self->source.poll == NULL);

    struct place *place = self->place;
    for (int which = 0; which < MIO_SIGNALS_COUNT; which++)
        (void)mio_signals_remove(self, (enum mio_signal)which);

    /* Pairs with deliver. A handler never waits, so this is over soon; one
     * that was copied into a child in the middle of a fork never ends. */
    while (is_ours(self) &&
           __atomic_load_n(&place->users_count, __ATOMIC_SEQ_CST) != 0)
        (void)sched_yield();
    (void)close(__atomic_load_n(&place->pipe_write, __ATOMIC_RELAXED));
    (void)close((int)self->source.handle);

    /* Pairs with find_free_place, under the lock. */
    (void)pthread_mutex_lock(&lock);
    __atomic_store_n(&place->is_taken, 0, __ATOMIC_RELAXED);
    (void)pthread_mutex_unlock(&lock);
    free(self);
}

int mio_signals_add(struct mio_signals *self, enum mio_signal which)
{
    if ((unsigned)which >= MIO_SIGNALS_COUNT)
        return MIO_EINVAL;

    uint32_t *watched = &self->place->watched;
    if (__atomic_load_n(watched, __ATOMIC_RELAXED) & bit_of(which))
        return MIO_EEXIST;
    /* First the place, so that the very first signal finds it. */
    (void)__atomic_fetch_or(watched, bit_of(which), __ATOMIC_SEQ_CST);
    int rc = watch(which);
    if (rc < 0)
        (void)__atomic_fetch_and(watched, ~bit_of(which), __ATOMIC_SEQ_CST);
    return rc;
}

int mio_signals_remove(struct mio_signals *self, enum mio_signal which)
{
    if ((unsigned)which >= MIO_SIGNALS_COUNT)
        return MIO_ENOENT;

    uint32_t *watched = &self->place->watched;
    if (!(__atomic_load_n(watched, __ATOMIC_RELAXED) & bit_of(which)))
        return MIO_ENOENT;
    /* First the action: a signal in between is taken, not deadly. */
    unwatch(which);
    (void)__atomic_fetch_and(watched, ~bit_of(which), __ATOMIC_SEQ_CST);
    (void)__atomic_fetch_and(&self->place->arrived, ~bit_of(which),
                             __ATOMIC_ACQ_REL);
    self->taken &= ~bit_of(which);
    return MIO_OK;
}

struct mio_source *mio_signals_source(struct mio_signals *self)
{
    return &self->source;
}

/* First the pipe, then the bits: a signal in between costs an event for
 * nothing, the other way round it would be lost. */
static void take_arrived(struct mio_signals *self)
{
    char bytes[64];
    ssize_t n;
    do {
        n = read((int)self->source.handle, bytes, sizeof(bytes));
    } while (n > 0 || (n < 0 && errno == EINTR));
    self->taken =
        __atomic_exchange_n(&self->place->arrived, 0, __ATOMIC_ACQ_REL);
}

int mio_signals_take(struct mio_signals *self)
{
    if (self->taken == 0)
        take_arrived(self);
    if (self->taken == 0)
        return MIO_EAGAIN;
    int which = __builtin_ctz(self->taken);
    self->taken &= self->taken - 1;
    return which;
}
