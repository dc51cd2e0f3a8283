/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/who.c - WHO and its extension WHOX: what was asked for and how
 * a row of the answer looks. */
#include "apps/chat/irc/who.h"

#include "apps/chat/irc/numeric.h"

#define TOKEN_DIGITS_MAX 999 /* WHOX: up to three digits */

static unsigned fields_of(struct irc_span letters)
{
    struct irc_span known = IRC_SPAN(IRC_WHO_FIELDS);
    unsigned fields = 0;

    for (size_t i = 0; i < letters.size; i++) {
        size_t index = irc_span_find(known, letters.at[i]);
        if (index < known.size)
            fields |= 1u << index;
    }
    return fields;
}

struct irc_who_request irc_who_parse(struct irc_span text)
{
    size_t percent = irc_span_find(text, '%');
    struct irc_span flags = irc_span_head(text, percent);
    struct irc_span fields = irc_span_tail(text, percent + 1);
    size_t comma = irc_span_find(fields, ',');
    struct irc_span token = irc_span_tail(fields, comma + 1);
    uint64_t number;

    if (token.size > 3 || !irc_span_to_number(token, TOKEN_DIGITS_MAX, &number))
        token = IRC_SPAN("0");
    return (struct irc_who_request){
        .is_extended = percent < text.size,
        .wants_operators = irc_span_find(flags, 'o') < flags.size,
        .fields = fields_of(irc_span_head(fields, comma)),
        .token = token,
    };
}

/* Here or Gone, operator, and what he is in the channel: "H*@" */
static struct irc_span flags_of(char buffer[8], const struct irc_who_row *row)
{
    size_t size = 0;

    buffer[size++] = row->is_away ? 'G' : 'H';
    if (row->is_operator)
        buffer[size++] = '*';
    for (size_t i = 0; i < row->prefix.size && size < 8; i++)
        buffer[size++] = row->prefix.at[i];
    return irc_span(buffer, size);
}

static void put_field(struct irc_writer *out, unsigned field,
                      struct irc_span token, const struct irc_who_row *row)
{
    char buffer[8];
    bool has_account = row->account.size > 0;

    switch (field) {
    case IRC_WHO_TOKEN:
        irc_put_word(out, token);
        break;
    case IRC_WHO_CHANNEL:
        irc_put_word(out, row->channel);
        break;
    case IRC_WHO_USER:
        irc_put_word(out, row->user);
        break;
    case IRC_WHO_ADDRESS:
        irc_put_word(out, row->address);
        break;
    case IRC_WHO_HOST:
        irc_put_word(out, row->host);
        break;
    case IRC_WHO_SERVER:
        irc_put_word(out, row->server);
        break;
    case IRC_WHO_NICK:
        irc_put_word(out, row->nick);
        break;
    case IRC_WHO_FLAGS:
        irc_put_word(out, flags_of(buffer, row));
        break;
    case IRC_WHO_HOPS:
        irc_put_char(out, '0');
        break;
    case IRC_WHO_IDLE:
        irc_put_number(out, row->idle_s);
        break;
    case IRC_WHO_ACCOUNT:
        irc_put_word(out, has_account ? row->account : IRC_SPAN("0"));
        break;
    case IRC_WHO_LEVEL:
        irc_put_text(out, "n/a"); /* operators have no levels here */
        break;
    default: /* IRC_WHO_REAL, always last */
        irc_put_char(out, ':');
        irc_put(out, row->real);
        break;
    }
}

static void put_extended(struct irc_writer *out,
                         const struct irc_who_request *request,
                         const struct irc_who_row *row)
{
    bool is_first = true;

    for (unsigned field = 1; field <= IRC_WHO_REAL; field <<= 1) {
        if ((request->fields & field) == 0)
            continue;
        if (!is_first)
            irc_put_char(out, ' ');
        put_field(out, field, request->token, row);
        is_first = false;
    }
}

void irc_who_put(struct irc_writer *out, struct irc_span server,
                 struct irc_span client, const struct irc_who_request *request,
                 const struct irc_who_row *row)
{
    char buffer[8];

    if (request->is_extended) {
        irc_numeric_begin(out, server, client, IRC_RPL_WHOSPCRPL);
        put_extended(out, request, row);
    } else {
        irc_numeric_put(out, server, client, IRC_RPL_WHOREPLY,
                        IRC_ARGS(row->channel, row->user, row->host,
                                 row->server, row->nick, flags_of(buffer, row),
                                 IRC_SPAN("0"), row->real));
    }
}
