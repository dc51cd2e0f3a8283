/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/command.c - what a client can say, in one table. */
#include "apps/chat/irc/command.h"

#include "core/assert.h"

struct entry {
    const char *name;
    uint8_t params_min;
    uint8_t flags;
};

static const struct entry entries[] = {
#define X(name, params_min, flags) {#name, params_min, flags},
    IRC_COMMANDS(X)
#undef X
};

static const struct entry *entry_of(enum irc_command command)
{
    MIO_ASSERT(command < IRC_COMMANDS_COUNT);
    return &entries[command];
}

enum irc_command irc_command_find(struct irc_span name)
{
    for (unsigned i = 0; i < IRC_COMMANDS_COUNT; i++)
        if (irc_span_is(name, entries[i].name))
            return (enum irc_command)i;
    return IRC_UNKNOWN;
}

const char *irc_command_name(enum irc_command command)
{
    return entry_of(command)->name;
}

unsigned irc_command_params_min(enum irc_command command)
{
    return entry_of(command)->params_min;
}

unsigned irc_command_flags(enum irc_command command)
{
    return entry_of(command)->flags;
}

bool irc_command_is_http(struct irc_span name)
{
    static const char *const methods[] = {"GET",    "HEAD",    "POST",   "PUT",
                                          "DELETE", "OPTIONS", "CONNECT"};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (irc_span_is(name, methods[i]))
            return true;
    return false;
}
