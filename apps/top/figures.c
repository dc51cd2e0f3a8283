/* SPDX-License-Identifier: MIT
 *
 * apps/top/figures.c - see figures.h. */
#include "apps/top/figures.h"

#include <stdlib.h>
#include <string.h>

int top_figures_init(struct top_figures *self)
{
    memset(self, 0, sizeof(*self));
    self->reactors = calloc(TOP_REACTORS_MAX, sizeof(*self->reactors));
    self->actors = calloc(TOP_ROWS_MAX, sizeof(*self->actors));
    self->edges = calloc(TOP_ROWS_MAX, sizeof(*self->edges));
    if (self->reactors != NULL && self->actors != NULL && self->edges != NULL)
        return 0;
    top_figures_deinit(self);
    return MIO_ENOMEM;
}

void top_figures_deinit(struct top_figures *self)
{
    free(self->reactors);
    free(self->actors);
    free(self->edges);
    memset(self, 0, sizeof(*self));
}

void top_figures_clear(struct top_figures *self)
{
    self->reactors_count = 0;
    self->actors_count = 0;
    self->edges_count = 0;
    self->stalls_count = 0;
}

/* --- fields ----------------------------------------------------------------
 */

/* The next word of a line, which ends it; NULL: none. */
static char *next_word(char **line)
{
    char *word = *line + strspn(*line, " ");
    if (*word == '\0')
        return NULL;
    char *end = word + strcspn(word, " ");
    *line = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

/* "name=value": the value; NULL: another name. */
static const char *value_of(const char *word, const char *name)
{
    size_t size = strlen(name);
    return strncmp(word, name, size) == 0 && word[size] == '=' ? word + size + 1
                                                               : NULL;
}

static void take_number(const char *word, const char *name, uint64_t *out)
{
    const char *value = value_of(word, name);
    if (value != NULL)
        *out = strtoull(value, NULL, 10);
}

static void take_id(const char *word, const char *name, uint64_t *out)
{
    const char *value = value_of(word, name);
    if (value != NULL)
        *out = strtoull(value, NULL, 16);
}

/* Undoes %XX; a terminal gets no control characters of anybody. */
static char unescape(const char **at)
{
    char hex[3] = {0};
    char byte = **at;
    if (byte == '%' && strlen(*at) >= 3) {
        memcpy(hex, *at + 1, 2);
        byte = (char)strtoul(hex, NULL, 16);
        *at += 2;
    }
    (*at)++;
    return (unsigned char)byte < ' ' || byte == 0x7f ? '?' : byte;
}

static void take_name(const char *word, const char *name, char *out)
{
    const char *value = value_of(word, name);
    if (value == NULL)
        return;
    size_t size = 0;
    while (*value != '\0' && size < TOP_NAME_MAX - 1)
        out[size++] = unescape(&value);
    out[size] = '\0';
}

static void take_histogram(const char *word, const char *name,
                           struct top_histogram *out)
{
    const char *value = value_of(word, name);
    for (uint32_t i = 0; value != NULL && i < TOP_BUCKETS; i++) {
        char *end;
        out->counts[i] = strtoull(value, &end, 10);
        value = *end == ',' ? end + 1 : NULL;
    }
}

/* --- lines -----------------------------------------------------------------
 */

static void parse_reactor(struct top_figures *self, uint32_t index, char *line)
{
    if (self->reactors_count == TOP_REACTORS_MAX)
        return;
    struct top_reactor *out = &self->reactors[self->reactors_count++];
    memset(out, 0, sizeof(*out));
    out->index = index;
    for (const char *word; (word = next_word(&line)) != NULL;) {
#define X(name) take_number(word, #name, &out->name);
        TOP_REACTOR_MAP(X)
#undef X
        take_histogram(word, "dwell_ns", &out->dwell_ns);
        take_histogram(word, "turn_ns", &out->turn_ns);
    }
}

static void parse_actor(struct top_figures *self, uint32_t reactor, char *line)
{
    if (self->actors_count == TOP_ROWS_MAX)
        return;
    struct top_actor *out = &self->actors[self->actors_count++];
    memset(out, 0, sizeof(*out));
    out->reactor = reactor;
    for (const char *word; (word = next_word(&line)) != NULL;) {
        take_id(word, "id", &out->id);
        take_name(word, "class", out->class_name);
        take_name(word, "label", out->label);
        take_number(word, "received", &out->received);
        take_number(word, "entries", &out->entries);
        take_number(word, "busy_ns", &out->busy_ns);
        take_number(word, "recent_ns", &out->recent_ns);
    }
}

static void parse_edge(struct top_figures *self, uint32_t reactor, char *line)
{
    if (self->edges_count == TOP_ROWS_MAX)
        return;
    struct top_edge *out = &self->edges[self->edges_count++];
    memset(out, 0, sizeof(*out));
    out->reactor = reactor;
    for (const char *word; (word = next_word(&line)) != NULL;) {
        take_id(word, "from", &out->from);
        take_id(word, "to", &out->to);
        take_name(word, "from_class", out->from_class);
        take_name(word, "to_class", out->to_class);
        take_name(word, "type", out->type);
        take_number(word, "messages", &out->messages);
        take_number(word, "recent", &out->recent);
    }
}

static void parse_stall(struct top_figures *self, uint32_t reactor, char *line)
{
    (void)reactor;
    if (self->stalls_count == TOP_STALLS_MAX)
        return;
    char *out = self->stalls[self->stalls_count++];
    const char *at = line;
    size_t size = 0;
    while (*at != '\0' && size < TOP_STALL_MAX - 1)
        out[size++] = unescape(&at);
    out[size] = '\0';
}

static void parse_silent(struct top_figures *self, uint32_t reactor, char *line)
{
    (void)line;
    for (uint32_t i = 0; i < self->reactors_count; i++)
        if (self->reactors[i].index == reactor)
            self->reactors[i].is_silent = true;
}

static void parse_line(struct top_figures *self, char *line)
{
    static const struct {
        const char *word;
        void (*parse)(struct top_figures *self, uint32_t reactor, char *line);
    } kinds[] = {
        {"reactor", parse_reactor}, {"actor", parse_actor},
        {"edge", parse_edge},       {"stall", parse_stall},
        {"silent", parse_silent},
    };
    char *kind = next_word(&line);
    char *reactor = next_word(&line);
    if (kind == NULL || reactor == NULL)
        return;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kind, kinds[i].word) == 0)
            kinds[i].parse(self, (uint32_t)strtoul(reactor, NULL, 10), line);
}

