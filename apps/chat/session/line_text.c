/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/line_text.c - IRC for people. */
#include "apps/chat/session/line_text.h"

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/message.h"
#include "apps/chat/irc/numeric.h"
#include "apps/chat/irc/utf8.h"

#define CTCP '\001'

/* --- what is typed ---------------------------------------------------------*/

static struct irc_span trimmed(struct irc_span text)
{
    while (text.size > 0 && text.at[0] == ' ')
        text = irc_span_tail(text, 1);
    while (text.size > 0 && text.at[text.size - 1] == ' ')
        text.size--;
    return text;
}

static void put_command(struct irc_writer *out, const char *command,
                        struct irc_span word, struct irc_span text)
{
    irc_put_text(out, command);
    irc_put_char(out, ' ');
    if (word.size > 0) {
        irc_put_word(out, word);
        irc_put_char(out, ' ');
    }
    irc_put_char(out, ':');
    irc_put(out, text);
}

static void put_action(struct irc_writer *out, struct irc_span room,
                       struct irc_span text)
{
    irc_put_text(out, "PRIVMSG ");
    irc_put(out, room);
    irc_put_text(out, " :\001ACTION ");
    /* The end mark is not what is cut. */
    irc_put(out, irc_utf8_head(text, irc_writer_room(out) - 1));
    irc_put_char(out, CTCP);
}

static void put_message(struct irc_writer *out, struct irc_span rest)
{
    struct irc_span nick = irc_span("", 0);

    (void)irc_span_next(&rest, ' ', &nick);
    put_command(out, "PRIVMSG", nick, rest);
}

static void put_typed_command(struct irc_writer *out, struct irc_span typed,
                              struct irc_span room)
{
    struct irc_span none = irc_span("", 0);
    struct irc_span rest = typed;
    struct irc_span word = none;

    (void)irc_span_next(&rest, ' ', &word);
    rest = trimmed(rest);
    if (irc_span_is(word, "/nick"))
        put_command(out, "NICK", none, rest);
    else if (irc_span_is(word, "/who"))
        put_command(out, "NAMES", none, room);
    else if (irc_span_is(word, "/me"))
        put_action(out, room, rest);
    else if (irc_span_is(word, "/msg"))
        put_message(out, rest);
    else if (irc_span_is(word, "/topic") && rest.size == 0)
        put_command(out, "TOPIC", none, room);
    else if (irc_span_is(word, "/topic"))
        put_command(out, "TOPIC", room, rest);
    else if (irc_span_is(word, "/join"))
        put_command(out, "JOIN", none, room);
    else if (irc_span_is(word, "/quit"))
        put_command(out, "QUIT", none, rest);
    else if (irc_span_is(word, "/help"))
        put_command(out, "HELP", none, IRC_SPAN("LINE"));
    else
        irc_put(out, word); /* with its '/': no command of IRC either */
}

bool chat_line_typed(struct irc_writer *out, struct irc_span typed,
                     struct irc_span room)
{
    if (trimmed(typed).size == 0)
        return false;
    if (typed.at[0] == '/' && (typed.size == 1 || typed.at[1] != '/'))
        put_typed_command(out, typed, room);
    else
        put_command(out, "PRIVMSG", room,
                    irc_span_tail(typed, typed.at[0] == '/'));
    return true;
}

/* --- what is shown ---------------------------------------------------------*/

struct shown {
    struct irc_writer *out;
    struct irc_message message;
    struct irc_span who; /* the nick, or the server, that it came from */
    struct irc_span nick, room;
};

static bool is_control(struct irc_span character)
{
    unsigned char first = (unsigned char)character.at[0];

    if (character.size == 2 && first == 0xC2) /* U+0080 to U+009F */
        return (unsigned char)character.at[1] < 0xA0;
    return first < 0x20 || first == 0x7F;
}

/* Colours are "\3", one or two digits, perhaps a comma and as many again. */
static size_t colour_size(struct irc_span text)
{
    size_t size = 1;

    for (int part = 0; part < 2; part++) {
        size_t digits = 0;
        size_t from = size + (part == 1);
        if (part == 1 && (size >= text.size || text.at[size] != ','))
            break;
        while (digits < 2 && from + digits < text.size &&
               text.at[from + digits] >= '0' && text.at[from + digits] <= '9')
            digits++;
        if (digits == 0)
            break;
        size = from + digits;
    }
    return size;
}

