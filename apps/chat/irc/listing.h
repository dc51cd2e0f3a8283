/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/listing.h - LIST: which channels somebody wants to see. */
#ifndef MIO_APPS_CHAT_IRC_LISTING_H
#define MIO_APPS_CHAT_IRC_LISTING_H

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"

/* As 005 tells it: creation time, mask, not-mask, topic time, users. */
#define IRC_ELIST "CMNTU"

/** What a channel must be to be listed. It holds its masks itself, because the
 *  answer is made over a long time, after the line that asked is gone. */
struct irc_list_filter {
    uint64_t users_min, users_max;
    /* seconds since 1970 */
    int64_t created_after, created_before, topic_after, topic_before;
    bool wants_topic; /* T was used: channels without a topic are left out */
    uint8_t masks_count;
    uint8_t not_masks_count;
    struct irc_list_mask {
        uint8_t size;
        char text[IRC_CHANNEL_MAX];
    } masks[IRC_LIST_MASKS_MAX], not_masks[IRC_LIST_MASKS_MAX];
};

struct irc_list_channel {
    struct irc_span name;
    uint64_t users;
    int64_t created_s;
    int64_t topic_s; /* 0 = no topic */
};

/** Read LIST's first parameter (empty: everything): names, masks, "!mask",
 *  ">users", "<users", "C>minutes", "C<minutes", "T>...", "T<...", with commas
 *  between; minutes are counted back from now_s. Returns false when there are
 *  too many masks or one is too long; then nothing is to be listed. */
bool irc_list_filter_parse(struct irc_list_filter *self, struct irc_span text,
                           int64_t now_s);

/** Is the channel asked for? */
bool irc_list_filter_matches(const struct irc_list_filter *self,
                             const struct irc_list_channel *channel);

#endif /* MIO_APPS_CHAT_IRC_LISTING_H */
