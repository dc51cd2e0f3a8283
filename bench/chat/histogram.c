/* SPDX-License-Identifier: MIT
 *
 * bench/chat/histogram.c - log-linear buckets. */
#include "bench/chat/histogram.h"

#include <string.h>

#define SUB_COUNT (1 << HISTOGRAM_SUB_BITS)

void histogram_reset(struct histogram *self)
{
    memset(self, 0, sizeof(*self));
}

/* Values below SUB_COUNT have a bucket each; above, the leading bit chooses the
 * row and the next HISTOGRAM_SUB_BITS bits the bucket in it. */
static uint32_t bucket_of(uint64_t value)
{
    if (value < SUB_COUNT)
        return (uint32_t)value;
    uint32_t shift =
        63u - (uint32_t)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    uint32_t sub = (uint32_t)(value >> shift) & (SUB_COUNT - 1);
    return ((shift + 1) << HISTOGRAM_SUB_BITS) + sub;
}

static uint64_t bucket_max(uint32_t bucket)
{
    uint32_t row = bucket >> HISTOGRAM_SUB_BITS;
    uint64_t sub = bucket & (SUB_COUNT - 1);
    if (row == 0)
        return sub;
    return ((SUB_COUNT + sub + 1) << (row - 1)) - 1;
}

void histogram_add(struct histogram *self, int64_t value)
{
    if (value < 0)
        value = 0;
    if (value > self->max)
        self->max = value;
    self->count++;
    self->buckets[bucket_of((uint64_t)value)]++;
}

int64_t histogram_quantile(const struct histogram *self, double fraction)
{
    uint64_t rank = (uint64_t)((double)self->count * fraction);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && self->count > 0; i++) {
        seen += self->buckets[i];
        if (seen < rank || seen == 0)
            continue;
        uint64_t bound = bucket_max(i);
        return bound < (uint64_t)self->max ? (int64_t)bound : self->max;
    }
    return self->max;
}
