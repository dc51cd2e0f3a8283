/* SPDX-License-Identifier: MIT
 *
 * dialogue/script.c - what clients say and what they must read, as a list. */
#include "tests/apps/chat/dialogue/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

#define CLIENTS_MAX 26

struct cast {
    const struct server *server;
    struct client *clients[CLIENTS_MAX];
};

static struct client *connected(struct cast *cast, char letter)
{
    struct client **client = &cast->clients[letter - 'a'];

    if (*client == NULL)
        *client = client_connect(cast->server);
    return *client;
}

static void leave(struct cast *cast, char letter)
{
    client_close(cast->clients[letter - 'a']);
    cast->clients[letter - 'a'] = NULL;
}

static void enter(struct client *client, const char *nick)
{
    client_say(client, "NICK %s", nick);
    client_say(client, "USER %s 0 * :Real %s", nick, nick);
    client_say(client, "CAP END");
    (void)client_expect(client, "* 001 *");
    client_sync(client, NULL);
}

static void play(struct cast *cast, const char *step)
{
    struct client *client = connected(cast, step[0]);
    const char *text = step + 2;

    switch (step[1]) {
    case '*':
        break;
    case '/':
        client_say(client, "CAP REQ :%s", text);
        (void)client_expect(client, "* ACK *");
        break;
    case '+':
        enter(client, text);
        break;
    case '>':
        client_say(client, "%s", text);
        break;
    case '<':
        (void)client_expect_next(client, text);
        break;
    case '~':
        (void)client_expect(client, text);
        break;
    case '=':
        client_say(client, "PING =");
        (void)client_expect_next(client, "*PONG * :=");
        break;
    case '!':
        client_expect_end(client);
        leave(cast, step[0]);
        break;
    case '-':
        leave(cast, step[0]);
        break;
    default:
        fail_msg("no such step: %s", step);
    }
}

void script_play(const struct server *server, const char *const *steps,
                 size_t steps_count)
{
    struct cast cast = {.server = server};

    for (size_t i = 0; i < steps_count; i++) {
        /* What a client says of a failure begins with its nick. */
        struct client *client = connected(&cast, steps[i][0]);
        (void)snprintf(client->nick, sizeof(client->nick), "step %zu, %c", i,
                       steps[i][0]);
        play(&cast, steps[i]);
    }
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (cast.clients[i] != NULL)
            leave(&cast, (char)('a' + i));
}
