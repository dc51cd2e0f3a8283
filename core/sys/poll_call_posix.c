/* SPDX-License-Identifier: MIT
 *
 * core/sys/poll_call_posix.c - all at once, or else in pieces. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif

#include "core/sys/poll_call.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "core/clock.h"

/* A time_t may be 32 bits wide. */
#define WAIT_MAX_S INT64_C(0x7fffffff)

/* How often all are looked at that cannot be waited for at once. */
#define LOOK_AGAIN_NS MIO_NS_PER_MS

static int call(struct pollfd *entries, uint32_t count, int64_t timeout_ns)
{
    int64_t s = timeout_ns / MIO_NS_PER_S;
    struct timespec timeout = {
        .tv_sec = (time_t)(s < WAIT_MAX_S ? s : WAIT_MAX_S),
        .tv_nsec = (long)(timeout_ns % MIO_NS_PER_S),
    };
    return ppoll(entries, count, timeout_ns < 0 ? NULL : &timeout, NULL);
}

static bool is_too_many(int ready_count)
{
    return ready_count < 0 && (errno == EINVAL || errno == ENOMEM);
}

static int64_t until_next_look(int64_t timeout_ns)
{
    return timeout_ns < 0 || timeout_ns > LOOK_AGAIN_NS ? LOOK_AGAIN_NS
                                                        : timeout_ns;
}

/* Who tries again at once must not spin. */
static int give_up(int64_t timeout_ns)
{
    int code = errno;
    (void)call(NULL, 0, until_next_look(timeout_ns));
    errno = code;
    return -1;
}

/* From the back to the front. What was ready behind is reported before anything
 * is waited for in front. */
static int call_in_pieces(struct pollfd *entries, uint32_t count,
                          int64_t timeout_ns)
{
    uint32_t end = count;
    uint32_t size = (count + 1) / 2;
    int ready_count = 0;
    while (end > 0) {
        uint32_t begin = end > size ? end - size : 0;
        bool blocks = begin == 0 && ready_count == 0;
        /* The front is never shorter, lest it have one of the first only. */
        int rc = call(entries + begin, begin == 0 ? size : end - begin,
                      blocks ? until_next_look(timeout_ns) : 0);
        if (is_too_many(rc) && size > 1) {
            size /= 2;
            continue;
        }
        if (rc < 0)
            return is_too_many(rc) ? give_up(timeout_ns) : rc;
        ready_count += rc;
        end = begin;
    }
    return ready_count;
}

int mio_poll_call(struct pollfd *entries, uint32_t count, int64_t timeout_ns)
{
    /* Tried anew each time: the limit may be raised again. */
    int ready_count = call(entries, count, timeout_ns);
    if (is_too_many(ready_count))
        ready_count = call_in_pieces(entries, count, timeout_ns);
    return ready_count;
}
