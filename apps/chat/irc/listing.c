/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/listing.c - LIST: which channels somebody wants to see. */
#include "apps/chat/irc/listing.h"

#include <string.h>

#include "apps/chat/irc/mask.h"

#define MINUTES_MAX UINT64_C(100000000) /* 190 years: never overflows */

static bool add_mask(struct irc_list_mask *masks, uint8_t *count,
                     struct irc_span text)
{
    if (*count == IRC_LIST_MASKS_MAX || text.size == 0 ||
        text.size > IRC_CHANNEL_MAX)
        return false;

    struct irc_list_mask *mask = &masks[(*count)++];
    mask->size = (uint8_t)text.size;
    memcpy(mask->text, text.at, text.size);
    return true;
}

/* ">10" is more than 10, "<10" fewer. */
static bool add_users(struct irc_list_filter *self, struct irc_span item)
{
    uint64_t users;

    if (!irc_span_to_number(irc_span_tail(item, 1), UINT32_MAX, &users))
        return false;
    if (item.at[0] == '>')
        self->users_min = users + 1;
    else
        self->users_max = users == 0 ? 0 : users - 1;
    return true;
}

/* "<10" is less than 10 minutes ago: after that moment. */
static bool add_age(struct irc_span item, int64_t now_s, int64_t *after,
                    int64_t *before)
{
    uint64_t minutes;

    if (!irc_span_to_number(irc_span_tail(item, 1), MINUTES_MAX, &minutes))
        return false;
    if (item.at[0] == '<')
        *after = now_s - (int64_t)minutes * 60;
    else
        *before = now_s - (int64_t)minutes * 60;
    return true;
}

static bool is_comparison(struct irc_span item)
{
    return item.size > 1 && (item.at[0] == '<' || item.at[0] == '>');
}

static bool add_item(struct irc_list_filter *self, struct irc_span item,
                     int64_t now_s)
{
    struct irc_span rest = irc_span_tail(item, 1);

    if (is_comparison(item))
        return add_users(self, item);
    if ((item.at[0] == 'C' || item.at[0] == 'c') && is_comparison(rest))
        return add_age(rest, now_s, &self->created_after,
                       &self->created_before);
    if ((item.at[0] == 'T' || item.at[0] == 't') && is_comparison(rest)) {
        self->wants_topic = true;
        return add_age(rest, now_s, &self->topic_after, &self->topic_before);
    }
    if (item.at[0] == '!')
        return add_mask(self->not_masks, &self->not_masks_count, rest);
    return add_mask(self->masks, &self->masks_count, item);
}

bool irc_list_filter_parse(struct irc_list_filter *self, struct irc_span text,
                           int64_t now_s)
{
    struct irc_span item;

    *self = (struct irc_list_filter){.users_max = UINT64_MAX,
                                     .created_after = INT64_MIN,
                                     .created_before = INT64_MAX,
                                     .topic_after = INT64_MIN,
                                     .topic_before = INT64_MAX};
    while (irc_span_next(&text, ',', &item))
        if (item.size > 0 && !add_item(self, item, now_s))
            return false;
    return true;
}

static bool matches_any(const struct irc_list_mask *masks, unsigned count,
                        struct irc_span name)
{
    for (unsigned i = 0; i < count; i++)
        if (irc_mask_matches(irc_span(masks[i].text, masks[i].size), name))
            return true;
    return false;
}

bool irc_list_filter_matches(const struct irc_list_filter *self,
                             const struct irc_list_channel *channel)
{
    if (channel->users < self->users_min || channel->users > self->users_max)
        return false;
    if (channel->created_s < self->created_after ||
        channel->created_s > self->created_before)
        return false;
    if (self->wants_topic &&
        (channel->topic_s == 0 || channel->topic_s < self->topic_after ||
         channel->topic_s > self->topic_before))
        return false;
    if (matches_any(self->not_masks, self->not_masks_count, channel->name))
        return false;
    return self->masks_count == 0 ||
           matches_any(self->masks, self->masks_count, channel->name);
}
