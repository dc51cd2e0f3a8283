/* SPDX-License-Identifier: MIT
 *
 * runtime/name.h - names of actors: found without knowing an address.
 *
 * An actor takes a name, on its reactor alone or in the whole runtime, and has
 * it until it gives it back or ends. The name goes with its end, before anybody
 * is told of that: who is started in its place can take it at once.
 *
 * A look-up is past the queues. What whoever has the name had sent until then
 * was published before: it is handled before anything that a finder sends. */
#ifndef MIO_RUNTIME_NAME_H
#define MIO_RUNTIME_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* Bytes of a name without its end; any but 0 are good. */
#define MIO_NAME_SIZE_MAX 63

/* Of one runtime, and of each of its reactors (see names_max of struct
 * mio_runtime_options). */
#define MIO_NAMES_DEFAULT 1024
#define MIO_NAMES_MAX (UINT32_C(1) << 22)

/* Who can find a name. The same may be taken in each. */
enum mio_name_scope {
    MIO_NAME_LOCAL,  /* actors of the same reactor */
    MIO_NAME_RUNTIME /* all of the runtime */
};

/** Take a name for `self`, which may have several. What was sent so far is
 *  published before.
 *  Returns 0 | MIO_EEXIST (somebody has it, perhaps self) | MIO_EFULL
 *  (names_max) | MIO_EINVAL (NULL, empty, no such scope) | MIO_ENAMETOOLONG.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_name_register(struct mio_actor *self,
                                            enum mio_name_scope scope,
                                            const char *name);

/** Give back a name that `self` has. What was sent so far is published before.
 *  Returns 0 | MIO_ENOENT (self has no such name) | MIO_EINVAL |
 *  MIO_ENAMETOOLONG.                   Thread: the actor's reactor. */
MIO_API int mio_name_unregister(struct mio_actor *self,
                                enum mio_name_scope scope, const char *name);

/** Who has a name now, in *out. It may have ended when this returns, never
 *  did it not have the name. No lock, nothing is written.
 *  Returns 0 | MIO_ENOENT (nobody) | MIO_EINVAL | MIO_ENAMETOOLONG.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_whereis(struct mio_actor *self,
                                      enum mio_name_scope scope,
                                      const char *name, mio_actor_id *out);

/** Send to whoever has the name now; not to who will have it on arrival.
 *  Returns as mio_send | MIO_ENOENT (nobody) | MIO_ENAMETOOLONG.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_send_named(struct mio_actor *self,
                                         enum mio_name_scope scope,
                                         const char *name,
                                         const struct mio_message_type *type,
                                         const void *payload, size_t size);

/** Who has a name in the whole runtime, for threads that are no reactors.
 *  Returns as mio_whereis.                                Thread: any. */
MIO_API MIO_NODISCARD int mio_runtime_whereis(const struct mio_runtime *runtime,
                                              const char *name,
                                              mio_actor_id *out);

/** Send to whoever has a name in the whole runtime, as mio_runtime_send.
 *  Returns as that | MIO_ENOENT (nobody) | MIO_ENAMETOOLONG.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_runtime_send_named(struct mio_runtime *runtime, const char *name,
                       const struct mio_message_type *type, const void *payload,
                       size_t size);

MIO_END_DECLS
#endif /* MIO_RUNTIME_NAME_H */
