/* SPDX-License-Identifier: MIT
 *
 * tests/examples/program.h - an example as a process: run it, talk to it, end
 * it. */
#ifndef MIO_TESTS_EXAMPLES_PROGRAM_H
#define MIO_TESTS_EXAMPLES_PROGRAM_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_S 60

struct program {
    pid_t pid;
    struct sockaddr_in at;
};

/* Run an example at this address. */
static inline void start_at(struct program *p, const char *path,
                            const char *address)
{
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        alarm(DEADLINE_S); /* should this test not live to end it */
        execl(path, path, address, (char *)NULL);
        _exit(127);
    }
}

/* Run an example on a port that nobody has: of TCP (SOCK_STREAM), or of UDP
 * (SOCK_DGRAM). */
static inline void start_on(struct program *p, const char *path, int type)
{
    char address[32];
    socklen_t size = sizeof(p->at);
    p->at = (struct sockaddr_in){.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&p->at, size), 0);
    getsockname(fd, (struct sockaddr *)&p->at, &size);
    close(fd);
    snprintf(address, sizeof(address), "127.0.0.1:%u", ntohs(p->at.sin_port));
    start_at(p, path, address);
}

static inline void start(struct program *p, const char *path)
{
    start_on(p, path, SOCK_STREAM);
}

/* Wait until it listens. */
static inline int connect_to(const struct program *p)
{
    struct timeval limit = {.tv_sec = DEADLINE_S};
    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        if (connect(fd, (const struct sockaddr *)&p->at, sizeof(p->at)) == 0)
            return fd;
        close(fd);
        assert_int_equal(waitpid(p->pid, NULL, WNOHANG), 0);
        usleep(1000);
    }
}

static inline void expect(int fd, const char *text)
{
    char got[512];
    size_t size = strlen(text);
    assert_true(size <= sizeof(got));
    assert_int_equal(recv(fd, got, size, MSG_WAITALL), size);
    assert_memory_equal(got, text, size);
}

/* gcc 12's ThreadSanitizer loses a signal in a thousand, on its program's way
 * into a system call: there it is sent to a program that sleeps. */
static inline void send_signal(const struct program *p, int number)
{
#ifdef __SANITIZE_THREAD__
    char path[32];
    char state = '?';
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)p->pid);
    while (state != 'S') {
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
        (void)fclose(file);
        assert_true(state != 'Z');
        usleep(1000);
    }
#endif
    kill(p->pid, number);
}

static inline int end(const struct program *p, int signal_number)
{
    int status;
    kill(p->pid, signal_number);
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    return status;
}

/* Run an example with these words (the first is its path; NULL ends them) that
 * writes to `*output`. */
static inline void start_command(struct program *p, const char *const *words,
                                 FILE **output)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        alarm(DEADLINE_S);
        dup2(ends[1], STDOUT_FILENO);
        execvp(words[0], (char *const *)(intptr_t)words);
        _exit(127);
    }
    close(ends[1]);
    *output = fdopen(ends[0], "r");
    assert_non_null(*output);
}

/* The same, of an example that needs no words. */
static inline void start_writing(struct program *p, const char *path,
                                 FILE **output)
{
    const char *words[] = {path, NULL};
    start_command(p, words, output);
}

static inline void expect_line(FILE *output, const char *line)
{
    char got[256];
    assert_non_null(fgets(got, sizeof(got), output));
    got[strcspn(got, "\n")] = '\0';
    assert_string_equal(got, line);
}

static inline void expect_exit(const struct program *p, int expected)
{
    int status;
#ifdef __SANITIZE_THREAD__
    /* So may be that its child ended: it is told until it knows. */
    siginfo_t info = {.si_pid = 0};
    while (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid == 0) {
        kill(p->pid, SIGCHLD);
        usleep(10000);
    }
#endif
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected);
}

/* It has no more to say, and is content. */
static inline void expect_success(const struct program *p, FILE *output)
{
    assert_int_equal(fgetc(output), EOF);
    (void)fclose(output);
    expect_exit(p, 0);
}

#endif /* MIO_TESTS_EXAMPLES_PROGRAM_H */
