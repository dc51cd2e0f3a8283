/* SPDX-License-Identifier: MIT
 *
 * runtime/supervisor.h - actors that start others, and start them anew.
 *
 * A supervisor is an actor whose children are described by a table: it starts
 * them in that order, each when the one before is up; when one ends it starts
 * that one, all, or the rest anew; when it has to stop, it stops them in
 * reverse order. A child may be a supervisor: that makes a tree, over as many
 * reactors as you like. The contract is that of OTP's supervisors; where it
 * differs:
 *
 *  - A child whose start fails in the first round ends the supervisor with the
 *    child's reason, not with one of its own.
 *  - A supervisor that restarted too often ends with MIO_ERESTARTS, which is a
 *    failure: a transient supervisor is started anew after it.
 *  - It never waits in a callback: with MIO_ONE_FOR_ONE a slow start of one
 *    child delays no other's.
 *  - A dynamic child that ends and is not restarted is forgotten, whatever its
 *    kind. There is no simple_one_for_one: any supervisor takes them.
 *  - Children that a killed supervisor leaves behind are killed.
 *  - No hibernation, no automatic shutdown, no change of the table. */
#ifndef MIO_RUNTIME_SUPERVISOR_H
#define MIO_RUNTIME_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

struct mio_runtime;

/* Whether a child that ended is started anew. */
enum mio_restart {
    MIO_PERMANENT, /* always */
    MIO_TRANSIENT, /* if it failed: a reason < 0, but MIO_ESTOPPED */
    MIO_TEMPORARY  /* never; it is forgotten */
};

/* Who else is started anew with it. */
enum mio_strategy {
    MIO_ONE_FOR_ONE, /* nobody */
    MIO_ONE_FOR_ALL, /* all: stopped in reverse order, then started */
    MIO_REST_FOR_ONE /* those that come after it in the table, likewise */
};

/* Where a child lives. */
#define MIO_PLACE_HERE 0                       /* with its supervisor */
#define MIO_PLACE_ON(reactor) ((reactor) + 1U) /* the number, from 0 */
#define MIO_PLACE_LEAST_LOADED MIO_PLACE_ON(MIO_LEAST_LOADED)

/* How long a child may take to stop, before it is killed. */
#define MIO_STOP_DEFAULT                                                       \
    INT64_C(0)                       /* 5 s; a supervisor: as long as it takes \
                                      */
#define MIO_STOP_PATIENT INT64_C(-1) /* as long as it takes */
#define MIO_STOP_KILL INT64_C(-2)    /* it is not asked, but killed */

struct mio_supervisor_spec;

/* One child. Either an actor or a supervisor; all else may be 0. */
struct mio_child_spec {
    const char *name;                             /* for people */
    const struct mio_actor_class *actor_class;    /* an actor; or NULL, and: */
    const struct mio_supervisor_spec *supervisor; /* what that supervises */
    const void *argument;     /* of its init, at each start; outlives the
                                 supervisor (a dynamic child's is copied) */
    size_t argument_size;     /* bytes of it */
    enum mio_restart restart; /* when it is started anew */
    uint32_t place;           /* MIO_PLACE_HERE, MIO_PLACE_ON(reactor) */
    int64_t stop_within_ns;   /* or MIO_STOP_DEFAULT, _PATIENT, _KILL */
};

#define MIO_NO_RESTARTS UINT32_MAX /* restarts_max: whoever fails ends all */

/* A supervisor. Static, as its table: both outlive it. */
struct mio_supervisor_spec {
    enum mio_strategy strategy; /* who is started anew with whom */
    /* More restarts than these within this time end the supervisor with
     * MIO_ERESTARTS, its children first. 0 = 1; or MIO_NO_RESTARTS */
    uint32_t restarts_max;
    int64_t period_ns;                     /* 0 = 5 s */
    const struct mio_child_spec *children; /* in the order of their start */
    uint32_t children_count;               /* of the table */
};

