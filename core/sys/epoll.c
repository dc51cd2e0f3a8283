/* SPDX-License-Identifier: MIT
 *
 * core/sys/epoll.c - the selector on Linux: step 1 of a byte's walk. */
#include "core/sys/selector_call.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/assert.h"
#include "core/clock.h"

/* By number, for C libraries that do not know it yet. */
#ifdef SYS_epoll_pwait2
#define EPOLL_PWAIT2 SYS_epoll_pwait2
#else
#define EPOLL_PWAIT2 441
#endif

_Static_assert(sizeof(struct mio_record) == sizeof(struct epoll_event) &&
                   offsetof(struct mio_record, flags) ==
                       offsetof(struct epoll_event, events) &&
                   offsetof(struct mio_record, key) ==
                       offsetof(struct epoll_event, data),
               "the kernel writes into batches");
_Static_assert(MIO_RECORD_READABLE == EPOLLIN &&
                   MIO_RECORD_WRITABLE == EPOLLOUT &&
                   MIO_EPOLL_ADD == EPOLL_CTL_ADD &&
                   MIO_EPOLL_DEL == EPOLL_CTL_DEL &&
                   MIO_EPOLL_MOD == EPOLL_CTL_MOD,
               "the kernel's numbers");

/* In place of the kernel's flags: the rest is readiness, from a selector of
 * another kind. The kernel takes this bit and never gives it. */
#define EVENTS_WRITTEN ((uint32_t)EPOLLET)

/* Asked for no events, it answers EINVAL if it is there. EPERM is what
 * sandboxes say to a call that is newer than they are. */
static bool find_pwait2(const struct mio_log *log)
{
    long rc = syscall(EPOLL_PWAIT2, -1, NULL, 0, NULL, NULL, 0);
    if (rc >= 0 || (errno != ENOSYS && errno != EPERM))
        return true;
    mio_log_print(log, MIO_LOG_INFO,
                  "poll: timeouts are rounded up to milliseconds: "
                  "no epoll_pwait2 (%s)",
                  mio_error_text(-errno));
    return false;
}

#if !MIO_EPOLL_IN_PLACE

int mio_epoll_ctl(int fd, int operation, int handle,
                  const struct mio_record *record)
{
    struct epoll_event event = {0};
    if (record != NULL)
        event = (struct epoll_event){.events = record->flags,
                                     .data.u64 = record->key};
    return epoll_ctl(fd, operation, handle, &event) == 0 ? 0 : -errno;
}

int mio_epoll_wait(int fd, struct mio_record *records, uint32_t records_max,
                   int timeout_ms)
{
    int count = epoll_wait(fd, (struct epoll_event *)(void *)records,
                           (int)records_max, timeout_ms);
    return count >= 0 ? count : -errno;
}

int mio_epoll_pwait2(int fd, struct mio_record *records, uint32_t records_max,
                     const struct mio_epoll_timeout *timeout)
{
    long count = syscall(EPOLL_PWAIT2, fd, records, (int)records_max, timeout,
                         NULL, (size_t)(_NSIG / 8));
    return count >= 0 ? (int)count : -errno;
}

#endif

static void epoll_free(struct mio_selector *base)
{
    struct mio_epoll *self = mio_epoll_of(base);
    if (close(self->fd) < 0)
        mio_log_print(self->log, MIO_LOG_WARNING,
                      "poll: its descriptor %d was closed by somebody else: %s",
                      self->fd, mio_error_text(-errno));
    mio_allocator_release(self->allocator, self, 1, sizeof(*self));
}

static mio_handle epoll_handle(const struct mio_selector *self)
{
    return ((const struct mio_epoll *)self)->fd;
}

static uint32_t epoll_interest(uint32_t interest)
{
    uint32_t events = 0;
    if (interest & MIO_READABLE)
        events |= EPOLLIN | EPOLLRDHUP;
    if (interest & MIO_WRITABLE)
        events |= EPOLLOUT;
    if (interest & MIO_PRIORITY)
        events |= EPOLLPRI;
    return events;
}

