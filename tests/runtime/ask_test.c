/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/ask_test.c - every ask is answered exactly once: by a reply, or
 * by a code that says why there is none. */
#include "runtime/ask.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/poll.h"
#include "runtime/link.h"
#include "tests/runtime/asked.h"

static const uint32_t reactors_counts[] = FIXTURE_REACTORS;

static const struct mio_message_type note = {.name = "note"};

/* malloc that can be told to refuse what is this large. */
static size_t refused_size = SIZE_MAX;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return size >= refused_size ? NULL : __real_malloc(size);
}

/* --- each way of answering ---------------------------------------------------
 */

static const struct way {
    enum how how;
    int result;
    bool dies;
} ways[] = {
    {REPLY, 0, false},
    {REPLY_IN_PLACE, 0, false},
    {REPLY_LATER, 0, false},
    {SEND_ON, 0, false},
    {ERROR, MIO_ENOSPC, false},
    {IGNORE, MIO_ECANCELED, false},
    {FREE_LATER, MIO_ECANCELED, false},
    {KEEP_AND_EXIT, MIO_EDEAD, true},
    {REPLY_IN_EXIT, 0, true},
    {FAIL, MIO_EDEAD, true},
    {EXIT, MIO_EDEAD, true},
};
#define WAYS_COUNT (sizeof(ways) / sizeof(ways[0]))

static const size_t sizes[] = {0,    1,    9,    16,   17,   81,
                               4000, 4009, 5000, 9000, 70000};
#define SIZES_COUNT (sizeof(sizes) / sizeof(sizes[0]))

struct asker {
    struct mio_ask ask;
    mio_actor_id peer;
    mio_actor_id other;
    size_t way;
    size_t request_size;
    size_t reply_size;
};

static void asker_next(struct asker *asker)
{
    ask_for(&asker->ask, asker->peer, ways[asker->way].how, asker->other,
            sizes[asker->request_size], sizes[asker->reply_size], MIO_FOREVER);
}

static int asker_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct asker *asker = state;
    const struct way *way = &ways[asker->way];
    CHECK(result == way->result);
    CHECK(!mio_ask_is_under_way(ask));
    CHECK((reply != NULL) == (result == 0));
    if (reply != NULL) {
        CHECK(reply->type == &reply_type);
        CHECK(reply->size == sizes[asker->reply_size]);
        CHECK(is_filled(mio_message_payload(reply), reply->size));
        CHECK(mio_actor_id_equal(
            reply->from, way->how == SEND_ON ? asker->other : asker->peer));
        CHECK(!mio_message_is_request(reply));
        if (asker->request_size % 2 == 0) { /* a message like any other */
            mio_message_keep(reply);
            mio_message_free(self, reply);
        }
    }
    if (way->dies)
        spawn_peer(self, &asker->peer);
    if (++asker->reply_size == SIZES_COUNT) {
        asker->reply_size = 0;
        asker->request_size++;
    }
    if (asker->request_size == SIZES_COUNT) {
        asker->request_size = 0;
        asker->way++;
    }
    if (asker->way == WAYS_COUNT)
        fixture_stop(self);
    else
        asker_next(asker);
    return 0;
}

static int asker_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct asker *asker = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&asker->ask, self, asker_answered);
    CHECK(!mio_ask_is_under_way(&asker->ask));
    CHECK(!mio_ask_cancel(&asker->ask));
    spawn_peer(self, &asker->peer);
    CHECK(mio_spawn_on(self, last_reactor(self) / 2, &peer_class, NULL, 0,
                       &asker->other) == 0);
    asker_next(asker);
    return 0;
}

static const struct mio_actor_class asker_class = {
    .name = "asker",
    .state_size = sizeof(struct asker),
    .init = asker_init,
};

static void each_way_of_answering_is_told_once(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &asker_class);
}

/* --- mistakes
 * ------------------------------------------------------------------ */

static int mistaken_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct asker *asker = state;
    mio_actor_id nobody = {0};
    mio_actor_id nowhere = {UINT64_MAX};
    (void)argument;
    (void)argument_size;
    struct mio_ask *ask = &asker->ask;
    mio_ask_init(ask, self, asker_answered);
    mio_actor_id me = mio_actor_self(self);
    CHECK(mio_ask_start(ask, nobody, &question, NULL, 0, 0, 0) == MIO_EINVAL);
    CHECK(mio_ask_start(ask, nowhere, &question, NULL, 0, 0, 0) == MIO_EINVAL);
    CHECK(mio_ask_start(ask, me, &question, NULL, MIO_MESSAGE_SIZE_MAX + 1, 0,
                        0) == MIO_EINVAL);
    CHECK(mio_ask_start(ask, me, &question, NULL, 0, MIO_MESSAGE_SIZE_MAX + 1,
                        0) == MIO_EINVAL);
    refused_size = 1 << 20;
    CHECK(mio_ask_start(ask, me, &question, NULL, 0, 1 << 20, 0) == MIO_ENOMEM);
    refused_size = SIZE_MAX;
    CHECK(!mio_ask_is_under_way(ask));
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class mistaken_class = {
    .name = "mistaken",
    .state_size = sizeof(struct asker),
    .init = mistaken_init,
};

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    run_class(1, &mistaken_class);
}

