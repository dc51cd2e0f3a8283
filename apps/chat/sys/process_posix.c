/* SPDX-License-Identifier: MIT
 *
 * apps/chat/sys/process_posix.c - what the chat asks of the system itself. */
#include "apps/chat/sys/process.h"

#include <sys/resource.h>
#include <unistd.h>

#if MIO_HAVE_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

uint64_t chat_process_raise_handles(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024; /* what every system has */
    struct rlimit raised = {limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        return raised.rlim_cur;
    return limit.rlim_cur;
}

int64_t chat_process_parent(void)
{
    return getppid();
}

uint64_t chat_process_allocated(void)
{
#if MIO_HAVE_JEMALLOC
    uint64_t bytes = 0;
    size_t size = sizeof(bytes);

    if (mallctl("thread.allocated", &bytes, &size, NULL, 0) == 0)
        return bytes;
#endif
    return 0;
}
