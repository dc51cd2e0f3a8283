/* SPDX-License-Identifier: MIT
 *
 * runtime/actor_label.c - what an actor is called, for people. See figures.h.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/actor_private.h"
#include "runtime/figures.h"

int mio_actor_set_label(struct mio_actor *self, const char *label)
{
    char *copy = NULL;
    if (label != NULL) {
        size_t size = strnlen(label, MIO_NAME_MAX - 1);
        copy = malloc(size + 1);
        if (copy == NULL)
            return MIO_ENOMEM;
        memcpy(copy, label, size);
        copy[size] = '\0';
    }
    free(self->label);
    self->label = copy;
    return 0;
}

const char *mio_actor_label(const struct mio_actor *self)
{
    return self->label != NULL ? self->label : "";
}
