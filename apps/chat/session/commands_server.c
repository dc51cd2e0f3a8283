/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands_server.c - what the session answers by itself:
 * PING, QUIT, MOTD, LUSERS, VERSION, TIME, INFO, ADMIN, LINKS, HELP, STATS. */
#include "apps/chat/session/commands.h"

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/date.h"
#include "apps/chat/irc/isupport.h"
#include "core/clock.h"

/* Everything said before is acknowledged, which is what a PONG promises. */
enum chat_step chat_do_ping(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span token = irc_message_param(message, 0);
    struct chat_line line;

    if (message->params_count == 0) {
        chat_numeric(self, IRC_ERR_NOORIGIN, IRC_NO_ARGS);
        return CHAT_STEP_DONE;
    }
    chat_line_open(&line);
    irc_put_char(&line.out, ':');
    irc_put(&line.out, self->server->name);
    irc_put_text(&line.out, " PONG ");
    irc_put(&line.out, self->server->name);
    irc_put_text(&line.out, " :");
    irc_put(&line.out, token);
    chat_line_send(&line, self);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_nothing(struct chat_session *self,
                               const struct irc_message *message)
{
    (void)self;
    (void)message;
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_quit(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span text = irc_message_param(message, 0);
    char buffer[IRC_LINE_MAX];
    struct irc_writer out;

    irc_writer_init(&out, buffer, sizeof(buffer));
    irc_put_text(&out, text.size > 0 ? "Quit: " : "Client Quit");
    irc_put(&out, text);
    chat_session_end(self, irc_span(buffer, out.size), 0);
    return CHAT_STEP_DONE;
}

/* --- MOTD ------------------------------------------------------------------*/

static void motd_end(struct chat_session *self)
{
    self->motd_next = 0;
    chat_numeric(self, IRC_RPL_ENDOFMOTD, IRC_NO_ARGS);
}

void chat_motd_go_on(struct chat_session *self)
{
    const struct chat_motd *motd = &self->front->motd;

    while (self->motd_next != 0 && !self->is_closing &&
           !mio_connection_is_congested(self->connection)) {
        if (self->motd_next > motd->lines_count) {
            motd_end(self);
            return;
        }
        chat_numeric(self, IRC_RPL_MOTD,
                     IRC_ARGS(motd->lines[self->motd_next - 1]));
        self->motd_next++;
    }
}

void chat_motd_begin(struct chat_session *self)
{
    if (self->front->motd.lines_count == 0) {
        chat_numeric(self, IRC_ERR_NOMOTD, IRC_NO_ARGS);
        return;
    }
    chat_numeric(self, IRC_RPL_MOTDSTART, IRC_ARGS(self->server->name));
    self->motd_next = 1;
    chat_motd_go_on(self);
}

/* --- LUSERS and 005 --------------------------------------------------------*/

void chat_lusers(struct chat_session *self)
{
    struct chat_counts sum;
    uint64_t peak = __atomic_load_n(self->front->users_peak, __ATOMIC_RELAXED);

    chat_counts_sum(self->server, &sum);
    uint64_t unknown =
        sum.connections > sum.users ? sum.connections - sum.users : 0;
    uint64_t visible =
        sum.users > sum.invisible ? sum.users - sum.invisible : 0;
    chat_numeric(self, IRC_RPL_LUSERCLIENT,
                 IRC_ARGS(IRC_NUMBER(visible), IRC_NUMBER(sum.invisible),
                          IRC_NUMBER(1)));
    chat_numeric(self, IRC_RPL_LUSEROP, IRC_ARGS(IRC_NUMBER(sum.operators)));
    chat_numeric(self, IRC_RPL_LUSERUNKNOWN, IRC_ARGS(IRC_NUMBER(unknown)));
    chat_numeric(self, IRC_RPL_LUSERCHANNELS,
                 IRC_ARGS(IRC_NUMBER(sum.channels)));
    chat_numeric(self, IRC_RPL_LUSERME,
                 IRC_ARGS(IRC_NUMBER(sum.users), IRC_NUMBER(0)));
    chat_numeric(self, IRC_RPL_LOCALUSERS,
                 IRC_ARGS(IRC_NUMBER(sum.users), IRC_NUMBER(peak),
                          IRC_NUMBER(sum.users), IRC_NUMBER(peak)));
    chat_numeric(self, IRC_RPL_GLOBALUSERS,
                 IRC_ARGS(IRC_NUMBER(sum.users), IRC_NUMBER(peak),
                          IRC_NUMBER(sum.users), IRC_NUMBER(peak)));
}

void chat_isupport(struct chat_session *self)
{
    const struct chat_limits *limits = &self->front->limits;
    struct irc_isupport values = {.network = self->server->network,
                                  .nick_max = limits->nick_max,
                                  .topic_max = limits->topic_max,
                                  .channels_max = self->server->channels_max,
                                  .bans_max = self->server->bans_max,
                                  .monitor_max = limits->monitor_max};
    unsigned cursor = 0;
    struct chat_line line;

    for (;;) {
        chat_line_open(&line);
        if (!irc_isupport_put(&line.out, self->server->name,
                              chat_user_nick(&self->client.user), &values,
                              &cursor))
            return;
        chat_line_send(&line, self);
    }
}

/* --- about the server ------------------------------------------------------*/

/* A server that was named must be this one. */
static bool is_for_us(struct chat_session *self, struct irc_span server)
{
    if (server.size == 0 || irc_span_is(server, "*") ||
        irc_fold_equal(server, self->server->name) ||
        irc_fold_equal(server, chat_user_nick(&self->client.user)))
        return true;
    chat_numeric(self, IRC_ERR_NOSUCHSERVER, IRC_ARGS(server));
    return false;
}

enum chat_step chat_do_motd(struct chat_session *self,
                            const struct irc_message *message)
{
    if (is_for_us(self, irc_message_param(message, 0)))
        chat_motd_begin(self);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_lusers(struct chat_session *self,
                              const struct irc_message *message)
{
    (void)message;
    chat_lusers(self);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_version(struct chat_session *self,
                               const struct irc_message *message)
{
    if (!is_for_us(self, irc_message_param(message, 0)))
        return CHAT_STEP_DONE;
    chat_numeric(self, IRC_RPL_VERSION,
                 IRC_ARGS(IRC_SPAN(CHAT_VERSION), self->server->name,
                          IRC_SPAN("one reactor per core")));
    chat_isupport(self);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_time(struct chat_session *self,
                            const struct irc_message *message)
{
    char date[IRC_DATE_TEXT_SIZE];

    if (is_for_us(self, irc_message_param(message, 0)))
        chat_numeric(self, IRC_RPL_TIME,
                     IRC_ARGS(self->server->name,
                              irc_date_text(date, mio_clock_realtime_ns())));
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_info(struct chat_session *self,
                            const struct irc_message *message)
{
    char date[IRC_DATE_TEXT_SIZE];

    if (!is_for_us(self, irc_message_param(message, 0)))
        return CHAT_STEP_DONE;
    chat_numeric(self, IRC_RPL_INFO, IRC_ARGS(IRC_SPAN(CHAT_VERSION)));
    chat_numeric(
        self, IRC_RPL_INFO,
        IRC_ARGS(IRC_SPAN("An IRC server made of actors, on one reactor per "
                          "core: the sample of Miocene")));
    chat_numeric(self, IRC_RPL_INFO, IRC_ARGS(IRC_SPAN("Running since:")));
    chat_numeric(self, IRC_RPL_INFO,
                 IRC_ARGS(irc_date_text(date, self->server->started_ns)));
    chat_numeric(self, IRC_RPL_ENDOFINFO, IRC_NO_ARGS);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_admin(struct chat_session *self,
                             const struct irc_message *message)
{
    if (is_for_us(self, irc_message_param(message, 0)))
        chat_numeric(self, IRC_ERR_NOADMININFO, IRC_ARGS(self->server->name));
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_links(struct chat_session *self,
                             const struct irc_message *message)
{
    (void)message;
    chat_numeric(self, IRC_RPL_LINKS,
                 IRC_ARGS(self->server->name, self->server->name, IRC_SPAN("0"),
                          self->server->network));
    chat_numeric(self, IRC_RPL_ENDOFLINKS, IRC_ARGS(IRC_SPAN("*")));
    return CHAT_STEP_DONE;
}

/* --- HELP ------------------------------------------------------------------*/

struct topic {
    const char *name;
    const char *lines[6];
};

static const struct topic topics[] = {
    {"INDEX",
     {"Say HELP and one of these: JOIN, TALK, NICK, MODE, LINE, "
      "COMMANDS"}},
    {"JOIN",
     {"JOIN #room [key]   enter a channel, or make it",
      "PART #room [why]   leave it", "NAMES #room        who is there",
      "LIST               which channels there are"}},
    {"TALK",
     {"PRIVMSG #room :text   say it to all in a channel",
      "PRIVMSG nick :text    say it to one",
      "AWAY :text            tell who writes to you that you are gone",
      "TOPIC #room :text     what the channel is about"}},
    {"NICK", {"NICK name      call yourself that", "WHOIS name     who is it"}},
    {"LINE",
     {"What is typed on the line port is said in its room, but for:",
      "/who            who is there     /me waves       what you do",
      "/nick name      another name     /msg name text  to one only",
      "/topic [text]   what it is about /join           come back",
      "/quit [text]    leave            //text          say \"/text\""}},
    {"MODE",
     {"MODE #room            what is set",
      "MODE #room +o nick    make an operator; +v lets speak, +b bans a mask",
      "MODE #room +imnst     invite only, moderated, no outsiders, secret, "
      "topic locked",
      "MODE #room +k key, +l number   a key, a limit"}},
};

#define TOPICS_COUNT (sizeof(topics) / sizeof(topics[0]))

static void help_end(struct chat_session *self, struct irc_span subject)
{
    chat_numeric(self, IRC_RPL_ENDOFHELP,
                 IRC_ARGS(subject, IRC_SPAN("End of help")));
}

static void help_commands(struct chat_session *self, struct irc_span subject)
{
    chat_numeric(self, IRC_RPL_HELPSTART,
                 IRC_ARGS(subject, IRC_SPAN("Commands")));
    for (unsigned i = 0; i < IRC_COMMANDS_COUNT; i++)
        chat_numeric(self, IRC_RPL_HELPTXT,
                     IRC_ARGS(subject, irc_span_of(irc_command_name(
                                           (enum irc_command)i))));
    help_end(self, subject);
}

enum chat_step chat_do_help(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span subject = irc_message_param(message, 0);

    if (subject.size == 0)
        subject = IRC_SPAN("INDEX");
    if (irc_span_is(subject, "COMMANDS")) {
        help_commands(self, subject);
        return CHAT_STEP_DONE;
    }
    for (size_t i = 0; i < TOPICS_COUNT; i++) {
        if (!irc_span_is(subject, topics[i].name))
            continue;
        chat_numeric(self, IRC_RPL_HELPSTART,
                     IRC_ARGS(subject, irc_span_of(topics[i].name)));
        for (size_t k = 0; k < 6 && topics[i].lines[k] != NULL; k++)
            chat_numeric(self, IRC_RPL_HELPTXT,
                         IRC_ARGS(subject, irc_span_of(topics[i].lines[k])));
        help_end(self, subject);
        return CHAT_STEP_DONE;
    }
    chat_numeric(self, IRC_ERR_HELPNOTFOUND, IRC_ARGS(subject));
    return CHAT_STEP_DONE;
}

/* --- STATS -----------------------------------------------------------------*/

static void stats_uptime(struct chat_session *self)
{
    int64_t ns = mio_clock_realtime_ns() - self->server->started_ns;
    uint64_t seconds = ns > 0 ? (uint64_t)(ns / MIO_NS_PER_S) : 0;

    chat_numeric(self, IRC_RPL_STATSUPTIME, IRC_ARGS(IRC_NUMBER(seconds)));
}

static void stats_count(struct chat_session *self, const char *name,
                        const char *text, uint64_t value)
{
    struct chat_line line;

    chat_line_open(&line);
    irc_numeric_begin(&line.out, self->server->name,
                      chat_user_nick(&self->client.user), IRC_RPL_STATSDEBUG);
    irc_put_text(&line.out, "z :");
    irc_put_text(&line.out, name);
    irc_put_char(&line.out, ' ');
    irc_put_number(&line.out, value);
    irc_put_text(&line.out, ", ");
    irc_put_text(&line.out, text);
    chat_line_send(&line, self);
}

static void stats_counts(struct chat_session *self)
{
    struct chat_counts sum;

    chat_counts_sum(self->server, &sum);
#define X(field, text) stats_count(self, #field, text, sum.field);
    CHAT_COUNTS_MAP(X)
#undef X
}

enum chat_step chat_do_stats(struct chat_session *self,
                             const struct irc_message *message)
{
    struct irc_span letter = irc_span_head(irc_message_param(message, 0), 1);

    if (irc_span_equal(letter, IRC_SPAN("u")))
        stats_uptime(self);
    else if (irc_span_equal(letter, IRC_SPAN("z")))
        stats_counts(self);
    chat_numeric(self, IRC_RPL_ENDOFSTATS, IRC_ARGS(letter));
    return CHAT_STEP_DONE;
}
