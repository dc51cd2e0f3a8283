/* SPDX-License-Identifier: MIT
 *
 * core/sys/selector.c - which selector a poll gets. */
#include "core/sys/selector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "core/poll.h"

#ifdef __linux__
#define HAS_EPOLL 1
#else
#define HAS_EPOLL 0
#endif

/* What a poll gets, and why. */
struct choice {
    int kind; /* an enum mio_selector_kind | MIO_EINVAL */
    const char *reason;
};

/* A variable of the environment, so that a whole test suite, or a program that
 * behaves oddly, can be run on the other one. It does not overrule who asked
 * for one by name. MIO_EINVAL: a word that is not known would go unnoticed
 * otherwise. */
static struct choice choose(uint32_t kind)
{
    if (kind != MIO_SELECTOR_DEFAULT)
        return (struct choice){(int)kind, "the poll's options ask for it"};

    struct choice choice = {MIO_EINVAL, "MIO_SELECTOR asks for it"};
    const char *word = getenv("MIO_SELECTOR");
    if (word == NULL || word[0] == '\0')
        choice = (struct choice){
            HAS_EPOLL ? MIO_SELECTOR_EPOLL : MIO_SELECTOR_POLL,
            "the best that this system has",
        };
    else if (strcmp(word, "epoll") == 0)
        choice.kind = MIO_SELECTOR_EPOLL;
    else if (strcmp(word, "poll") == 0)
        choice.kind = MIO_SELECTOR_POLL;
    return choice;
}

static int open_kind(struct mio_selector **out, int kind,
                     const struct mio_selector_options *options)
{
    switch (kind) {
    case MIO_SELECTOR_POLL:
        return mio_selector_new_poll(out, options);
    case MIO_SELECTOR_EPOLL:
#if HAS_EPOLL
        return mio_selector_new_epoll(out, options);
#else
        return MIO_ENOTSUP;
#endif
    default:
        return MIO_EINVAL;
    }
}

/* Sandboxes and emulations forbid, or lack, what the system has. */
static bool is_missing(int code)
{
    return code == MIO_ENOSYS || code == MIO_EPERM;
}

int mio_selector_new(struct mio_selector **out,
                     const struct mio_selector_options *options)
{
    struct choice choice = choose(options->kind);
    int rc = open_kind(out, choice.kind, options);
    if (choice.kind == MIO_SELECTOR_EPOLL && is_missing(rc)) {
        if (options->kind != MIO_SELECTOR_DEFAULT)
            return MIO_ENOTSUP;
        choice = (struct choice){MIO_SELECTOR_POLL, "epoll is missing"};
        rc = open_kind(out, choice.kind, options);
    }
    if (rc == MIO_OK)
        mio_log_print(options->log, MIO_LOG_INFO, "poll: uses %s: %s",
                      choice.kind == MIO_SELECTOR_POLL ? "poll(2)" : "epoll",
                      choice.reason);
    return rc;
}

int mio_selector_error(void)
{
    /* None is retried: only the caller knows its deadline. */
    MIO_ASSERT(errno == EINTR || errno == EBUSY || errno == ENOMEM ||
               errno == EINVAL);
    return -errno;
}