/* --- no room on the way ----------------------------------------------------
 */

/* Nothing of it is published before the handler returns. */
static void fill_the_way(struct mio_actor *self, mio_actor_id to)
{
    int result;
    do
        result = mio_send(self, to, &note, NULL, 0);
    while (result == 0);
    CHECK(result == MIO_EAGAIN);
}

static int stuffed_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)state;
    if (!mio_message_is_request(message))
        return 0;
    fill_the_way(self, message->from);
    CHECK(mio_reply(self, message, &reply_type, NULL, 0) == 0);
    return 0;
}

static const struct mio_actor_class stuffed_class = {
    .name = "stuffed", .receive = stuffed_receive};

static int stuffing_answered(struct mio_actor *self, void *state,
                             struct mio_ask *ask, int result,
                             struct mio_message *reply)
{
    (void)state;
    (void)ask;
    (void)reply;
    CHECK(result == 0);
    fixture_stop(self);
    return 0;
}

static int stuffing_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return 0;
}

static int stuffing_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct asker *asker = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&asker->ask, self, stuffing_answered);
    CHECK(mio_spawn_on(self, 1, &stuffed_class, NULL, 0, &asker->peer) == 0);
    CHECK(mio_ask_start(&asker->ask, asker->peer, &note, NULL, 0, 0,
                        MIO_FOREVER) == 0);
    fill_the_way(self, asker->peer);
    struct mio_ask another;
    mio_ask_init(&another, self, stuffing_answered);
    CHECK(mio_ask_start(&another, asker->peer, &note, NULL, 0, 0,
                        MIO_FOREVER) == MIO_EAGAIN);
    CHECK(!mio_ask_is_under_way(&another));
    return 0;
}

static const struct mio_actor_class stuffing_class = {
    .name = "stuffing",
    .state_size = sizeof(struct asker),
    .init = stuffing_init,
    .receive = stuffing_receive,
};

static void a_full_way_refuses_requests_and_no_replies(void **state)
{
    struct mio_runtime_options options = {.reactors_count = 2, .credit = 16};
    struct mio_runtime *runtime;
    (void)state;
    assert_ok(mio_runtime_new(&runtime, &options));
    assert_ok(mio_runtime_spawn(runtime, 0, &stuffing_class, NULL, 0, NULL));
    fixture_run(runtime);
}

/* --- who is dead
 * ----------------------------------------------------------------- */

struct mourner {
    struct mio_ask ask;
    struct mio_ask behind; /* in the queue of who dies */
    mio_actor_id peer;
    int step;
    int missing;
    uint32_t notes;
};

static void mourn(struct mio_actor *self, struct mourner *mourner)
{
    mio_actor_id nobody = {0};
    int failure = MIO_ENOSPC;
    mourner->missing = 1;
    switch (mourner->step) {
    case 0: /* was asked to end just now; two questions are behind that */
        mourner->missing = 2;
        spawn_peer(self, &mourner->peer);
        CHECK(mio_send(self, mourner->peer, &note, NULL, 0) == 0);
        ask_for(&mourner->behind, mourner->peer, REPLY, nobody, 0, 0,
                MIO_FOREVER);
        break;
    case 1: /* is gone */
        break;
    case 2: /* never began */
        CHECK(mio_spawn_on(self, last_reactor(self), &peer_class, &failure,
                           sizeof(failure), &mourner->peer) == 0);
        break;
    case 3: /* is killed while it keeps a question */
        mourner->missing = 2;
        spawn_peer(self, &mourner->peer);
        ask_for(&mourner->behind, mourner->peer, KEEP, nobody, 0, 0,
                MIO_FOREVER);
        CHECK(mio_kill(self, mourner->peer) == 0);
        break;
    default:
        fixture_stop(self);
        return;
    }
    ask_for(&mourner->ask, mourner->peer, REPLY, nobody, 0, 0, MIO_FOREVER);
}

static int mourner_answered(struct mio_actor *self, void *state,
                            struct mio_ask *ask, int result,
                            struct mio_message *reply)
{
    struct mourner *mourner = state;
    (void)ask;
    CHECK(result == MIO_EDEAD);
    CHECK(reply == NULL);
    if (--mourner->missing == 0) {
        mourner->step++;
        mourn(self, mourner);
    }
    return 0;
}

static int mourner_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct mourner *mourner = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&mourner->ask, self, mourner_answered);
    mio_ask_init(&mourner->behind, self, mourner_answered);
    mourn(self, mourner);
    return 0;
}

static const struct mio_actor_class mourner_class = {
    .name = "mourner",
    .state_size = sizeof(struct mourner),
    .init = mourner_init,
};

static void the_dead_answer_at_once(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        drops = 0;
        run_class(reactors_counts[i], &mourner_class);
        /* Two behind the end, one of the gone, one of the unborn, and one or
         * two of the killed: the kill may overtake both. */
        assert_in_range(drops, 5, 6);
    }
}

/* --- what the dead said comes first
 * ---------------------------------------------- */

