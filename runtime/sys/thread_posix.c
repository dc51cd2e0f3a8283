/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/thread_posix.c - threads on Linux. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* affinity and names of threads */
#endif
#include "runtime/sys/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* What the system keeps of a name, the NUL included. */
#define NAME_MAX_SIZE 16

_Static_assert(sizeof(pthread_t) <= sizeof(uintptr_t), "a handle");

struct start {
    void (*run)(void *context);
    void *context;
};

static void *run_thread(void *argument)
{
    struct start start = *(struct start *)argument;
    free(argument);
    start.run(start.context);
    return NULL;
}

int mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                     void *context)
{
    struct start *start = malloc(sizeof(*start));
    if (start == NULL)
        return MIO_ENOMEM;
    start->run = run;
    start->context = context;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run_thread, start);
    if (error != 0) {
        free(start);
        return -error;
    }
    self->handle = (uintptr_t)thread;
    return 0;
}

void mio_thread_join(struct mio_thread *self)
{
    (void)pthread_join((pthread_t)self->handle, NULL);
}

void mio_thread_name(const char *name)
{
    char cut[NAME_MAX_SIZE];
    size_t size = strlen(name);
    if (size < sizeof(cut)) {
        memcpy(cut, name, size + 1);
    } else {
        /* The end tells the threads apart. */
        const char *end = strrchr(name, '/');
        size_t end_size = end != NULL ? strlen(end) : 0;
        if (end_size >= sizeof(cut))
            end_size = 0;
        size_t begin_size = sizeof(cut) - 1 - end_size;
        memcpy(cut, name, begin_size);
        memcpy(cut + begin_size, name + size - end_size, end_size + 1);
    }
    (void)pthread_setname_np(pthread_self(), cut);
}

int mio_thread_pin(uint32_t cpu)
{
    cpu_set_t set;
    if (cpu >= CPU_SETSIZE)
        return MIO_EINVAL;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return -pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

uint32_t mio_usable_cpus(uint32_t *cpus, uint32_t cpus_max)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 0;
    uint32_t count = 0;
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &set))
            continue;
        if (count < cpus_max)
            cpus[count] = cpu;
        count++;
    }
    return count;
}

void mio_thread_yield(void)
{
    (void)sched_yield(); /* cannot fail on Linux */
}
