/* SPDX-License-Identifier: MIT
 *
 * net/address.c - addresses as text, compared and hashed. */
#include "net/address.h"

#include <stdio.h>
#include <string.h>

#include "core/assert.h"
#include "net/sys/sockaddr.h"

#define UNIX_PREFIX "unix:"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0,    0,
                                          0, 0, 0, 0, 0xff, 0xff};

static bool is_ip(const struct mio_address *self)
{
    return self->family == MIO_FAMILY_IPV4 || self->family == MIO_FAMILY_IPV6;
}

/* The IP as IPv6 has it, IPv4 mapped: one host is one value, whichever kind of
 * listener it came through. */
static void normal_ip(const struct mio_address *self, struct mio_ip *out)
{
    mio_sockaddr_to_ip(self, out);
    if (self->family == MIO_FAMILY_IPV4) {
        memcpy(out->bytes + sizeof(mapped_prefix), out->bytes, MIO_IPV4_SIZE);
        memcpy(out->bytes, mapped_prefix, sizeof(mapped_prefix));
    }
}

/* Copy the text up to `end` where it can be terminated. */
static bool cut(char *out, size_t out_size, const char *text, const char *end)
{
    size_t size = (size_t)(end - text);
    if (size >= out_size)
        return false;
    memcpy(out, text, size);
    out[size] = '\0';
    return true;
}

static bool parse_port(const char *text, uint16_t *out)
{
    size_t digits = strlen(text);
    if (digits == 0 || digits > 5)
        return false;
    uint32_t port = 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        port = port * 10 + (uint32_t)(*text - '0');
    }
    *out = (uint16_t)port;
    return port <= UINT16_MAX;
}

static int parse_ipv6(struct mio_address *out, const char *text, uint16_t port)
{
    struct mio_ip ip = {.port = port};
    const char *percent = strchr(text, '%');
    const char *end = percent != NULL ? percent : text + strlen(text);
    char digits[MIO_IP_TEXT_MAX];
    if (!cut(digits, sizeof(digits), text, end) ||
        !mio_ip_from_text(MIO_FAMILY_IPV6, digits, ip.bytes))
        return MIO_EINVAL;

    if (percent != NULL) {
        if (percent[1] == '\0')
            return MIO_EINVAL;
        ip.scope = mio_scope_from_text(percent + 1);
        if (ip.scope == 0)
            return MIO_ENODEV;
    }
    mio_sockaddr_from_ipv6(out, &ip);
    return MIO_OK;
}

static int parse_ipv4(struct mio_address *out, const char *text, uint16_t port)
{
    struct mio_ip ip = {.port = port};
    if (!mio_ip_from_text(MIO_FAMILY_IPV4, text, ip.bytes))
        return MIO_EINVAL;
    mio_sockaddr_from_ipv4(out, &ip);
    return MIO_OK;
}

int mio_address_parse_ip(struct mio_address *out, const char *ip, uint16_t port)
{
    if (strchr(ip, ':') != NULL)
        return parse_ipv6(out, ip, port);
    return parse_ipv4(out, ip, port);
}

/* "[ip]:port" */
static int parse_bracketed(struct mio_address *out, const char *text)
{
    const char *end = strchr(text, ']');
    char ip[MIO_IP_TEXT_MAX + MIO_SCOPE_TEXT_MAX];
    uint16_t port;
    if (end == NULL || end[1] != ':' || !parse_port(end + 2, &port) ||
        !cut(ip, sizeof(ip), text + 1, end))
        return MIO_EINVAL;
    return parse_ipv6(out, ip, port);
}

int mio_address_parse(struct mio_address *out, const char *text)
{
    size_t prefix = strlen(UNIX_PREFIX);
    if (strncmp(text, UNIX_PREFIX, prefix) == 0)
        return mio_sockaddr_from_path(out, text + prefix,
                                      strlen(text + prefix));
    if (text[0] == '[')
        return parse_bracketed(out, text);

    const char *colon = strchr(text, ':');
    char ip[MIO_IP_TEXT_MAX];
    uint16_t port;
    if (colon == NULL || !parse_port(colon + 1, &port) ||
        !cut(ip, sizeof(ip), text, colon))
        return MIO_EINVAL;
    return parse_ipv4(out, ip, port);
}

/* The IP with its scope; returns the length. */
static size_t write_ip(const struct mio_address *self, const struct mio_ip *ip,
                       char *text)
{
    mio_ip_to_text(mio_address_family(self), ip->bytes, text);
    size_t size = strlen(text);
    if (ip->scope != 0) {
        text[size++] = '%';
        mio_scope_to_text(ip->scope, text + size);
        size += strlen(text + size);
    }
    return size;
}

static size_t write_unix(const struct mio_address *self, char *text)
{
    const char *path;
    size_t size = mio_sockaddr_to_path(self, &path);
    size_t prefix = strlen(UNIX_PREFIX);
    memcpy(text, UNIX_PREFIX, prefix);
    memcpy(text + prefix, path, size);
    text[prefix + size] = '\0';
    /* An abstract name begins with a 0, and may have more. */
    for (size_t i = prefix; i < prefix + size; i++) {
        if (text[i] == '\0')
            text[i] = '@';
    }
    return prefix + size;
}

