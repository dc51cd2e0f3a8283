/* SPDX-License-Identifier: MIT
 *
 * bench/chat/options.c - getopt, and the checks that spare a wasted run. */
#include "bench/chat/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chat/cells.h"
#include "bench/chat/payload.h"

enum choice {
    OPT_CELL = 256, /* beyond any character */
    OPT_SERVER,
    OPT_AGAINST,
    OPT_CONNECT,
    OPT_PID,
    OPT_CHAT,
    OPT_ROUNDS,
    OPT_CONNECTIONS,
    OPT_CHANNELS,
    OPT_STALLED,
    OPT_PAYLOAD,
    OPT_RATE,
    OPT_IN_FLIGHT,
    OPT_DURATION,
    OPT_WARMUP,
    OPT_ECHO,
    OPT_RAMP_ONLY,
    OPT_WINDOW,
    OPT_STUCK,
    OPT_PATIENCE,
    OPT_SYSCALLS,
    OPT_SHOW_LOG,
    OPT_PIN,
    OPT_HELP
};

static const struct option long_options[] = {
    {"cell", required_argument, NULL, OPT_CELL},
    {"server", required_argument, NULL, OPT_SERVER},
    {"against", required_argument, NULL, OPT_AGAINST},
    {"connect", required_argument, NULL, OPT_CONNECT},
    {"pid", required_argument, NULL, OPT_PID},
    {"chat", required_argument, NULL, OPT_CHAT},
    {"rounds", required_argument, NULL, OPT_ROUNDS},
    {"connections", required_argument, NULL, OPT_CONNECTIONS},
    {"channels", required_argument, NULL, OPT_CHANNELS},
    {"stalled", required_argument, NULL, OPT_STALLED},
    {"payload", required_argument, NULL, OPT_PAYLOAD},
    {"rate", required_argument, NULL, OPT_RATE},
    {"in-flight", required_argument, NULL, OPT_IN_FLIGHT},
    {"duration", required_argument, NULL, OPT_DURATION},
    {"warmup", required_argument, NULL, OPT_WARMUP},
    {"echo", no_argument, NULL, OPT_ECHO},
    {"ramp-only", no_argument, NULL, OPT_RAMP_ONLY},
    {"window", required_argument, NULL, OPT_WINDOW},
    {"stuck", required_argument, NULL, OPT_STUCK},
    {"patience", required_argument, NULL, OPT_PATIENCE},
    {"syscalls", required_argument, NULL, OPT_SYSCALLS},
    {"show-log", no_argument, NULL, OPT_SHOW_LOG},
    {"pin", no_argument, NULL, OPT_PIN},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "load - load an IRC server over loopback, and check what it delivers\n"
    "\n"
    "servers\n"
    "  --server S         the one under test (default miocene):\n"
    "                     miocene[:REACTORS], ngircd, floor, or a command\n"
    "                     line in which {port} stands for the port\n"
    "  --against S        compare with this one too; may be repeated\n"
    "  --rounds N         run all servers N times in turns (default 1; 3 when\n"
    "                     comparing); medians and ratios of the rounds follow\n"
    "  --connect IP:PORT  a server that runs already, instead of --server\n"
    "  --pid PID          its process, for CPU, memory and system calls\n"
    "  --chat PATH        the binary behind the name miocene\n"
    "\n"
    "workload: a cell, or `--cell A,C,N3`, or `--cell all`; options change it\n"
    "  --connections N    clients (100)\n"
    "  --channels C       client i is in channel i mod C (10)\n"
    "  --payload BYTES    text of a message, 10 to 400 (64)\n"
    "  --rate M           open loop: M messages a second on a schedule;\n"
    "                     latency counts from the schedule\n"
    "  --in-flight K      closed loop: K messages under way (8)\n"
    "  --duration S       seconds that are measured (2)\n"
    "  --warmup S         seconds before them (0.5)\n"
    "  --stalled Z        so many of the clients never read\n"
    "  --echo             ask for echo-message: senders are checked too\n"
    "  --window W         connections on their way at once; 0 = all (10)\n"
    "  --ramp-only        connect and join, then watch the idle server\n"
    "\n"
    "measuring\n"
    "  --stuck S          a ramp without progress for S seconds failed (40)\n"
    "  --patience S       what is owed and does not come although nothing "
    "else\n"
    "                     came for S seconds is lost (3)\n"
    "  --syscalls S       length of the pass that counts system calls (1;\n"
    "                     0 = no such pass)\n"
    "  --pin              the load on the last CPU, servers on the others\n"
    "  --show-log         print what the server printed (its --stats)\n"
    "\n"
    "cells\n";

__attribute__((noreturn, format(printf, 1, 2))) static void
refuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, " (see --help)\n");
    va_end(args);
    exit(2);
}

__attribute__((noreturn)) static void help(void)
{
    uint32_t count;
    const struct cell *cells = cells_all(&count);
    fputs(usage, stdout);
    for (uint32_t i = 0; i < count; i++) {
        const struct workload *w = &cells[i].workload;
        printf("  %-3s %5u connections, %3u channels: %s\n", cells[i].name,
               w->layout.clients, w->layout.channels, cells[i].purpose);
    }
    exit(0);
}