void top_figures_parse(struct top_figures *self, char *text)
{
    while (*text != '\0') {
        char *end = text + strcspn(text, "\n");
        char *next = *end != '\0' ? end + 1 : end;
        *end = '\0';
        parse_line(self, text);
        text = next;
    }
}

/* --- looking up ------------------------------------------------------------
 */

const struct top_reactor *top_figures_reactor(const struct top_figures *self,
                                              uint32_t index)
{
    for (uint32_t i = 0; i < self->reactors_count; i++)
        if (self->reactors[i].index == index)
            return &self->reactors[i];
    return NULL;
}

const struct top_actor *top_figures_actor(const struct top_figures *self,
                                          uint64_t id)
{
    for (uint32_t i = 0; i < self->actors_count; i++)
        if (self->actors[i].id == id)
            return &self->actors[i];
    return NULL;
}

uint64_t top_histogram_percentile(const struct top_histogram *now,
                                  const struct top_histogram *before,
                                  double percent)
{
    uint64_t all = 0;
    uint64_t count = 0;
    for (uint32_t i = 0; i < TOP_BUCKETS; i++)
        all += now->counts[i] - before->counts[i];
    for (uint32_t i = 0; i < TOP_BUCKETS && all > 0; i++) {
        count += now->counts[i] - before->counts[i];
        if ((double)count >= (double)all * percent / 100)
            return (UINT64_C(1) << i) - 1;
    }
    return 0;
}
