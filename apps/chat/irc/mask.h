/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/mask.h - '*' and '?' in bans, WHO and LIST. */
#ifndef MIO_APPS_CHAT_IRC_MASK_H
#define MIO_APPS_CHAT_IRC_MASK_H

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"

/** Does all of `text` match? '*' stands for any text, '?' for one character;
 *  letters are folded. Takes no memory and at most mask.size * text.size
 *  steps, whatever the mask: only the last '*' is ever tried again. */
bool irc_mask_matches(struct irc_span mask, struct irc_span text);

/** Is there a '*' or a '?' in it? */
bool irc_mask_is_wild(struct irc_span mask);

/** Write the full form of a ban: "nick" becomes "nick!*@*", "user@host"
 *  "*!user@host", "a.host" "*!*@a.host"; runs of '*' become one. Returns the
 *  size, or 0 for what can match nobody: a part longer than such a name may be,
 *  a space or a control in it. */
size_t irc_mask_normalise(struct irc_span mask, char out[IRC_MASK_MAX]);

#endif /* MIO_APPS_CHAT_IRC_MASK_H */
