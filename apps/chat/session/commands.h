/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands.h - what each command of a client does.
 *
 * A handler is called with everything before it acknowledged, unless its
 * command may overlap; see chat_command. It may be called several times for
 * one line: self->step counts what it has done of it. */
#ifndef MIO_APPS_CHAT_SESSION_COMMANDS_H
#define MIO_APPS_CHAT_SESSION_COMMANDS_H

#include "apps/chat/session/session.h"

/** Do it, or say that it has to wait. */
enum chat_step chat_command(struct chat_session *self, enum irc_command command,
                            const struct irc_message *message);

/** Item `index` of a list with commas; false when there are fewer. */
bool chat_list_item(struct irc_span list, uint32_t index,
                    struct irc_span *item);

/** Said often: 461 for this command, and done. */
enum chat_step chat_needs_more(struct chat_session *self,
                               enum irc_command command);

/** Tell 005, LUSERS; begin the MOTD and go on with it as the queue allows. */
void chat_isupport(struct chat_session *self);
void chat_lusers(struct chat_session *self);
void chat_motd_begin(struct chat_session *self);
void chat_motd_go_on(struct chat_session *self);

typedef enum chat_step chat_handler(struct chat_session *self,
                                    const struct irc_message *message);

/* commands_talk.c; these may overlap */
chat_handler chat_do_privmsg, chat_do_notice, chat_do_tagmsg;

/* commands_channel.c; PART, TOPIC, MODE, KICK may overlap */
chat_handler chat_do_join, chat_do_part, chat_do_topic, chat_do_mode,
    chat_do_kick, chat_do_names, chat_do_list, chat_do_invite;

/* commands_user.c */
chat_handler chat_do_who, chat_do_whois, chat_do_whowas, chat_do_ison,
    chat_do_userhost, chat_do_away, chat_do_setname, chat_do_oper, chat_do_kill,
    chat_do_wallops;

/** MODE of a nick. */
enum chat_step chat_user_mode(struct chat_session *self,
                              const struct irc_message *message);

/* commands_monitor.c */
chat_handler chat_do_monitor;

/** He is gone: he watches nobody any more. */
void chat_monitor_leave(struct chat_session *self);

/* commands_server.c */
chat_handler chat_do_ping, chat_do_quit, chat_do_motd, chat_do_lusers,
    chat_do_version, chat_do_time, chat_do_info, chat_do_admin, chat_do_links,
    chat_do_help, chat_do_stats, chat_do_nothing;

#endif /* MIO_APPS_CHAT_SESSION_COMMANDS_H */
