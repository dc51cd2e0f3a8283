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
#include "tests/runtime/fixture.h"

static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint64_t drops;

static void count_drop(void *payload, uint32_t size)
{
    (void)payload;
    (void)size;
    fixture_add(&drops, 1);
}

static const struct mio_message_type question = {.name = "question",
                                                 .drop = count_drop};
static const struct mio_message_type reply_type = {.name = "reply",
                                                   .drop = count_drop};
static const struct mio_message_type note = {.name = "note"};

static uint32_t last_reactor(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
}

static void run_class(uint32_t reactors, const struct mio_actor_class *class)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    assert_ok(mio_runtime_spawn(runtime, 0, class, NULL, 0, NULL));
    fixture_run(runtime);
}

/* malloc that can be told to refuse what is this large. */
static size_t refused_size = SIZE_MAX;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return size >= refused_size ? NULL : __real_malloc(size);
}

/* --- who is asked: does what the question says ------------------------------
 */

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

static bool is_filled(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != byte_at(i))
            return false;
    return true;
}

static void reply_to(struct mio_actor *self, struct mio_message *message)
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

static const struct mio_actor_class peer_class = {
    .name = "peer",
    .state_size = sizeof(struct peer),
    .init = peer_init,
    .receive = peer_receive,
    .exit = peer_exit,
};

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

static const size_t sizes[] = {0,    1,    9,    16,   17,     81,
                               4000, 4009, 5000, 9000, 200000, 1 << 20};
#define SIZES_COUNT (sizeof(sizes) / sizeof(sizes[0]))

struct asker {
    struct mio_ask ask;
    mio_actor_id peer;
    mio_actor_id other;
    size_t way;
    size_t request_size;
    size_t reply_size;
};

static void ask_for(struct mio_ask *ask, mio_actor_id peer, enum how how,
                    mio_actor_id other, size_t extra_size, size_t reply_size,
                    int64_t within_ns)
{
    size_t size = sizeof(struct question) + extra_size;
    struct question *asked = calloc(1, size);
    asked->how = how;
    asked->size = (uint32_t)reply_size;
    asked->other = other;
    CHECK(mio_ask(ask, peer, &question, asked, size, reply_size, within_ns) ==
          0);
    CHECK(mio_ask_is_under_way(ask));
    CHECK(mio_actor_id_equal(mio_ask_target(ask), peer));
    CHECK(mio_ask(ask, peer, &question, asked, size, 0, 0) == MIO_EALREADY);
    free(asked);
}

static void asker_next(struct asker *asker)
{
    ask_for(&asker->ask, asker->peer, ways[asker->way].how, asker->other,
            sizes[asker->request_size], sizes[asker->reply_size], MIO_FOREVER);
}