/* Text of others: what could command a terminal is left out. */
static void put_clean(struct irc_writer *out, struct irc_span text)
{
    while (text.size > 0) {
        struct irc_span character = irc_span_head(text, irc_utf8_step(text));
        size_t step = character.size;
        if (text.at[0] == '\t')
            irc_put_char(out, ' ');
        else if (text.at[0] == '\003')
            step = colour_size(text);
        else if (!is_control(character))
            irc_put(out, character);
        text = irc_span_tail(text, step);
    }
}

static struct irc_span param(const struct shown *self, uint32_t index)
{
    return irc_message_param(&self->message, index);
}

static struct irc_span last_param(const struct shown *self)
{
    uint32_t count = self->message.params_count;

    return count > 0 ? param(self, count - 1) : irc_span("", 0);
}

static bool is_own(const struct shown *self, struct irc_span nick)
{
    return irc_fold_equal(self->nick, nick);
}

static void put_who_does(const struct shown *self, const char *text)
{
    irc_put_text(self->out, "* ");
    put_clean(self->out, self->who);
    irc_put_text(self->out, text);
}

static void put_text_after(const struct shown *self, const char *head,
                           struct irc_span text)
{
    irc_put_text(self->out, head);
    put_clean(self->out, text);
}

static void put_reason(const struct shown *self, struct irc_span reason)
{
    if (reason.size == 0)
        return;
    put_text_after(self, " (", reason);
    irc_put_char(self->out, ')');
}

static bool is_in_room(const struct shown *self, struct irc_span target)
{
    while (target.size > 0 && (target.at[0] == '@' || target.at[0] == '+'))
        target = irc_span_tail(target, 1);
    return irc_fold_equal(target, self->room);
}

static bool show_privmsg(const struct shown *self)
{
    struct irc_span text = param(self, 1);
    struct irc_span action = IRC_SPAN("\001ACTION ");
    bool is_private = !is_in_room(self, param(self, 0));
    bool is_action = irc_span_equal(irc_span_head(text, action.size), action);

    if (text.size > 0 && text.at[0] == CTCP && !is_action)
        return false; /* a question to programs */
    if (is_private)
        irc_put_text(self->out, "(to you) ");
    if (is_action) {
        put_who_does(self, " ");
        put_clean(self->out, irc_span_tail(text, action.size));
        return true;
    }
    put_text_after(self, "<", self->who);
    put_text_after(self, "> ", text);
    return true;
}

static bool show_notice(const struct shown *self)
{
    struct irc_span text = param(self, 1);

    if (text.size > 0 && text.at[0] == CTCP)
        return false;
    put_text_after(self, "-", self->who);
    put_text_after(self, "- ", text);
    return true;
}

static bool show_join(const struct shown *self)
{
    if (!is_own(self, self->who)) {
        put_who_does(self, " has joined");
        return true;
    }
    put_text_after(self, "* You are in ", param(self, 0));
    irc_put_text(self->out, ". What you type is said there; /help tells more.");
    return true;
}

static bool show_part(const struct shown *self)
{
    put_who_does(self, " has left");
    put_reason(self, param(self, 1));
    return true;
}

static bool show_quit(const struct shown *self)
{
    put_who_does(self, " has quit");
    put_reason(self, param(self, 0));
    return true;
}

/* His own: the session has the new nick already. */
static bool show_nick(const struct shown *self)
{
    if (is_own(self, param(self, 0)))
        irc_put_text(self->out, "* You are now known as ");
    else
        put_who_does(self, " is now known as ");
    put_clean(self->out, param(self, 0));
    return true;
}

static bool show_topic(const struct shown *self)
{
    struct irc_span topic = param(self, 1);

    put_who_does(self, topic.size > 0 ? " changed the topic to: "
                                      : " took the topic away");
    put_clean(self->out, topic);
    return true;
}

