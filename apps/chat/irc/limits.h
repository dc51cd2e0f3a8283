/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/limits.h - every fixed size of the protocol, and who says so.
 *
 * "RFC" is RFC 1459/2812; "Modern" the Modern IRC client protocol; "tags" the
 * IRCv3 message-tags specification; "ours" a choice, told to clients in 005
 * (isupport.c). */
#ifndef MIO_APPS_CHAT_IRC_LIMITS_H
#define MIO_APPS_CHAT_IRC_LIMITS_H

/* One line */
#define IRC_BODY_MAX 510         /* RFC: 512 with CRLF, tags not counted */
#define IRC_LINE_MAX 512         /* RFC */
#define IRC_CLIENT_TAGS_MAX 4096 /* tags: '@' + 4094 of a client + ' ' */
#define IRC_TAGS_MAX 8191        /* tags: '@', both sides' tags and ' ' */
#define IRC_INPUT_LINE_MAX 4608  /* what a reader must be able to hold */
#define IRC_OUTPUT_LINE_MAX 8703 /* what a writer must be able to hold */
#define IRC_UNENDED_MAX 16384    /* ours: more without a newline is no client */
#define IRC_PARAMS_MAX 15        /* RFC: the rest belongs to the last */

/* Names */
#define IRC_NICK_MAX 32    /* ours (RFC: 9) */
#define IRC_USER_MAX 16    /* ours, the '~' of an unproved name included */
#define IRC_HOST_MAX 64    /* ours; holds any numeric address (46) */
#define IRC_REAL_MAX 128   /* ours: NAMELEN */
#define IRC_CHANNEL_MAX 64 /* ours (RFC: 50), '#' included */
#define IRC_KEY_MAX 23     /* Modern: KEYLEN as everybody has it */
#define IRC_SERVER_MAX 63  /* RFC */
#define IRC_NETWORK_MAX 32 /* ours: a token of 005 */

/* A full ban mask: nick!user@host, each part at its longest */
#define IRC_MASK_MAX (IRC_NICK_MAX + 1 + IRC_USER_MAX + 1 + IRC_HOST_MAX)
/* ":nick!user@host " in front of a relayed line */
#define IRC_SOURCE_MAX (1 + IRC_MASK_MAX + 1)

/* Texts */
#define IRC_TOPIC_MAX 390 /* ours: with the longest source it still fits */
#define IRC_AWAY_MAX 390  /* ours, as the topic */
#define IRC_KICK_MAX 300  /* ours: source, channel and nick precede it */
#define IRC_LABEL_MAX 64  /* IRCv3 labeled-response */

/* Counts */
#define IRC_CHANNELS_MAX 100    /* ours: channels that one client may be in */
#define IRC_BANS_MAX 100        /* ours: MAXLIST */
#define IRC_MODES_MAX 12        /* ours: modes with an argument in one MODE */
#define IRC_MODE_CHANGES_MAX 32 /* ours: changes of any kind in one MODE */
#define IRC_TARGETS_MAX 8       /* ours: receivers of one PRIVMSG, TARGMAX */
#define IRC_LIST_MASKS_MAX 8    /* ours: masks in one LIST */
#define IRC_ISUPPORT_TOKENS_MAX 13 /* RFC: 15 parameters - nick - trailing */

#endif /* MIO_APPS_CHAT_IRC_LIMITS_H */