static void spawn_peer(struct mio_actor *self, mio_actor_id *out)
{
    CHECK(mio_spawn_on(self, last_reactor(self), &peer_class, NULL, 0, out) ==
          0);
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
    CHECK(mio_ask(ask, nobody, &question, NULL, 0, 0, 0) == MIO_EINVAL);
    CHECK(mio_ask(ask, nowhere, &question, NULL, 0, 0, 0) == MIO_EINVAL);
    CHECK(mio_ask(ask, me, &question, NULL, MIO_MESSAGE_SIZE_MAX + 1, 0, 0) ==
          MIO_EINVAL);
    CHECK(mio_ask(ask, me, &question, NULL, 0, MIO_MESSAGE_SIZE_MAX + 1, 0) ==
          MIO_EINVAL);
    refused_size = 1 << 20;
    CHECK(mio_ask(ask, me, &question, NULL, 0, 1 << 20, 0) == MIO_ENOMEM);
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
    CHECK(mio_ask(&mourner->ask, mourner->peer, &note, NULL, 0, 0,
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
    return mio_ask(&corner->ask, corner->peer, &note, &corner->witness,
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

/* --- deadlines
 * ------------------------------------------------------------------- */

struct hasty {
    struct mio_ask ask;
    struct mio_ask second;
    mio_actor_id peer;
    int64_t asked_ns;
};

static int second_answered(struct mio_actor *self, void *state,
                           struct mio_ask *ask, int result,
                           struct mio_message *reply)
{
    (void)state;
    (void)ask;
    (void)reply;
    /* Behind it in the peer's queue: so the late reply has come. */
    CHECK(result == 0);
    fixture_stop(self);
    return 0;
}

static int hasty_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct hasty *hasty = state;
    mio_actor_id nobody = {0};
    (void)self;
    CHECK(ask == &hasty->ask);
    CHECK(result == MIO_ETIMEDOUT);
    CHECK(reply == NULL);
    CHECK(mio_clock_monotonic_ns() - hasty->asked_ns >= 20 * MIO_NS_PER_MS);
    /* The peer goes on only now. */
    CHECK(mio_send(self, hasty->peer, &note, NULL, 0) == 0);
    ask_for(&hasty->second, hasty->peer, REPLY, nobody, 0, 5, MIO_FOREVER);
    return 0;
}

/* Keeps the first question until the note comes, then replies to each. */
static int slow_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct mio_message **kept = state;
    if (message->type == &note) {
        reply_to(self, *kept);
        return 0;
    }
    if (*kept != NULL) {
        reply_to(self, message);
        return 0;
    }
    mio_message_keep(message);
    *kept = message;
    return 0;
}

static const struct mio_actor_class slow_class = {
    .name = "slow",
    .state_size = sizeof(struct mio_message *),
    .receive = slow_receive,
};

static int hasty_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct hasty *hasty = state;
    mio_actor_id nobody = {0};
    (void)argument;
    (void)argument_size;
    mio_ask_init(&hasty->ask, self, hasty_answered);
    mio_ask_init(&hasty->second, self, second_answered);
    CHECK(mio_spawn_on(self, last_reactor(self), &slow_class, NULL, 0,
                       &hasty->peer) == 0);
    hasty->asked_ns = mio_clock_monotonic_ns();
    ask_for(&hasty->ask, hasty->peer, REPLY, nobody, 0, 9, 20 * MIO_NS_PER_MS);
    return 0;
}

static const struct mio_actor_class hasty_class = {
    .name = "hasty",
    .state_size = sizeof(struct hasty),
    .init = hasty_init,
};

static void what_comes_after_the_deadline_is_a_dead_letter(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &hasty_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(fixture_counters(runtime).dead_letters, 1);
        assert_int_equal(drops, 1);
        mio_runtime_free(runtime);
    }
}

/* --- a reply that is there wins
 * --------------------------------------------------- */

static uint64_t is_published;

static int prompt_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    CHECK(mio_reply(self, message, &reply_type, NULL, 0) == 0);
    mio_publish(self);
    fixture_add(&is_published, 1);
    return 0;
}

static const struct mio_actor_class prompt_class = {.name = "prompt",
                                                    .receive = prompt_receive};

static int lucky_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    (void)state;
    (void)ask;
    CHECK(result == 0);
    CHECK(reply != NULL);
    fixture_stop(self);
    return 0;
}

/* One entry takes long: meanwhile the deadline passes, and the reply arrives in
 * the inbox. So many others follow that the reactor must look at the clock, and
 * so at the timers, before it takes the inbox. */
static int lucky_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)self;
    (void)state;
    if (message->size == 0)
        return 0;
    while (fixture_get(&is_published) == 0)
        ;
    int64_t begin_ns = mio_clock_monotonic_ns();
    while (mio_clock_monotonic_ns() - begin_ns < 5 * MIO_NS_PER_MS)
        ;
    return 0;
}

static int lucky_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct hasty *hasty = state;
    mio_actor_id me = mio_actor_self(self);
    (void)argument;
    (void)argument_size;
    mio_ask_init(&hasty->ask, self, lucky_answered);
    CHECK(mio_spawn_on(self, 1, &prompt_class, NULL, 0, &hasty->peer) == 0);
    CHECK(mio_ask(&hasty->ask, hasty->peer, &note, NULL, 0, 0, MIO_NS_PER_MS) ==
          0);
    CHECK(mio_send(self, me, &note, "x", 1) == 0);
    for (int i = 0; i < 200; i++)
        CHECK(mio_send(self, me, &note, NULL, 0) == 0);
    return 0;
}

static const struct mio_actor_class lucky_class = {
    .name = "lucky",
    .state_size = sizeof(struct hasty),
    .init = lucky_init,
    .receive = lucky_receive,
};

static void a_reply_that_is_there_wins_over_the_deadline(void **state)
{
    (void)state;
    is_published = 0;
    run_class(2, &lucky_class);
}

/* --- who wants no answer any more
 * ------------------------------------------------- */

#define FICKLE_ROUNDS 400

static int never_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    (void)self;
    (void)state;
    (void)ask;
    (void)result;
    (void)reply;
    CHECK(!"answered an ask that was cancelled");
    return 0;
}

