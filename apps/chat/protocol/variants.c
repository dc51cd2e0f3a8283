/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/variants.c - one line as different clients get to see it.
 */
#include "apps/chat/protocol/variants.h"

#include "apps/chat/irc/tags.h"
#include "apps/chat/irc/writer.h"
#include "core/assert.h"

void chat_variants_begin(struct chat_variants_writer *self, int64_t unix_ns)
{
    self->variants = (struct chat_variants){0};
    self->size = 0;
    irc_date_iso(self->time, unix_ns);
}

static void open_text(struct chat_variants_writer *self, struct irc_writer *out,
                      unsigned index, struct irc_span client_tags)
{
    struct irc_tag_set tags = {
        .time = irc_span(self->time, sizeof(self->time)),
        .client_tags = client_tags,
    };

    MIO_ASSERT(self->variants.texts[index].size == 0);
    irc_writer_init(out, self->bytes + self->size, IRC_OUTPUT_LINE_MAX);
    irc_tags_put(out, &tags);
    self->variants.texts[index].tags_size = (uint16_t)out->size;
}

void chat_variants_open(struct chat_variants_writer *self,
                        struct irc_writer *out)
{
    open_text(self, out, 0, irc_span("", 0));
}

void chat_variants_open_alternate(struct chat_variants_writer *self,
                                  struct irc_writer *out, uint32_t cap,
                                  struct irc_span client_tags)
{
    MIO_ASSERT(self->variants.texts[0].size > 0);

    self->variants.alternate_cap = cap;
    open_text(self, out, 1, client_tags);
}

void chat_variants_close(struct chat_variants_writer *self,
                         struct irc_writer *out)
{
    unsigned index = self->variants.texts[0].size > 0;
    struct irc_span line = irc_writer_end(out);

    self->variants.texts[index].size = (uint16_t)line.size;
    self->size += line.size;
}

static bool has_relayed_tags(struct irc_span tags)
{
    struct irc_tag tag;

    while (irc_tags_next(&tags, &tag))
        if (tag.is_client_only)
            return true;
    return false;
}

void chat_variants_put(struct chat_variants_writer *self, struct irc_span body,
                       struct irc_span client_tags)
{
    struct irc_writer out;

    chat_variants_open(self, &out);
    irc_put(&out, body);
    chat_variants_close(self, &out);
    if (!has_relayed_tags(client_tags))
        return;
    chat_variants_open_alternate(self, &out, IRC_CAP_MESSAGE_TAGS, client_tags);
    irc_put(&out, body);
    chat_variants_close(self, &out);
}

/* Text number and whether with its tags, as one number 0 to 3. A client that
 * has message-tags alone also gets the time when it gets the sender's tags:
 * whoever asked for tags can read any. */
static unsigned choose(const struct chat_variants *self, uint32_t caps)
{
    bool is_alternate =
        self->texts[1].size > 0 && (caps & self->alternate_cap) != 0;
    bool has_client_tags =
        is_alternate && self->alternate_cap == IRC_CAP_MESSAGE_TAGS;
    bool is_tagged = (caps & IRC_CAP_SERVER_TIME) != 0 || has_client_tags;

    return (is_alternate ? 2u : 0u) + (is_tagged ? 1u : 0u);
}

static struct irc_span bytes_of(const struct chat_variants *self,
                                const char *bytes, unsigned choice)
{
    unsigned index = choice / 2;
    struct irc_span text = irc_span(bytes, self->texts[index].size);

    if (index == 1)
        text.at += self->texts[0].size;
    return choice % 2 == 1 ? text
                           : irc_span_tail(text, self->texts[index].tags_size);
}

struct irc_span chat_variants_choose(const struct chat_variants *self,
                                     const char *bytes, uint32_t caps)
{
    return bytes_of(self, bytes, choose(self, caps));
}

/* Each variant in use holds one reference to the slice that holds the message,
 * so the message goes when the last queue has let its variant go. */
static void release_variant(struct mio_slice *slice)
{
    mio_slice_unref(((struct chat_variant_slice *)slice)->message);
}

void chat_variants_share(struct chat_variants *self, struct mio_actor *actor,
                         struct mio_message *message, const char *bytes)
{
    uint32_t size = (uint32_t)self->texts[0].size + self->texts[1].size;

    self->bytes = bytes;
    for (unsigned i = 0; i < 4; i++)
        self->slices[i].message = NULL;
    mio_message_to_slice(actor, message, &self->share, bytes, size);
}

struct mio_slice *chat_variants_slice(struct chat_variants *self, uint32_t caps)
{
    unsigned choice = choose(self, caps);
    struct chat_variant_slice *variant = &self->slices[choice];

    if (variant->message == NULL) {
        struct irc_span text = bytes_of(self, self->bytes, choice);
        if (text.size == 0)
            return NULL;
        mio_slice_init(&variant->slice, text.at, (uint32_t)text.size,
                       release_variant);
        variant->message = mio_slice_ref(&self->share.slice);
    }
    return &variant->slice;
}

void chat_variants_unref(struct chat_variants *self)
{
    /* The message may be gone after the last of these. */
    struct mio_slice *message = &self->share.slice;

    for (unsigned i = 0; i < 4; i++)
        if (self->slices[i].message != NULL)
            mio_slice_unref(&self->slices[i].slice);
    mio_slice_unref(message);
}
