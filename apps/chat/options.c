/* SPDX-License-Identifier: MIT
 *
 * apps/chat/options.c - what the command line said. */
#include "apps/chat/options.h"

#include <stdio.h>
#include <string.h>

#include "apps/chat/irc/isupport.h"
#include "apps/chat/irc/name.h"
#include "core/assert.h"
#include "net/address.h"
#include "runtime/message.h"

#define DEFAULT_LISTEN "127.0.0.1:6667"
#define DEFAULT_ROOM "#lobby"
#define HELP_COLUMN 25 /* where the texts begin */

/* --- help ------------------------------------------------------------------*/

static const char help_head[] =
    "usage: chat [OPTION ...]\n"
    "An IRC server with one reactor for each CPU.\n"
    "\n"
    "Where and who\n"
    "  --listen ADDR:PORT     where to listen; may be repeated; port 0 picks\n"
    "                         one (default " DEFAULT_LISTEN ")\n"
    "  --line ADDR:PORT       the same for people with nothing but nc: plain\n"
    "                         lines, said in one room (default: none)\n"
    "  --line-room #NAME      that room (default " DEFAULT_ROOM ")\n"
    "  --reactors N           threads (default: one for each usable CPU)\n"
    "  --name NAME            the server's name, with a dot in it\n"
    "                         (default irc.localhost)\n"
    "  --network NAME         the network's name (default Miocene)\n"
    "  --motd FILE            the message of the day\n"
    "  --password TEXT        what PASS must say\n"
    "  --oper USER:PASSWORD   who may become operator; may be repeated\n"
    "\n"
    "Limits: what one client may take\n"
    "  --max-connections N    connections to each port together\n"
    "                         (default: the descriptor limit less 64)\n";

static const char help_tail[] =
    "  --count-loopback       --max-per-address holds for this host too\n"
    "  --no-flood-control     do not slow down clients that say much\n"
    "  Lines of 512 bytes, tags of 4094 and 15 parameters are the protocol's.\n"
    "\n"
    "Other\n"
    "  --stats                print the counters of each reactor at the end\n"
    "                         and on SIGUSR1\n"
    "  --inspect PATH         let mio-top, nc and Prometheus look in, at this\n"
    "                         socket (or at 127.0.0.1:PORT)\n"
    "  --exit-with-parent     stop when the process that started it has gone\n"
    "  --help                 this\n"
    "  --version              the version\n";

static void put_limit(char *text, size_t size, const struct chat_limit *limit)
{
    char head[HELP_COLUMN + 1];
    int length = snprintf(head, sizeof(head), "  %s N", limit->option);
    bool fits = length > 0 && length < HELP_COLUMN;

    length = snprintf(
        text, size, "  %s N%s%*s%s\n%*s(default %u; %u to %u)\n", limit->option,
        fits ? "" : "\n", fits ? HELP_COLUMN - length : HELP_COLUMN, "",
        limit->text, HELP_COLUMN, "", limit->usual, limit->least, limit->most);
    MIO_ASSERT(length > 0 && (size_t)length < size);
}

const char *chat_options_help(void)
{
    static char text[8192];
    char *at = text;
    size_t room = sizeof(text) - sizeof(help_tail);

    MIO_ASSERT(sizeof(help_head) < room);
    memcpy(at, help_head, sizeof(help_head));
    for (size_t i = 0; i < chat_limits_count; i++) {
        at += strlen(at);
        put_limit(at, room - (size_t)(at - text), &chat_limits_table[i]);
    }
    memcpy(at + strlen(at), help_tail, sizeof(help_tail));
    return text;
}

/* --- one option ------------------------------------------------------------*/

struct parser {
    struct chat_options *out;
    char *reason;
    const char *option; /* that is being read */
};

static int refuse(const struct parser *self, const char *why)
{
    (void)snprintf(self->reason, CHAT_REASON_MAX, "%s: %s", self->option, why);
    return MIO_EINVAL;
}

static int add_address(struct parser *self, const char *value,
                       const char *list[CHAT_LISTENS_MAX], uint32_t *count)
{
    struct mio_address address;

    if (*count == CHAT_LISTENS_MAX)
        return refuse(self, "too many of them");
    if (mio_address_parse(&address, value) < 0 ||
        mio_address_family(&address) == MIO_FAMILY_UNIX)
        return refuse(self, "not a numeric ADDR:PORT");
    list[(*count)++] = value;
    return MIO_OK;
}

static int set_listen(struct parser *self, const char *value)
{
    return add_address(self, value, self->out->listens,
                       &self->out->listens_count);
}

static int set_line(struct parser *self, const char *value)
{
    return add_address(self, value, self->out->lines, &self->out->lines_count);
}

static int set_line_room(struct parser *self, const char *value)
{
    self->out->line_room = irc_span_of(value);
    return irc_channel_is_valid(self->out->line_room)
               ? MIO_OK
               : refuse(self, "not a channel's name, as " DEFAULT_ROOM);
}

