/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/utf8.h - the encoding that every text here must have. */
#ifndef MIO_APPS_CHAT_IRC_UTF8_H
#define MIO_APPS_CHAT_IRC_UTF8_H

#include "apps/chat/irc/span.h"

/** Well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF. */
bool irc_utf8_is_valid(struct irc_span text);

/** The longest head of at most `size` bytes that splits no character. Of text
 *  that is not UTF-8, at most three bytes less than asked for. */
struct irc_span irc_utf8_head(struct irc_span text, size_t size);

/** Bytes of the character at text.at[0], at least 1 and at most text.size
 *  (which must not be 0). A malformed one counts as one byte. */
size_t irc_utf8_step(struct irc_span text);

#endif /* MIO_APPS_CHAT_IRC_UTF8_H */
