/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/motd.c - the message of the day, read once. */
#include "apps/chat/session/motd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/chat/irc/utf8.h"

static uint32_t count_lines(struct irc_span text)
{
    struct irc_span line;
    uint32_t count = 0;

    while (irc_span_next(&text, '\n', &line))
        count++;
    return count;
}

/* What would end or garble a line for a client is replaced. */
static void clean(char *bytes, size_t size)
{
    struct irc_span rest = irc_span(bytes, size);

    while (rest.size > 0) {
        size_t step = irc_utf8_step(rest);
        char *at = bytes + (size - rest.size);
        if (*at == '\0' || (step == 1 && (unsigned char)*at >= 0x80))
            *at = '?';
        rest = irc_span_tail(rest, step);
    }
}

static struct irc_span trimmed(struct irc_span line)
{
    if (line.size > 0 && line.at[line.size - 1] == '\r')
        line.size--;
    return irc_utf8_head(line, CHAT_MOTD_LINE_MAX);
}

int chat_motd_init(struct chat_motd *self, struct irc_span text)
{
    uint32_t count = count_lines(text);
    struct irc_span rest, line;

    *self = (struct chat_motd){0};
    if (count == 0)
        return MIO_OK;
    self->bytes = malloc(text.size);
    self->lines = calloc(count, sizeof(*self->lines));
    if (self->bytes == NULL || self->lines == NULL) {
        chat_motd_deinit(self);
        return MIO_ENOMEM;
    }
    memcpy(self->bytes, text.at, text.size);
    clean(self->bytes, text.size);
    rest = irc_span(self->bytes, text.size);
    while (irc_span_next(&rest, '\n', &line))
        self->lines[self->lines_count++] = trimmed(line);
    return MIO_OK;
}

int chat_motd_read(struct chat_motd *self, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(CHAT_MOTD_SIZE_MAX + 1);
    int result = MIO_ENOENT;

    if (file != NULL && bytes == NULL)
        result = MIO_ENOMEM;
    if (file != NULL && bytes != NULL) {
        size_t size = fread(bytes, 1, CHAT_MOTD_SIZE_MAX + 1, file);
        if (size > CHAT_MOTD_SIZE_MAX)
            result = MIO_EMSGSIZE;
        else if (!ferror(file)) /* a directory opens, but cannot be read */
            result = chat_motd_init(self, irc_span(bytes, size));
    }
    if (file != NULL)
        (void)fclose(file);
    free(bytes);
    return result;
}

void chat_motd_deinit(struct chat_motd *self)
{
    free(self->lines);
    free(self->bytes);
    *self = (struct chat_motd){0};
}