static int set_number(struct parser *self, const char *value, uint32_t least,
                      uint32_t most, uint32_t *out)
{
    uint64_t number;

    if (!irc_span_to_number(irc_span_of(value), most, &number) ||
        number < least) {
        (void)snprintf(self->reason, CHAT_REASON_MAX,
                       "%s: not a number from %u to %u", self->option, least,
                       most);
        return MIO_EINVAL;
    }
    *out = (uint32_t)number;
    return MIO_OK;
}

static int set_limit(struct parser *self, const struct chat_limit *limit,
                     const char *value)
{
    uint32_t number;
    int error = set_number(self, value, limit->least, limit->most, &number);

    if (error == MIO_OK)
        chat_limit_set(&self->out->limits, limit, number);
    return error;
}

static int set_reactors(struct parser *self, const char *value)
{
    return set_number(self, value, 1, MIO_REACTORS_MAX,
                      &self->out->reactors_count);
}

static int set_connections(struct parser *self, const char *value)
{
    return set_number(self, value, 1, CHAT_CONNECTIONS_MAX,
                      &self->out->connections_max);
}

static int set_name(struct parser *self, const char *value)
{
    self->out->name = irc_span_of(value);
    return irc_server_is_valid(self->out->name)
               ? MIO_OK
               : refuse(self, "not a server's name, as irc.example");
}

static int set_network(struct parser *self, const char *value)
{
    self->out->network = irc_span_of(value);
    return irc_network_is_valid(self->out->network)
               ? MIO_OK
               : refuse(self, "not one short word");
}

static int set_password(struct parser *self, const char *value)
{
    self->out->password = irc_span_of(value);
    return self->out->password.size > 0 ? MIO_OK : refuse(self, "empty");
}

static int set_operator(struct parser *self, const char *value)
{
    struct irc_span text = irc_span_of(value);
    size_t colon = irc_span_find(text, ':');

    if (self->out->operators_count == CHAT_OPERATORS_MAX)
        return refuse(self, "too many of them");
    if (colon == 0 || colon + 1 >= text.size)
        return refuse(self, "not USER:PASSWORD");
    self->out->operators[self->out->operators_count++] = (struct chat_operator){
        irc_span_head(text, colon), irc_span_tail(text, colon + 1)};
    return MIO_OK;
}

static int set_inspect(struct parser *self, const char *value)
{
    self->out->inspect = value;
    return MIO_OK;
}

static int set_motd(struct parser *self, const char *value)
{
    self->out->motd = value;
    return MIO_OK;
}

/* --- which one -------------------------------------------------------------*/

typedef int setter(struct parser *self, const char *value);

static setter *find_setter(const char *option)
{
    static const struct {
        const char *name;
        setter *set;
    } setters[] = {
        {"--listen", set_listen},     {"--reactors", set_reactors},
        {"--name", set_name},         {"--max-connections", set_connections},
        {"--network", set_network},   {"--motd", set_motd},
        {"--password", set_password}, {"--oper", set_operator},
        {"--line", set_line},         {"--line-room", set_line_room},
        {"--inspect", set_inspect},
    };

    for (size_t i = 0; i < sizeof(setters) / sizeof(setters[0]); i++)
        if (strcmp(option, setters[i].name) == 0)
            return setters[i].set;
    return NULL;
}

static bool set_flag(struct parser *self, const char *option)
{
    struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--no-flood-control", &self->out->no_flood_control},
                 {"--count-loopback", &self->out->counts_loopback},
                 {"--exit-with-parent", &self->out->exit_with_parent},
                 {"--stats", &self->out->stats},
                 {"--help", &self->out->help},
                 {"--version", &self->out->version}};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strcmp(option, flags[i].name) == 0) {
            *flags[i].flag = true;
            return true;
        }
    }
    return false;
}

static int set_value(struct parser *self, const char *value)
{
    const struct chat_limit *limit = chat_limit_find(self->option);
    setter *set = find_setter(self->option);

    if (limit == NULL && set == NULL)
        return refuse(self, "unknown, see --help");
    if (value == NULL)
        return refuse(self, "needs a value");
    return limit != NULL ? set_limit(self, limit, value) : set(self, value);
}

/* What is wrong with values that are right each for itself. */
static int check(struct parser *self)
{
    const struct chat_limits *limits = &self->out->limits;

    if (limits->queue_hard >= limits->queue_soft)
        return MIO_OK;
    self->option = "--send-queue-hard";
    return refuse(self, "less than --send-queue-soft");
}

int chat_options_parse(struct chat_options *self, int argc, char **argv,
                       char reason[CHAT_REASON_MAX])
{
    struct parser parser = {.out = self, .reason = reason};

    *self = (struct chat_options){.name = IRC_SPAN("irc.localhost"),
                                  .network = IRC_SPAN("Miocene"),
                                  .line_room = IRC_SPAN(DEFAULT_ROOM)};
    chat_limits_init(&self->limits);
    for (int i = 1; i < argc; i++) {
        if (set_flag(&parser, argv[i]))
            continue;
        parser.option = argv[i];
        int error = set_value(&parser, argv[i + 1]); /* NULL behind the last */
        if (error < 0)
            return error;
        i++;
    }
    if (self->listens_count == 0)
        self->listens[self->listens_count++] = DEFAULT_LISTEN;
    return check(&parser);
}
