/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/utf8.c - the encoding that every text here must have. */
#include "apps/chat/irc/utf8.h"

#include <string.h>

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The second byte's range narrows after these leads (Unicode, table 3-7). */
static bool is_second(unsigned char lead, unsigned char c)
{
    switch (lead) {
    case 0xE0: /* else overlong */
        return c >= 0xA0 && c <= 0xBF;
    case 0xED: /* else a surrogate */
        return c >= 0x80 && c <= 0x9F;
    case 0xF0: /* else overlong */
        return c >= 0x90 && c <= 0xBF;
    case 0xF4: /* else past U+10FFFF */
        return c >= 0x80 && c <= 0x8F;
    default:
        return is_continuation(c);
    }
}

static size_t size_by_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return 4;
    return 0;
}

/* Size of the well-formed character at the front, or 0. */
static size_t character_size(struct irc_span text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t size = size_by_lead(at[0]);

    if (size == 0 || size > text.size)
        return 0;
    if (size > 1 && !is_second(at[0], at[1]))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (!is_continuation(at[i]))
            return 0;
    return size;
}

/* Eight bytes at a time: most lines have no byte above 0x7F. */
static struct irc_span skip_ascii(struct irc_span text)
{
    while (text.size >= 8) {
        uint64_t word;
        memcpy(&word, text.at, 8);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
        text = irc_span_tail(text, 8);
    }
    return text;
}

bool irc_utf8_is_valid(struct irc_span text)
{
    for (text = skip_ascii(text); text.size > 0; text = skip_ascii(text)) {
        size_t size = character_size(text);
        if (size == 0)
            return false;
        text = irc_span_tail(text, size);
    }
    return true;
}

struct irc_span irc_utf8_head(struct irc_span text, size_t size)
{
    if (size >= text.size)
        return text;

    size_t cut = size;
    for (int back = 0; back < 3 && cut > 0; back++) {
        if (!is_continuation((unsigned char)text.at[cut]))
            break;
        cut--;
    }
    return irc_span_head(text, cut);
}

size_t irc_utf8_step(struct irc_span text)
{
    size_t size = character_size(text);

    return size == 0 ? 1 : size;
}
