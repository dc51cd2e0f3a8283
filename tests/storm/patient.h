/* SPDX-License-Identifier: MIT
 *
 * tests/storm/patient.h - calls of a test's own that a signal may interrupt. */
#ifndef MIO_TESTS_STORM_PATIENT_H
#define MIO_TESTS_STORM_PATIENT_H

#include <errno.h>
#include <sys/socket.h>

/* Make it again as long as it is interrupted. */
#define PATIENTLY(call)                                                        \
    __extension__({                                                            \
        __typeof__(call) result;                                               \
        do                                                                     \
            result = (call);                                                   \
        while (result < 0 && errno == EINTR);                                  \
        result;                                                                \
    })

/* Interrupted, a connect goes on; the next one waits for the rest of it. */
static inline int connect_patiently(int fd, const struct sockaddr *to,
                                    socklen_t size)
{
    int rc = PATIENTLY(connect(fd, to, size));
    return rc < 0 && errno == EISCONN ? 0 : rc;
}

#endif /* MIO_TESTS_STORM_PATIENT_H */
