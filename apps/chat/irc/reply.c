/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/reply.c - replies that have a name instead of a number. */
#include "apps/chat/irc/reply.h"

#include "apps/chat/irc/numeric.h"

static void put_server(struct irc_writer *out, struct irc_span server)
{
    irc_put_char(out, ':');
    irc_put(out, server);
    irc_put_char(out, ' ');
}

void irc_standard_put(struct irc_writer *out, struct irc_span server,
                      const char *kind, struct irc_span command,
                      const char *code, struct irc_span context,
                      const char *text)
{
    put_server(out, server);
    irc_put_text(out, kind);
    irc_put_char(out, ' ');
    irc_put_word(out, command);
    irc_put_char(out, ' ');
    irc_put_text(out, code);
    if (context.size > 0) {
        irc_put_char(out, ' ');
        irc_put_word(out, context);
    }
    irc_put_text(out, " :");
    irc_put_text(out, text);
}

void irc_error_put(struct irc_writer *out, struct irc_span text)
{
    irc_put_text(out, "ERROR :");
    irc_put(out, text);
}

void irc_ack_put(struct irc_writer *out, struct irc_span server)
{
    put_server(out, server);
    irc_put_text(out, "ACK");
}

struct irc_span irc_batch_id(char buffer[IRC_BATCH_ID_SIZE], uint64_t number)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char *end = buffer + IRC_BATCH_ID_SIZE;
    char *at = end;

    do {
        *--at = digits[number % 36];
        number /= 36;
    } while (number != 0);
    return irc_span(at, (size_t)(end - at));
}

static void put_batch(struct irc_writer *out, struct irc_span server, char sign,
                      struct irc_span id)
{
    put_server(out, server);
    irc_put_text(out, "BATCH ");
    irc_put_char(out, sign);
    irc_put(out, id);
}

void irc_batch_open_put(struct irc_writer *out, struct irc_span server,
                        struct irc_span id, const char *type)
{
    put_batch(out, server, '+', id);
    irc_put_char(out, ' ');
    irc_put_text(out, type);
}

void irc_batch_close_put(struct irc_writer *out, struct irc_span server,
                         struct irc_span id)
{
    put_batch(out, server, '-', id);
}