static int last_words_receive(struct mio_actor *self, void *state,
                              struct mio_message *message)
{
    mio_actor_id *asker = state;
    *asker = message->from;
    (void)self;
    return MIO_EPROTO;
}

static void last_words_exit(struct mio_actor *self, void *state, int reason)
{
    const mio_actor_id *asker = state;
    CHECK(reason == MIO_EPROTO);
    CHECK(mio_send(self, *asker, &note, NULL, 0) == 0);
}

static const struct mio_actor_class last_words_class = {
    .name = "last words",
    .state_size = sizeof(mio_actor_id),
    .receive = last_words_receive,
    .exit = last_words_exit,
};

#define FUNERALS 200

static void next_funeral(struct mio_actor *self, struct mourner *mourner)
{
    mourner->notes = 0;
    CHECK(mio_spawn_on(self, last_reactor(self), &last_words_class, NULL, 0,
                       &mourner->peer) == 0);
    CHECK(mio_ask_start(&mourner->ask, mourner->peer, &note, NULL, 0, 0,
                        MIO_FOREVER) == 0);
}

static int funeral_answered(struct mio_actor *self, void *state,
                            struct mio_ask *ask, int result,
                            struct mio_message *reply)
{
    struct mourner *mourner = state;
    (void)ask;
    (void)reply;
    CHECK(result == MIO_EDEAD);
    CHECK(mourner->notes == 1);
    if (++mourner->step == FUNERALS)
        fixture_stop(self);
    else
        next_funeral(self, mourner);
    return 0;
}

static int funeral_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct mourner *mourner = state;
    (void)self;
    (void)message;
    mourner->notes++;
    return 0;
}

static int funeral_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct mourner *mourner = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&mourner->ask, self, funeral_answered);
    next_funeral(self, mourner);
    return 0;
}

static const struct mio_actor_class funeral_class = {
    .name = "funeral",
    .state_size = sizeof(struct mourner),
    .init = funeral_init,
    .receive = funeral_receive,
};

static void what_the_dead_sent_comes_before_the_answer(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &funeral_class);
}

/* --- causal: a cause on a third reactor is there before the reply's
 * ------------ */

#define TRIANGLES 2000

struct corner {
    struct mio_ask ask;
    mio_actor_id witness;
    mio_actor_id peer;
    uint64_t round;
};

/* Tells the witness, then replies. */
static int teller_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    mio_actor_id witness;
    memcpy(&witness, mio_message_payload(message), sizeof(witness));
    CHECK(mio_send(self, witness, &question, NULL, 0) == 0);
    CHECK(mio_send(self, message->from, &note, NULL, 0) == 0);
    return mio_reply(self, message, &reply_type, NULL, 0);
}

static const struct mio_actor_class teller_class = {.name = "teller",
                                                    .receive = teller_receive};

/* Causes and consequences take turns. */
static int witness_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    uint64_t *count = state;
    (void)self;
    CHECK((message->type == &question) == (*count % 2 == 0));
    ++*count;
    return 0;
}

static const struct mio_actor_class witness_class = {
    .name = "witness",
    .state_size = sizeof(uint64_t),
    .receive = witness_receive,
};

static int corner_ask(struct corner *corner)
{
    return mio_ask_start(&corner->ask, corner->peer, &note, &corner->witness,
                         sizeof(corner->witness), 0, MIO_NS_PER_S * 3600);
}

static int corner_answered(struct mio_actor *self, void *state,
                           struct mio_ask *ask, int result,
                           struct mio_message *reply)
{
    struct corner *corner = state;
    (void)ask;
    (void)reply;
    CHECK(result == 0);
    corner->round++;
    CHECK(corner->round % 2 == 0); /* its note came first */
    CHECK(mio_send(self, corner->witness, &note, NULL, 0) == 0);
    if (corner->round / 2 == fixture_scaled(TRIANGLES)) {
        fixture_stop(self);
        return 0;
    }
    return corner_ask(corner);
}

static int corner_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct corner *corner = state;
    (void)self;
    (void)message;
    corner->round++;
    return 0;
}

static int corner_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct corner *corner = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&corner->ask, self, corner_answered);
    CHECK(mio_spawn_on(self, last_reactor(self), &teller_class, NULL, 0,
                       &corner->peer) == 0);
    CHECK(mio_spawn_on(self, last_reactor(self) / 2, &witness_class, NULL, 0,
                       &corner->witness) == 0);
    return corner_ask(corner);
}

static const struct mio_actor_class corner_class = {
    .name = "corner",
    .state_size = sizeof(struct corner),
    .init = corner_init,
    .receive = corner_receive,
};

static void a_reply_comes_after_what_was_sent_before_it(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &corner_class);
    run_class(3, &corner_class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_of_answering_is_told_once),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(a_full_way_refuses_requests_and_no_replies),
        cmocka_unit_test(the_dead_answer_at_once),
        cmocka_unit_test(what_the_dead_sent_comes_before_the_answer),
        cmocka_unit_test(a_reply_comes_after_what_was_sent_before_it),
    };
    return cmocka_run_group_tests_name("runtime/ask", tests, NULL, NULL);
}
