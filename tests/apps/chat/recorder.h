/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/recorder.h - channels and nicks without a runtime: what they
 * send is written down. */
#ifndef MIO_TESTS_APPS_CHAT_RECORDER_H
#define MIO_TESTS_APPS_CHAT_RECORDER_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/chat/protocol/outbox.h"
#include "apps/chat/protocol/post.h"
#include "apps/chat/protocol/protocol.h"

#define RECORDER_REACTORS 3
#define RECORDER_SENT_MAX 256
#define RECORDER_TEXT_MAX 65536

/* 2011-10-19T16:40:51.620Z */
#define RECORDER_UNIX_NS INT64_C(1319042451620000000)

struct recorder_sent {
    mio_actor_id to;
    const struct mio_message_type *type;
    size_t size;
    void *payload;
};

struct recorder {
    struct chat_outbox out; /* first: send is given it */
    struct chat_server server;
    struct recorder_sent sent[RECORDER_SENT_MAX];
    unsigned sent_count;
    bool has_no_memory; /* what is sent fails */
    char text[RECORDER_TEXT_MAX];
};

/* One for the test that runs. */
extern struct recorder recorder;

int recorder_setup(void **state);
int recorder_teardown(void **state);

/* Forget what was sent. */
void recorder_clear(void);

/* Connection `number` on a reactor. */
mio_actor_id recorder_id(uint32_t reactor, uint32_t number);

/* "ann!~ann@host", Real ann, on that reactor; the id comes from the nick. */
struct chat_user recorder_user(const char *nick, uint32_t reactor);

/* An op of this user in static memory; texts end with NULL. */
struct chat_op *recorder_op(const struct chat_user *user, ...);

/* The reply lines that went to the user, with '\n' for CRLF; and the last
 * reply's result, cursor and kind. Exactly one last reply is asserted. */
struct recorder_reply {
    const char *lines;
    uint8_t result;
    uint64_t cursor;
    uint8_t more;
    unsigned replies_count;
};
struct recorder_reply recorder_reply(const struct chat_user *user);

/* The posts to a reactor's hub, in order; NULL behind the last. */
const struct chat_post *recorder_post(uint32_t reactor, unsigned index);
unsigned recorder_posts_count(uint32_t reactor);

/* What somebody with these capabilities reads of it, with '\n' for CRLF. */
const char *recorder_read(const struct chat_post *post, uint32_t caps);

/* Messages of any type to this address. */
unsigned recorder_count(mio_actor_id to, const struct mio_message_type *type);

#define assert_lines(user, expected)                                           \
    assert_string_equal(recorder_reply(user).lines, (expected))

#define RECORDED(test)                                                         \
    cmocka_unit_test_setup_teardown((test), recorder_setup, recorder_teardown)

#endif /* MIO_TESTS_APPS_CHAT_RECORDER_H */
