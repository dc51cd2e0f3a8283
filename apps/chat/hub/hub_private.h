/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/hub_private.h - what the files of hub share. */
#ifndef MIO_APPS_CHAT_HUB_HUB_PRIVATE_H
#define MIO_APPS_CHAT_HUB_HUB_PRIVATE_H

#include "apps/chat/hub/hub.h"
#include "apps/chat/hub/view.h"
#include "apps/chat/protocol/answer.h"
#include "apps/chat/protocol/outbox.h"
#include "apps/chat/protocol/table.h"
#include "core/slab.h"

struct chat_hub {
    const struct chat_server *server;
    struct mio_actor *actor;
    struct chat_counts *counts;
    struct chat_table clients;   /* by connection id */
    struct chat_table views;     /* by channel id */
    struct mio_slab transitions; /* changes that gather answers */
    struct chat_client *first;   /* all clients */
    uint32_t clients_count;
    uint64_t stamp; /* of the last event: who was reached already */
    bool is_stopping;
};

/** The client of that id, if he is still here and has not left. */
struct chat_client *chat_hub_client(const struct chat_hub *self,
                                    mio_actor_id id);

/** The view of that channel; NULL: no member is here. */
struct chat_view *chat_hub_view(const struct chat_hub *self, uint64_t channel);

/** A membership is in no view any more, and the view goes with its last one.
 *  Nothing if it is in none. */
void chat_hub_detach(struct chat_hub *self, struct chat_membership *membership);

/** Forget a membership that is in no view. */
void chat_membership_free(struct chat_membership *self);

/* --- what is told to many (hub_fan_out.c) -------------------------------- */

void chat_hub_take_post(struct chat_hub *self, struct mio_message *message);
void chat_hub_take_event(struct chat_hub *self, struct mio_message *message);
void chat_hub_take_wallops(struct chat_hub *self, struct mio_message *message);

/* --- what concerns one client (hub_answers.c) ---------------------------- */

void chat_hub_take_deliver(struct chat_hub *self, struct mio_message *message);
void chat_hub_take_op(struct chat_hub *self, enum chat_op_kind kind,
                      struct mio_message *message);

/* --- changes that gather answers (transition.c) -------------------------- */

/** He quits: his channels and neighbours are told, after a change that is under
 *  way. Without memory the channels lose him and nobody is told. */
void chat_transition_quit(struct chat_hub *hub, struct chat_client *client,
                          struct irc_span reason);
void chat_transition_changed(struct chat_hub *hub,
                             const struct chat_changed *changed);
void chat_transition_reply(struct chat_hub *hub,
                           const struct chat_reply *reply);
void chat_transitions_free(struct chat_hub *hub);

#endif /* MIO_APPS_CHAT_HUB_HUB_PRIVATE_H */