static double number(const char *text, double min, double max)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' ||
        !(value >= min && value <= max))
        refuse("\"%s\" is not a number from %g to %g", text, min, max);
    return value;
}

static uint32_t count(const char *text, double min, double max)
{
    double value = number(text, min, max);
    uint32_t whole = (uint32_t)value;
    if ((double)whole != value)
        refuse("\"%s\" is not a whole number", text);
    return whole;
}

static void add_server(struct options *self, const char *server, bool first)
{
    if (self->servers_count == OPTIONS_SERVERS_MAX)
        refuse("more than %d servers", OPTIONS_SERVERS_MAX);
    if (first) {
        self->servers[0] = server;
        return;
    }
    self->servers[self->servers_count++] = server;
}

static void add_cell(struct options *self, const char *name)
{
    const struct cell *cell = cells_find(name);
    if (cell == NULL)
        refuse("there is no cell \"%s\"", name);
    if (self->cells_count == OPTIONS_CELLS_MAX)
        refuse("more than %d cells", OPTIONS_CELLS_MAX);
    self->cells[self->cells_count++] = cell->name;
}

static void add_cells(struct options *self, const char *list)
{
    uint32_t cells_count;
    const struct cell *cells = cells_all(&cells_count);
    if (strcmp(list, "all") == 0) {
        for (uint32_t i = 0; i < cells_count; i++)
            add_cell(self, cells[i].name);
        return;
    }
    char *copy = strdup(list);
    for (char *name = strtok(copy, ","); name; name = strtok(NULL, ","))
        add_cell(self, name);
    free(copy);
}

static bool apply_workload(struct workload *w, int option, const char *text)
{
    switch (option) {
    case OPT_CONNECTIONS:
        w->layout.clients = count(text, 2, 1e6);
        return true;
    case OPT_CHANNELS:
        w->layout.channels = count(text, 1, 1e6);
        return true;
    case OPT_STALLED:
        w->layout.stalled = count(text, 0, 1e6);
        return true;
    case OPT_PAYLOAD:
        w->payload_size = count(text, PAYLOAD_SIZE_MIN, PAYLOAD_SIZE_MAX);
        return true;
    case OPT_RATE:
        w->rate = number(text, 0.1, 1e7);
        return true;
    case OPT_IN_FLIGHT:
        w->in_flight = count(text, 1, 1e6);
        w->rate = 0;
        return true;
    case OPT_DURATION:
        w->duration_s = number(text, 0.01, 1e6);
        return true;
    case OPT_WARMUP:
        w->warmup_s = number(text, 0, 1e6);
        return true;
    case OPT_WINDOW:
        w->window = count(text, 0, 1e6);
        return true;
    case OPT_ECHO:
        return w->echo = true;
    case OPT_RAMP_ONLY:
        return w->ramp_only = true;
    default:
        return false;
    }
}

static void apply(struct options *self, int option, const char *text)
{
    switch (option) {
    case OPT_CELL:
        add_cells(self, text);
        break;
    case OPT_SERVER:
        add_server(self, text, true);
        break;
    case OPT_AGAINST:
        add_server(self, text, false);
        break;
    case OPT_CONNECT:
        self->address = text;
        break;
    case OPT_PID:
        self->pid = (pid_t)count(text, 1, 1 << 30);
        break;
    case OPT_CHAT:
        self->chat = text;
        break;
    case OPT_ROUNDS:
        self->rounds = count(text, 1, 1000);
        break;
    case OPT_STUCK:
        self->stuck_s = number(text, 0.1, 1e6);
        break;
    case OPT_PATIENCE:
        self->patience_s = number(text, 0.01, 1e6);
        break;
    case OPT_SYSCALLS:
        self->syscalls_s = number(text, 0, 1e6);
        break;
    case OPT_SHOW_LOG:
        self->show_log = true;
        break;
    case OPT_PIN:
        self->pin = true;
        break;
    case OPT_HELP:
        help();
    default:
        refuse("unknown option");
    }
}

static void check(const struct options *self)
{
    const struct workload *w = &self->workload;
    if (w->layout.stalled >= w->layout.clients)
        refuse("all clients are stalled");
    if (layout_members(&w->layout, w->layout.channels - 1) < 2)
        refuse("a channel with fewer than two reading members");
    if (self->address != NULL && self->servers_count > 1)
        refuse("--connect measures one server: no --against");
}

void options_parse(struct options *self, int argc, char **argv,
                   const char *cell)
{
    *self = (struct options){
        .workload = cell ? cells_find(cell)->workload : cells_default,
        .cell = cell ? cell : "(none)",
        .servers = {"miocene"},
        .servers_count = 1,
        .stuck_s = 40,
        .patience_s = 3,
        .syscalls_s = 1,
    };
    int option;
    optind = 0; /* from the start: this runs once per cell */
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if (!apply_workload(&self->workload, option, optarg))
            apply(self, option, optarg);
    if (optind < argc)
        refuse("what is \"%s\"?", argv[optind]);
    if (self->rounds == 0)
        self->rounds = self->servers_count > 1 ? 3 : 1;
    check(self);
}
