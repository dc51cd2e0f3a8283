/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/party.h - the real actors of the chat on a real runtime, and
 * guests: clients without sockets that do what a script says.
 *
 * A guest takes his nick, registers, and then his script goes on from reply to
 * reply. A party ends when each of its guests called guest_done(). */
#ifndef MIO_TESTS_APPS_CHAT_PARTY_H
#define MIO_TESTS_APPS_CHAT_PARTY_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/chat/hub/hub.h"
#include "core/assert.h"
#include "runtime/runtime.h"

#define assert_ok(expression) assert_int_equal((expression), 0)

/* The numbers of reactors that every party is held with. */
#define PARTY_SIZES                                                            \
    {                                                                          \
        1, 2, 4                                                                \
    }

struct guest;

/* What guests do. All but ready may be NULL. Run on the guest's reactor, so
 * MIO_ASSERT, not cmocka's, which would jump off that thread's stack. */
struct script {
    /* He has his nick and is a user. */
    void (*ready)(struct guest *self);
    /* His op's last reply, and the lines of all its replies. */
    void (*replied)(struct guest *self, const struct chat_reply *reply,
                    struct irc_span lines);
    /* A line was delivered to him, CRLF included. */
    void (*heard)(struct guest *self, struct irc_span line);
    /* Somebody, or party_poke, asked him to go on. */
    void (*poked)(struct guest *self, uint64_t number);
    /* He does not take a nick: ready is called at once. */
    bool is_stranger;
};

struct party {
    struct chat_server server;
    struct mio_runtime *runtime;
    const struct script *script;
    void *ctx;
    mio_actor_id *guests; /* by number */
    uint32_t guests_count;
    uint64_t missing;        /* guests who are not done */
    struct chat_counts sums; /* when it is over */
};

/* Lines that a guest still refers to, as a send queue does. */
#define HELD_MAX 8

struct guest {
    struct chat_client client;
    struct {
        struct mio_slice *line;
        uint64_t hash; /* when it came */
    } held[HELD_MAX];
    unsigned held_next;
    struct mio_actor *actor;
    struct party *party;
    struct chat_hub *hub;
    uint32_t number;
    uint64_t serial;  /* of the last op */
    uint32_t pending; /* ops without their last reply */
    bool is_ready;
    bool is_done;
    uint64_t step; /* the script's */
    uint64_t count, hash;
    uint64_t mark; /* the script's too */
    const char *last_words;
    char *lines; /* of replies before the last */
    size_t lines_size;
};

/* --- for tests ----------------------------------------------------------- */

/* Hold a party with guests_count guests, number i on reactor i % reactors. It
 * must end in order. */
void party_hold(struct party *self, uint32_t reactors_count,
                uint32_t guests_count, const struct script *script, void *ctx);

/* The same; guests may be in that many channels. */
void party_hold_with(struct party *self, uint32_t reactors_count,
                     uint32_t guests_count, const struct script *script,
                     void *ctx, uint32_t channels_max);

/* --- for scripts --------------------------------------------------------- */

/* "#c", "guest7": in buffers that live until the next call but seven. */
struct irc_span text_of(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
struct irc_span nick_of(uint32_t number);

/* Ask: the texts end with one whose `at` is NULL. */
#define GUEST_NO_MORE ((struct irc_span){NULL, 0})
void guest_ask(struct guest *self, enum chat_op_kind kind, ...);
void guest_say(struct guest *self, const char *channel, struct irc_span text);
void guest_tell(struct guest *self, struct irc_span nick, struct irc_span text);

/* JOIN with what belongs to it; `joined` in replied(). */
void guest_join(struct guest *self, const char *channel);
void guest_joined(struct guest *self, const char *channel);
void guest_part(struct guest *self, const char *channel);

/* To another nick; CLAIM and change are two replies. */
void guest_claim(struct guest *self, struct irc_span nick);
void guest_become(struct guest *self, struct irc_span nick);

/* Poke a guest, himself too: an entry at the tail of his queue. */
void guest_poke(struct guest *self, uint32_t number, uint64_t message);

/* His connection breaks: no more callbacks. */
void guest_vanish(struct guest *self, const char *reason);

/* The same out of `heard`: his connection closes before the next entry. */
void guest_doom(struct guest *self, const char *reason);

/* He needs nothing more. Repeated: nothing. The last one ends the party. */
void guest_done(struct guest *self);

/* Does the line contain the text? */
bool line_has(struct irc_span line, const char *text);

/* What follows " :" in it, as a string that lives until the next call. */
const char *text_in(struct irc_span line);

/* Guests who are not done. */
uint64_t party_missing(const struct party *self);

/* The sums of what there is, now. */
struct chat_counts party_counts(const struct party *self);

#endif /* MIO_TESTS_APPS_CHAT_PARTY_H */
