/* SPDX-License-Identifier: MIT
 *
 * core/assert.c - the end of a program that broke a contract. */
#include "core/assert.h"

#include <stdio.h>
#include <stdlib.h>

void mio_assert_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: contract broken: %s\n", file, line,
                  condition);
    abort();
}
