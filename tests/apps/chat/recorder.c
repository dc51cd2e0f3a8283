/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/recorder.c - channels and nicks without a runtime. */
#include "tests/apps/chat/recorder.h"

#include <stdlib.h>

struct recorder recorder;

static int record(struct chat_outbox *out, mio_actor_id to,
                  const struct mio_message_type *type, const void *payload,
                  size_t size)
{
    (void)out;
    if (recorder.has_no_memory)
        return MIO_ENOMEM;
    assert_true(recorder.sent_count < RECORDER_SENT_MAX);
    struct recorder_sent *sent = &recorder.sent[recorder.sent_count++];
    sent->to = to;
    sent->type = type;
    sent->size = size;
    sent->payload = malloc(size);
    memcpy(sent->payload, payload, size);
    return MIO_OK;
}

static mio_actor_id address(uint32_t reactor, uint64_t slot)
{
    return (mio_actor_id){(uint64_t)reactor << 54 | slot << 32 | 1};
}

mio_actor_id recorder_id(uint32_t reactor, uint32_t number)
{
    return address(reactor, 1000 + number);
}

int recorder_setup(void **state)
{
    static mio_actor_id ids[3][RECORDER_REACTORS];
    static struct chat_counts counts[RECORDER_REACTORS];

    (void)state;
    memset(&recorder, 0, sizeof(recorder));
    memset(counts, 0, sizeof(counts));
    for (uint32_t i = 0; i < RECORDER_REACTORS; i++)
        for (uint32_t kind = 0; kind < 3; kind++)
            ids[kind][i] = address(i, 1 + kind);
    recorder.server = (struct chat_server){
        .name = IRC_SPAN("irc.test"),
        .network = IRC_SPAN("Test"),
        .key = {1, 2},
        .channels_max = IRC_CHANNELS_MAX,
        .bans_max = 3,
        .reactors_count = RECORDER_REACTORS,
        .directories = ids[0],
        .nicks = ids[1],
        .hubs = ids[2],
        .counts = counts,
    };
    recorder.out = (struct chat_outbox){
        .server = &recorder.server,
        .counts = counts,
        .unix_ns = RECORDER_UNIX_NS,
        .send = record,
    };
    return 0;
}

void recorder_clear(void)
{
    while (recorder.sent_count > 0)
        free(recorder.sent[--recorder.sent_count].payload);
}

int recorder_teardown(void **state)
{
    (void)state;
    recorder_clear();
    return 0;
}

struct chat_user recorder_user(const char *nick, uint32_t reactor)
{
    struct chat_user user = {.flags = CHAT_USER_REGISTERED};
    struct irc_span name = irc_span_of(nick);
    uint32_t number = 0;
    char real[64] = "Real ";
    char shown[64] = "~";

    for (size_t i = 0; i < name.size; i++)
        number = number * 31 + (unsigned char)nick[i];
    user.id = recorder_id(reactor, number % 100000);
    chat_user_set_nick(&user, name);
    chat_user_set_user(&user, irc_span_of(strcat(shown, nick)));
    chat_user_set_host(&user, IRC_SPAN("host"));
    chat_user_set_real(&user, irc_span_of(strcat(real, nick)));
    return user;
}

struct chat_op *recorder_op(const struct chat_user *user, ...)
{
    static _Alignas(8) char bytes[16384];
    struct chat_op *op = (struct chat_op *)bytes;
    char *at = (char *)(op + 1);
    const char *text;
    va_list texts;

    *op = (struct chat_op){.reply_to = user->id, .serial = 7, .user = *user};
    va_start(texts, user);
    while ((text = va_arg(texts, const char *)) != NULL) {
        size_t size = strlen(text);
        op->text_sizes[op->texts_count++] = (uint16_t)size;
        memcpy(at, text, size);
        at += size;
    }
    va_end(texts);
    return op;
}

/* Appends with '\n' for CRLF; returns the end. */
static char *append_lines(char *at, const char *lines, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (lines[i] != '\r')
            *at++ = lines[i];
    *at = '\0';
    return at;
}

struct recorder_reply recorder_reply(const struct chat_user *user)
{
    struct recorder_reply reply = {.lines = recorder.text};
    char *end = recorder.text;
    unsigned last_count = 0;

    *end = '\0';
    for (unsigned i = 0; i < recorder.sent_count; i++) {
        const struct recorder_sent *sent = &recorder.sent[i];
        const struct chat_reply *each = sent->payload;
        if (sent->type != &chat_reply_type ||
            !mio_actor_id_equal(sent->to, user->id))
            continue;
        assert_int_equal(last_count, 0); /* the last one is the last */
        assert_int_equal(each->serial, 7);
        end = append_lines(end, (const char *)(each + 1),
                           sent->size - sizeof(*each));
        last_count += each->is_last;
        reply.replies_count++;
        reply.result = each->result;
        reply.cursor = each->cursor;
        reply.more = each->more;
    }
    assert_int_equal(last_count, 1);
    return reply;
}

static bool is_post(const struct recorder_sent *sent, uint32_t reactor)
{
    return sent->type == &chat_post_type &&
           mio_actor_id_equal(sent->to, recorder.server.hubs[reactor]);
}

const struct chat_post *recorder_post(uint32_t reactor, unsigned index)
{
    for (unsigned i = 0; i < recorder.sent_count; i++)
        if (is_post(&recorder.sent[i], reactor) && index-- == 0)
            return recorder.sent[i].payload;
    return NULL;
}

unsigned recorder_posts_count(uint32_t reactor)
{
    unsigned count = 0;

    for (unsigned i = 0; i < recorder.sent_count; i++)
        count += is_post(&recorder.sent[i], reactor);
    return count;
}

const char *recorder_read(const struct chat_post *post, uint32_t caps)
{
    static char text[IRC_OUTPUT_LINE_MAX + 1];

    assert_non_null(post);
    struct irc_span line =
        chat_variants_choose(&post->variants, chat_post_bytes(post), caps);
    append_lines(text, line.at, line.size);
    return text;
}

unsigned recorder_count(mio_actor_id to, const struct mio_message_type *type)
{
    unsigned count = 0;

    for (unsigned i = 0; i < recorder.sent_count; i++)
        count += recorder.sent[i].type == type &&
                 mio_actor_id_equal(recorder.sent[i].to, to);
    return count;
}
