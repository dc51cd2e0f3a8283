/* SPDX-License-Identifier: MIT
 *
 * bench/chat/payload.h - the text of a load message: its number, then padding.
 *
 * All messages of a run have one size, so a reader finds the number at a fixed
 * distance from the end of the line, whatever prefix or tags a server put in
 * front, and without searching. */
#ifndef BENCH_CHAT_PAYLOAD_H
#define BENCH_CHAT_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_SIZE_MIN 10u
#define PAYLOAD_SIZE_MAX 400u /* leaves room for prefix and target in 512 */

struct payload {
    uint32_t size;
    char text[PAYLOAD_SIZE_MAX];
};

/** Prepare texts of `size` bytes, PAYLOAD_SIZE_MIN to PAYLOAD_SIZE_MAX. */
void payload_init(struct payload *self, uint32_t size);

/** Write the text of message `id` to out, self->size bytes. */
void payload_write(const struct payload *self, uint32_t id, char *out);

/** Read the number from a whole line (without CR LF) that ends in such a text.
 *  Returns false, *id untouched, if it does not or if any byte differs. */
bool payload_read(const struct payload *self, const char *line, size_t size,
                  uint32_t *id);

#endif /* BENCH_CHAT_PAYLOAD_H */
