/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/hub_fan_out.c - one message in, many lines out.
 *
 * The message is kept and becomes the slices that the clients' queues refer to:
 * nothing is copied and nothing allocated for a delivery. */
#include <string.h>

#include "apps/chat/hub/hub_private.h"
#include "apps/chat/protocol/post.h"

/* --- posts --------------------------------------------------------------- */

/* The joiner is here and wants to be: he may have left in the meantime, and
 * then his QUIT is on its way to the channel. */
static struct chat_membership *joiner_of(struct chat_hub *self,
                                         const struct chat_post *post,
                                         const struct chat_effect *effect)
{
    struct chat_client *client = chat_hub_client(self, effect->member);

    return client == NULL
               ? NULL
               : chat_client_membership(client, chat_post_name(post));
}

static struct chat_view *view_for(struct chat_hub *self, uint64_t channel)
{
    struct chat_view *view = chat_hub_view(self, channel);

    if (view != NULL)
        return view;
    view = chat_view_new(channel);
    if (view != NULL &&
        chat_table_insert(&self->views, chat_table_hash(channel), view) < 0) {
        chat_view_free(view);
        view = NULL;
    }
    return view;
}

static void add(struct chat_hub *self, const struct chat_post *post,
                const struct chat_effect *effect)
{
    struct chat_membership *joiner = joiner_of(self, post, effect);

    if (joiner == NULL || joiner->view != NULL)
        return;
    struct chat_view *view = view_for(self, post->channel);
    if (view == NULL || chat_view_add(view, joiner, effect->status) < 0)
        chat_count(&self->counts->lost, 1);
}

/* The membership in this very channel, not in another of the same name. */
static struct chat_membership *member_of(struct chat_hub *self,
                                         const struct chat_post *post,
                                         const struct chat_effect *effect)
{
    struct chat_client *client = chat_hub_client(self, effect->member);
    struct chat_membership *each = client == NULL ? NULL : client->memberships;

    while (each != NULL &&
           (each->view == NULL || each->view->channel != post->channel))
        each = each->next;
    return each;
}

static void remove_member(struct chat_hub *self, const struct chat_post *post,
                          const struct chat_effect *effect)
{
    struct chat_membership *member = member_of(self, post, effect);

    if (member == NULL)
        return;
    chat_hub_detach(self, member);
    if (member->joining == 0)
        chat_membership_free(member);
}

static void set_status(struct chat_hub *self, const struct chat_post *post,
                       const struct chat_effect *effect)
{
    struct chat_membership *member = member_of(self, post, effect);

    if (member != NULL)
        member->status = effect->status;
}

static void apply_before(struct chat_hub *self, const struct chat_post *post)
{
    const struct chat_effect *effects = chat_post_effects(post);

    for (unsigned i = 0; i < post->effects_count; i++) {
        if (effects[i].kind == CHAT_ADD)
            add(self, post, &effects[i]);
        else if (effects[i].kind == CHAT_STATUS)
            set_status(self, post, &effects[i]);
    }
}

static void apply_after(struct chat_hub *self, const struct chat_post *post)
{
    const struct chat_effect *effects = chat_post_effects(post);

    for (unsigned i = 0; i < post->effects_count; i++)
        if (effects[i].kind == CHAT_REMOVE)
            remove_member(self, post, &effects[i]);
}

void chat_hub_take_post(struct chat_hub *self, struct mio_message *message)
{
    struct chat_post *post = mio_message_payload(message);

    apply_before(self, post);
    struct chat_view *view = chat_hub_view(self, post->channel);
    if (view == NULL)
        return; /* they all left, and the channel will hear of it */

    view->is_secret = post->is_secret != 0;
    mio_message_keep(message);
    chat_variants_share(&post->variants, self->actor, message,
                        chat_post_bytes(post));
    chat_count(&self->counts->deliveries, chat_view_deliver(view, post));
    chat_count(&self->counts->posts_taken, 1);
    apply_after(self, post);
    chat_variants_unref(&post->variants);
}

