/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/asked.h - an actor that does with a question what that says. */
#ifndef MIO_TESTS_RUNTIME_ASKED_H
#define MIO_TESTS_RUNTIME_ASKED_H

#include <stdbool.h>

#include "runtime/ask.h"
#include "tests/runtime/fixture.h"

#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

enum how {
    REPLY,
    REPLY_IN_PLACE,
    REPLY_LATER,
    REPLY_IN_EXIT,
    ERROR,
    IGNORE,
    FREE_LATER,
    FAIL, /* the handler does, while it has the question */
    EXIT, /* the same, by mio_actor_exit */
    KEEP_AND_EXIT,
    KEEP,    /* for ever */
    SEND_ON, /* to `other` */
    HOWS
};

struct question {
    enum how how;
    uint32_t size; /* of the reply */
    mio_actor_id other;
    unsigned char bytes[1]; /* as many as there are */
};

/* How often `drop` was called for one of the two. */
extern uint64_t drops;
extern const struct mio_message_type question;
extern const struct mio_message_type reply_type;

extern const struct mio_actor_class peer_class;

/* What replies are filled with. */
bool is_filled(const unsigned char *bytes, size_t size);

/* Answer a question as it wants to be. */
void reply_to(struct mio_actor *self, struct mio_message *message);

uint32_t last_reactor(const struct mio_actor *self);

/* A peer on the last reactor. */
void spawn_peer(struct mio_actor *self, mio_actor_id *out);

/* Ask, and find that it is asked. */
void ask_for(struct mio_ask *ask, mio_actor_id peer, enum how how,
             mio_actor_id other, size_t extra_size, size_t reply_size,
             int64_t within_ns);

/* A runtime with one actor, until that stops it. */
void run_class(uint32_t reactors, const struct mio_actor_class *class);

#endif /* MIO_TESTS_RUNTIME_ASKED_H */
