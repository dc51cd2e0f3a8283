/* SPDX-License-Identifier: MIT
 *
 * bench/chat/payload.c - `~` + 8 hex digits + a fixed filling. */
#include "bench/chat/payload.h"

#include <assert.h>
#include <string.h>

#define MARK '~'
#define DIGITS 8u
#define HEAD (1u + DIGITS)

void payload_init(struct payload *self, uint32_t size)
{
    assert(size >= PAYLOAD_SIZE_MIN);
    assert(size <= PAYLOAD_SIZE_MAX);

    self->size = size;
    self->text[0] = MARK;
    for (uint32_t i = HEAD; i < size; i++)
        self->text[i] = (char)('a' + (i - HEAD) % 26);
}

void payload_write(const struct payload *self, uint32_t id, char *out)
{
    static const char digits[] = "0123456789abcdef";

    memcpy(out, self->text, self->size);
    for (uint32_t i = 0; i < DIGITS; i++)
        out[DIGITS - i] = digits[(id >> (4 * i)) & 15];
}

/* Returns 16 for what is no lower-case hex digit. */
static uint32_t digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : 16;
}

bool payload_read(const struct payload *self, const char *line, size_t size,
                  uint32_t *id)
{
    if (size < self->size + 2u)
        return false;
    const char *text = line + size - self->size;
    if (text[0] != MARK || text[-1] != ':' || text[-2] != ' ')
        return false;
    if (memcmp(text + HEAD, self->text + HEAD, self->size - HEAD) != 0)
        return false;

    uint32_t value = 0;
    for (uint32_t i = 1; i <= DIGITS; i++) {
        uint32_t digit = digit_value(text[i]);
        if (digit > 15)
            return false;
        value = value << 4 | digit;
    }
    *id = value;
    return true;
}
