/* SPDX-License-Identifier: MIT
 *
 * bench/chat/command.c - miocene, ngircd, floor, or what the user wrote.
 *
 * Every server runs with its flood control off and its limits raised; else one
 * would measure the limits. */
#define _GNU_SOURCE /* vasprintf */
#include "bench/chat/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond the clients: listeners, wakers, a spare. */
#define CONNECTIONS_SPARE 64

__attribute__((format(printf, 2, 3))) static void add(struct command *self,
                                                      const char *format, ...)
{
    char *word = NULL;
    va_list args;
    if (self->words_count + 1 == COMMAND_WORDS_MAX)
        return;
    va_start(args, format);
    if (vasprintf(&word, format, args) >= 0)
        self->words[self->words_count++] = word;
    va_end(args);
}

/* The binary beside the one that runs now. */
static void add_sibling(struct command *self, const char *name)
{
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[size < 0 ? 0 : size] = '\0';
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
    add(self, "%s/%s", path, name);
}

static int init_miocene(struct command *self, const char *reactors,
                        const char *chat, uint32_t connections)
{
    if (chat != NULL)
        add(self, "%s", chat);
    else
        add_sibling(self, "../../apps/chat/chat"); /* where it is built */
    add(self, "--listen");
    add(self, "127.0.0.1:0");
    add(self, "--reactors");
    add(self, "%s", reactors);
    add(self, "--max-connections");
    add(self, "%u", connections + CONNECTIONS_SPARE);
    add(self, "--no-flood-control");
    add(self, "--stats");
    self->tells_port = true;
    return 0;
}

static int write_ngircd_conf(const char *path, uint16_t port)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -errno;
    fprintf(file,
            "[Global]\n"
            "Name = bench.example.net\n"
            "Info = load test\n"
            "Listen = 127.0.0.1\n"
            "Ports = %u\n"
            "MotdPhrase = welcome\n"
            "ServerUID = %u\n"
            "ServerGID = %u\n"
            "[Limits]\n"
            "MaxConnections = 0\n"
            "MaxConnectionsIP = 0\n"
            "MaxJoins = 0\n"
            "MaxNickLength = 30\n"
            "MaxPenaltyTime = 0\n"
            "PingTimeout = 3600\n"
            "PongTimeout = 3600\n"
            "[Options]\n"
            "DNS = no\n"
            "Ident = no\n"
            "PAM = no\n"
            "SyslogFacility = local1\n",
            port, (unsigned)getuid(), (unsigned)getgid());
    return fclose(file) == 0 ? 0 : -errno;
}

static int init_ngircd(struct command *self, const char *dir, uint16_t port)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/ngircd.conf", dir);
    /* Debian has it where an ordinary user's PATH does not look. */
    add(self, "%s",
        access("/usr/sbin/ngircd", X_OK) == 0 ? "/usr/sbin/ngircd" : "ngircd");
    add(self, "--nodaemon");
    add(self, "--passive");
    add(self, "--config");
    add(self, "%s", path);
    return write_ngircd_conf(path, port);
}

static int init_floor(struct command *self, const char *rest)
{
    add_sibling(self, "floor");
    add(self, "--port");
    add(self, "0");
    /* floor:fault=lose hands on --fault=lose; tests use it. */
    if (*rest != '\0')
        add(self, "--%s", rest);
    self->tells_port = true;
    return 0;
}

static int init_shell(struct command *self, const char *name, uint16_t port)
{
    static const char mark[] = "{port}";
    const char *at = strstr(name, mark);
    if (at == NULL)
        return -EINVAL;
    add(self, "/bin/sh");
    add(self, "-c");
    add(self, "exec %.*s%u%s", (int)(at - name), name, port, at + strlen(mark));
    return 0;
}

int command_init(struct command *self, const char *name, const char *chat,
                 const char *dir, uint16_t port, uint32_t connections)
{
    *self = (struct command){0};
    size_t length = strcspn(name, ":");
    const char *rest = name[length] == ':' ? name + length + 1 : "";

    if (strncmp(name, "miocene", length) == 0 && length == 7)
        return init_miocene(self, *rest ? rest : "1", chat, connections);
    if (strcmp(name, "ngircd") == 0)
        return init_ngircd(self, dir, port);
    if (strncmp(name, "floor", length) == 0 && length == 5)
        return init_floor(self, rest);
    return init_shell(self, name, port);
}

void command_deinit(struct command *self)
{
    for (uint32_t i = 0; i < self->words_count; i++)
        free(self->words[i]);
    *self = (struct command){0};
}
