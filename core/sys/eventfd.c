/* SPDX-License-Identifier: MIT
 *
 * core/sys/eventfd.c - the doorbell on Linux: step 8 of a byte's walk.
 *
 * Edge-triggered and never read: each write is an edge of its own, and the
 * read would be a second system call for nothing. Where the selector has no
 * edges it is level-triggered, and read. */
#include "core/sys/doorbell.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/assert.h"

int mio_doorbell_open(struct mio_doorbell *self, struct mio_selector *selector,
                      uint64_t key)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;

    self->source = (struct mio_source){.handle = fd};
    self->is_level = !selector->ops->has_edges;
    uint32_t mode = self->is_level ? MIO_LEVEL : MIO_EDGE;
    int rc = selector->ops->add(selector, &self->source, key,
                                mio_flags_of(MIO_READABLE, mode));
    if (rc < 0)
        (void)close(fd);
    return rc;
}

void mio_doorbell_close(struct mio_doorbell *self)
{
    /* The last descriptor of it: a selector that still lives drops it. */
    (void)close((int)self->source.handle);
    self->source.handle = MIO_HANDLE_NONE;
}

void mio_doorbell_ring(struct mio_doorbell *self)
{
    int saved = errno; /* a signal handler may ring */
    int fd = (int)self->source.handle;
    uint64_t one = 1;
    while (write(fd, &one, sizeof(one)) < 0) {
        if (errno == EINTR)
            continue;
        /* 2^64 - 2 rings were not read: start over. Another ringer may have
         * read it meanwhile, so that this read fails; no matter. */
        MIO_ASSERT(errno == EAGAIN);
        uint64_t count;
        (void)!read(fd, &count, sizeof(count));
    }
    errno = saved;
}

void mio_doorbell_answered(struct mio_doorbell *self)
{
    if (!self->is_level)
        return; /* nothing to reset, see above */
    uint64_t count;
    while (read((int)self->source.handle, &count, sizeof(count)) < 0 &&
           errno == EINTR)
        ;
}
