/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/fuzz_test.c - any bytes, cut anywhere.
 *
 * Streams of random bytes (drawn so that line ends, tags, colons and limits
 * are frequent) go through scanner and parser. However a stream is cut into
 * reads, the result is the same; nothing is read outside of what was given
 * (each read is a block of its own, so that a sanitizer sees one byte too
 * many); and each call consumes or asks for more. */
#include <stdlib.h>

#include "apps/chat/irc/cap.h"
#include "apps/chat/irc/command.h"
#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/line.h"
#include "apps/chat/irc/listing.h"
#include "apps/chat/irc/mask.h"
#include "apps/chat/irc/message.h"
#include "apps/chat/irc/mode.h"
#include "apps/chat/irc/name.h"
#include "apps/chat/irc/tags.h"
#include "apps/chat/irc/utf8.h"
#include "apps/chat/irc/who.h"
#include "tests/apps/chat/irc/check.h"

#define STREAM_MAX 20000

static bool is_inside(struct irc_span outer, struct irc_span inner)
{
    return inner.size == 0 || (inner.at >= outer.at &&
                               inner.at + inner.size <= outer.at + outer.size);
}

/* Everything that reads a client's text reads this one. */
static void read_every_way(struct irc_span text)
{
    struct irc_mode_change changes[IRC_MODE_CHANGES_MAX];
    struct irc_list_filter filter;
    struct irc_span rest = text;
    struct irc_tag tag;
    char out[IRC_INPUT_LINE_MAX];
    unsigned set, clear, caps = 0;

    assert_true(irc_channel_modes_parse(&text, 1, changes) <=
                IRC_MODE_CHANGES_MAX);
    irc_user_modes_parse(&text, 1, &set, &clear);
    (void)irc_list_filter_parse(&filter, text, 0);
    (void)irc_caps_request(text, 302, &caps);
    (void)irc_who_parse(text);
    (void)irc_command_find(text);
    (void)irc_utf8_is_valid(text);
    assert_true(irc_user_clean(text, out) <= IRC_USER_MAX);
    assert_true(irc_mask_normalise(text, out) <= IRC_MASK_MAX);
    assert_true(irc_mask_matches(S("*"), text));
    (void)irc_mask_matches(text, S("nick!user@host"));
    while (irc_tags_next(&rest, &tag)) {
        assert_true(is_inside(text, tag.key) && is_inside(text, tag.value));
        assert_true(irc_tag_unescape(tag.value, out, sizeof(out)) <=
                    tag.value.size);
    }
}

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *at = data;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash ^ size;
}

static uint64_t mix_message(uint64_t hash, struct irc_span line)
{
    struct irc_message m;

    if (!irc_message_parse(&m, line))
        return hash + 1;
    assert_true(m.command.size > 0 && m.params_count <= IRC_PARAMS_MAX);
    assert_true(is_inside(line, m.tags) && is_inside(line, m.source) &&
                is_inside(line, m.command));
    read_every_way(m.tags);
    hash = mix(hash, m.command.at, m.command.size);
    for (uint32_t i = 0; i < m.params_count; i++) {
        assert_true(is_inside(line, m.params[i]));
        assert_true(i + 1 == m.params_count ||
                    irc_span_find(m.params[i], ' ') == m.params[i].size);
        read_every_way(m.params[i]);
        hash = mix(hash, m.params[i].at, m.params[i].size);
    }
    return hash;
}

/* Returns a number that stands for all that the stream said. `cut` says how
 * many bytes the next read brings. */
static uint64_t result_of(const char *stream, size_t size,
                          size_t (*cut)(void *ctx), void *ctx)
{
    struct irc_line_scanner scanner = {0};
    uint64_t hash = 1;
    size_t begin = 0, end = 0;

    for (;;) {
        size_t consumed;
        struct irc_span line;
        char *block = malloc(end - begin + 1);
        assert_non_null(block);
        char *data = block + 1; /* its end is the block's end */
        memcpy(data, stream + begin, end - begin);
        enum irc_line_verdict verdict =
            irc_line_next(&scanner, data, end - begin, &consumed, &line);

        assert_true(consumed <= end - begin);
        if (verdict != IRC_LINE_MORE)
            hash = mix(hash, &verdict, sizeof(verdict));
        if (verdict == IRC_LINE_READY) {
            assert_true(is_inside(irc_span(data, consumed), line));
            hash = mix_message(hash, line);
        }
        free(block);
        begin += consumed;
        if (verdict == IRC_LINE_ENDLESS ||
            (verdict == IRC_LINE_MORE && end == size))
            return hash;
        if (verdict == IRC_LINE_MORE) {
            assert_true(end - begin <= IRC_INPUT_LINE_MAX);
            size_t more = cut(ctx);
            end += more < size - end ? more : size - end;
        } else {
            assert_true(consumed > 0);
        }
    }
}

static size_t everything(void *ctx)
{
    (void)ctx;
    return STREAM_MAX;
}

static size_t one_by_one(void *ctx)
{
    (void)ctx;
    return 1;
}

static size_t once_at(void *ctx)
{
    size_t *at = ctx;
    size_t size = *at;

    *at = STREAM_MAX;
    return size;
}

