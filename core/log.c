/* SPDX-License-Identifier: MIT
 *
 * core/log.c - a line is formatted on the stack and handed on. */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

const char *mio_log_level_name(enum mio_log_level level)
{
    switch (level) {
    case MIO_LOG_ERROR:
        return "error";
    case MIO_LOG_WARNING:
        return "warning";
    default:
        return "info";
    }
}

void mio_log_print(const struct mio_log *self, enum mio_log_level level,
                   const char *format, ...)
{
    if (self == NULL || level > self->level)
        return;

    char text[MIO_LOG_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    self->write(self->ctx, level, text);
}
