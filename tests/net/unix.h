/* SPDX-License-Identifier: MIT
 *
 * tests/net/unix.h - a loop, and a folder of its own for socket files. */
#ifndef MIO_TESTS_NET_UNIX_H
#define MIO_TESTS_NET_UNIX_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/net/loop.h"

struct folder {
    char path[64];
};

/* Beneath /tmp, not the test's own: a socket's path is at most 107 bytes. */
static inline void folder_open(struct folder *self)
{
    (void)snprintf(self->path, sizeof(self->path), "/tmp/mio-test-XXXXXX");
    assert_non_null(mkdtemp(self->path));
}

static inline void folder_file(const struct folder *self, const char *name,
                               char *path, size_t path_size)
{
    (void)snprintf(path, path_size, "%s/%s", self->path, name);
}

static inline struct mio_address folder_at(const struct folder *self,
                                           const char *name)
{
    char path[100];
    struct mio_address address;
    folder_file(self, name, path, sizeof(path));
    assert_ok(mio_address_from_path(&address, path));
    return address;
}

static inline bool folder_has(const struct folder *self, const char *name)
{
    char path[100];
    folder_file(self, name, path, sizeof(path));
    return access(path, F_OK) == 0;
}

static inline void folder_remove(const struct folder *self, const char *name)
{
    char path[100];
    folder_file(self, name, path, sizeof(path));
    assert_int_equal(unlink(path), 0);
}

/* It is empty by now, or the test failed to clean up after itself. */
static inline void folder_close(struct folder *self)
{
    assert_int_equal(rmdir(self->path), 0);
}

/* An abstract name that no other test, or run of this one, has. */
static inline struct mio_address abstract_name(const char *name)
{
    char text[64];
    struct mio_address address;
    int size =
        snprintf(text, sizeof(text), "mio-test/%ld/%s", (long)getpid(), name);
    assert_ok(mio_address_from_abstract(&address, text, (size_t)size));
    return address;
}

#endif /* MIO_TESTS_NET_UNIX_H */
