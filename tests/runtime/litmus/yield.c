/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/litmus/yield.c - see yield.h. */
#include "tests/runtime/litmus/yield.h"

#include <sched.h>

#include "runtime/mailbox/litmus.h"

static uint64_t seed_now = 1;
static uint64_t threads_count;
static int rules_broken;

static __thread uint64_t random_state;
static __thread uint64_t random_seed;

void litmus_seed(uint64_t seed)
{
    __atomic_store_n(&seed_now, seed, __ATOMIC_SEQ_CST);
    __atomic_store_n(&threads_count, 0, __ATOMIC_SEQ_CST);
}

void litmus_break(int rules)
{
    __atomic_store_n(&rules_broken, rules, __ATOMIC_SEQ_CST);
}

int mio_litmus_is_broken(enum mio_litmus_rule rule)
{
    return (__atomic_load_n(&rules_broken, __ATOMIC_RELAXED) & (int)rule) != 0;
}

static uint64_t next_random(void)
{
    uint64_t seed = __atomic_load_n(&seed_now, __ATOMIC_RELAXED);
    if (random_seed != seed || random_state == 0) {
        random_seed = seed;
        random_state =
            (seed + __atomic_add_fetch(&threads_count, 1, __ATOMIC_RELAXED)) *
            UINT64_C(0x9e3779b97f4a7c15);
    }
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

void litmus_disturb(void)
{
    uint64_t random = next_random();
    switch (random % 8) {
    case 0:
    case 1:
        (void)sched_yield();
        break;
    case 2:
        for (uint64_t spin = random >> 8 & 4095; spin > 0; spin--)
            __asm__ volatile("");
        break;
    default:
        break; /* mostly, go on */
    }
}

void mio_litmus_yield(enum mio_litmus_point point)
{
    (void)point;
    litmus_disturb();
}
