/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/span.c - some bytes of somebody else's buffer. */
#include "apps/chat/irc/span.h"

#include <string.h>

struct irc_span irc_span_of(const char *text)
{
    return irc_span(text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

struct irc_span irc_span_number(char buffer[21], uint64_t value)
{
    char *end = buffer + 20;
    char *at = end;

    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return irc_span(at, (size_t)(end - at));
}

bool irc_span_equal(struct irc_span a, struct irc_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool irc_span_is(struct irc_span span, const char *text)
{
    for (size_t i = 0; i < span.size; i++)
        if (text[i] == '\0' || upper(span.at[i]) != upper(text[i]))
            return false;
    return text[span.size] == '\0';
}

struct irc_span irc_span_head(struct irc_span span, size_t size)
{
    return irc_span(span.at, size < span.size ? size : span.size);
}

struct irc_span irc_span_tail(struct irc_span span, size_t size)
{
    if (size == 0 || span.size == 0)
        return span;
    if (size > span.size)
        size = span.size;
    return irc_span(span.at + size, span.size - size);
}

size_t irc_span_find(struct irc_span span, char byte)
{
    const char *found =
        span.size == 0 ? NULL : memchr(span.at, byte, span.size);

    return found == NULL ? span.size : (size_t)(found - span.at);
}

bool irc_span_next(struct irc_span *rest, char separator, struct irc_span *item)
{
    if (rest->size == 0)
        return false;

    size_t size = irc_span_find(*rest, separator);
    *item = irc_span_head(*rest, size);
    *rest = irc_span_tail(*rest, size + 1);
    return true;
}

bool irc_span_to_number(struct irc_span span, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;

    if (span.size == 0 || span.size > 19) /* 19 digits never overflow */
        return false;
    for (size_t i = 0; i < span.size; i++) {
        if (span.at[i] < '0' || span.at[i] > '9')
            return false;
        sum = sum * 10 + (uint64_t)(span.at[i] - '0');
    }
    if (sum > max)
        return false;
    *value = sum;
    return true;
}
