/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/mode.h - mode strings: "+o-v nick nick" into changes and back.
 *
 * What a change means, and whether this client may make it, is the channel's
 * business; here is only what was said. */
#ifndef MIO_APPS_CHAT_IRC_MODE_H
#define MIO_APPS_CHAT_IRC_MODE_H

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

/* As 005 tells them */
#define IRC_PREFIX "(ov)@+"
#define IRC_CHANMODES "b,k,l,imnst"
/* As 004 tells them: user modes, channel modes, those that take something */
#define IRC_USER_MODES "iow"
#define IRC_CHANNEL_MODES "biklmnostv"
#define IRC_CHANNEL_MODES_WITH_ARG "bklov"

#define IRC_USER_LIMIT_MAX 1000000 /* ours: +l beyond it limits nobody */

/** Channel modes that are on or off. */
enum irc_channel_flag {
    IRC_CHANNEL_INVITE_ONLY = 1,  /* i */
    IRC_CHANNEL_MODERATED = 2,    /* m */
    IRC_CHANNEL_NO_EXTERNAL = 4,  /* n */
    IRC_CHANNEL_SECRET = 8,       /* s */
    IRC_CHANNEL_TOPIC_LOCKED = 16 /* t */
};

/** What a member has. */
enum irc_member_flag {
    IRC_MEMBER_OPERATOR = 1, /* o, @ */
    IRC_MEMBER_VOICE = 2     /* v, + */
};

enum irc_user_flag {
    IRC_USER_INVISIBLE = 1, /* i */
    IRC_USER_OPERATOR = 2,  /* o */
    IRC_USER_WALLOPS = 4    /* w */
};

enum irc_mode_verdict {
    IRC_MODE_CHANGE,  /* to be applied */
    IRC_MODE_QUERY,   /* "b" alone: show the list */
    IRC_MODE_UNKNOWN, /* answer 472 */
    IRC_MODE_NO_ARG,  /* answer 696 */
    IRC_MODE_BAD_ARG  /* answer 525 for k, else 696 */
};

struct irc_mode_change {
    char letter;
    bool is_adding;
    enum irc_mode_verdict verdict;
    struct irc_span arg; /* nick, mask as given, key, number; else empty */
    uint64_t number;     /* of +l */
};

/** Read a mode string and its arguments, params[0] and what follows. Changes
 *  beyond IRC_MODES_MAX with an argument, or IRC_MODE_CHANGES_MAX of any kind,
 *  are not looked at. Returns how many changes were written. */
size_t
irc_channel_modes_parse(const struct irc_span *params, size_t params_count,
                        struct irc_mode_change changes[IRC_MODE_CHANGES_MAX]);

/** The flag of a letter among "imnst", or 0. */
unsigned irc_channel_flag_of(char letter);

/** The flag of a letter among "ov", or 0. */
unsigned irc_member_flag_of(char letter);

/** Append "+o-b nick mask" with as many of the changes as the line still
 *  holds. Returns how many; put the others into another line. */
size_t irc_mode_changes_put(struct irc_writer *out,
                            const struct irc_mode_change *changes,
                            size_t changes_count);

/** Append a channel's modes as 324 has them: "+klnt key 20". An empty key and
 *  a limit of 0 are none. */
void irc_channel_modes_put(struct irc_writer *out, unsigned flags,
                           struct irc_span key, uint64_t limit);

/** "@", "+" or nothing; with multi-prefix all that the member has. */
struct irc_span irc_member_prefix(unsigned member_flags, bool is_multi);

/** Read a mode string of a user into flags to set and to clear. What nobody
 *  can give himself (o) is left out. Returns false if there was an unknown
 *  letter: answer 501; the others count. */
bool irc_user_modes_parse(const struct irc_span *params, size_t params_count,
                          unsigned *set, unsigned *clear);

/** Append "+iw", as 221 has it. */
void irc_user_modes_put(struct irc_writer *out, unsigned flags);

/** Append "+i-w", the difference between two sets of flags. Returns false, and
 *  appends nothing, when there is none. */
bool irc_user_modes_change_put(struct irc_writer *out, unsigned before,
                               unsigned after);

#endif /* MIO_APPS_CHAT_IRC_MODE_H */
