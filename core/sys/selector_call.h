/* SPDX-License-Identifier: MIT
 *
 * core/sys/selector_call.h - a selector's operations, for who calls them often:
 * epoll's are inlined, those of others called through `ops`. epoll_call.h tells
 * why. Not installed. */
#ifndef MIO_CORE_SYS_SELECTOR_CALL_H
#define MIO_CORE_SYS_SELECTOR_CALL_H

#include "core/sys/selector.h"

#ifdef __linux__

#include "core/clock.h"
#include "core/sys/epoll_call.h"

/* EPOLL_CTL_ADD and so on; epoll.c sees to it that they are. */
#define MIO_EPOLL_ADD 1
#define MIO_EPOLL_DEL 2
#define MIO_EPOLL_MOD 3

struct mio_epoll {
    struct mio_selector base;
    int fd;
    bool has_pwait2;
    const struct mio_allocator *allocator;
    const struct mio_log *log;
};

/* Of epoll.c: what is seldom needed, or done before the call. */
int mio_epoll_flags(const struct mio_source *source, uint32_t flags,
                    uint32_t *out);
int mio_epoll_replace(struct mio_epoll *self, struct mio_source *source,
                      uint64_t key, uint32_t flags);
int mio_epoll_control_error(int code);
int mio_epoll_wait_error(int code);
void mio_epoll_tell_closed(const struct mio_epoll *self,
                           const struct mio_source *source, int code);
int mio_epoll_timeout_ms(int64_t timeout_ns);

static inline struct mio_epoll *mio_epoll_of(struct mio_selector *self)
{
    return (struct mio_epoll *)self;
}

static inline int mio_epoll_control(struct mio_epoll *self, int operation,
                                    const struct mio_source *source,
                                    uint64_t key, uint32_t flags)
{
    uint32_t events;
    int rc = mio_epoll_flags(source, flags, &events);
    if (rc < 0)
        return rc;
    const struct mio_record record = {.flags = events, .key = key};
    rc = mio_epoll_ctl(self->fd, operation, (int)source->handle, &record);
    return __builtin_expect(rc == 0, 1) ? MIO_OK : mio_epoll_control_error(rc);
}

static inline int mio_epoll_modify(struct mio_epoll *self,
                                   struct mio_source *source, uint64_t key,
                                   uint32_t flags)
{
    /* The kernel refuses to modify what is or becomes exclusive. */
    if (mio_flags_mode(flags | source->flags) & MIO_EXCLUSIVE)
        return mio_epoll_replace(self, source, key, flags);
    return mio_epoll_control(self, MIO_EPOLL_MOD, source, key, flags);
}

static inline void mio_epoll_remove(struct mio_epoll *self,
                                    struct mio_source *source)
{
    int rc = mio_epoll_ctl(self->fd, MIO_EPOLL_DEL, (int)source->handle, NULL);
    if (__builtin_expect(rc < 0, 0))
        mio_epoll_tell_closed(self, source, rc);
}

static inline int mio_epoll_wait_for(struct mio_epoll *self,
                                     struct mio_batch *batch,
                                     uint32_t events_max, int64_t timeout_ns)
{
    int count;
    if (timeout_ns > 0 && self->has_pwait2) {
        struct mio_epoll_timeout timeout = {
            .s = timeout_ns / MIO_NS_PER_S,
            .ns = timeout_ns % MIO_NS_PER_S,
        };
        count =
            mio_epoll_pwait2(self->fd, batch->records, events_max, &timeout);
    } else {
        int ms = timeout_ns > 0 ? mio_epoll_timeout_ms(timeout_ns) : 0;
        if (timeout_ns < 0)
            ms = -1;
        count = mio_epoll_wait(self->fd, batch->records, events_max, ms);
    }
    return __builtin_expect(count >= 0, 1) ? count
                                           : mio_epoll_wait_error(count);
}

#define MIO_IF_EPOLL(selector, statement)                                      \
    if ((selector)->is_epoll)                                                  \
    statement

#else

#define MIO_IF_EPOLL(selector, statement)

#endif

/* As selector->ops->add, ->modify, ->remove. */

static inline int mio_selector_add(struct mio_selector *self,
                                   struct mio_source *source, uint64_t key,
                                   uint32_t flags)
{
    MIO_IF_EPOLL(self,
                 return mio_epoll_control(mio_epoll_of(self), MIO_EPOLL_ADD,
                                          source, key, flags));
    return self->ops->add(self, source, key, flags);
}

static inline int mio_selector_modify(struct mio_selector *self,
                                      struct mio_source *source, uint64_t key,
                                      uint32_t flags)
{
    MIO_IF_EPOLL(
        self, return mio_epoll_modify(mio_epoll_of(self), source, key, flags));
    return self->ops->modify(self, source, key, flags);
}

static inline void mio_selector_remove(struct mio_selector *self,
                                       struct mio_source *source)
{
    MIO_IF_EPOLL(self, {
        mio_epoll_remove(mio_epoll_of(self), source);
        return;
    })
    self->ops->remove(self, source);
}

/* As selector->ops->wait, but a negative number is the code already. */
static inline int mio_selector_wait(struct mio_selector *self,
                                    struct mio_batch *batch,
                                    uint32_t events_max, int64_t timeout_ns)
{
    MIO_IF_EPOLL(self, return mio_epoll_wait_for(mio_epoll_of(self), batch,
                                                 events_max, timeout_ns));
    int count = self->ops->wait(self, batch, events_max, timeout_ns);
    return count < 0 ? mio_selector_error() : count;
}

#endif /* MIO_CORE_SYS_SELECTOR_CALL_H */
