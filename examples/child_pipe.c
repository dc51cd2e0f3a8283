/* SPDX-License-Identifier: MIT
 *
 * examples/child_pipe.c - a child process: its input and output are pipes of
 * our loop, its end is a signal. It is fed more than a pipe holds at once.
 *
 *     ./bazelw run //examples:child_pipe
 *     ./bazelw run //examples:child_pipe -- wc */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/event_loop.h"
#include "net/pipe.h"

#define LINES_COUNT 100000

enum { INPUT, OUTPUT };

struct child {
    struct mio_pipe_sender input;
    struct mio_pipe_receiver output;
    pid_t pid; /* 0: it has ended, with `status` */
    int status;
    int line; /* the next one that it gets */
};

/* So short a write is all or nothing. */
static void feed(struct child *child)
{
    char text[16];
    int64_t rc = MIO_OK;
    while (rc >= 0 && child->line <= LINES_COUNT) {
        int size = snprintf(text, sizeof(text), "%d\n", child->line);
        rc = mio_pipe_sender_write(&child->input, text, (size_t)size);
        child->line += rc >= 0;
    }
    if (rc != MIO_EAGAIN) /* that was all, or (MIO_EPIPE) it wants no more */
        mio_pipe_sender_close(&child->input);
}

static void listen_to(struct child *child)
{
    char bytes[4096];
    int64_t size;
    while ((size = mio_pipe_receiver_read(&child->output, bytes,
                                          sizeof(bytes))) > 0)
        (void)fwrite(bytes, 1, (size_t)size, stdout);
    if (size != MIO_EAGAIN)
        mio_pipe_receiver_close(&child->output);
}

static void ready(void *child, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    (void)loop;
    if (event->token.value == INPUT)
        feed(child);
    else
        listen_to(child);
}

static void child_ended(void *ctx, struct mio_event_loop *loop,
                        enum mio_signal which)
{
    struct child *child = ctx;
    (void)loop, (void)which;
    if (child->pid > 0 && waitpid(child->pid, &child->status, WNOHANG) > 0)
        child->pid = 0;
}

/* Its end may be told before its last words. */
static void tick(void *ctx, struct mio_event_loop *loop)
{
    struct child *child = ctx;
    if (child->pid == 0 && !mio_pipe_receiver_is_open(&child->output))
        mio_event_loop_shutdown(loop);
}

static int start(struct child *child, char **command)
{
    struct mio_pipe_receiver its_input;
    struct mio_pipe_sender its_output;
    int rc;
    if ((rc = mio_pipe_open(&child->input, &its_input)) < 0 ||
        (rc = mio_pipe_open(&its_output, &child->output)) < 0 ||
        /* It expects ends that block. */
        (rc = mio_pipe_receiver_set_nonblocking(&its_input, false)) < 0 ||
        (rc = mio_pipe_sender_set_nonblocking(&its_output, false)) < 0)
        return rc;
    child->pid = fork();
    if (child->pid == 0) {
        if (dup2((int)mio_pipe_receiver_release(&its_input), 0) == 0 &&
            dup2((int)mio_pipe_sender_release(&its_output), 1) == 1)
            (void)execvp(*command, command);
        _exit(127);
    }
    rc = child->pid > 0 ? MIO_OK : -errno;
    mio_pipe_receiver_close(&its_input); /* only the child has these now, so */
    mio_pipe_sender_close(&its_output);  /* that their end is seen here */
    return rc;
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {
        .ready = ready, .signal = child_ended, .tick = tick};
    char *tail[] = {(char[]){"tail"}, (char[]){"-n3"}, NULL};
    struct child child = {.line = 1};
    struct mio_event_loop *loop = NULL;
    int rc;
    if ((rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        /* Before there is a child that can end. */
        (rc = mio_event_loop_watch_signal(loop, MIO_SIGNAL_CHILD)) < 0 ||
        (rc = start(&child, argc > 1 ? argv + 1 : tail)) < 0 ||
        (rc = mio_event_loop_register(loop, &child.input.source,
                                      mio_token_of(INPUT), MIO_WRITABLE,
                                      MIO_EDGE)) < 0 ||
        (rc = mio_event_loop_register(loop, &child.output.source,
                                      mio_token_of(OUTPUT), MIO_READABLE,
                                      MIO_EDGE)) < 0 ||
        (rc = mio_event_loop_run(loop, &handler, &child)) < 0)
        fprintf(stderr, "child_pipe: %s\n", mio_error_text(rc));
    mio_event_loop_free(loop);
    return rc < 0 || !WIFEXITED(child.status) ? 1 : WEXITSTATUS(child.status);
}
