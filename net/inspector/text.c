/* SPDX-License-Identifier: MIT
 *
 * net/inspector/text.c - see text.h. */
#include "net/inspector/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 4096

void mio_text_deinit(struct mio_text *self)
{
    free(self->bytes);
    *self = (struct mio_text){NULL, 0, 0, false};
}

void mio_text_clear(struct mio_text *self)
{
    self->size = 0;
    self->failed = false;
}

/* Room for `size` bytes and a final 0. */
static bool reserve(struct mio_text *self, size_t size)
{
    if (self->failed || size > MIO_TEXT_MAX - self->size)
        return false;
    size_t wanted = self->size + size + 1;
    if (wanted <= self->capacity)
        return true;
    size_t capacity = self->capacity != 0 ? self->capacity : CAPACITY_MIN;
    while (capacity < wanted)
        capacity *= 2;
    char *bytes = realloc(self->bytes, capacity);
    if (bytes == NULL)
        return false;
    self->bytes = bytes;
    self->capacity = capacity;
    return true;
}

void mio_text_put(struct mio_text *self, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof(line) ||
        !reserve(self, (size_t)size)) {
        self->failed = true;
        return;
    }
    memcpy(self->bytes + self->size, line, (size_t)size + 1);
    self->size += (size_t)size;
}

void mio_text_put_word(struct mio_text *self, const char *word)
{
    for (; *word != '\0'; word++) {
        unsigned char byte = (unsigned char)*word;
        if (byte > ' ' && byte < 0x7f && byte != '%')
            mio_text_put(self, "%c", byte);
        else
            mio_text_put(self, "%%%02X", byte);
    }
}

void mio_text_put_quoted(struct mio_text *self, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            mio_text_put(self, "\\n");
        else if (*value == '"' || *value == '\\')
            mio_text_put(self, "\\%c", *value);
        else
            mio_text_put(self, "%c", *value);
    }
}
