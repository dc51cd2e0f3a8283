/* SPDX-License-Identifier: MIT
 *
 * net/sys/pipe_posix.c - pipe2, readv, and writev without its signal. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2, pwritev2 */
#endif

#include "net/sys/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "core/assert.h"

/* Linux 6.18; libc's headers have it since later. */
#if defined(__linux__) && !defined(RWF_NOSIGNAL)
#define RWF_NOSIGNAL 0x100
#endif

#define RETRY(rc, call)                                                        \
    do                                                                         \
        (rc) = (call);                                                         \
    while ((rc) < 0 && errno == EINTR)

int mio_pipe_handles_open(mio_handle *to_write, mio_handle *to_read)
{
    int fds[2];
    if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
        return -errno;
    *to_read = fds[0];
    *to_write = fds[1];
    return MIO_OK;
}

void mio_pipe_handle_close(mio_handle handle)
{
    /* Not repeated after EINTR: the descriptor is gone all the same. */
    (void)close((int)handle);
}

int mio_pipe_handle_set_nonblocking(mio_handle handle, bool on)
{
    int flags = fcntl((int)handle, F_GETFL);
    if (flags < 0)
        return -errno;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    if (wanted != flags && fcntl((int)handle, F_SETFL, wanted) < 0)
        return -errno;
    return MIO_OK;
}

/* The array has the system's layout (asserted in socket_posix.c), and is not
 * written to. */
static const struct iovec *system_pieces(const struct mio_iovec *pieces)
{
    return (const struct iovec *)(const void *)pieces;
}

/* The signal is blocked in this thread, to which alone it is sent, and taken
 * away again if this write raised it: one that was pending before stays. Two
 * system calls more, as much as they cost. */
static ssize_t write_masked(int fd, const struct iovec *pieces, int count)
{
    const struct timespec at_once = {.tv_sec = 0};
    sigset_t sigpipe;
    sigset_t before;
    sigset_t pending;
    (void)sigemptyset(&sigpipe);
    (void)sigaddset(&sigpipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    (void)sigemptyset(&pending);
    if (sigismember(&before, SIGPIPE) == 1)
        (void)sigpending(&pending);

    ssize_t n;
    RETRY(n, writev(fd, pieces, count));
    int code = errno;
    if (n < 0 && code == EPIPE && sigismember(&pending, SIGPIPE) == 0) {
        int taken;
        RETRY(taken, sigtimedwait(&sigpipe, NULL, &at_once));
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return n;
}

/* Whether the write with a flag failed for the flag's sake, or for a sandbox;
 * if it was for another reason, asking again will tell. */
static bool is_refused(ssize_t n)
{
    return n < 0 && (errno == ENOSYS || errno == EOPNOTSUPP ||
                     errno == EINVAL || errno == EPERM);
}

static ssize_t write_quietly(int fd, const struct iovec *pieces, int count,
                             bool *masks_signal)
{
#ifdef RWF_NOSIGNAL
    if (!*masks_signal) {
        ssize_t n;
        RETRY(n, pwritev2(fd, pieces, count, -1, RWF_NOSIGNAL));
        if (!is_refused(n))
            return n;
    }
#endif
    *masks_signal = true;
    return write_masked(fd, pieces, count);
}

static int64_t answer(ssize_t n)
{
    return n < 0 ? -(int64_t)errno : (int64_t)n;
}

int64_t mio_pipe_handle_write(mio_handle handle, const struct mio_iovec *pieces,
                              size_t count, bool *masks_signal)
{
    MIO_ASSERT(count <= MIO_IOVECS_MAX);
    return answer(write_quietly((int)handle, system_pieces(pieces), (int)count,
                                masks_signal));
}

int64_t mio_pipe_handle_read(mio_handle handle, const struct mio_iovec *pieces,
                             size_t count)
{
    MIO_ASSERT(count <= MIO_IOVECS_MAX);
    ssize_t n;
    RETRY(n, readv((int)handle, system_pieces(pieces), (int)count));
    return answer(n);
}
