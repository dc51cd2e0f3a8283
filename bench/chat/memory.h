/* SPDX-License-Identifier: MIT
 *
 * bench/chat/memory.h - allocation that ends the program when memory is out. */
#ifndef BENCH_CHAT_MEMORY_H
#define BENCH_CHAT_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

/* realloc() of `count` elements; an aborted measurement is the only sensible
 * answer of a load program without memory. */
static inline void *memory_resize(void *old, size_t count, size_t size)
{
    void *new = reallocarray(old, count ? count : 1, size);
    if (new == NULL) {
        fprintf(stderr, "load: out of memory (%zu x %zu bytes)\n", count, size);
        exit(2);
    }
    return new;
}

static inline void *memory_zeroed(size_t count, size_t size)
{
    void *new = calloc(count ? count : 1, size);
    if (new == NULL) {
        fprintf(stderr, "load: out of memory (%zu x %zu bytes)\n", count, size);
        exit(2);
    }
    return new;
}

#endif /* BENCH_CHAT_MEMORY_H */
