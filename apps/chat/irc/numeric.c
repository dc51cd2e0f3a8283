/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/numeric.c - the numbered replies, in one table. */
#include "apps/chat/irc/numeric.h"

#include "core/assert.h"

static const char *const formats[] = {
#define X(name, number, format) [number] = format,
    IRC_NUMERICS(X)
#undef X
};

#define FORMATS_COUNT (sizeof(formats) / sizeof(formats[0]))

const char *irc_numeric_format(unsigned number)
{
    return number < FORMATS_COUNT ? formats[number] : NULL;
}

void irc_put_word(struct irc_writer *out, struct irc_span text)
{
    while (text.size > 0 && text.at[0] == ':')
        text = irc_span_tail(text, 1);
    text = irc_span_head(text, irc_span_find(text, ' '));
    irc_put(out, text.size == 0 ? IRC_SPAN("*") : text);
}

void irc_numeric_begin(struct irc_writer *out, struct irc_span server,
                       struct irc_span client, enum irc_numeric numeric)
{
    unsigned number = (unsigned)numeric;
    char digits[3] = {(char)('0' + number / 100),
                      (char)('0' + number / 10 % 10),
                      (char)('0' + number % 10)};

    irc_put_char(out, ':');
    irc_put(out, server);
    irc_put_char(out, ' ');
    irc_put(out, irc_span(digits, sizeof(digits)));
    irc_put_char(out, ' ');
    irc_put_word(out, client);
    irc_put_char(out, ' ');
}

void irc_numeric_put(struct irc_writer *out, struct irc_span server,
                     struct irc_span client, enum irc_numeric numeric,
                     const struct irc_span *args, size_t args_count)
{
    const char *format = irc_numeric_format((unsigned)numeric);
    bool in_trailing = false;
    size_t used = 0;

    MIO_ASSERT(format != NULL);
    irc_numeric_begin(out, server, client, numeric);
    for (; *format != '\0'; format++) {
        if (*format != '%' && *format != '$') {
            in_trailing = in_trailing || *format == ':';
            irc_put_char(out, *format);
            continue;
        }
        MIO_ASSERT(used < args_count);
        if (*format == '%' && !in_trailing)
            irc_put_word(out, args[used++]);
        else
            irc_put(out, args[used++]);
    }
    MIO_ASSERT(used == args_count);
}
