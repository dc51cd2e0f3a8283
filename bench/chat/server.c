/* SPDX-License-Identifier: MIT
 *
 * bench/chat/server.c - start, find its port, stop. */
#include "bench/chat/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/chat/clock.h"
#include "bench/chat/command.h"
#include "bench/chat/cpus.h"

#define START_NS (10 * NS_PER_S)
#define STOP_NS (3 * NS_PER_S)
#define LOG_SHOWN 4096

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5 * NS_PER_MS}, NULL);
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A port that was free a moment ago, for servers that cannot choose one. */
static uint16_t free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t port = 0;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        port = ntohs(address.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}

static void print_log(const struct server *self)
{
    char text[LOG_SHOWN];
    size_t size;
    FILE *file = fopen(self->log, "re");
    if (file == NULL)
        return;
    while ((size = fread(text, 1, sizeof(text), file)) > 0)
        fwrite(text, 1, size, stderr);
    fclose(file);
}

__attribute__((noreturn)) static void exec_server(const struct server *self,
                                                  struct command *command)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no server outlives its load */
    cpus_take_others();
    int log = open(self->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(127);
    execvp(command->words[0], command->words);
    fprintf(stderr, "%s: %s\n", command->words[0], strerror(errno));
    _exit(127);
}

static bool accepts(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    close(fd);
    return rc == 0;
}

/* Look for "listening on 127.0.0.1:PORT" in the log. */
static bool told_port(const struct server *self, struct sockaddr_in *address)
{
    static const char words[] = "listening on 127.0.0.1:";
    char text[LOG_SHOWN];
    FILE *file = fopen(self->log, "re");
    if (file == NULL)
        return false;
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';

    const char *at = strstr(text, words);
    if (at == NULL || strchr(at, '\n') == NULL)
        return false;
    *address = loopback((uint16_t)strtoul(at + strlen(words), NULL, 10));
    return true;
}

static int wait_ready(struct server *self, bool tells_port)
{
    int64_t deadline_ns = clock_now_ns() + START_NS;
    while (clock_now_ns() < deadline_ns) {
        if (waitpid(self->pid, NULL, WNOHANG) != 0) {
            self->pid = 0;
            return -ECHILD;
        }
        if ((!tells_port || told_port(self, &self->address)) &&
            accepts(&self->address))
            return 0;
        pause_briefly();
    }
    return -ETIMEDOUT;
}

static int launch(struct server *self, struct command *command)
{
    self->pid = fork();
    if (self->pid < 0)
        return -errno;
    if (self->pid == 0)
        exec_server(self, command);
    self->ours = true;
    return wait_ready(self, command->tells_port);
}

int server_start(struct server *self, const char *name, const char *chat,
                 uint32_t connections)
{
    *self = (struct server){.dir = "/tmp/load-server-XXXXXX"};
    if (mkdtemp(self->dir) == NULL)
        return -errno;
    snprintf(self->log, sizeof(self->log), "%s/log", self->dir);
    uint16_t port = free_port();
    self->address = loopback(port);

    struct command command;
    int rc = command_init(&command, name, chat, self->dir, port, connections);
    if (rc == 0)
        rc = launch(self, &command);
    command_deinit(&command);
    if (rc < 0) {
        fprintf(stderr, "load: the server \"%s\" did not start: %s\n", name,
                strerror(-rc));
        server_stop(self, true);
    }
    return rc;
}

int server_attach(struct server *self, const char *address, pid_t pid)
{
    char ip[INET_ADDRSTRLEN];
    unsigned port;
    *self = (struct server){.pid = pid};
    self->address.sin_family = AF_INET;
    if (sscanf(address, "%15[0-9.]:%u", ip, &port) != 2 || port == 0 ||
        port > 65535 || inet_pton(AF_INET, ip, &self->address.sin_addr) != 1)
        return -EINVAL;
    self->address.sin_port = htons((uint16_t)port);
    return 0;
}

static void end_process(pid_t pid)
{
    int64_t deadline_ns = clock_now_ns() + STOP_NS;
    kill(pid, SIGTERM);
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (clock_now_ns() > deadline_ns)
            kill(pid, SIGKILL);
        pause_briefly();
    }
}

static void remove_file(const char *dir, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    unlink(path);
}

void server_stop(struct server *self, bool show_log)
{
    if (self->ours && self->pid > 0)
        end_process(self->pid);
    if (self->dir[0] == '\0')
        return;
    if (show_log)
        print_log(self);
    remove_file(self->dir, "log");
    remove_file(self->dir, "ngircd.conf");
    rmdir(self->dir);
    *self = (struct server){0};
}
