/* SPDX-License-Identifier: MIT
 *
 * net/inspector/client.h - one who asks an inspector: lines in, text out. Not
 * installed.
 *
 * One question at a time: nothing is read while an answer is under way, so that
 * a client can make us keep no more than a line and an answer. */
#ifndef MIO_NET_INSPECTOR_CLIENT_H
#define MIO_NET_INSPECTOR_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/inspector/peer.h"
#include "net/inspector/text.h"

#define MIO_INSPECTOR_LINE_MAX 256  /* of a question */
#define MIO_INSPECTOR_HTTP_MAX 8192 /* of the head of a request, all lines */

/* What was asked. */
enum mio_question {
    MIO_QUESTION_NONE, /* nothing whole was read yet */
    MIO_QUESTION_HELP,
    MIO_QUESTION_SNAPSHOT,
    MIO_QUESTION_ACTORS,
    MIO_QUESTION_EDGES,
    MIO_QUESTION_STALLS,
    MIO_QUESTION_PROMETHEUS,
    MIO_QUESTION_QUIT,
    MIO_QUESTION_UNKNOWN,
    MIO_QUESTION_TOO_LONG,
    MIO_QUESTION_HTTP, /* GET /metrics */
    MIO_QUESTION_HTTP_UNKNOWN
};

struct mio_inspector_client {
    struct mio_peer peer;
    bool is_open;
    bool is_writing; /* registered for that */
    bool is_closing; /* when all is written */
    bool has_ended;  /* it sent its end */
    uint64_t used;   /* a number that grows: who was silent for longest? */
    enum mio_question question; /* that waits for reactors' answers */
    enum mio_question http;     /* whose head is still being read */
    size_t http_size;           /* of its lines, so far */
    char line[MIO_INSPECTOR_LINE_MAX];
    size_t line_size;
    struct mio_text out;
    size_t written;
};

/* Take a question out of the bytes that were read; NONE: there is none. */
enum mio_question mio_inspector_client_next(struct mio_inspector_client *self);

/* Read what fits. Returns 1 (something came) | 0 (nothing now) | a code: it is
 * gone. */
MIO_NODISCARD int mio_inspector_client_read(struct mio_inspector_client *self);

/* Write what can be. Returns 0 (all) | MIO_EAGAIN | a code: it is gone. */
MIO_NODISCARD int mio_inspector_client_write(struct mio_inspector_client *self);

#endif /* MIO_NET_INSPECTOR_CLIENT_H */
