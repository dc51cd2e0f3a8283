/* SPDX-License-Identifier: MIT
 *
 * core/framing.c - search for LF, or read a length; and the other way round. */
#include "core/framing.h"

#include <string.h>

#include "core/assert.h"

void mio_line_framing_init(struct mio_line_framing *self, size_t size_max)
{
    *self = (struct mio_line_framing){.size_max = size_max};
}

/* No LF in `bytes`: can one still come in time? */
static int unfinished(const struct mio_line_framing *self, const uint8_t *bytes,
                      size_t size)
{
    if (size <= self->size_max)
        return 0;
    bool ends_with_cr = bytes[self->size_max] == '\r';
    return size == self->size_max + 1 && ends_with_cr ? 0 : MIO_EMSGSIZE;
}

int mio_line_framing_next(struct mio_line_framing *self, const void *bytes,
                          size_t size, struct mio_frame *out)
{
    if (self == NULL || out == NULL || (bytes == NULL && size > 0))
        return MIO_EINVAL;
    const uint8_t *begin = bytes;
    size_t searched = self->searched;
    MIO_ASSERT(searched <= size);

    const uint8_t *lf = NULL;
    if (size > searched)
        lf = memchr(begin + searched, '\n', size - searched);
    self->searched = size;
    if (lf == NULL)
        return unfinished(self, begin, size);

    size_t line_size = (size_t)(lf - begin);
    size_t used = line_size + 1;
    if (line_size > 0 && begin[line_size - 1] == '\r')
        line_size--;
    if (line_size > self->size_max)
        return MIO_EMSGSIZE;
    self->searched = 0;
    *out = (struct mio_frame){begin, line_size, used};
    return 1;
}

int mio_line_framing_last(struct mio_line_framing *self, const void *bytes,
                          size_t size, struct mio_frame *out)
{
    if (self == NULL || out == NULL || (bytes == NULL && size > 0))
        return MIO_EINVAL;
    self->searched = 0;
    if (size == 0)
        return 0;
    if (size > self->size_max)
        return MIO_EMSGSIZE;
    *out = (struct mio_frame){bytes, size, size};
    return 1;
}

int mio_line_framing_append(const struct mio_line_framing *self,
                            struct mio_buffer *out, const void *bytes,
                            size_t size)
{
    if (self == NULL || out == NULL || (bytes == NULL && size > 0))
        return MIO_EINVAL;
    uint8_t *room;
    if (size > self->size_max)
        return MIO_EMSGSIZE;
    if (size > 0 && memchr(bytes, '\n', size) != NULL)
        return MIO_EINVAL;
    int rc = mio_buffer_reserve(out, size + 1, &room);
    if (rc < 0)
        return rc;
    if (size > 0)
        memcpy(room, bytes, size);
    room[size] = '\n';
    mio_buffer_commit(out, size + 1);
    return MIO_OK;
}

/* The largest size that a length of so many bytes can say. */
static uint64_t length_limit(uint8_t length_size)
{
    return length_size == sizeof(uint64_t)
               ? UINT64_MAX
               : (UINT64_C(1) << (8 * length_size)) - 1;
}

void mio_length_framing_init(struct mio_length_framing *self,
                             uint8_t length_size, size_t size_max,
                             bool little_endian)
{
    MIO_ASSERT(length_size >= 1);
    MIO_ASSERT(length_size <= MIO_LENGTH_SIZE_MAX);

    uint64_t limit = length_limit(length_size);
    if (limit > SIZE_MAX - MIO_LENGTH_SIZE_MAX)
        limit = SIZE_MAX - MIO_LENGTH_SIZE_MAX;
    *self = (struct mio_length_framing){
        .size_max = size_max < limit ? size_max : (size_t)limit,
        .length_size = length_size,
        .is_little_endian = little_endian,
    };
}

/* Where the byte of this significance (0: the least) stands. */
static size_t place_of(const struct mio_length_framing *self, size_t rank)
{
    return self->is_little_endian ? rank : self->length_size - 1 - rank;
}

static uint64_t read_length(const struct mio_length_framing *self,
                            const uint8_t *bytes)
{
    uint64_t length = 0;
    for (size_t rank = 0; rank < self->length_size; rank++)
        length |= (uint64_t)bytes[place_of(self, rank)] << (8 * rank);
    return length;
}

static void write_length(const struct mio_length_framing *self, uint8_t *bytes,
                         uint64_t length)
{
    for (size_t rank = 0; rank < self->length_size; rank++)
        bytes[place_of(self, rank)] = (uint8_t)(length >> (8 * rank));
}

int mio_length_framing_next(const struct mio_length_framing *self,
                            const void *bytes, size_t size,
                            struct mio_frame *out)
{
    if (self == NULL || out == NULL || (bytes == NULL && size > 0))
        return MIO_EINVAL;
    const uint8_t *begin = bytes;
    if (size < self->length_size)
        return 0;
    uint64_t length = read_length(self, begin);
    if (length > self->size_max)
        return MIO_EMSGSIZE;
    if (size - self->length_size < length)
        return 0;
    *out = (struct mio_frame){begin + self->length_size, (size_t)length,
                              self->length_size + (size_t)length};
    return 1;
}

int mio_length_framing_append(const struct mio_length_framing *self,
                              struct mio_buffer *out, const void *bytes,
                              size_t size)
{
    if (self == NULL || out == NULL || (bytes == NULL && size > 0))
        return MIO_EINVAL;
    uint8_t *room;
    if (size > self->size_max)
        return MIO_EMSGSIZE;
    int rc = mio_buffer_reserve(out, self->length_size + size, &room);
    if (rc < 0)
        return rc;
    write_length(self, room, size);
    if (size > 0)
        memcpy(room + self->length_size, bytes, size);
    mio_buffer_commit(out, self->length_size + size);
    return MIO_OK;
}
