/* SPDX-License-Identifier: MIT
 *
 * net/inspector/client.c - see client.h. */
#include "net/inspector/client.h"

#include <string.h>

static const struct {
    const char *word;
    enum mio_question question;
} words[] = {
    {"help", MIO_QUESTION_HELP},     {"snapshot", MIO_QUESTION_SNAPSHOT},
    {"actors", MIO_QUESTION_ACTORS}, {"edges", MIO_QUESTION_EDGES},
    {"stalls", MIO_QUESTION_STALLS}, {"prometheus", MIO_QUESTION_PROMETHEUS},
    {"quit", MIO_QUESTION_QUIT},
};

static bool begins_with(const char *line, size_t size, const char *word)
{
    size_t length = strlen(word);
    return size >= length && memcmp(line, word, length) == 0;
}

static bool is_word(const char *line, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(line, word, size) == 0;
}

/* The first line of a request: what it asks for; the rest says nothing that
 * matters here. */
static enum mio_question http_question(const char *line, size_t size)
{
    if (begins_with(line, size, "GET /metrics ") ||
        begins_with(line, size, "GET / ") ||
        is_word(line, size, "GET /metrics"))
        return MIO_QUESTION_HTTP;
    return MIO_QUESTION_HTTP_UNKNOWN;
}

static enum mio_question line_question(struct mio_inspector_client *self,
                                       const char *line, size_t size)
{
    if (self->http != MIO_QUESTION_NONE) {
        self->http_size += size + 1;
        if (self->http_size > MIO_INSPECTOR_HTTP_MAX)
            return MIO_QUESTION_TOO_LONG;
        return size == 0 ? self->http : MIO_QUESTION_NONE;
    }
    if (begins_with(line, size, "GET ") || begins_with(line, size, "HEAD ") ||
        begins_with(line, size, "POST ")) {
        self->http = http_question(line, size);
        self->http_size = size;
        return MIO_QUESTION_NONE;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (is_word(line, size, words[i].word))
            return words[i].question;
    return size == 0 ? MIO_QUESTION_NONE : MIO_QUESTION_UNKNOWN;
}

static void drop_line(struct mio_inspector_client *self, size_t size)
{
    self->line_size -= size;
    memmove(self->line, self->line + size, self->line_size);
}

/* A header that does not fit (a cookie, say) is no fault of a request: what is
 * read of it is counted and forgotten, and its end ends it. */
static enum mio_question full_line(struct mio_inspector_client *self)
{
    if (self->http == MIO_QUESTION_NONE)
        return MIO_QUESTION_TOO_LONG;
    self->http_size += self->line_size;
    if (self->http_size > MIO_INSPECTOR_HTTP_MAX)
        return MIO_QUESTION_TOO_LONG;
    /* One byte stays: an empty line must not come of it. */
    drop_line(self, self->line_size - 1);
    self->line[0] = '-';
    return MIO_QUESTION_NONE;
}

enum mio_question mio_inspector_client_next(struct mio_inspector_client *self)
{
    char *end;
    while ((end = memchr(self->line, '\n', self->line_size)) != NULL) {
        size_t size = (size_t)(end - self->line);
        size_t bare = size > 0 && end[-1] == '\r' ? size - 1 : size;
        enum mio_question question = line_question(self, self->line, bare);
        drop_line(self, size + 1);
        if (question != MIO_QUESTION_NONE)
            return question;
    }
    return self->line_size == sizeof(self->line) ? full_line(self)
                                                 : MIO_QUESTION_NONE;
}

int mio_inspector_client_read(struct mio_inspector_client *self)
{
    int64_t size = mio_peer_read(&self->peer, self->line + self->line_size,
                                 sizeof(self->line) - self->line_size);
    if (size > 0) {
        self->line_size += (size_t)size;
        return 1;
    }
    if (size == 0)
        return MIO_ECONNRESET; /* its end: nothing is asked any more */
    return size == MIO_EAGAIN ? 0 : (int)size;
}

int mio_inspector_client_write(struct mio_inspector_client *self)
{
    while (self->written < self->out.size) {
        int64_t size =
            mio_peer_write(&self->peer, self->out.bytes + self->written,
                           self->out.size - self->written);
        if (size < 0)
            return (int)size;
        self->written += (size_t)size;
    }
    /* What an answer took is given back: it may have been megabytes. */
    mio_text_deinit(&self->out);
    self->written = 0;
    return 0;
}
