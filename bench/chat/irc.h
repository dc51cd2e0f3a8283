/* SPDX-License-Identifier: MIT
 *
 * bench/chat/irc.h - what a load client must understand of IRC. */
#ifndef BENCH_CHAT_IRC_H
#define BENCH_CHAT_IRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum irc_line {
    IRC_OTHER,
    IRC_WELCOME,      /* 001: registered */
    IRC_JOINED,       /* 366: the end of our channel's names */
    IRC_PING,         /* wants a PONG with the same parameters */
    IRC_PONG,         /* the answer to our own PING */
    IRC_ECHO_GRANTED, /* CAP ACK */
    IRC_ERROR,        /* ERROR: the server is about to close */
    IRC_SPOKEN,       /* a PRIVMSG */
    IRC_REFUSED       /* a numeric that says that we cannot register or join */
};

/** Say what a line is. For IRC_PING, *rest is where its parameters begin. */
enum irc_line irc_classify(const char *line, size_t size, const char **rest);

/** Write the lines that register client `index`, asking for echo-message or
 *  not. Returns the size; out needs IRC_REQUEST_MAX bytes. */
size_t irc_write_register(char *out, uint32_t index, bool echo);

/** Write the line that joins a channel; as irc_write_register(). */
size_t irc_write_join(char *out, uint32_t channel);

/** Write the PRIVMSG line up to its text; as irc_write_register(). */
size_t irc_write_privmsg(char *out, uint32_t channel);

#define IRC_REQUEST_MAX 160

#endif /* BENCH_CHAT_IRC_H */
