/* SPDX-License-Identifier: MIT
 *
 * net/inspector/text.h - text that grows, up to a limit. Not installed. */
#ifndef MIO_NET_INSPECTOR_TEXT_H
#define MIO_NET_INSPECTOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define MIO_TEXT_MAX ((size_t)16 << 20)

struct mio_text {
    char *bytes;
    size_t size;
    size_t capacity;
    bool failed; /* no memory, or too long: what follows is left out */
};

void mio_text_deinit(struct mio_text *self);
void mio_text_clear(struct mio_text *self);

void mio_text_put(struct mio_text *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A word without blanks: other bytes as %XX. */
void mio_text_put_word(struct mio_text *self, const char *word);

/* The value of a label of Prometheus, between its quotes. */
void mio_text_put_quoted(struct mio_text *self, const char *value);

#endif /* MIO_NET_INSPECTOR_TEXT_H */
