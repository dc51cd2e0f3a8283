/* SPDX-License-Identifier: MIT
 *
 * bench/core/lane.c - see lane.h. */
#define _GNU_SOURCE /* pipe2 */
#include "bench/core/lane.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/chat/syscalls.h"

#define WORDS_MAX 8

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Becomes the peer: `workload` is its words, separated by spaces. */
static void become(const struct contestant *contestant, const char *workload)
{
    char words[128];
    char *argv[WORDS_MAX] = {NULL};
    char program[PATH_SIZE];
    int count = 0;
    snprintf(words, sizeof(words), "%s", workload);
    snprintf(program, sizeof(program), "%s", contestant->path);
    argv[count++] = program;
    for (char *word = strtok(words, " "); word != NULL && count < WORDS_MAX - 1;
         word = strtok(NULL, " "))
        argv[count++] = word;
    if (contestant->variable != NULL)
        setenv(contestant->variable, contestant->value, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it does not outlive the bench */
    execv(program, argv);
    perror(program);
    _exit(127);
}

static void start(struct lane *self, const char *workload)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        die("pipe2");
    fflush(stdout);
    self->pid = fork();
    if (self->pid < 0)
        die("fork");
    if (self->pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        become(self->contestant, workload);
    }
    close(to[0]);
    close(from[1]);
    self->to = fdopen(to[1], "w");
    self->from = fdopen(from[0], "r");
    if (self->to == NULL || self->from == NULL)
        die("fdopen");
}

bool lane_open(struct lane *self, const struct contestant *contestant,
               const char *workload)
{
    char line[128] = "it did not start";
    *self = (struct lane){.contestant = contestant};
    if (contestant->why_not[0] != '\0') {
        snprintf(self->why_not, sizeof(self->why_not), "%s",
                 contestant->why_not);
        return false;
    }
    start(self, workload);
    if (fgets(line, sizeof(line), self->from) != NULL &&
        strcmp(line, "ready\n") == 0)
        return true;
    line[strcspn(line, "\n")] = '\0';
    const char *why = strncmp(line, "skip ", 5) == 0 ? line + 5 : line;
    snprintf(self->why_not, sizeof(self->why_not), "%s", why);
    lane_close(self);
    return false;
}

void lane_close(struct lane *self)
{
    if (self->pid == 0)
        return;
    fclose(self->to); /* then it ends */
    fclose(self->from);
    waitpid(self->pid, NULL, 0);
    self->pid = 0;
}

struct reply lane_ask(struct lane *self, const char *command, long n)
{
    long long done, ns;
    char line[64];
    fprintf(self->to, "%s %ld\n", command, n);
    fflush(self->to);
    if (fgets(line, sizeof(line), self->from) == NULL ||
        sscanf(line, "%lld %lld", &done, &ns) != 2) {
        fprintf(stderr, "%s gave no answer to: %s %ld\n",
                self->contestant->name, command, n);
        exit(1);
    }
    return (struct reply){.done = done, .ns = ns};
}

static int64_t count_once(struct lane *self, const char *command, long n)
{
    struct syscalls count;
    if (syscalls_start(&count, self->pid) != 0)
        return -1;
    (void)lane_ask(self, command, n);
    return syscalls_stop(&count);
}

double lane_syscalls(struct lane *self, const char *command, long n)
{
    int64_t idle = count_once(self, "nothing", n);
    int64_t busy = count_once(self, command, n);
    return idle < 0 || busy < 0 ? -1 : (double)(busy - idle);
}
