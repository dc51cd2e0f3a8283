/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/drama.h - a play: supervised players, a director who makes
 * them fail, and what happened in words.
 *
 * Each player notes its beginning as "+a " and its end as "-a ", or "-a:REASON
 * " if that is an error. Players live on different reactors; what is noted in a
 * fixed order is so because one caused the other. */
#ifndef MIO_TESTS_RUNTIME_LIFE_DRAMA_H
#define MIO_TESTS_RUNTIME_LIFE_DRAMA_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/link.h"
#include "runtime/monitor.h"
#include "runtime/supervisor.h"
#include "tests/runtime/fixture.h"

/* How a player behaves; the argument of its init. */
struct part {
    char name[4];
    int init_result;        /* of the first `init_failures` inits */
    uint32_t init_failures; /* 0 and a result: of all */
    int stop_result;        /* what its stop returns; 0: it ends in order */
    bool ignores_stop;
    bool fails_at_once; /* by a message to itself */
};

extern const struct mio_actor_class player_class;

/* A child for a table, with its part; names as in PLAYER("a"). */
#define PLAYER(letter, ...)                                                    \
    {                                                                          \
        .name = letter, .actor_class = &player_class,                          \
        .argument = &(const struct part){.name = letter, __VA_ARGS__},         \
        .argument_size = sizeof(struct part)                                   \
    }

/* Inits of this name so far, and who lives; any thread, any time. */
uint32_t drama_inits(const char *name);
int64_t drama_living(void);

/* From a thread that is no reactor: wait for so many. */
void drama_await_inits(const char *name, uint64_t count);

/* What the director does, one after the other. */
enum act {
    ACT_END,    /* the play is over: the runtime is stopped */
    ACT_FAIL,   /* the player gets a message, and fails with this reason */
    ACT_KILL,   /* somebody kills it */
    ACT_STOP,   /* somebody stops it, past its supervisor */
    ACT_REMOVE, /* mio_supervisor_stop_child */
    ACT_ADD,    /* mio_supervisor_start_child; the reason is its answer */
    ACT_KILL_SUPERVISOR,
    ACT_STOP_SUPERVISOR,
    ACT_AWAIT /* the supervisor's end, with this reason */
};

struct scene {
    enum act act;
    const char *name;
    int reason;
    const struct mio_child_spec *child;
};

#define END                                                                    \
    {                                                                          \
        .act = ACT_END                                                         \
    }
#define FAIL(who, why)                                                         \
    {                                                                          \
        .act = ACT_FAIL, .name = (who), .reason = (why)                        \
    }
#define KILL(who)                                                              \
    {                                                                          \
        .act = ACT_KILL, .name = (who)                                         \
    }
#define STOP(who)                                                              \
    {                                                                          \
        .act = ACT_STOP, .name = (who)                                         \
    }
#define REMOVE(who)                                                            \
    {                                                                          \
        .act = ACT_REMOVE, .name = (who)                                       \
    }
#define ADD(spec, result)                                                      \
    {                                                                          \
        .act = ACT_ADD, .child = (spec), .reason = (result)                    \
    }
#define KILL_SUPERVISOR                                                        \
    {                                                                          \
        .act = ACT_KILL_SUPERVISOR                                             \
    }
#define STOP_SUPERVISOR                                                        \
    {                                                                          \
        .act = ACT_STOP_SUPERVISOR                                             \
    }
#define AWAIT(why)                                                             \
    {                                                                          \
        .act = ACT_AWAIT, .reason = (why)                                      \
    }

/* Play it with so many reactors, the supervisor on the last, its children, and
 * those of supervisors below it, on one after the other; scenes end with END.
 The supervisor is watched; AWAIT waits for its end.
 * Then all memory must be home. Returns what happened. */
const char *drama_play(uint32_t reactors,
                       const struct mio_supervisor_spec *spec,
                       const struct scene *scenes);

/* The same with 1, 2 and 8 reactors; each time this must have happened. */
void drama_expect(const struct mio_supervisor_spec *spec,
                  const struct scene *scenes, const char *expected);

/* By hand, without a director: a patient runtime, that all memory of it is home
 * as it is freed, and, between tests, that nothing has happened. */
struct mio_runtime *drama_runtime(uint32_t reactors);
void drama_end(struct mio_runtime *runtime);
int drama_setup(void **state);

#endif /* MIO_TESTS_RUNTIME_LIFE_DRAMA_H */
