/* SPDX-License-Identifier: MIT
 *
 * examples/echo_server.c - what comes goes back; one reactor for each CPU.
 *
 *     ./bazelw run //examples:echo_server
 *     nc 127.0.0.1 7000 */
#include <stdio.h>

#include "net/server/server.h"

static int64_t echo(struct mio_connection *self, void *state,
                    const uint8_t *bytes, size_t size)
{
    (void)state;
    if (mio_connection_is_congested(self))
        mio_connection_pause(self); /* who does not read has to wait */
    int rc = mio_connection_send(self, bytes, size);
    return rc < 0 ? rc : (int64_t)size;
}

static int drained(struct mio_connection *self, void *state)
{
    (void)state;
    mio_connection_resume(self);
    return MIO_OK;
}

int main(int argc, char **argv)
{
    static const struct mio_connection_class echo_class = {
        .name = "echo", .data = echo, .drained = drained};
    struct mio_runtime_options options = {.stop_on_signals = true};
    struct mio_server_options listen = {.address = argc > 1 ? argv[1]
                                                            : "127.0.0.1:7000",
                                        .connection_class = &echo_class};
    struct mio_runtime *runtime = NULL;
    struct mio_server *server = NULL;
    int rc = mio_runtime_new(&runtime, &options);
    if (rc == MIO_OK)
        rc = mio_server_new(&server, runtime, &listen);
    if (rc == MIO_OK)
        rc = mio_runtime_run(runtime); /* until Ctrl-C */
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", listen.address, mio_error_text(rc));
    mio_server_free(server);
    mio_runtime_free(runtime);
    return rc < 0;
}
