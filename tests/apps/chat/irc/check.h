/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/check.h - what the tests of the protocol share. */
#ifndef MIO_TESTS_APPS_CHAT_IRC_CHECK_H
#define MIO_TESTS_APPS_CHAT_IRC_CHECK_H

/* cmocka.h wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/chat/irc/span.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define S(text) irc_span_of(text)

/* The span is exactly this text. */
#define assert_span(span, text) assert_span_(span, text, __FILE__, __LINE__)

static inline void assert_span_(struct irc_span span, const char *text,
                                const char *file, int line)
{
    if (span.size == strlen(text) && memcmp(span.at, text, span.size) == 0)
        return;
    print_error("\"%.*s\" is not \"%s\"\n", (int)span.size, span.at, text);
    _fail(file, line);
}

/* A small repeatable source of random numbers (xorshift64*). */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}

#endif /* MIO_TESTS_APPS_CHAT_IRC_CHECK_H */