/* --- events -------------------------------------------------------------- */

static bool deliver_event(struct chat_hub *self, struct chat_client *client,
                          struct chat_event *event)
{
    if (client->stamp == self->stamp)
        return false; /* he shares several channels */
    client->stamp = self->stamp;
    if ((client->user.caps & event->caps) != event->caps)
        return false;
    struct mio_slice *line =
        chat_variants_slice(&event->variants, client->user.caps);
    if (line == NULL)
        return false;
    client->client_class->deliver(client, line);
    return true;
}

static uint32_t deliver_to_view(struct chat_hub *self, uint64_t channel,
                                struct chat_event *event)
{
    struct chat_view *view = chat_hub_view(self, channel);
    uint32_t count = 0;

    for (uint32_t i = 0; view != NULL && i < view->count; i++)
        count += deliver_event(self, view->members[i]->client, event);
    return count;
}

void chat_hub_take_event(struct chat_hub *self, struct mio_message *message)
{
    struct chat_event *event = mio_message_payload(message);
    const uint64_t *channels = (const uint64_t *)(event + 1);
    struct chat_client *origin = chat_hub_client(self, event->user);
    uint32_t count = 0;

    self->stamp++;
    if (origin != NULL)
        origin->stamp = self->stamp; /* he gets his line as a reply */
    mio_message_keep(message);
    chat_variants_share(&event->variants, self->actor, message,
                        (const char *)(channels + event->channels_count));
    for (uint32_t i = 0; i < event->channels_count; i++)
        count += deliver_to_view(self, channels[i], event);
    chat_count(&self->counts->deliveries, count);
    chat_count(&self->counts->events, 1);
    chat_variants_unref(&event->variants);
}

/* --- wallops ------------------------------------------------------------- */

void chat_hub_take_wallops(struct chat_hub *self, struct mio_message *message)
{
    struct chat_wallops *wallops = mio_message_payload(message);
    uint32_t count = 0;

    mio_message_keep(message);
    chat_variants_share(&wallops->variants, self->actor, message,
                        (const char *)(wallops + 1));
    for (struct chat_client *each = self->first; each != NULL;
         each = each->next) {
        if (!each->is_registered || each->is_left ||
            (each->user.flags & wallops->flags) == 0)
            continue;
        struct mio_slice *line =
            chat_variants_slice(&wallops->variants, each->user.caps);
        if (line == NULL)
            continue;
        each->client_class->deliver(each, line);
        count++;
    }
    chat_count(&self->counts->deliveries, count);
    chat_variants_unref(&wallops->variants);
}

int chat_hub_wallops(struct chat_hub *self, const struct chat_user *from,
                     uint32_t flags, struct irc_span text)
{
    struct {
        struct chat_wallops head;
        char bytes[IRC_OUTPUT_LINE_MAX];
    } message;
    struct chat_variants_writer variants;
    struct chat_outbox out;
    struct irc_writer line;
    int rc = MIO_OK;

    chat_outbox_init(&out, self->actor, self->server);
    chat_variants_begin(&variants, out.unix_ns);
    chat_variants_open(&variants, &line);
    chat_user_put_source(from, &line);
    irc_put_text(&line, "WALLOPS :");
    irc_put(&line, text);
    chat_variants_close(&variants, &line);
    message.head =
        (struct chat_wallops){.flags = flags, .variants = variants.variants};
    memcpy(message.bytes, variants.bytes, variants.size);
    for (uint32_t i = 0; i < self->server->reactors_count; i++) {
        int sent =
            mio_send(self->actor, self->server->hubs[i], &chat_wallops_type,
                     &message, sizeof(message.head) + variants.size);
        if (sent < 0 && sent != MIO_ECLOSED)
            rc = sent;
    }
    return rc;
}
