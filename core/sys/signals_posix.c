/* SPDX-License-Identifier: MIT
 *
 * core/sys/signals_posix.c - a handler, and a pipe per set.
 *
 * The handler walks a table of places, one per set, which is the process's: a
 * place is reused, never freed, so the walk needs no lock. A handler that is in
 * a place while its set ends is waited for (users_count), so that it never
 * writes into a descriptor that was closed and now belongs to somebody else. */
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
#include <unistd.h>

#include "core/assert.h"

/* Of sets at once: more than there are descriptors for them, two each, unless
 * somebody raised the usual limit. The table is touched only as it fills. */
#define PLACES_MAX 1024

/* All fields are atomic. */
struct place {
    uint32_t is_taken;
    uint32_t users_count; /* handlers that are in it now */
    uint32_t watched;     /* a bit per enum mio_signal; 0 while free */
    uint32_t arrived;     /* likewise */
    int pipe_write;
    int write_code; /* why a byte did not get into the pipe; 0: they all did */
    pid_t owner;    /* after a fork, the child has a copy that is not its own */
};

struct mio_signals {
    struct mio_source source; /* the pipe's other end */
    struct place *place;
    uint32_t taken; /* arrived, not given to the caller yet */
    const struct mio_allocator *allocator;
    const struct mio_log *log;
};

static const int numbers[MIO_SIGNALS_COUNT] = {
    [MIO_SIGNAL_INTERRUPT] = SIGINT, [MIO_SIGNAL_TERMINATE] = SIGTERM,
    [MIO_SIGNAL_HANGUP] = SIGHUP,    [MIO_SIGNAL_USER1] = SIGUSR1,
    [MIO_SIGNAL_USER2] = SIGUSR2,    [MIO_SIGNAL_CHILD] = SIGCHLD,
    [MIO_SIGNAL_WINDOW] = SIGWINCH,
};

static struct place places[PLACES_MAX];
static uint32_t places_count; /* atomic; below were used at least once */

/* Guards what follows, and claiming a place. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t watchers_count[MIO_SIGNALS_COUNT];
static struct sigaction actions_before[MIO_SIGNALS_COUNT];

static uint32_t bit_of(enum mio_signal which)
{
    return UINT32_C(1) << which;
}

static void write_byte(struct place *place)
{
    int fd = __atomic_load_n(&place->pipe_write, __ATOMIC_RELAXED);
    ssize_t n;
    do
        n = write(fd, "", 1);
    while (n < 0 && errno == EINTR);
    /* Told by who looks next: a log is not for a signal handler. */
    if (n < 0 && errno != EAGAIN)
        __atomic_store_n(&place->write_code, -errno, __ATOMIC_RELAXED);
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
            write_byte(place);
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
    bool is_foreign = false;
    uint32_t count = __atomic_load_n(&places_count, __ATOMIC_ACQUIRE);
    for (struct place *place = places; place < places + count; place++) {
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

/* False if somebody else has put his own there meanwhile, which stays. */
static bool uninstall(enum mio_signal which)
{
    struct sigaction now;
    if (sigaction(numbers[which], NULL, &now) < 0 || now.sa_handler != handle)
        return false;
    return sigaction(numbers[which], &actions_before[which], NULL) == 0;
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

static void unwatch(enum mio_signal which, const struct mio_log *log)
{
    bool is_foreign = false;
    (void)pthread_mutex_lock(&lock);
    MIO_ASSERT(watchers_count[which] > 0);
    if (--watchers_count[which] == 0)
        is_foreign = !uninstall(which);
    (void)pthread_mutex_unlock(&lock);
    if (is_foreign)
        mio_log_print(log, MIO_LOG_WARNING,
                      "signals: the action of signal %d is not given back: "
                      "somebody has replaced ours",
                      numbers[which]);
}

/* The first that is free, or was never used; NULL: all are taken. */
static struct place *find_free_place(pid_t owner)
{
    struct place *place = places;
    struct place *end = places + places_count;
    while (place < end && __atomic_load_n(&place->is_taken, __ATOMIC_RELAXED))
        place++;
    if (place == places + PLACES_MAX)
        return NULL;
    if (place == end)
        __atomic_store_n(&places_count, places_count + 1, __ATOMIC_RELEASE);
    /* Handlers of the parent were copied in the middle of their visit. */
    if (__atomic_load_n(&place->owner, __ATOMIC_RELAXED) != owner)
        __atomic_store_n(&place->users_count, 0, __ATOMIC_RELAXED);
    return place;
}

static struct place *claim_place(int pipe_write)
{
    pid_t owner = getpid();
    (void)pthread_mutex_lock(&lock);
    struct place *place = find_free_place(owner);
    if (place != NULL) {
        __atomic_store_n(&place->is_taken, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&place->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&place->write_code, 0, __ATOMIC_RELAXED);
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
    return mio_signals_new_with(out, NULL);
}

int mio_signals_new_with(struct mio_signals **out,
                         const struct mio_signals_options *options)
{
    static const struct mio_signals_options defaults;
    if (out == NULL)
        return MIO_EINVAL;
    if (options == NULL)
        options = &defaults;

    struct mio_signals *self =
        mio_allocator_allocate_zeroed(options->allocator, 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;

    int ends[2];
    int rc = open_pipe(ends);
    if (rc < 0)
        goto fail;
    self->allocator = options->allocator;
    self->log = options->log;
    self->source = (struct mio_source){.handle = ends[0]};
    self->place = claim_place(ends[1]);
    if (self->place != NULL) {
        *out = self;
        return MIO_OK;
    }
    rc = MIO_ENOSPC;
    (void)close(ends[0]);
    (void)close(ends[1]);
fail:
    mio_allocator_release(options->allocator, self, 1, sizeof(*self));
    return rc;
}

static void tell_write_code(struct mio_signals *self)
{
    int *code = &self->place->write_code;
    if (__atomic_load_n(code, __ATOMIC_RELAXED) != 0)
        mio_log_print(
            self->log, MIO_LOG_ERROR,
            "signals: one arrived and made no event, since the pipe "
            "cannot be written to: %s",
            mio_error_text(__atomic_exchange_n(code, 0, __ATOMIC_RELAXED)));
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
    tell_write_code(self);
    (void)close(__atomic_load_n(&place->pipe_write, __ATOMIC_RELAXED));
    (void)close((int)self->source.handle);

    /* Pairs with find_free_place, under the lock. */
    (void)pthread_mutex_lock(&lock);
    __atomic_store_n(&place->is_taken, 0, __ATOMIC_RELAXED);
    (void)pthread_mutex_unlock(&lock);
    mio_allocator_release(self->allocator, self, 1, sizeof(*self));
}

int mio_signals_add(struct mio_signals *self, enum mio_signal which)
{
    if (self == NULL || (unsigned)which >= MIO_SIGNALS_COUNT)
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
    if (self == NULL)
        return MIO_EINVAL;
    if ((unsigned)which >= MIO_SIGNALS_COUNT)
        return MIO_ENOENT;

    uint32_t *watched = &self->place->watched;
    if (!(__atomic_load_n(watched, __ATOMIC_RELAXED) & bit_of(which)))
        return MIO_ENOENT;
    /* First the action: a signal in between is taken, not deadly. */
    unwatch(which, self->log);
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
    if (self->taken == 0) {
        take_arrived(self);
        tell_write_code(self);
    }
    if (self->taken == 0)
        return MIO_EAGAIN;
    int which = __builtin_ctz(self->taken);
    self->taken &= self->taken - 1;
    return which;
}
