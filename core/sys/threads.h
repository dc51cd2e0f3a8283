/* SPDX-License-Identifier: MIT
 *
 * core/sys/threads.h - is there any other thread? A locked
 * instruction beside a system call costs 15 ns, and without one it is for
 * nothing. Not installed. */
#ifndef MIO_CORE_SYS_THREADS_H
#define MIO_CORE_SYS_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __has_include
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define MIO_KNOWS_THREADS 1
#endif
#endif

/* True only as long as the caller's thread is the only one of its process: then
 * nobody can be in between a load and a store of it, but a signal handler. The
 * C library says so before it starts the first further thread, which only this
 * one could ask for. False where it does not tell. */
static inline bool mio_is_single_threaded(void)
{
#ifdef MIO_KNOWS_THREADS
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

/* Compare and swap, weakly: acquires, and releases if it did. Not for what a
 * signal handler changes. */
static inline bool mio_swap_word(uint64_t *word, uint64_t *expected,
                                 uint64_t wanted)
{
    if (!mio_is_single_threaded())
        return __atomic_compare_exchange_n(word, expected, wanted, true,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    uint64_t found = __atomic_load_n(word, __ATOMIC_RELAXED);
    if (found != *expected) {
        *expected = found;
        return false;
    }
    __atomic_store_n(word, wanted, __ATOMIC_RELAXED);
    return true;
}

/* The same for what a signal handler may change, and without any order: one
 * instruction, which no signal comes in the middle of, needs no lock as long
 * as there is one thread. */
static inline bool mio_swap_signal_word(uint64_t *word, uint64_t *expected,
                                        uint64_t wanted)
{
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    if (mio_is_single_threaded()) {
        bool is_done;
        __asm__ volatile("cmpxchgq %3, %1"
                         : "=@ccz"(is_done), "+m"(*word), "+a"(*expected)
                         : "r"(wanted)
                         : "memory");
        return is_done;
    }
#endif
    return __atomic_compare_exchange_n(word, expected, wanted, true,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static inline void mio_mask_signal_word(uint64_t *word, uint64_t mask)
{
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    if (mio_is_single_threaded()) {
        __asm__ volatile("andq %1, %0"
                         : "+m"(*word)
                         : "r"(mask)
                         : "cc", "memory");
        return;
    }
#endif
    (void)__atomic_fetch_and(word, mask, __ATOMIC_RELAXED);
}

#endif /* MIO_CORE_SYS_THREADS_H */