static size_t at_random(void *ctx)
{
    uint64_t *seed = ctx;

    return 1 + next_random(seed) % (next_random(seed) % 4 == 0 ? 2000 : 40);
}

static size_t random_stream(uint64_t *seed, char *out, size_t max)
{
    static const char *const pieces[] = {
        "\n",      "\r\n",    "\r",     "\r\r\n", " ",        "  ",
        ":",       "@",       "@a=b;",  "+x",     " :",       ";",
        "PRIVMSG", "NICK a",  "#c",     ",",      "*",        "?",
        "!",       "%tc,1",   "+o-b",   "\\s",    "\xC3\xA9", "\xE2\x82",
        "JOIN :",  "CAP LS ", "-batch", "T<5",    "=",        "\n@"};
    size_t size = 0;

    while (size < max) {
        uint64_t r = next_random(seed);
        const char *piece = pieces[r % COUNT(pieces)];
        size_t length = strlen(piece);
        if (r % 101 == 0) { /* near and past the limits */
            static const size_t runs[] = {100, 509, 511, 2000, 4090, 9000};
            length = runs[(r >> 32) % COUNT(runs)];
            length = length < max - size ? length : max - size;
            memset(out + size, "x\xA9 "[(r >> 40) % 3], length);
        } else if (r % 7 == 0) {
            out[size] = (char)(r >> 48);
            length = 1;
        } else {
            length = length < max - size ? length : max - size;
            memcpy(out + size, piece, length);
        }
        size += length;
    }
    return size;
}

static void random_streams_mean_the_same_however_they_are_cut(void **state)
{
    static char stream[STREAM_MAX];
    uint64_t seed = 4;

    (void)state;
    for (int round = 0; round < 400; round++) {
        size_t max = round % 8 == 0 ? STREAM_MAX : 1 + next_random(&seed) % 999;
        size_t size = random_stream(&seed, stream, max);
        uint64_t whole = result_of(stream, size, everything, NULL);

        if (size < 1000)
            assert_true(result_of(stream, size, one_by_one, NULL) == whole);
        for (int i = 0; i < 4; i++)
            assert_true(result_of(stream, size, at_random, &seed) == whole);
    }
}

static void short_streams_are_cut_at_every_place(void **state)
{
    static char stream[400];
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 100; round++) {
        size_t size = random_stream(&seed, stream, sizeof(stream));
        uint64_t whole = result_of(stream, size, everything, NULL);
        for (size_t cut = 1; cut < size; cut++) {
            size_t at = cut;
            assert_true(result_of(stream, size, once_at, &at) == whole);
        }
    }
}

/* Lines at their limits, which random bytes meet seldom. */
static void lines_at_the_limits_are_cut_at_every_place(void **state)
{
    static const size_t tags_sizes[] = {0, 4095, 4096, 4097};
    static const size_t body_sizes[] = {0, 509, 510, 511, 512};
    static const char *const ends[] = {"\n", "\r\n", "\r\r\n"};
    static char stream[8000];

    (void)state;
    for (size_t t = 0; t < COUNT(tags_sizes); t++) {
        for (size_t b = 0; b < COUNT(body_sizes); b++) {
            for (size_t e = 0; e < COUNT(ends); e++) {
                size_t size = tags_sizes[t] + body_sizes[b];
                memset(stream, 'x', size);
                if (tags_sizes[t] > 0)
                    stream[0] = '@';
                if (tags_sizes[t] > 0 && body_sizes[b] > 0)
                    stream[tags_sizes[t] - 1] = ' ';
                memcpy(stream + size, ends[e], strlen(ends[e]));
                size += strlen(ends[e]);
                uint64_t whole = result_of(stream, size, everything, NULL);
                for (size_t cut = size < 20 ? 1 : size - 20; cut < size;
                     cut++) {
                    size_t at = cut;
                    assert_true(result_of(stream, size, once_at, &at) == whole);
                }
            }
        }
    }
}

static void endless_lines_are_cut_at_every_place(void **state)
{
    static const size_t sizes[] = {16382, 16383, 16384, 16385};
    static const char *const ends[] = {"\n", "\r\n"};
    static char stream[STREAM_MAX];

    (void)state;
    memset(stream, 'x', sizeof(stream));
    for (size_t s = 0; s < COUNT(sizes); s++) {
        for (size_t e = 0; e < COUNT(ends); e++) {
            size_t size = sizes[s] + strlen(ends[e]);
            memcpy(stream + sizes[s], ends[e], strlen(ends[e]));
            uint64_t whole = result_of(stream, size, everything, NULL);
            for (size_t cut = 1; cut < size; cut += cut < 16000 ? 500 : 1) {
                size_t at = cut;
                assert_true(result_of(stream, size, once_at, &at) == whole);
            }
            memset(stream + sizes[s], 'x', strlen(ends[e]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_streams_mean_the_same_however_they_are_cut),
        cmocka_unit_test(short_streams_are_cut_at_every_place),
        cmocka_unit_test(lines_at_the_limits_are_cut_at_every_place),
        cmocka_unit_test(endless_lines_are_cut_at_every_place),
    };
    return cmocka_run_group_tests_name("chat/irc/fuzz", tests, NULL, NULL);
}
