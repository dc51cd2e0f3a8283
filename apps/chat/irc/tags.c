/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/tags.c - what stands behind '@' at the front of a line. */
#include "apps/chat/irc/tags.h"

#include <string.h>

static bool is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '/';
}

/* [+][vendor/]name, where only the vendor may have dots. */
static bool is_key(struct irc_span key)
{
    if (key.size > 0 && key.at[0] == '+')
        key = irc_span_tail(key, 1);

    size_t slash = irc_span_find(key, '/');
    struct irc_span name =
        slash == key.size ? key : irc_span_tail(key, slash + 1);
    if (name.size == 0 || slash == 0)
        return false;
    if (irc_span_find(name, '/') != name.size ||
        irc_span_find(name, '.') != name.size)
        return false;
    for (size_t i = 0; i < key.size; i++)
        if (!is_key_byte(key.at[i]))
            return false;
    return true;
}

bool irc_tags_next(struct irc_span *rest, struct irc_tag *tag)
{
    struct irc_span item;

    while (irc_span_next(rest, ';', &item)) {
        size_t equals = irc_span_find(item, '=');
        tag->key = irc_span_head(item, equals);
        tag->value = irc_span_tail(item, equals + 1);
        if (!is_key(tag->key))
            continue;
        tag->is_client_only = tag->key.at[0] == '+';
        return true;
    }
    return false;
}

bool irc_tags_find(struct irc_span tags, const char *key, struct irc_tag *tag)
{
    struct irc_span wanted = irc_span_of(key);
    struct irc_tag each;
    bool found = false;

    while (irc_tags_next(&tags, &each)) {
        if (irc_span_equal(each.key, wanted)) {
            *tag = each;
            found = true;
        }
    }
    return found;
}

/* The pairs of the specification; any other byte after '\' stands for itself.
 */
static char unescaped(char c)
{
    switch (c) {
    case ':':
        return ';';
    case 's':
        return ' ';
    case 'r':
        return '\r';
    case 'n':
        return '\n';
    default:
        return c;
    }
}

static char escaped(char c)
{
    switch (c) {
    case ';':
        return ':';
    case ' ':
        return 's';
    case '\r':
        return 'r';
    case '\n':
        return 'n';
    case '\\':
        return '\\';
    default:
        return '\0';
    }
}

size_t irc_tag_unescape(struct irc_span value, char *out, size_t capacity)
{
    size_t size = 0;

    for (size_t i = 0; i < value.size && size < capacity; i++) {
        char c = value.at[i];
        if (c == '\\') {
            if (++i == value.size)
                break; /* a lone '\' at the end means nothing */
            c = unescaped(value.at[i]);
        }
        out[size++] = c;
    }
    return size;
}

void irc_tag_escape(struct irc_writer *out, struct irc_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        char pair[2] = {'\\', escaped(text.at[i])};
        if (pair[1] == '\0')
            irc_put_char(out, text.at[i]);
        else
            irc_put(out, irc_span(pair, 2));
    }
}

static void put_separator(struct irc_writer *out, bool *first)
{
    irc_put_char(out, *first ? '@' : ';');
    *first = false;
}

static void put_tag(struct irc_writer *out, bool *first, const char *key,
                    struct irc_span value)
{
    if (value.size == 0)
        return;
    put_separator(out, first);
    irc_put_text(out, key);
    irc_put_char(out, '=');
    irc_put(out, value);
}

static void put_relayed(struct irc_writer *out, bool *first,
                        const struct irc_tag *tag)
{
    put_separator(out, first);
    irc_put(out, tag->key);
    if (tag->value.size > 0) {
        irc_put_char(out, '=');
        irc_put(out, tag->value);
    }
}

void irc_tags_put(struct irc_writer *out, const struct irc_tag_set *set)
{
    struct irc_span rest = set->client_tags;
    struct irc_tag tag;
    size_t start = out->size;
    bool first = true;

    irc_writer_begin_tags(out);
    put_tag(out, &first, "time", set->time);
    put_tag(out, &first, "label", set->label);
    put_tag(out, &first, "batch", set->batch);
    while (irc_tags_next(&rest, &tag))
        if (tag.is_client_only)
            put_relayed(out, &first, &tag);
    if (!first)
        irc_put_char(out, ' ');
    if (out->is_truncated)
        out->size = start; /* half a tag would swallow the command */
    irc_writer_begin_body(out);
}
