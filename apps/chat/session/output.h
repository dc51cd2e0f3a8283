/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/output.h - lines on their way to one client: the tags that
 * he asked for, and the label of what they answer. */
#ifndef MIO_APPS_CHAT_SESSION_OUTPUT_H
#define MIO_APPS_CHAT_SESSION_OUTPUT_H

#include <stdbool.h>

#include "apps/chat/irc/span.h"

struct chat_session;

/** Whole lines that answer what he said last. */
void chat_output_lines(struct chat_session *self, struct irc_span lines);

/** Whole lines that he did not ask for. */
void chat_output_unasked(struct chat_session *self, struct irc_span lines);

/** A line with these tags begins, or goes on: if it has a label its answer gets
 *  it. Returns false when an earlier answer is still under way: wait. */
bool chat_output_begin_label(struct chat_session *self, struct irc_span tags);

/** That line is done with; ops of it may still be under way. */
void chat_output_finish_label(struct chat_session *self);

/** All its ops are acknowledged too: its answer is complete. */
void chat_output_end_label(struct chat_session *self);

/** Is an answer under way that has a label? */
bool chat_output_is_labelled(const struct chat_session *self);

#endif /* MIO_APPS_CHAT_SESSION_OUTPUT_H */