/* Returns 0 and the kernel's flags | MIO_EINVAL | MIO_ENOTSUP | MIO_EBADF. */
int mio_epoll_flags(const struct mio_source *source, uint32_t flags,
                    uint32_t *out)
{
    uint32_t interest = mio_flags_interest(flags);
    uint32_t mode = mio_flags_mode(flags);
    if (interest & (MIO_AIO | MIO_LIO))
        return MIO_ENOTSUP;
    if (source->handle != (int)source->handle)
        return MIO_EBADF; /* or it would be another one, cut off */

    uint32_t events = epoll_interest(interest);
    if (!(mode & MIO_LEVEL))
        events |= EPOLLET;
    if (mode & MIO_ONESHOT)
        events |= EPOLLONESHOT;
    if (mode & MIO_EXCLUSIVE) {
        /* The kernel takes it with these alone; a listener needs no more. */
        if ((mode & MIO_ONESHOT) || (interest & MIO_PRIORITY))
            return MIO_EINVAL;
        events &= ~(uint32_t)EPOLLRDHUP;
        events |= EPOLLEXCLUSIVE;
    }
    *out = events;
    return MIO_OK;
}

int mio_epoll_control_error(int code)
{
    /* A poll watched by itself or in a ring: no code of its own is worth it. */
    return code == -ELOOP ? MIO_EINVAL : code;
}

/* As the inlined calls, where it does not matter what it costs. */
static int control(struct mio_epoll *self, int operation,
                   const struct mio_source *source, uint64_t key,
                   uint32_t flags)
{
    struct epoll_event event = {.data.u64 = key};
    uint32_t events = 0;
    if (operation != EPOLL_CTL_DEL) {
        int rc = mio_epoll_flags(source, flags, &events);
        if (rc < 0)
            return rc;
    }
    event.events = events;
    if (epoll_ctl(self->fd, operation, (int)source->handle, &event) == 0)
        return MIO_OK;
    return mio_epoll_control_error(-errno);
}

/* It was taken out, and could not be put in as was wanted: so as it was. */
static int put_back(struct mio_epoll *self, struct mio_source *source,
                    uint64_t old_key, int code)
{
    int rc = control(self, EPOLL_CTL_ADD, source, old_key, source->flags);
    if (rc == MIO_OK)
        return code;
    mio_log_print(self->log, MIO_LOG_ERROR,
                  "poll: handle %d is deregistered, as it could not be added "
                  "again: %s",
                  (int)source->handle, mio_error_text(rc));
    source->flags = 0;
    return rc;
}

int mio_epoll_replace(struct mio_epoll *self, struct mio_source *source,
                      uint64_t key, uint32_t flags)
{
    uint32_t events;
    int rc = mio_epoll_flags(source, flags, &events);
    if (rc < 0)
        return rc; /* before anything is changed */
    rc = control(self, EPOLL_CTL_DEL, source, 0, 0);
    if (rc < 0)
        return rc;
    rc = control(self, EPOLL_CTL_ADD, source, key, flags);
    return rc < 0 ? put_back(self, source, key - MIO_KEY_STEP, rc) : MIO_OK;
}

/* It is removed already, unless there is a copy of it. */
void mio_epoll_tell_closed(const struct mio_epoll *self,
                           const struct mio_source *source, int code)
{
    mio_log_print(self->log, MIO_LOG_WARNING,
                  "poll: handle %d was closed before it was deregistered "
                  "(%s): if there is a copy of it, that is still watched",
                  (int)source->handle, mio_error_text(code));
}

/* The operations for who does not call them often. */

static int epoll_add(struct mio_selector *self, struct mio_source *source,
                     uint64_t key, uint32_t flags)
{
    return mio_epoll_control(mio_epoll_of(self), MIO_EPOLL_ADD, source, key,
                             flags);
}

static int epoll_modify(struct mio_selector *self, struct mio_source *source,
                        uint64_t key, uint32_t flags)
{
    return mio_epoll_modify(mio_epoll_of(self), source, key, flags);
}

