/* SPDX-License-Identifier: MIT
 *
 * core/sys/epoll_call.h - epoll's calls, made in the function that needs them.
 *
 * After a system call the processor guesses wrong where to each function
 * returns that was entered before it: what the kernel called has overwritten
 * what it remembered. Each wrong guess costs 8 ns, 3 % of an epoll_ctl; through
 * the C library and a selector's operations there are three or four of them.
 * Made in place, the one that leads to the library's user remains. Besides, the
 * C library makes each wait a place where threads are cancelled, for two locked
 * instructions in a process with threads.
 *
 * Where this is not written down (another processor), or a sanitizer wants to
 * see the call, they are functions of epoll.c. Only for epoll.c and
 * selector_call.h. Not installed. */
#ifndef MIO_CORE_SYS_EPOLL_CALL_H
#define MIO_CORE_SYS_EPOLL_CALL_H

#include <stdint.h>

#include "core/sys/selector.h"

#if defined(__x86_64__) && defined(__LP64__) &&                                \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MIO_EPOLL_IN_PLACE 1
#else
#define MIO_EPOLL_IN_PLACE 0
#endif
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#undef MIO_EPOLL_IN_PLACE
#define MIO_EPOLL_IN_PLACE 0
#endif
#endif

/* The kernel's own form of a timeout, 64 bits wide on every machine. */
struct mio_epoll_timeout {
    int64_t s;
    int64_t ns;
};

#if MIO_EPOLL_IN_PLACE

/* All return what the kernel does: >= 0 | an errno, negative. Its numbers are
 * for ever. */
#define MIO_NUMBER_OF_EPOLL_WAIT 232
#define MIO_NUMBER_OF_EPOLL_CTL 233
#define MIO_NUMBER_OF_EPOLL_PWAIT2 441
#define MIO_SIGNALS_SIZE 8

static inline int mio_epoll_ctl(int fd, int operation, int handle,
                                const struct mio_record *record)
{
    long rc;
    register const void *r10 __asm__("r10") = record;
    __asm__ volatile("syscall"
                     : "=a"(rc)
                     : "0"((long)MIO_NUMBER_OF_EPOLL_CTL), "D"((long)fd),
                       "S"((long)operation), "d"((long)handle), "r"(r10)
                     : "rcx", "r11", "memory");
    return (int)rc;
}

static inline int mio_epoll_wait(int fd, struct mio_record *records,
                                 uint32_t records_max, int timeout_ms)
{
    long rc;
    register long r10 __asm__("r10") = timeout_ms;
    __asm__ volatile("syscall"
                     : "=a"(rc)
                     : "0"((long)MIO_NUMBER_OF_EPOLL_WAIT), "D"((long)fd),
                       "S"(records), "d"((long)records_max), "r"(r10)
                     : "rcx", "r11", "memory");
    return (int)rc;
}

static inline int mio_epoll_pwait2(int fd, struct mio_record *records,
                                   uint32_t records_max,
                                   const struct mio_epoll_timeout *timeout)
{
    long rc;
    register const void *r10 __asm__("r10") = timeout;
    register long r8 __asm__("r8") = 0; /* no mask of signals */
    register long r9 __asm__("r9") = MIO_SIGNALS_SIZE;
    __asm__ volatile("syscall"
                     : "=a"(rc)
                     : "0"((long)MIO_NUMBER_OF_EPOLL_PWAIT2), "D"((long)fd),
                       "S"(records), "d"((long)records_max), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return (int)rc;
}

#else

int mio_epoll_ctl(int fd, int operation, int handle,
                  const struct mio_record *record);
int mio_epoll_wait(int fd, struct mio_record *records, uint32_t records_max,
                   int timeout_ms);
int mio_epoll_pwait2(int fd, struct mio_record *records, uint32_t records_max,
                     const struct mio_epoll_timeout *timeout);

#endif

#endif /* MIO_CORE_SYS_EPOLL_CALL_H */