static size_t give(const char *whole, size_t whole_size, char *text,
                   size_t text_size)
{
    if (text_size > 0) {
        size_t size = whole_size < text_size ? whole_size : text_size - 1;
        memcpy(text, whole, size);
        text[size] = '\0';
    }
    return whole_size;
}

static size_t format(const struct mio_address *self, bool with_port, char *text,
                     size_t text_size)
{
    char whole[MIO_ADDRESS_TEXT_MAX];
    size_t size = 0;
    if (is_ip(self)) {
        bool in_brackets = with_port && self->family == MIO_FAMILY_IPV6;
        struct mio_ip ip;
        mio_sockaddr_to_ip(self, &ip);
        if (in_brackets)
            whole[size++] = '[';
        size += write_ip(self, &ip, whole + size);
        if (in_brackets)
            whole[size++] = ']';
        if (with_port)
            size += (size_t)snprintf(whole + size, sizeof(whole) - size, ":%u",
                                     (unsigned)ip.port);
    } else if (self->family == MIO_FAMILY_UNIX) {
        size = write_unix(self, whole);
    } else {
        size = (size_t)snprintf(whole, sizeof(whole), "unnamed");
    }
    MIO_ASSERT(size < sizeof(whole));
    return give(whole, size, text, text_size);
}

size_t mio_address_format(const struct mio_address *self, char *text,
                          size_t text_size)
{
    return format(self, true, text, text_size);
}

size_t mio_address_format_ip(const struct mio_address *self, char *text,
                             size_t text_size)
{
    return format(self, false, text, text_size);
}

int mio_address_from_path(struct mio_address *out, const char *path)
{
    return mio_sockaddr_from_file(out, path, strlen(path));
}

int mio_address_from_abstract(struct mio_address *out, const void *name,
                              size_t size)
{
    return mio_sockaddr_from_abstract(out, name, size);
}

size_t mio_address_path(const struct mio_address *self, const char **bytes)
{
    *bytes = NULL;
    if (self->family != MIO_FAMILY_UNIX)
        return 0;
    return mio_sockaddr_to_path(self, bytes);
}

enum mio_family mio_address_family(const struct mio_address *self)
{
    return (enum mio_family)self->family;
}

uint16_t mio_address_port(const struct mio_address *self)
{
    if (!is_ip(self))
        return 0;
    struct mio_ip ip;
    mio_sockaddr_to_ip(self, &ip);
    return ip.port;
}

void mio_address_set_port(struct mio_address *self, uint16_t port)
{
    if (!is_ip(self))
        return;
    struct mio_ip ip;
    mio_sockaddr_to_ip(self, &ip);
    ip.port = port;
    if (self->family == MIO_FAMILY_IPV4)
        mio_sockaddr_from_ipv4(self, &ip);
    else
        mio_sockaddr_from_ipv6(self, &ip);
}

bool mio_address_is_loopback(const struct mio_address *self)
{
    static const uint8_t one[MIO_IPV6_SIZE] = {[15] = 1};

    if (self->family == MIO_FAMILY_UNIX)
        return true;
    if (!is_ip(self))
        return false;
    struct mio_ip ip;
    normal_ip(self, &ip);
    if (memcmp(ip.bytes, mapped_prefix, sizeof(mapped_prefix)) == 0)
        return ip.bytes[12] == 127;
    return memcmp(ip.bytes, one, sizeof(one)) == 0;
}

static bool equal_path(const struct mio_address *a, const struct mio_address *b)
{
    const char *a_path;
    const char *b_path;
    size_t a_size = mio_sockaddr_to_path(a, &a_path);
    size_t b_size = mio_sockaddr_to_path(b, &b_path);
    return a_size == b_size && memcmp(a_path, b_path, a_size) == 0;
}

bool mio_address_equal(const struct mio_address *a, const struct mio_address *b)
{
    if (a->family != b->family)
        return false;
    return mio_address_port(a) == mio_address_port(b) &&
           mio_address_equal_ip(a, b);
}

bool mio_address_equal_ip(const struct mio_address *a,
                          const struct mio_address *b)
{
    if (!is_ip(a) || !is_ip(b)) {
        if (a->family != b->family)
            return false;
        return a->family != MIO_FAMILY_UNIX || equal_path(a, b);
    }
    struct mio_ip a_ip;
    struct mio_ip b_ip;
    normal_ip(a, &a_ip);
    normal_ip(b, &b_ip);
    return a_ip.scope == b_ip.scope &&
           memcmp(a_ip.bytes, b_ip.bytes, MIO_IPV6_SIZE) == 0;
}

/* The finalizer of MurmurHash3: every bit of the input reaches every other. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ (x >> 33);
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;
    while (size > 0) {
        uint64_t word = 0;
        size_t part = size < sizeof(word) ? size : sizeof(word);
        memcpy(&word, next, part);
        hash = mix(hash ^ word) + UINT64_C(0x9e3779b97f4a7c15);
        next += part;
        size -= part;
    }
    return mix(hash);
}

uint64_t mio_address_hash_ip(const struct mio_address *self, uint64_t seed)
{
    if (is_ip(self)) {
        struct mio_ip ip;
        normal_ip(self, &ip);
        return mix_bytes(seed ^ ip.scope, ip.bytes, MIO_IPV6_SIZE);
    }
    const char *path = NULL;
    size_t size = 0;
    if (self->family == MIO_FAMILY_UNIX)
        size = mio_sockaddr_to_path(self, &path);
    return mix_bytes(seed, path, size);
}
