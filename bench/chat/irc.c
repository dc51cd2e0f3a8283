/* SPDX-License-Identifier: MIT
 *
 * bench/chat/irc.c - a few commands of RFC 1459, read and written. */
#define _GNU_SOURCE /* memmem */
#include "bench/chat/irc.h"

#include <stdio.h>
#include <string.h>

static bool starts_with(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - at) >= length && memcmp(at, word, length) == 0;
}

/* Step over a first word that begins with `mark`: tags or a prefix. */
static const char *skip_word(const char *at, const char *end, char mark)
{
    if (at == end || *at != mark)
        return at;
    const char *space = memchr(at, ' ', (size_t)(end - at));
    return space == NULL ? end : space + 1;
}

static bool is_refusal(const char *at, const char *end)
{
    /* banned, full, invite only, no such channel, too many, nick in use, ... */
    static const char *const numerics[] = {"403 ", "405 ", "432 ", "433 ",
                                           "437 ", "464 ", "465 ", "471 ",
                                           "473 ", "474 ", "475 "};
    for (size_t i = 0; i < sizeof(numerics) / sizeof(numerics[0]); i++)
        if (starts_with(at, end, numerics[i]))
            return true;
    return false;
}

enum irc_line irc_classify(const char *line, size_t size, const char **rest)
{
    const char *end = line + size;
    const char *at = skip_word(skip_word(line, end, '@'), end, ':');

    if (starts_with(at, end, "PRIVMSG "))
        return IRC_SPOKEN;
    if (starts_with(at, end, "001 "))
        return IRC_WELCOME;
    if (starts_with(at, end, "366 "))
        return IRC_JOINED;
    if (starts_with(at, end, "PONG "))
        return IRC_PONG;
    if (starts_with(at, end, "ERROR "))
        return IRC_ERROR;
    if (starts_with(at, end, "CAP "))
        return memmem(at, (size_t)(end - at), " ACK ", 5) ? IRC_ECHO_GRANTED
                                                          : IRC_OTHER;
    if (starts_with(at, end, "PING ")) {
        *rest = at + strlen("PING ");
        return IRC_PING;
    }
    return is_refusal(at, end) ? IRC_REFUSED : IRC_OTHER;
}

static size_t written(int n)
{
    return n < 0 ? 0 : (size_t)n;
}

size_t irc_write_register(char *out, uint32_t index, bool echo)
{
    return written(snprintf(out, IRC_REQUEST_MAX,
                            "%sNICK b%u\r\nUSER bench 0 * :bench\r\n%s",
                            echo ? "CAP REQ :echo-message\r\n" : "", index,
                            echo ? "CAP END\r\n" : ""));
}

size_t irc_write_join(char *out, uint32_t channel)
{
    return written(
        snprintf(out, IRC_REQUEST_MAX, "JOIN #bench%u\r\n", channel));
}

size_t irc_write_privmsg(char *out, uint32_t channel)
{
    return written(
        snprintf(out, IRC_REQUEST_MAX, "PRIVMSG #bench%u :", channel));
}
