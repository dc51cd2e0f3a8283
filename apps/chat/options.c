/* SPDX-License-Identifier: MIT
 *
 * apps/chat/options.c - what the command line said. */
#include "apps/chat/options.h"

#include <stdio.h>
#include <string.h>

#include "apps/chat/irc/isupport.h"
#include "apps/chat/irc/name.h"
#include "net/address.h"
#include "runtime/message.h"

#define DEFAULT_LISTEN "127.0.0.1:6667"

static const char help[] =
    "usage: chat [OPTION ...]\n"
    "An IRC server with one reactor for each CPU.\n"
    "\n"
    "  --listen ADDR:PORT     where to listen; may be repeated; port 0 picks\n"
    "                         one (default " DEFAULT_LISTEN ")\n"
    "  --reactors N           threads (default: one for each usable CPU)\n"
    "  --max-connections N    default: the descriptor limit less 64\n"
    "  --name NAME            the server's name, with a dot in it\n"
    "                         (default irc.localhost)\n"
    "  --network NAME         the network's name (default Miocene)\n"
    "  --motd FILE            the message of the day\n"
    "  --password TEXT        what PASS must say\n"
    "  --oper USER:PASSWORD   who may become operator; may be repeated\n"
    "  --no-flood-control     do not slow down clients that say much\n"
    "  --stats                print the counters of each reactor at the end\n"
    "                         and on SIGUSR1\n"
    "  --exit-with-parent     stop when the process that started it has gone\n"
    "  --help                 this\n"
    "  --version              the version\n";

const char *chat_options_help(void)
{
    return help;
}

struct parser {
    struct chat_options *out;
    char *reason;
};

static int refuse(struct parser *self, const char *option, const char *why)
{
    (void)snprintf(self->reason, CHAT_REASON_MAX, "%s: %s", option, why);
    return MIO_EINVAL;
}

static int set_listen(struct parser *self, const char *value)
{
    struct mio_address address;

    if (self->out->listens_count == CHAT_LISTENS_MAX)
        return refuse(self, "--listen", "too many of them");
    if (mio_address_parse(&address, value) < 0 ||
        mio_address_family(&address) == MIO_FAMILY_UNIX)
        return refuse(self, "--listen", "not a numeric ADDR:PORT");
    self->out->listens[self->out->listens_count++] = value;
    return MIO_OK;
}

static int set_number(struct parser *self, const char *option, uint32_t max,
                      const char *value, uint32_t *out)
{
    uint64_t number;

    if (!irc_span_to_number(irc_span_of(value), max, &number) || number == 0)
        return refuse(self, option, "not a number, or out of range");
    *out = (uint32_t)number;
    return MIO_OK;
}

static int set_name(struct parser *self, const char *value)
{
    self->out->name = irc_span_of(value);
    return irc_server_is_valid(self->out->name)
               ? MIO_OK
               : refuse(self, "--name", "not a server's name, as irc.example");
}

static int set_network(struct parser *self, const char *value)
{
    self->out->network = irc_span_of(value);
    return irc_network_is_valid(self->out->network)
               ? MIO_OK
               : refuse(self, "--network", "not one short word");
}

static int set_password(struct parser *self, const char *value)
{
    self->out->password = irc_span_of(value);
    return self->out->password.size > 0 ? MIO_OK
                                        : refuse(self, "--password", "empty");
}

static int set_operator(struct parser *self, const char *value)
{
    struct irc_span text = irc_span_of(value);
    size_t colon = irc_span_find(text, ':');

    if (self->out->operators_count == CHAT_OPERATORS_MAX)
        return refuse(self, "--oper", "too many of them");
    if (colon == 0 || colon + 1 >= text.size)
        return refuse(self, "--oper", "not USER:PASSWORD");
    self->out->operators[self->out->operators_count++] = (struct chat_operator){
        irc_span_head(text, colon), irc_span_tail(text, colon + 1)};
    return MIO_OK;
}

static int set_value(struct parser *self, const char *option, const char *value)
{
    if (strcmp(option, "--listen") == 0)
        return set_listen(self, value);
    if (strcmp(option, "--reactors") == 0)
        return set_number(self, option, MIO_REACTORS_MAX, value,
                          &self->out->reactors_count);
    if (strcmp(option, "--max-connections") == 0)
        return set_number(self, option, CHAT_CONNECTIONS_MAX, value,
                          &self->out->connections_max);
    if (strcmp(option, "--name") == 0)
        return set_name(self, value);
    if (strcmp(option, "--network") == 0)
        return set_network(self, value);
    if (strcmp(option, "--password") == 0)
        return set_password(self, value);
    if (strcmp(option, "--oper") == 0)
        return set_operator(self, value);
    if (strcmp(option, "--motd") == 0) {
        self->out->motd = value;
        return MIO_OK;
    }
    return refuse(self, option, "unknown option, see --help");
}

static bool set_flag(struct parser *self, const char *option)
{
    struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--no-flood-control", &self->out->no_flood_control},
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

static bool takes_value(const char *option)
{
    static const char *const names[] = {
        "--listen", "--reactors", "--max-connections",
        "--name",   "--network",  "--password",
        "--oper",   "--motd"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(option, names[i]) == 0)
            return true;
    return false;
}

int chat_options_parse(struct chat_options *self, int argc, char **argv,
                       char reason[CHAT_REASON_MAX])
{
    struct parser parser = {self, reason};

    *self = (struct chat_options){.name = IRC_SPAN("irc.localhost"),
                                  .network = IRC_SPAN("Miocene")};
    for (int i = 1; i < argc; i++) {
        if (set_flag(&parser, argv[i]))
            continue;
        if (!takes_value(argv[i]))
            return refuse(&parser, argv[i], "unknown, see --help");
        if (i + 1 == argc)
            return refuse(&parser, argv[i], "needs a value");
        int error = set_value(&parser, argv[i], argv[i + 1]);
        if (error < 0)
            return error;
        i++;
    }
    if (self->listens_count == 0)
        self->listens[self->listens_count++] = DEFAULT_LISTEN;
    return MIO_OK;
}
