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

/* A variable of the environment, so that a whole test suite, or a program that
 * behaves oddly, can be run on the other one. It does not overrule who asked
 * for one by name. Returns a kind | MIO_EINVAL: a word that is not known would
 * go unnoticed otherwise. */
static int kind_of_environment(void)
{
    const char *word = getenv("MIO_SELECTOR");
    if (word == NULL || word[0] == '\0')
        return HAS_EPOLL ? MIO_SELECTOR_EPOLL : MIO_SELECTOR_POLL;
    if (strcmp(word, "epoll") == 0)
        return MIO_SELECTOR_EPOLL;
    if (strcmp(word, "poll") == 0)
        return MIO_SELECTOR_POLL;
    return MIO_EINVAL;
}

int mio_selector_new(struct mio_selector **out,
                     const struct mio_selector_options *options)
{
    int chosen = (int)options->kind;
    if (chosen == MIO_SELECTOR_DEFAULT)
        chosen = kind_of_environment();
    switch (chosen) {
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

int mio_selector_error(void)
{
    /* None is retried: only the caller knows its deadline. */
    MIO_ASSERT(errno == EINTR || errno == EBUSY || errno == ENOMEM ||
               errno == EINVAL);
    return -errno;
}
