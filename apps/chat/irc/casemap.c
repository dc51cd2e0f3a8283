/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/casemap.c - when two names are one name. */
#include "apps/chat/irc/casemap.h"

bool irc_fold_equal(struct irc_span a, struct irc_span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (irc_fold(a.at[i]) != irc_fold(b.at[i]))
            return false;
    return true;
}

void irc_fold_copy(struct irc_span name, char *out)
{
    for (size_t i = 0; i < name.size; i++)
        out[i] = irc_fold(name.at[i]);
}

/* SipHash (Aumasson, Bernstein 2012): v0..v3 start as these four, which spell
 * "somepseudorandomlygeneratedbytes". */
struct sip {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void sip_round(struct sip *s)
{
    uint64_t *v = s->v;

    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
    s->v[3] ^= word;
    sip_round(s);
    s->v[0] ^= word;
}

/* Up to eight folded bytes, the first one lowest. */
static uint64_t folded_word(const char *at, size_t size)
{
    uint64_t word = 0;

    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)(unsigned char)irc_fold(at[i]) << (8 * i);
    return word;
}

uint64_t irc_fold_hash(struct irc_span name, struct irc_hash_key key)
{
    struct sip s = {{key.low ^ UINT64_C(0x736f6d6570736575),
                     key.high ^ UINT64_C(0x646f72616e646f6d),
                     key.low ^ UINT64_C(0x6c7967656e657261),
                     key.high ^ UINT64_C(0x7465646279746573)}};
    size_t i = 0;

    for (; i + 8 <= name.size; i += 8)
        sip_word(&s, folded_word(name.at + i, 8));
    sip_word(&s, folded_word(name.at + i, name.size - i) | (uint64_t)name.size
                                                               << 56);

    s.v[2] ^= 0xFF;
    for (int round = 0; round < 3; round++)
        sip_round(&s);
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}
