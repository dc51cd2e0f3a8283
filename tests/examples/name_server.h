/* SPDX-License-Identifier: MIT
 *
 * tests/examples/name_server.h - a name server on loopback, as a process: every
 * name is at 127.0.0.1. Names that begin with "nosuch" are not, and the first
 * question for one that begins with "late" gets no answer. RFC 1035. */
#ifndef MIO_TESTS_EXAMPLES_NAME_SERVER_H
#define MIO_TESTS_EXAMPLES_NAME_SERVER_H

#include <stdbool.h>

#include "tests/examples/program.h"

#define QUESTIONS_MAX 64
#define NAME_AT 12 /* behind the header */

struct question {
    uint8_t bytes[512];
    size_t size; /* of header and question */
    struct sockaddr_in from;
};

struct name_server {
    pid_t pid;
    char address[32]; /* ADDRESS:PORT */
};

static inline bool name_begins(const struct question *q, const char *text)
{
    return memcmp(q->bytes + NAME_AT + 1, text, strlen(text)) == 0;
}

static inline bool same_question(const struct question *a,
                                 const struct question *b)
{
    return a->size == b->size && memcmp(a->bytes + NAME_AT, b->bytes + NAME_AT,
                                        a->size - NAME_AT) == 0;
}

/* Header and one question; what is behind these is left out. */
static inline void receive_question(int fd, struct question *q)
{
    socklen_t size = sizeof(q->from);
    memset(q->bytes, 0, sizeof(q->bytes));
    if (recvfrom(fd, q->bytes, sizeof(q->bytes) - 5, 0,
                 (struct sockaddr *)&q->from, &size) <= NAME_AT)
        _exit(2);
    q->size = NAME_AT;
    while (q->size < 256 && q->bytes[q->size] != 0)
        q->size += 1U + q->bytes[q->size];
    q->size += 5; /* the name's end, type, class */
}

static inline void answer(int fd, const struct question *q)
{
    static const uint8_t record[] = {0xc0, NAME_AT, 0, 1, 0,   1, 0, 0,
                                     0,    60,      0, 4, 127, 0, 0, 1};
    uint8_t bytes[512 + sizeof(record)];
    size_t size = q->size;
    bool is_known = !name_begins(q, "nosuch");
    bool is_for_ipv4 = q->bytes[q->size - 3] == 1;
    memcpy(bytes, q->bytes, q->size);
    bytes[2] = 0x81;                   /* a response; recursion is desired, */
    bytes[3] = is_known ? 0x80 : 0x83; /* and available; or no such name */
    bytes[7] = is_known && is_for_ipv4;
    bytes[11] = 0;
    if (bytes[7] == 1) {
        memcpy(bytes + size, record, sizeof(record));
        size += sizeof(record);
    }
    (void)!sendto(fd, bytes, size, 0, (const struct sockaddr *)&q->from,
                  sizeof(q->from));
}

static inline void serve_names(int fd, size_t held_count)
{
    static struct question all[QUESTIONS_MAX];
    size_t answered = 0;
    for (size_t count = 0; count < QUESTIONS_MAX; count++) {
        bool is_new = true;
        receive_question(fd, &all[count]);
        for (size_t i = 0; i < count; i++)
            is_new = is_new && !same_question(&all[i], &all[count]);
        if (is_new && name_begins(&all[count], "late"))
            continue;
        if (count + 1 < held_count)
            continue;
        /* The last that came is the first to know. */
        for (size_t i = count + 1; i-- > answered;)
            answer(fd, &all[i]);
        answered = count + 1;
    }
}

/* It answers nothing before it was asked `held_count` questions. */
static inline void start_name_server(struct name_server *self,
                                     size_t held_count)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    getsockname(fd, (struct sockaddr *)&at, &size);
    snprintf(self->address, sizeof(self->address), "127.0.0.1:%u",
             ntohs(at.sin_port));
    self->pid = fork();
    assert_true(self->pid >= 0);
    if (self->pid == 0) {
        alarm(DEADLINE_S);
        serve_names(fd, held_count);
        _exit(3);
    }
    close(fd);
}

static inline void end_name_server(const struct name_server *self)
{
    int status;
    kill(self->pid, SIGKILL);
    assert_int_equal(waitpid(self->pid, &status, 0), self->pid);
    assert_true(WIFSIGNALED(status)); /* it served until now */
}

#endif /* MIO_TESTS_EXAMPLES_NAME_SERVER_H */
