/* SPDX-License-Identifier: MIT
 *
 * client.c - a program that uses an installed libmiocene: an actor that is
 * told to stop the runtime, and a server beside it. C, and C++ as well. */
#include <stdio.h>

#include "mio/net/server/server.h"
#include "mio/runtime/runtime.h"

static const struct mio_message_type stop_type = {"stop", NULL};

static int receive(struct mio_actor *self, void *state,
                   struct mio_message *message)
{
    (void)state;
    if (message->type != &stop_type)
        return MIO_EINVAL;
    mio_runtime_stop(mio_actor_runtime(self));
    return MIO_OK;
}

static const struct mio_actor_class stopper_class = {
    "stopper", 0, NULL, receive, NULL, NULL, 0};
static const struct mio_connection_class deaf_class = {
    "deaf", 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL};

static int run(struct mio_runtime *runtime, struct mio_server **server)
{
    struct mio_server_options listen = {"127.0.0.1:0", &deaf_class, NULL, 0, 0,
                                        NULL,          0,           0,    0};
    struct mio_address at;
    mio_actor_id stopper;
    if (mio_server_new(server, runtime, &listen) < 0 ||
        mio_runtime_spawn(runtime, 0, &stopper_class, NULL, 0, &stopper) < 0 ||
        mio_runtime_send(runtime, stopper, &stop_type, NULL, 0) < 0 ||
        mio_runtime_run(runtime) < 0)
        return 1;
    mio_server_address(*server, &at);
    if (mio_address_port(&at) == 0)
        return 1;
    puts("it stopped");
    return 0;
}

int main(void)
{
    struct mio_runtime *runtime = NULL;
    struct mio_server *server = NULL;
    int bad = mio_runtime_new(&runtime, NULL) < 0 || run(runtime, &server);
    mio_server_free(server);
    mio_runtime_free(runtime);
    return bad;
}