static void epoll_remove(struct mio_selector *self, struct mio_source *source)
{
    mio_epoll_remove(mio_epoll_of(self), source);
}

int mio_batch_new(struct mio_batch **out, uint32_t capacity,
                  const struct mio_allocator *allocator)
{
    MIO_ASSERT(capacity > 0);

    struct mio_batch *self =
        mio_allocator_allocate(allocator, capacity, sizeof(self->records[0]));
    if (self == NULL)
        return MIO_ENOMEM;
    *out = self;
    return MIO_OK;
}

void mio_batch_free(struct mio_batch *self, uint32_t capacity,
                    const struct mio_allocator *allocator)
{
    mio_allocator_release(allocator, self, capacity, sizeof(self->records[0]));
}

uint32_t mio_record_readiness(uint32_t events)
{
    if (events & EVENTS_WRITTEN)
        return events & ~EVENTS_WRITTEN;

    uint32_t readiness = 0;
    if (events & (EPOLLIN | EPOLLPRI))
        readiness |= MIO_READY_READABLE;
    if (events & EPOLLOUT)
        readiness |= MIO_READY_WRITABLE;
    if (events & EPOLLPRI)
        readiness |= MIO_READY_PRIORITY;
    if (events & EPOLLERR)
        readiness |= MIO_READY_ERROR;
    if ((events & EPOLLHUP) ||
        (events & (EPOLLIN | EPOLLRDHUP)) == (EPOLLIN | EPOLLRDHUP))
        readiness |= MIO_READY_READ_CLOSED;
    /* An error alone is a pipe whose reader is gone. */
    if ((events & EPOLLHUP) || events == EPOLLERR ||
        (events & (EPOLLOUT | EPOLLERR)) == (EPOLLOUT | EPOLLERR))
        readiness |= MIO_READY_WRITE_CLOSED;
    return readiness;
}

void mio_batch_write(struct mio_batch *self, uint32_t index, uint64_t key,
                     uint32_t readiness)
{
    self->records[index] = (struct mio_record){
        .flags = readiness | EVENTS_WRITTEN,
        .key = key,
    };
}

/* Rounds up: a timeout cut to 0 ms would make the caller spin. */
int mio_epoll_timeout_ms(int64_t timeout_ns)
{
    int64_t ms = timeout_ns / MIO_NS_PER_MS + (timeout_ns % MIO_NS_PER_MS != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

int mio_epoll_wait_error(int code)
{
    /* Not retried: only the caller knows its deadline. */
    MIO_ASSERT(code == -EINTR);
    return code;
}

static int epoll_wait_batch(struct mio_selector *self, struct mio_batch *batch,
                            uint32_t events_max, int64_t timeout_ns)
{
    MIO_ASSERT(events_max > 0);

    int count =
        mio_epoll_wait_for(mio_epoll_of(self), batch, events_max, timeout_ns);
    if (count >= 0)
        return count;
    errno = -count;
    return -1;
}

static const struct mio_selector_ops epoll_ops = {
    .has_edges = true,
    .free = epoll_free,
    .add = epoll_add,
    .modify = epoll_modify,
    .remove = epoll_remove,
    .wait = epoll_wait_batch,
    .handle = epoll_handle,
};

int mio_selector_new_epoll(struct mio_selector **out,
                           const struct mio_selector_options *options)
{
    /* Of the sources the kernel keeps its own records. */
    const struct mio_allocator *allocator = options->allocator;
    struct mio_epoll *self =
        mio_allocator_allocate_zeroed(allocator, 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    self->fd = epoll_create1(EPOLL_CLOEXEC);
    if (self->fd < 0) {
        int rc = -errno;
        mio_allocator_release(allocator, self, 1, sizeof(*self));
        return rc;
    }
    self->base.ops = &epoll_ops;
    self->base.is_epoll = true;
    self->allocator = allocator;
    self->log = options->log;
    self->has_pwait2 = find_pwait2(options->log);
    *out = &self->base;
    return MIO_OK;
}
