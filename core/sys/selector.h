/* SPDX-License-Identifier: MIT
 *
 * core/sys/selector.h - the contract of an operating system's selector.
 *
 * One implementation per mechanism, chosen when a poll is made. It knows keys,
 * not tokens: core/poll.c gives each registration a key of slot and generation
 * and looks up the rest. Not installed. */
#ifndef MIO_CORE_SYS_SELECTOR_H
#define MIO_CORE_SYS_SELECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/error.h"
#include "core/event.h"
#include "core/interest.h"
#include "core/log.h"
#include "core/source.h"

/* A raw event, laid out as the kernel's own on Linux, so that none is copied:
 * epoll's flags, or, from other selectors, what mio_batch_write makes. */
struct mio_record {
    uint32_t flags;
    uint64_t key;
#ifdef __x86_64__
} __attribute__((packed));
#else
};
#endif

/* What most events say. Any other flag has its meaning in epoll.c. */
#define MIO_RECORD_READABLE UINT32_C(1)
#define MIO_RECORD_WRITABLE UINT32_C(4)

/* The key of a registration before it was renewed: this much less. */
#define MIO_KEY_STEP (UINT64_C(1) << 32)

/* Raw events of one wait, one batch per mio_events. */
struct mio_batch {
    struct mio_record records[1]; /* `capacity` of them */
};

/* What source.flags and `flags` below hold. */
static inline uint32_t mio_flags_of(uint32_t interest, uint32_t mode)
{
    return interest | mode << 16;
}
static inline uint32_t mio_flags_interest(uint32_t flags)
{
    return flags & 0xffff;
}
static inline uint32_t mio_flags_mode(uint32_t flags)
{
    return flags >> 16 & 0x7fff;
}

/* Of source.flags alone: it was registered through a registry. */
#define MIO_FLAG_SHARED (UINT32_C(1) << 31)

/* Each mechanism begins with one of these. */
struct mio_selector {
    const struct mio_selector_ops *ops;
    bool is_epoll; /* the ops are also inlined: selector_call.h */
};

struct mio_selector_ops {
    /* It reports every new edge by itself, asked again or not. */
    bool has_edges;

    void (*free)(struct mio_selector *self);

    /* `key` comes back with each event. A modify finds the flags that hold so
     * far in source->flags; if it fails, these hold on, or the source is not
     * watched any more and the flags are 0. Remove finds its slot
     * in the source and cannot fail: a handle that was closed is watched no
     * more. Any thread, also while another waits. Codes as
     * mio_poll_register. */
    int (*add)(struct mio_selector *self, struct mio_source *source,
               uint64_t key, uint32_t flags);
    int (*modify)(struct mio_selector *self, struct mio_source *source,
                  uint64_t key, uint32_t flags);
    void (*remove)(struct mio_selector *self, struct mio_source *source);

    /* See mio_source_arm. NULL if it has edges. */
    void (*arm)(struct mio_selector *self, struct mio_source *source,
                uint32_t directions);

    /* Returns the number of raw events, at most `events_max`, which is
     * 1..capacity of the batch (0: the timeout, rounded up, is over); or a
     * negative number, and mio_selector_error, asked at once, says what it was.
     * Any negative timeout is for ever. */
    int (*wait)(struct mio_selector *self, struct mio_batch *batch,
                uint32_t events_max, int64_t timeout_ns);

    /* MIO_HANDLE_NONE if it has none. */
    mio_handle (*handle)(const struct mio_selector *self);
};

struct mio_selector_options {
    uint32_t kind; /* an enum mio_selector_kind */
    uint32_t sources_max;
    const struct mio_allocator *allocator; /* NULL: libc's */
    const struct mio_log *log;             /* NULL: none */
};

/* Keys have slots below sources_max; one
 * more registration, the doorbell's, may have any other slot.
 * Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM | MIO_EINVAL (no such kind,
 * also in the environment) | MIO_ENOTSUP (not on this system). */
int mio_selector_new(struct mio_selector **out,
                     const struct mio_selector_options *options);

/* Returns MIO_EINTR | MIO_EBUSY | MIO_ENOMEM | MIO_EINVAL; see mio_poll_wait.
 */
int mio_selector_error(void);

/* What mio_selector_new chooses from. */
int mio_selector_new_epoll(struct mio_selector **out,
                           const struct mio_selector_options *options);
int mio_selector_new_poll(struct mio_selector **out,
                          const struct mio_selector_options *options);

/* A batch for up to `capacity` raw events; it is freed with what it was made
 * with. Returns 0 | MIO_ENOMEM. */
int mio_batch_new(struct mio_batch **out, uint32_t capacity,
                  const struct mio_allocator *allocator);
void mio_batch_free(struct mio_batch *self, uint32_t capacity,
                    const struct mio_allocator *allocator);

uint32_t mio_record_readiness(uint32_t events);

static inline bool mio_record_is_usual(uint32_t flags)
{
    return (flags & ~(MIO_RECORD_READABLE | MIO_RECORD_WRITABLE)) == 0;
}

static inline uint32_t mio_record_usual_readiness(uint32_t flags)
{
    return (flags & MIO_RECORD_READABLE) * MIO_READY_READABLE |
           (flags & MIO_RECORD_WRITABLE) / MIO_RECORD_WRITABLE *
               MIO_READY_WRITABLE;
}

/* Raw event `index` of the last wait: returns its readiness, *key names it. */
static inline uint32_t mio_batch_read(const struct mio_batch *self,
                                      uint32_t index, uint64_t *key)
{
    const struct mio_record *record = &self->records[index];
    *key = record->key;
    return mio_record_is_usual(record->flags)
               ? mio_record_usual_readiness(record->flags)
               : mio_record_readiness(record->flags);
}

/* How a selector puts an event there whose raw form is not the batch's. */
void mio_batch_write(struct mio_batch *self, uint32_t index, uint64_t key,
                     uint32_t readiness);

#endif /* MIO_CORE_SYS_SELECTOR_H */
