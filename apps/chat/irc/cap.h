/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/cap.h - capabilities: which there are and what CAP says. */
#ifndef MIO_APPS_CHAT_IRC_CAP_H
#define MIO_APPS_CHAT_IRC_CAP_H

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

#define IRC_CAPS(X)                                                            \
    X(ACCOUNT_NOTIFY, "account-notify")                                        \
    X(AWAY_NOTIFY, "away-notify")                                              \
    X(BATCH, "batch")                                                          \
    X(CAP_NOTIFY, "cap-notify")                                                \
    X(CHGHOST, "chghost")                                                      \
    X(ECHO_MESSAGE, "echo-message")                                            \
    X(EXTENDED_JOIN, "extended-join")                                          \
    X(INVITE_NOTIFY, "invite-notify")                                          \
    X(LABELED_RESPONSE, "labeled-response")                                    \
    X(MESSAGE_TAGS, "message-tags")                                            \
    X(MULTI_PREFIX, "multi-prefix")                                            \
    X(SERVER_TIME, "server-time")                                              \
    X(SETNAME, "setname")                                                      \
    X(STANDARD_REPLIES, "standard-replies")                                    \
    X(USERHOST_IN_NAMES, "userhost-in-names")

enum irc_cap_index {
#define X(name, text) IRC_CAP_INDEX_##name,
    IRC_CAPS(X)
#undef X
        IRC_CAPS_COUNT
};

/** A set of capabilities is an unsigned of these bits. */
enum irc_cap {
#define X(name, text) IRC_CAP_##name = 1 << IRC_CAP_INDEX_##name,
    IRC_CAPS(X)
#undef X
        IRC_CAP_ALL = (1 << IRC_CAPS_COUNT) - 1
};

enum irc_cap_subcommand {
    IRC_CAP_LS,
    IRC_CAP_LIST,
    IRC_CAP_REQ,
    IRC_CAP_END,
    IRC_CAP_UNKNOWN /* answer 410 */
};

enum irc_cap_subcommand irc_cap_subcommand_find(struct irc_span name);

/** The version of "CAP LS 302"; 301 when there is none to be read. */
unsigned irc_cap_version(struct irc_span text);

/** Append the names, a space between two. All of them fit into one line. */
void irc_caps_put(struct irc_writer *out, unsigned caps);

/** Apply what CAP REQ asks for ("a -b c") to *caps: all of it, then answer ACK
 *  with the same text, or nothing of it, then answer NAK. A client of version
 *  302 or later cannot give cap-notify up. Returns whether it did. */
bool irc_caps_request(struct irc_span list, unsigned version, unsigned *caps);

#endif /* MIO_APPS_CHAT_IRC_CAP_H */
