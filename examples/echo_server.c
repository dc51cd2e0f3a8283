/* SPDX-License-Identifier: MIT
 *
 * examples/echo_server.c - what comes goes back; one reactor for each CPU. */
#include <stdio.h>

#include "net/server/server.h"

static int64_t echo(struct mio_connection *connection, void *state,
                    const uint8_t *bytes, size_t size)
{
    (void)state;
    int rc = mio_connection_send(connection, bytes, size);
    if (mio_connection_is_congested(connection))
        mio_connection_pause(connection); /* who does not read waits */
    return rc < 0 ? rc : (int64_t)size;
}

static int resume(struct mio_connection *connection, void *state)
{
    (void)state;
    mio_connection_resume(connection);
    return MIO_OK;
}

static const struct mio_connection_class echo_class = {
    .name = "echo", .data = echo, .drained = resume};

int main(int argc, char **argv)
{
    struct mio_runtime *runtime;
    struct mio_server *server;
    struct mio_server_options options = {.address = argc > 1 ? argv[1]
                                                             : "127.0.0.1:7000",
                                         .connection_class = &echo_class};
    int rc = mio_runtime_new(
        &runtime, &(struct mio_runtime_options){.stop_on_signals = true});
    if (rc == MIO_OK)
        rc = mio_server_new(&server, runtime, &options);
    if (rc < 0)
        return fprintf(stderr, "%s: %s\n", options.address, mio_error_text(rc));

    struct mio_address address;
    char text[MIO_ADDRESS_TEXT_MAX];
    mio_server_address(server, &address);
    mio_address_format(&address, text, sizeof(text));
    printf("listening on %s, %u reactors\n", text,
           mio_runtime_reactors_count(runtime));
    fflush(stdout);

    rc = mio_runtime_run(runtime);
    mio_server_free(server);
    mio_runtime_free(runtime);
    return rc < 0;
}