/* Asks, and ends. */
static int brief_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct mio_ask *ask = state;
    mio_actor_id peer;
    mio_actor_id nobody = {0};
    CHECK(argument_size == sizeof(peer));
    memcpy(&peer, argument, sizeof(peer));
    mio_ask_init(ask, self, never_answered);
    ask_for(ask, peer, REPLY, nobody, 0, 3, 0);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class brief_class = {
    .name = "brief", .state_size = sizeof(struct mio_ask), .init = brief_init};

struct fickle {
    struct mio_ask ask;
    struct mio_ask witness;
    mio_actor_id peer;
    uint64_t round;
};

static void fickle_round(struct mio_actor *self, struct fickle *fickle)
{
    mio_actor_id nobody = {0};
    uint32_t here = mio_actor_reactor(self);
    ask_for(&fickle->ask, fickle->peer, REPLY, nobody, 0, 3, MIO_FOREVER);
    CHECK(mio_ask_cancel(&fickle->ask));
    CHECK(!mio_ask_cancel(&fickle->ask));
    CHECK(mio_spawn_on(self, here, &brief_class, &fickle->peer,
                       sizeof(fickle->peer), NULL) == 0);
    ask_for(&fickle->witness, fickle->peer, REPLY_LATER, nobody, 0, 3,
            MIO_FOREVER);
}

static int fickle_witness(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct fickle *fickle = state;
    (void)ask;
    (void)reply;
    CHECK(result == 0);
    if (++fickle->round == fixture_scaled(FICKLE_ROUNDS))
        fixture_stop(self);
    else
        fickle_round(self, fickle);
    return 0;
}

static int fickle_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct fickle *fickle = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&fickle->ask, self, never_answered);
    mio_ask_init(&fickle->witness, self, fickle_witness);
    spawn_peer(self, &fickle->peer);
    fickle_round(self, fickle);
    return 0;
}

static const struct mio_actor_class fickle_class = {
    .name = "fickle",
    .state_size = sizeof(struct fickle),
    .init = fickle_init,
};

static void who_cancelled_or_ended_is_not_answered(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        uint64_t rounds = fixture_scaled(FICKLE_ROUNDS);
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &fickle_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        /* A reply to each of both, or, at the very end, no peer any more. */
        assert_int_equal(fixture_counters(runtime).dead_letters, 2 * rounds);
        assert_int_equal(drops, 2 * rounds);
        mio_runtime_free(runtime);
    }
}

/* --- storms
 * ------------------------------------------------------------------------ */

#define STORM_ASKERS 24
#define STORM_ASKS 8
#define STORM_PEERS 16
#define STORM_ROUNDS 300

/* Shared by all; a peer that has died is replaced by who hears of it. */
static uint64_t storm_peers[STORM_PEERS];
static struct fixture_latch storm_latch;
static bool storm_stops_itself;
static uint64_t storm_results[4]; /* replies, dead, cancelled, timed out */

