/* SPDX-License-Identifier: MIT
 *
 * core/token.h - the caller's name for a registration. */
#ifndef MIO_CORE_TOKEN_H
#define MIO_CORE_TOKEN_H

#include <stdint.h>

/* Any value means only what the caller wants it to; none is reserved. It
 * comes back with each event of the source that it was registered for. */
typedef struct mio_token {
    uint64_t value; /* the caller's */
} mio_token;

/** A number as a token.                                   Thread: any. */
static inline mio_token mio_token_of(uint64_t value)
{
    mio_token token = {value};
    return token;
}

/** A pointer as a token: safe, because a deregistered source has no events.
 *                                                         Thread: any. */
static inline mio_token mio_token_of_ptr(void *pointer)
{
    return mio_token_of((uint64_t)(uintptr_t)pointer);
}

/** The pointer that a token was made of.                   Thread: any. */
static inline void *mio_token_ptr(mio_token token)
{
    return (void *)(uintptr_t)token.value;
}

#endif /* MIO_CORE_TOKEN_H */
