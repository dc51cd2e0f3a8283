/* SPDX-License-Identifier: MIT
 *
 * core/framing.h - where a message ends in a stream of bytes: lines, and
 * lengths put before.
 *
 * Pure: they look at the bytes that a buffer holds and say how many of them
 * make the next frame. The caller uses it, consumes it and asks again:
 *
 *     while ((rc = mio_line_framing_next(&framing, mio_buffer_data(&in),
 *                                        mio_buffer_size(&in), &frame)) > 0) {
 *         handle(frame.bytes, frame.size);
 *         mio_buffer_consume(&in, frame.used);
 *     }
 *
 * A frame that is longer than its maximum is refused as soon as that is sure,
 * so that no peer makes the buffer grow without end. What follows it cannot be
 * found any more: close the connection. */
#ifndef MIO_CORE_FRAMING_H
#define MIO_CORE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/error.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* One message, within the bytes that were looked at. */
struct mio_frame {
    const uint8_t *bytes; /* without the line's end, or the length */
    size_t size;          /* of these */
    size_t used;          /* with it: what is to be consumed */
};

/* Lines that end with LF or CR LF. A buffer for them must have room for
 * size_max + 2 bytes. */
struct mio_line_framing {
    /* private */
    size_t size_max;
    size_t searched; /* of the line that is not whole yet: without LF */
};

/** Begin, for lines of at most size_max bytes, not counting their end.
 *                                                         Thread: owner. */
MIO_API void mio_line_framing_init(struct mio_line_framing *self,
                                   size_t size_max);

/** Find the first line in `bytes`. After a frame, ask next with the bytes that
 *  follow it; after 0, with the same bytes and more behind them, of which only
 *  the new ones are searched.
 *  Returns 1 (a frame) | 0 (not whole yet) | MIO_EMSGSIZE (too long).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int mio_line_framing_next(struct mio_line_framing *self,
                                                const void *bytes, size_t size,
                                                struct mio_frame *out);

/** At the end of the stream, when next answered 0: what is left, as a line
 *  without an end.
 *  Returns 1 | 0 (nothing is left) | MIO_EMSGSIZE.        Thread: owner. */
MIO_API MIO_NODISCARD int mio_line_framing_last(struct mio_line_framing *self,
                                                const void *bytes, size_t size,
                                                struct mio_frame *out);

/** Append a line and LF, all or nothing. The bytes may not have an LF in them:
 *  they would be two lines.
 *  Returns 0 | MIO_EMSGSIZE | MIO_EINVAL (LF) | MIO_EFULL | MIO_ENOMEM.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_line_framing_append(const struct mio_line_framing *self,
                        struct mio_buffer *out, const void *bytes, size_t size);

#define MIO_LENGTH_SIZE_MAX 8 /* bytes of a length */

/* Messages behind an unsigned integer that counts their bytes, and not its
 * own. A buffer for them must have room for length_size + size_max bytes. */
struct mio_length_framing {
    /* private */
    size_t size_max;
    uint8_t length_size;
    bool is_little_endian;
};

/** Begin, for messages of at most size_max bytes (a shorter length_size may
 *  set a lower limit) behind a length of 1..8 bytes, the most significant
 *  first unless little_endian.                            Thread: owner. */
MIO_API void mio_length_framing_init(struct mio_length_framing *self,
                                     uint8_t length_size, size_t size_max,
                                     bool little_endian);

/** Find the first message in `bytes`, which may be empty.
 *  Returns 1 (a frame) | 0 (not whole yet) | MIO_EMSGSIZE (too long).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_length_framing_next(const struct mio_length_framing *self,
                        const void *bytes, size_t size, struct mio_frame *out);

/** Append a length and its message, all or nothing.
 *  Returns 0 | MIO_EMSGSIZE | MIO_EFULL | MIO_ENOMEM.     Thread: owner. */
MIO_API MIO_NODISCARD int
mio_length_framing_append(const struct mio_length_framing *self,
                          struct mio_buffer *out, const void *bytes,
                          size_t size);

MIO_END_DECLS
#endif /* MIO_CORE_FRAMING_H */