struct storm {
    struct mio_ask asks[STORM_ASKS];
    bool is_awaited[STORM_ASKS];
    uint64_t seed;
    uint64_t rounds;
    uint32_t pending;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void replace_peer(struct mio_actor *self, struct storm *storm,
                         uint64_t index)
{
    mio_actor_id id;
    uint32_t reactors = last_reactor(self) + 1;
    uint32_t reactor = (uint32_t)(next_random(&storm->seed) % reactors);
    CHECK(mio_spawn_on(self, reactor, &peer_class, NULL, 0, &id) == 0);
    __atomic_store_n(&storm_peers[index], id.value, __ATOMIC_SEQ_CST);
}

static mio_actor_id storm_peer(struct mio_actor *self, struct storm *storm)
{
    uint64_t index = next_random(&storm->seed) % STORM_PEERS;
    mio_actor_id id = {fixture_get(&storm_peers[index])};
    if (mio_actor_id_is_none(id)) {
        replace_peer(self, storm, index);
        id.value = fixture_get(&storm_peers[index]);
    }
    return id;
}

static void storm_ask(struct mio_actor *self, struct storm *storm, uint32_t i)
{
    mio_actor_id peer = storm_peer(self, storm);
    enum how how = (enum how)(next_random(&storm->seed) % HOWS);
    bool has_deadline = how == KEEP || next_random(&storm->seed) % 4 == 0;
    int64_t within_ns =
        (int64_t)(next_random(&storm->seed) % (3 * MIO_NS_PER_MS));
    ask_for(&storm->asks[i], peer, how, storm_peer(self, storm),
            next_random(&storm->seed) % 200, next_random(&storm->seed) % 200,
            has_deadline ? within_ns : MIO_FOREVER);
    storm->is_awaited[i] = true;
    storm->pending++;
}

static int storm_go_on(struct mio_actor *self, struct storm *storm, uint32_t i)
{
    if (storm->rounds > 0) {
        storm->rounds--;
        storm_ask(self, storm, i);
    } else if (storm->pending == 0) {
        fixture_latch_done(&storm_latch, self);
    }
    return 0;
}

/* All peers at once, and some asks are taken back. */
static void storm_trouble(struct mio_actor *self, struct storm *storm)
{
    for (uint64_t i = 0; i < STORM_PEERS; i++) {
        mio_actor_id id = {fixture_get(&storm_peers[i])};
        CHECK(mio_kill(self, id) == 0);
        replace_peer(self, storm, i);
    }
    for (uint32_t i = 0; i < STORM_ASKS; i++) {
        if (!mio_ask_cancel(&storm->asks[i]))
            continue;
        CHECK(storm->is_awaited[i]);
        storm->is_awaited[i] = false;
        storm->pending--;
        (void)storm_go_on(self, storm, i);
    }
}

static int storm_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct storm *storm = state;
    uint32_t i = (uint32_t)(ask - storm->asks);
    CHECK(storm->is_awaited[i]); /* not twice */
    storm->is_awaited[i] = false;
    storm->pending--;
    CHECK((result == 0) == (reply != NULL));
    if (reply != NULL)
        CHECK(is_filled(mio_message_payload(reply), reply->size));
    fixture_add(&storm_results[result == 0               ? 0
                               : result == MIO_EDEAD     ? 1
                               : result == MIO_ETIMEDOUT ? 3
                                                         : 2],
                1);
    if (result == MIO_EDEAD) {
        uint64_t dead = mio_ask_target(ask).value;
        for (uint64_t j = 0; j < STORM_PEERS; j++)
            if (fixture_get(&storm_peers[j]) == dead)
                replace_peer(self, storm, j);
    }
    if (next_random(&storm->seed) % 256 == 0)
        storm_trouble(self, storm);
    if (storm_stops_itself && storm->rounds == 3)
        fixture_stop(self);
    return storm_go_on(self, storm, i);
}

static int storm_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct storm *storm = state;
    CHECK(argument_size == sizeof(storm->seed));
    memcpy(&storm->seed, argument, sizeof(storm->seed));
    storm->rounds = fixture_scaled(STORM_ROUNDS);
    for (uint32_t i = 0; i < STORM_ASKS; i++)
        mio_ask_init(&storm->asks[i], self, storm_answered);
    for (uint32_t i = 0; i < STORM_ASKS; i++)
        storm_ask(self, storm, i);
    return 0;
}

static const struct mio_actor_class storm_class = {
    .name = "storm", .state_size = sizeof(struct storm), .init = storm_init};

static void run_storm(uint32_t reactors, uint64_t seed, bool stops_itself)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    storm_latch.missing = STORM_ASKERS;
    storm_stops_itself = stops_itself;
    memset(storm_peers, 0, sizeof(storm_peers));
    for (uint32_t i = 0; i < STORM_PEERS; i++) {
        mio_actor_id id;
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &peer_class, NULL, 0,
                                    &id));
        storm_peers[i] = id.value;
    }
    for (uint32_t i = 0; i < STORM_ASKERS; i++) {
        uint64_t own_seed = seed * 1000003 + i + 1;
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &storm_class,
                                    &own_seed, sizeof(own_seed), NULL));
    }
    fixture_run(runtime);
}

static void a_storm_answers_each_ask_once(void **state)
{
    (void)state;
    memset(storm_results, 0, sizeof(storm_results));
    EACH_COUNT(i)
    run_storm(reactors_counts[i], 7 + i, false);
    for (size_t i = 0; i < 4; i++)
        assert_true(storm_results[i] > 0);
}

static void a_stop_in_the_middle_of_a_storm_ends_it(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_storm(reactors_counts[i], 77 + i, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_of_answering_is_told_once),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(the_dead_answer_at_once),
        cmocka_unit_test(what_the_dead_sent_comes_before_the_answer),
        cmocka_unit_test(a_reply_comes_after_what_was_sent_before_it),
        cmocka_unit_test(what_comes_after_the_deadline_is_a_dead_letter),
        cmocka_unit_test(a_reply_that_is_there_wins_over_the_deadline),
        cmocka_unit_test(who_cancelled_or_ended_is_not_answered),
        cmocka_unit_test(a_storm_answers_each_ask_once),
        cmocka_unit_test(a_stop_in_the_middle_of_a_storm_ends_it),
    };
    return cmocka_run_group_tests_name("runtime/ask", tests, NULL, NULL);
}
