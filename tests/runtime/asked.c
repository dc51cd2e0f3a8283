/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/asked.c - see asked.h. */
#include "tests/runtime/asked.h"

#include <stdlib.h>
#include <string.h>

uint64_t drops;

static void count_drop(void *payload, uint32_t size)
{
    (void)payload;
    (void)size;
    fixture_add(&drops, 1);
}

const struct mio_message_type question = {.name = "question",
                                          .drop = count_drop};
const struct mio_message_type reply_type = {.name = "reply",
                                            .drop = count_drop};
uint32_t last_reactor(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
}

void run_class(uint32_t reactors, const struct mio_actor_class *class)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    assert_ok(mio_runtime_spawn(runtime, 0, class, NULL, 0, NULL));
    fixture_run(runtime);
}

struct peer {
    struct mio_actor_timer timer;
    struct mio_message *kept;
    bool replies_in_exit;
};

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 7 + i / 256);
}

static void fill(unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(i);
}

bool is_filled(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != byte_at(i))
            return false;
    return true;
}

void reply_to(struct mio_actor *self, struct mio_message *message)
{
    struct question *asked = mio_message_payload(message);
    size_t size = asked->size;
    if (asked->how == REPLY_IN_PLACE) {
        fill((unsigned char *)asked, size);
        CHECK(mio_reply(self, message, &reply_type, asked, size) == 0);
        return;
    }
    unsigned char *bytes = malloc(size + 1);
    fill(bytes, size);
    CHECK(mio_reply(self, message, &reply_type, bytes,
                    mio_request_reply_size_max(message) + 1) == MIO_EINVAL);
    CHECK(mio_reply(self, message, &reply_type, bytes, size) == 0);
    free(bytes);
}

static int peer_later(struct mio_actor *self, void *state,
                      struct mio_actor_timer *timer)
{
    struct peer *peer = state;
    struct mio_message *message = peer->kept;
    struct question *asked = mio_message_payload(message);
    (void)timer;
    CHECK(mio_message_is_request(message));
    peer->kept = NULL;
    if (asked->how == FREE_LATER)
        mio_message_free(self, message);
    else
        reply_to(self, message);
    return 0;
}

static int peer_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct peer *peer = state;
    int result = 0;
    mio_actor_timer_init(&peer->timer, self, peer_later);
    if (argument_size == sizeof(result))
        memcpy(&result, argument, sizeof(result));
    return result;
}

static int peer_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct peer *peer = state;
    struct question *asked = mio_message_payload(message);
    if (!mio_message_is_request(message))
        return MIO_EPROTO; /* a note: end */
    CHECK(message->type == &question);
    switch (asked->how) {
    case REPLY:
    case REPLY_IN_PLACE:
        reply_to(self, message);
        return 0;
    case REPLY_LATER:
    case FREE_LATER:
        if (peer->kept != NULL) { /* busy */
            mio_reply_error(self, message, MIO_EBUSY);
            return 0;
        }
        mio_message_keep(message);
        peer->kept = message;
        mio_actor_timer_start(&peer->timer, 0);
        return 0;
    case REPLY_IN_EXIT:
        if (peer->kept != NULL) {
            mio_reply_error(self, message, MIO_EBUSY);
            return 0;
        }
        mio_message_keep(message);
        peer->kept = message;
        peer->replies_in_exit = true;
        mio_actor_exit(self, 0);
        return 0;
    case ERROR:
        mio_reply_error(self, message, MIO_ENOSPC);
        return 0;
    case FAIL:
        return MIO_EPROTO;
    case KEEP_AND_EXIT:
        mio_message_keep(message);
        mio_actor_exit(self, 0);
        return 0;
    case EXIT:
        mio_actor_exit(self, 0);
        return 0;
    case KEEP:
        mio_message_keep(message);
        return 0;
    case SEND_ON:
        asked->how = REPLY;
        mio_message_keep(message);
        CHECK(mio_send_message(self, asked->other, message) == 0);
        return 0;
    default:
        return 0; /* and says nothing */
    }
}

static void peer_exit(struct mio_actor *self, void *state, int reason)
{
    struct peer *peer = state;
    (void)reason;
    if (peer->replies_in_exit && peer->kept != NULL)
        reply_to(self, peer->kept);
}

const struct mio_actor_class peer_class = {
    .name = "peer",
    .state_size = sizeof(struct peer),
    .init = peer_init,
    .receive = peer_receive,
    .exit = peer_exit,
};

void ask_for(struct mio_ask *ask, mio_actor_id peer, enum how how,
             mio_actor_id other, size_t extra_size, size_t reply_size,
             int64_t within_ns)
{
    size_t size = sizeof(struct question) + extra_size;
    struct question *asked = calloc(1, size);
    asked->how = how;
    asked->size = (uint32_t)reply_size;
    asked->other = other;
    CHECK(mio_ask_start(ask, peer, &question, asked, size, reply_size,
                        within_ns) == 0);
    CHECK(mio_ask_is_under_way(ask));
    CHECK(mio_actor_id_equal(mio_ask_target(ask), peer));
    CHECK(mio_ask_start(ask, peer, &question, asked, size, 0, 0) ==
          MIO_EALREADY);
    free(asked);
}

void spawn_peer(struct mio_actor *self, mio_actor_id *out)
{
    CHECK(mio_spawn_on(self, last_reactor(self), &peer_class, NULL, 0, out) ==
          0);
}
