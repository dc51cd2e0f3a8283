/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/limits.c - what one client may take of the server. */
#include "apps/chat/session/limits.h"

#include <string.h>

#include "core/assert.h"

const struct chat_limit chat_limits_table[] = {
#define X(option, field, least, usual, most, text)                             \
    {option, text, offsetof(struct chat_limits, field), least, usual, most},
    CHAT_LIMITS_MAP(X)
#undef X
};

const size_t chat_limits_count =
    sizeof(chat_limits_table) / sizeof(chat_limits_table[0]);

#define X(option, field, least, usual, most, text)                             \
    _Static_assert((least) <= (usual) && (usual) <= (most), option);
CHAT_LIMITS_MAP(X)
#undef X

void chat_limits_init(struct chat_limits *self)
{
    for (size_t i = 0; i < chat_limits_count; i++)
        chat_limit_set(self, &chat_limits_table[i], chat_limits_table[i].usual);
}

const struct chat_limit *chat_limit_find(const char *option)
{
    for (size_t i = 0; i < chat_limits_count; i++)
        if (strcmp(chat_limits_table[i].option, option) == 0)
            return &chat_limits_table[i];
    return NULL;
}

void chat_limit_set(struct chat_limits *self, const struct chat_limit *limit,
                    uint32_t value)
{
    MIO_ASSERT(value >= limit->least);
    MIO_ASSERT(value <= limit->most);

    memcpy((char *)self + limit->offset, &value, sizeof(value));
}
