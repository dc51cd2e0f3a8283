/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/user.c - who somebody is, by value. */
#include "apps/chat/protocol/user.h"

#include <string.h>

#include "apps/chat/irc/utf8.h"

struct irc_span chat_user_nick(const struct chat_user *self)
{
    return irc_span(self->nick, self->nick_size);
}

struct irc_span chat_user_user(const struct chat_user *self)
{
    return irc_span(self->user, self->user_size);
}

struct irc_span chat_user_host(const struct chat_user *self)
{
    return irc_span(self->host, self->host_size);
}

struct irc_span chat_user_real(const struct chat_user *self)
{
    return irc_span(self->real, self->real_size);
}

struct irc_span chat_user_account(const struct chat_user *self)
{
    return irc_span(self->account, self->account_size);
}

/* The text may be a part of the very field that it replaces. */
static uint8_t set(char *field, size_t capacity, struct irc_span text)
{
    struct irc_span fitting = irc_utf8_head(text, capacity);

    if (fitting.size > 0)
        memmove(field, fitting.at, fitting.size);
    return (uint8_t)fitting.size;
}

void chat_user_set_nick(struct chat_user *self, struct irc_span text)
{
    self->nick_size = set(self->nick, sizeof(self->nick), text);
}

void chat_user_set_user(struct chat_user *self, struct irc_span text)
{
    self->user_size = set(self->user, sizeof(self->user), text);
}

void chat_user_set_host(struct chat_user *self, struct irc_span text)
{
    self->host_size = set(self->host, sizeof(self->host), text);
}

void chat_user_set_real(struct chat_user *self, struct irc_span text)
{
    self->real_size = set(self->real, sizeof(self->real), text);
}

void chat_user_set_account(struct chat_user *self, struct irc_span text)
{
    self->account_size = set(self->account, sizeof(self->account), text);
}

void chat_user_put_source(const struct chat_user *self, struct irc_writer *out)
{
    irc_put_source(out, chat_user_nick(self), chat_user_user(self),
                   chat_user_host(self));
}

static size_t append(char *buffer, size_t size, struct irc_span text)
{
    memcpy(buffer + size, text.at, text.size);
    return size + text.size;
}

struct irc_span chat_user_mask(const struct chat_user *self,
                               char buffer[IRC_MASK_MAX])
{
    size_t size = append(buffer, 0, chat_user_nick(self));

    buffer[size++] = '!';
    size = append(buffer, size, chat_user_user(self));
    buffer[size++] = '@';
    size = append(buffer, size, chat_user_host(self));
    return irc_span(buffer, size);
}
