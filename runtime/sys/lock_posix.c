/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/lock_posix.c - a mutex and a condition. */
#include "runtime/sys/lock.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/assert.h"

struct mio_lock {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

int mio_lock_new(struct mio_lock **out)
{
    struct mio_lock *self = malloc(sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    int error = pthread_mutex_init(&self->mutex, NULL);
    if (error == 0) {
        error = pthread_cond_init(&self->condition, NULL);
        if (error != 0)
            pthread_mutex_destroy(&self->mutex);
    }
    if (error != 0) {
        free(self);
        return -error;
    }
    *out = self;
    return 0;
}

void mio_lock_free(struct mio_lock *self)
{
    if (self == NULL)
        return;
    pthread_cond_destroy(&self->condition);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

/* None of these can fail on a lock that is used as it should be. */

void mio_lock_take(struct mio_lock *self)
{
    int error = pthread_mutex_lock(&self->mutex);
    MIO_ASSERT(error == 0);
}

void mio_lock_release(struct mio_lock *self)
{
    int error = pthread_mutex_unlock(&self->mutex);
    MIO_ASSERT(error == 0);
}

void mio_lock_wait(struct mio_lock *self)
{
    int error = pthread_cond_wait(&self->condition, &self->mutex);
    MIO_ASSERT(error == 0);
}

void mio_lock_wake_one(struct mio_lock *self)
{
    (void)pthread_cond_signal(&self->condition);
}

void mio_lock_wake_all(struct mio_lock *self)
{
    (void)pthread_cond_broadcast(&self->condition);
}
