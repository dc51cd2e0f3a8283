/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/limits.h - what one client may take of the server: each an
 * option.
 *
 * What an array's size limits may be lowered and not raised; for the rest the
 * upper bound is only what keeps a slip of the finger from doing harm. */
#ifndef MIO_APPS_CHAT_SESSION_LIMITS_H
#define MIO_APPS_CHAT_SESSION_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"

#define CHAT_DAY_S 86400

/* X(option, field, least, default, most, what it is) */
#define CHAT_LIMITS_MAP(X)                                                     \
    X("--max-input", input_max, IRC_INPUT_LINE_MAX, IRC_UNENDED_MAX,           \
      IRC_UNENDED_MAX, "bytes that wait, or come without a newline: close")    \
    X("--send-queue-soft", queue_soft, 1024, 65536, 1 << 29,                   \
      "bytes that he does not read: no more is read of him")                   \
    X("--send-queue-hard", queue_hard, 16384, 1048576, 1 << 30,                \
      "the same: close; not below --send-queue-soft")                          \
    X("--flood-burst", flood_burst, 1, 10, 1000000, "lines at once")           \
    X("--flood-rate", flood_rate, 1, 2, 1000000,                               \
      "lines a second in the long run: others wait")                           \
    X("--registration-seconds", registration_s, 1, 30, CHAT_DAY_S,             \
      "until he must have said who he is")                                     \
    X("--registration-lines", registration_lines, 4, 32, 10000,                \
      "and in how many lines")                                                 \
    X("--ping-seconds", ping_s, 1, 120, CHAT_DAY_S, "of silence until a PING") \
    X("--answer-seconds", answer_s, 1, 60, CHAT_DAY_S,                         \
      "to answer it, with anything")                                           \
    X("--max-per-address", per_address, 1, 10, 1000000,                        \
      "connections of one address")                                            \
    X("--max-channels", channels_max, 1, IRC_CHANNELS_MAX, IRC_CHANNELS_MAX,   \
      "channels that one client may be in")                                    \
    X("--max-bans", bans_max, 1, IRC_BANS_MAX, IRC_BANS_MAX,                   \
      "bans of one channel")                                                   \
    X("--max-monitor", monitor_max, 1, 100, 1000,                              \
      "nicks that one client may watch")                                       \
    X("--nick-length", nick_max, 1, IRC_NICK_MAX, IRC_NICK_MAX,                \
      "bytes of a nick")                                                       \
    X("--topic-length", topic_max, 1, IRC_TOPIC_MAX, IRC_TOPIC_MAX,            \
      "bytes of a topic")

struct chat_limits {
#define X(option, field, least, usual, most, text) uint32_t field;
    CHAT_LIMITS_MAP(X)
#undef X
};

/* One of them, for who reads or explains options. */
struct chat_limit {
    const char *option;
    const char *text;
    size_t offset; /* of its uint32_t in struct chat_limits */
    uint32_t least, usual, most;
};

extern const struct chat_limit chat_limits_table[];
extern const size_t chat_limits_count;

/** Set every limit to its default. */
void chat_limits_init(struct chat_limits *self);

/** The limit with that option, NULL if there is none. */
const struct chat_limit *chat_limit_find(const char *option);

/** Set one of them, within its bounds. */
void chat_limit_set(struct chat_limits *self, const struct chat_limit *limit,
                    uint32_t value);

#endif /* MIO_APPS_CHAT_SESSION_LIMITS_H */