/** What a supervisor is spawned as, where no function below will do (to watch
 *  it from before its start on, say): the argument is a pointer to its
 *  spec, by value.                                         Thread: any. */
MIO_API const struct mio_actor_class *mio_supervisor_class(void);

/** Spawn a supervisor. It is up when all its children are.
 *  Returns as mio_spawn_on.            Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int
mio_supervisor_spawn(struct mio_actor *self, uint32_t reactor,
                     const struct mio_supervisor_spec *spec, mio_actor_id *out);

/** The same from outside an actor, also before start. The runtime's stop
 *  reaches supervised actors by their supervisors, in their order.
 *  Returns as mio_runtime_spawn.                           Thread: any. */
MIO_API MIO_NODISCARD int
mio_runtime_supervise(struct mio_runtime *runtime, uint32_t reactor,
                      const struct mio_supervisor_spec *spec,
                      mio_actor_id *out);

/* --- calls of a supervisor ------------------------------------------------
 *
 * From any actor on any reactor. The answer is a message of this type, to who
 * called. It comes always: with MIO_EDEAD if the supervisor is gone, or ends
 * meanwhile. */

/** The type of answers.                                    Thread: any. */
MIO_API const struct mio_message_type *mio_supervisor_answer_type(void);

/* How a child is. */
enum mio_child_state {
    MIO_CHILD_DOWN,     /* it does not run */
    MIO_CHILD_STARTING, /* its init has not answered yet */
    MIO_CHILD_RUNNING,  /* it is up */
    MIO_CHILD_STOPPING  /* it was told to stop */
};

/* What is known of a child. */
struct mio_child_info {
    uint64_t key;               /* its name for calls: the same over restarts,
                                   never another child's */
    const char *name;           /* as its spec says */
    mio_actor_id id;            /* of its present life, or of its last */
    uint64_t restarts_count;    /* of this child */
    enum mio_child_state state; /* at the time of the answer */
    bool is_supervisor;         /* it has children of its own */
    bool is_dynamic;            /* it is not of the table */
};

/* The payload of an answer. */
struct mio_supervisor_answer {
    uint64_t token;          /* what the call said */
    int result;              /* 0, or the code that the call tells of */
    uint32_t children_count; /* how many there are: of the table and dynamic */
    uint32_t running_count;  /* of these, now */
    uint32_t infos_count;    /* behind this struct, in the order of start */
};

/** The infos of an answer.             Thread: who has the message. */
static inline const struct mio_child_info *
mio_supervisor_answer_infos(const struct mio_supervisor_answer *answer)
{
    return (const struct mio_child_info *)(const void *)(answer + 1);
}

/** Start a child that is not in the table; it comes after all others. The
 *  answer comes when it is up, with one info; or with the reason for which it
 *  is not, and that it is forgotten. `spec` and its argument are copied, its
 *  name is not.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor, neither or both of actor
 *  and supervisor, an argument larger than a message) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int
mio_supervisor_start_child(struct mio_actor *self, mio_actor_id supervisor,
                           const struct mio_child_spec *spec, uint64_t token);

/** Stop a child by its key, and do not restart it. The answer comes when it
 *  has ended: 0 | MIO_ENOENT. A dynamic or temporary one is forgotten; another
 *  stays down until a restart of the group starts it.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_supervisor_stop_child(struct mio_actor *self,
                                                    mio_actor_id supervisor,
                                                    uint64_t key,
                                                    uint64_t token);

/** Ask how many children there are. The answer has counts, no infos.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_supervisor_count(struct mio_actor *self,
                                               mio_actor_id supervisor,
                                               uint64_t token);

/** Ask which children there are: the answer has an info of each; without them,
 *  and MIO_ENOMEM, if there are too many for memory or for a message.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_supervisor_which(struct mio_actor *self,
                                               mio_actor_id supervisor,
                                               uint64_t token);

MIO_END_DECLS
#endif /* MIO_RUNTIME_SUPERVISOR_H */
