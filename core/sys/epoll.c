/* SPDX-License-Identifier: MIT
 *
 * core/sys/epoll.c - the selector on Linux: step 1 of a byte's walk. */
#include "core/sys/selector.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
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

/* The kernel's own form of a timeout, 64 bits wide on every machine. */
struct timeout {
    int64_t s;
    int64_t ns;
};

struct epoll {
    struct mio_selector base;
    int fd;
    bool has_pwait2;
    const struct mio_allocator *allocator;
    const struct mio_log *log;
    struct timeout timeout; /* of the wait; see wait_precisely */
};

struct mio_batch {
    struct epoll_event raw[1]; /* `capacity` of them */
};

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

static struct epoll *epoll_of(struct mio_selector *self)
{
    return (struct epoll *)self;
}

static void epoll_free(struct mio_selector *base)
{
    struct epoll *self = epoll_of(base);
    if (close(self->fd) < 0)
        mio_log_print(self->log, MIO_LOG_WARNING,
                      "poll: its descriptor %d was closed by somebody else: %s",
                      self->fd, mio_error_text(-errno));
    mio_allocator_release(self->allocator, self, 1, sizeof(*self));
}

static mio_handle epoll_handle(const struct mio_selector *self)
{
    return ((const struct epoll *)self)->fd;
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

/* Returns 0 and the kernel's flags | MIO_EINVAL | MIO_ENOTSUP. */
static int epoll_flags(uint32_t flags, uint32_t *out)
{
    uint32_t interest = mio_flags_interest(flags);
    uint32_t mode = mio_flags_mode(flags);
    if (interest & (MIO_AIO | MIO_LIO))
        return MIO_ENOTSUP;

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

static int control(struct mio_selector *self, int operation,
                   const struct mio_source *source, uint64_t key,
                   uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u64 = key};
    if (epoll_ctl(epoll_of(self)->fd, operation, (int)source->handle, &event) ==
        0)
        return MIO_OK;
    /* A poll watched by itself or in a ring: no code of its own is worth it. */
    return errno == ELOOP ? MIO_EINVAL : -errno;
}

static int epoll_add(struct mio_selector *self, struct mio_source *source,
                     uint64_t key, uint32_t flags)
{
    uint32_t events;
    int rc = epoll_flags(flags, &events);
    if (rc < 0)
        return rc;
    if (source->handle != (int)source->handle)
        return MIO_EBADF; /* or it would be another one, cut off */
    return control(self, EPOLL_CTL_ADD, source, key, events);
}

/* The kernel refuses to modify what is or becomes exclusive. */
static int replace(struct mio_selector *self, struct mio_source *source,
                   uint64_t key, uint32_t events)
{
    int rc = control(self, EPOLL_CTL_DEL, source, 0, 0);
    if (rc < 0)
        return rc;
    rc = control(self, EPOLL_CTL_ADD, source, key, events);
    if (rc < 0)
        mio_log_print(epoll_of(self)->log, MIO_LOG_ERROR,
                      "poll: handle %d is watched no more, as it could not be "
                      "added again: %s",
                      (int)source->handle, mio_error_text(rc));
    return rc;
}

static int epoll_modify(struct mio_selector *self, struct mio_source *source,
                        uint64_t key, uint32_t flags)
{
    uint32_t events;
    int rc = epoll_flags(flags, &events);
    if (rc < 0)
        return rc;
    uint32_t modes = mio_flags_mode(flags) | mio_flags_mode(source->flags);
    if (modes & MIO_EXCLUSIVE)
        return replace(self, source, key, events);
    return control(self, EPOLL_CTL_MOD, source, key, events);
}

static void epoll_remove(struct mio_selector *self, struct mio_source *source)
{
    /* Fails only if the handle was closed: then it is removed already, unless
     * there is a copy of it. */
    int rc = control(self, EPOLL_CTL_DEL, source, 0, 0);
    if (__builtin_expect(rc < 0, 0))
        mio_log_print(epoll_of(self)->log, MIO_LOG_WARNING,
                      "poll: handle %d was closed before it was deregistered "
                      "(%s): if there is a copy of it, that is still watched",
                      (int)source->handle, mio_error_text(rc));
}

int mio_batch_new(struct mio_batch **out, uint32_t capacity,
                  const struct mio_allocator *allocator)
{
    MIO_ASSERT(capacity > 0);

    struct mio_batch *self =
        mio_allocator_allocate(allocator, capacity, sizeof(self->raw[0]));
    if (self == NULL)
        return MIO_ENOMEM;
    *out = self;
    return MIO_OK;
}

void mio_batch_free(struct mio_batch *self, uint32_t capacity,
                    const struct mio_allocator *allocator)
{
    mio_allocator_release(allocator, self, capacity, sizeof(self->raw[0]));
}

static uint32_t readiness_of(uint32_t events)
{
    uint32_t readiness = 0;
    if (events & (EPOLLIN | EPOLLPRI))
        readiness |= MIO_READY_READABLE;
    if (events & EPOLLOUT)
        readiness |= MIO_READY_WRITABLE;
    if (events & EPOLLPRI)
        readiness |= MIO_READY_PRIORITY;
    if (__builtin_expect(
            !(events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP | EVENTS_WRITTEN)), 1))
        return readiness;
    if (events & EVENTS_WRITTEN)
        return events & ~EVENTS_WRITTEN;

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

uint32_t mio_batch_read(const struct mio_batch *self, uint32_t index,
                        uint64_t *key)
{
    const struct epoll_event *event = &self->raw[index];
    *key = event->data.u64;
    return readiness_of(event->events);
}

void mio_batch_write(struct mio_batch *self, uint32_t index, uint64_t key,
                     uint32_t readiness)
{
    self->raw[index] = (struct epoll_event){
        .events = readiness | EVENTS_WRITTEN,
        .data.u64 = key,
    };
}

/* Rounds up: a timeout cut to 0 ms would make the caller spin. */
static int timeout_ms(int64_t timeout_ns)
{
    if (timeout_ns < 0)
        return -1;
    int64_t ms = timeout_ns / MIO_NS_PER_MS + (timeout_ns % MIO_NS_PER_MS != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* As the last thing that a function does, a system call returns straight to the
 * function's caller: after it, the processor guesses every further return
 * wrong, at 8 ns each. So the timeout lies in the selector, not on the stack,
 * and errno is looked at by mio_selector_error. */
static int wait_precisely(struct epoll *self, struct mio_batch *batch,
                          int events_max, int64_t timeout_ns)
{
    self->timeout.s = timeout_ns / MIO_NS_PER_S;
    self->timeout.ns = timeout_ns % MIO_NS_PER_S;
    return (int)syscall(EPOLL_PWAIT2, self->fd, batch->raw, events_max,
                        &self->timeout, NULL, (size_t)(_NSIG / 8));
}

static int epoll_wait_batch(struct mio_selector *self, struct mio_batch *batch,
                            uint32_t events_max, int64_t timeout_ns)
{
    MIO_ASSERT(events_max > 0);

    struct epoll *epoll = epoll_of(self);
    if (timeout_ns > 0 && epoll->has_pwait2)
        return wait_precisely(epoll, batch, (int)events_max, timeout_ns);
    return epoll_wait(epoll->fd, batch->raw, (int)events_max,
                      timeout_ms(timeout_ns));
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
    struct epoll *self =
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
    self->allocator = allocator;
    self->log = options->log;
    self->has_pwait2 = find_pwait2(options->log);
    *out = &self->base;
    return MIO_OK;
}