static bool show_kick(const struct shown *self)
{
    if (is_own(self, param(self, 1))) {
        put_text_after(self, "* You were kicked by ", self->who);
        put_reason(self, param(self, 2));
        irc_put_text(self->out, "; /join brings you back");
        return true;
    }
    put_who_does(self, " kicked ");
    put_clean(self->out, param(self, 1));
    put_reason(self, param(self, 2));
    return true;
}

static void put_params(const struct shown *self, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (i > from)
            irc_put_char(self->out, ' ');
        put_clean(self->out, param(self, i));
    }
}

static bool show_mode(const struct shown *self)
{
    put_who_does(self, " sets mode ");
    put_params(self, 1, self->message.params_count);
    return true;
}

static bool show_invite(const struct shown *self)
{
    put_who_does(self, " invites you to ");
    put_clean(self->out, param(self, 1));
    return true;
}

static bool show_wallops(const struct shown *self)
{
    put_text_after(self, "! ", self->who);
    put_text_after(self, ": ", param(self, 0));
    return true;
}

static bool show_last(const struct shown *self)
{
    put_text_after(self, "* ", last_param(self));
    return true;
}

/* "<client> <words...> :text" as "* words: text" */
static bool show_error(const struct shown *self)
{
    uint32_t last = self->message.params_count - 1;

    irc_put_text(self->out, "* ");
    if (last > 1) {
        put_params(self, 1, last);
        irc_put_text(self->out, ": ");
    }
    put_clean(self->out, param(self, last));
    return true;
}

static bool show_numeric(const struct shown *self, unsigned number)
{
    switch (number) {
    case IRC_RPL_WELCOME:
        put_text_after(self, "* Hello, ", param(self, 0));
        return true;
    case IRC_RPL_AWAY:
        put_text_after(self, "* ", param(self, 1));
        put_text_after(self, " is away: ", param(self, 2));
        return true;
    case IRC_RPL_NOTOPIC:
    case IRC_RPL_TOPIC:
        put_text_after(self, "* Topic: ", last_param(self));
        return true;
    case IRC_RPL_NAMREPLY:
        put_text_after(self, "* Here: ", last_param(self));
        return true;
    case IRC_RPL_MOTD:
    case IRC_RPL_HELPTXT:
        return show_last(self);
    case IRC_ERR_NOMOTD:
        return false;
    case IRC_ERR_UNKNOWNCOMMAND:
        put_text_after(self, "* There is no ", param(self, 1));
        irc_put_text(self->out, "; /help tells what there is");
        return true;
    case IRC_ERR_NICKNAMEINUSE:
        put_text_after(self, "* Somebody is called ", param(self, 1));
        irc_put_text(self->out, " already: try another name");
        return true;
    case IRC_ERR_ERRONEUSNICKNAME:
        put_text_after(self, "* No name can be ", param(self, 1));
        irc_put_text(self->out,
                     ": letters, digits, - and _, no digit in front");
        return true;
    default:
        return number >= 400 && number < 600 &&
               self->message.params_count > 1 && show_error(self);
    }
}

static const struct {
    const char *command;
    bool (*show)(const struct shown *self);
} commands[] = {
    {"PRIVMSG", show_privmsg}, {"NOTICE", show_notice},   {"JOIN", show_join},
    {"PART", show_part},       {"QUIT", show_quit},       {"NICK", show_nick},
    {"TOPIC", show_topic},     {"KICK", show_kick},       {"MODE", show_mode},
    {"INVITE", show_invite},   {"WALLOPS", show_wallops}, {"ERROR", show_last},
    {"FAIL", show_last},
};

bool chat_line_shown(struct irc_writer *out, struct irc_span line,
                     struct irc_span nick, struct irc_span room)
{
    struct shown self = {.out = out, .nick = nick, .room = room};
    uint64_t number;

    if (!irc_message_parse(&self.message, line))
        return false;
    self.who = irc_span_head(self.message.source,
                             irc_span_find(self.message.source, '!'));
    if (irc_span_to_number(self.message.command, 999, &number))
        return show_numeric(&self, (unsigned)number);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (irc_span_is(self.message.command, commands[i].command))
            return commands[i].show(&self);
    return false;
}
