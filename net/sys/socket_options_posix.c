/* SPDX-License-Identifier: MIT
 *
 * net/sys/socket_options_posix.c - setsockopt and getsockopt. */
#include "net/sys/socket_options.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/assert.h"
#include "net/sys/socket.h"

#define TTL_MAX 255
#define KEEPALIVE_S_MAX 32767 /* Linux' limit; others have none that is lower  \
                               */
#define PROBES_MAX 127

/* Where the system keeps it. An entry that is not here is all zeros, and level
 * 0 with name 0 is nobody's. */
struct place {
    int level;
    int name;
};

static const struct place places[MIO_OPTIONS_COUNT] = {
    [MIO_OPTION_NODELAY] = {IPPROTO_TCP, TCP_NODELAY},
    [MIO_OPTION_ONLY_V6] = {IPPROTO_IPV6, IPV6_V6ONLY},
    [MIO_OPTION_RECV_BUFFER_SIZE] = {SOL_SOCKET, SO_RCVBUF},
    [MIO_OPTION_REUSE_ADDRESS] = {SOL_SOCKET, SO_REUSEADDR},
    [MIO_OPTION_SEND_BUFFER_SIZE] = {SOL_SOCKET, SO_SNDBUF},
#ifdef __linux__
    /* Elsewhere the option exists, but all peers go to one of them. */
    [MIO_OPTION_SHARE_PORT] = {SOL_SOCKET, SO_REUSEPORT},
#endif
};

static int set(mio_handle handle, struct place place, int value)
{
    if (setsockopt((int)handle, place.level, place.name, &value,
                   sizeof(value)) < 0)
        return -errno;
    return MIO_OK;
}

static int get(mio_handle handle, struct place place)
{
    int value = 0;
    socklen_t size = sizeof(value);
    if (getsockopt((int)handle, place.level, place.name, &value, &size) < 0)
        return -errno;
    return value;
}

int mio_socket_set_option(mio_handle handle, enum mio_socket_option option,
                          int value)
{
    MIO_ASSERT(option < MIO_OPTIONS_COUNT);
    struct place place = places[option];
    if (place.level == 0 && place.name == 0)
        return MIO_ENOTSUP;
    return set(handle, place, value);
}

int mio_socket_option(mio_handle handle, enum mio_socket_option option)
{
    MIO_ASSERT(option < MIO_OPTIONS_COUNT);
    struct place place = places[option];
    if (place.level == 0 && place.name == 0)
        return MIO_ENOTSUP;
    return get(handle, place);
}

int mio_socket_set_size(mio_handle handle, enum mio_socket_option option,
                        uint32_t size)
{
    if (size > INT_MAX)
        return MIO_EINVAL;
    return mio_socket_set_option(handle, option, (int)size);
}

static const struct place ttl_v4 = {IPPROTO_IP, IP_TTL};
static const struct place hops_v6 = {IPPROTO_IPV6, IPV6_UNICAST_HOPS};

/* Of the socket's own address: it has one, if only the unspecified. */
static int family_of(mio_handle handle)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    if (getsockname((int)handle, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    return address.ss_family;
}

int mio_socket_set_ttl(mio_handle handle, uint32_t ttl)
{
    if (ttl == 0 || ttl > TTL_MAX)
        return MIO_EINVAL;
    int family = family_of(handle);
    if (family < 0)
        return family;
    if (family != AF_INET6)
        return set(handle, ttl_v4, (int)ttl);
    int rc = set(handle, hops_v6, (int)ttl);
    /* Not every system has both: then there are no IPv4 peers either. */
    if (rc == MIO_OK)
        (void)set(handle, ttl_v4, (int)ttl);
    return rc;
}

int mio_socket_ttl(mio_handle handle)
{
    int family = family_of(handle);
    if (family < 0)
        return family;
    return get(handle, family == AF_INET6 ? hops_v6 : ttl_v4);
}

int mio_socket_set_linger(mio_handle handle, int32_t linger_s)
{
    struct linger linger = {
        .l_onoff = linger_s >= 0,
        .l_linger = linger_s >= 0 ? linger_s : 0,
    };
    if (linger_s < 0 && linger_s != MIO_LINGER_OFF)
        return MIO_EINVAL;
    if (setsockopt((int)handle, SOL_SOCKET, SO_LINGER, &linger,
                   sizeof(linger)) < 0)
        return -errno;
    return MIO_OK;
}

int mio_socket_linger(mio_handle handle, int32_t *out_s)
{
    struct linger linger = {.l_onoff = 0};
    socklen_t size = sizeof(linger);
    if (getsockopt((int)handle, SOL_SOCKET, SO_LINGER, &linger, &size) < 0)
        return -errno;
    *out_s = linger.l_onoff != 0 ? linger.l_linger : MIO_LINGER_OFF;
    return MIO_OK;
}

static const struct place interval_s = {IPPROTO_TCP, TCP_KEEPINTVL};
static const struct place probes_count = {IPPROTO_TCP, TCP_KEEPCNT};

int mio_socket_set_keepalive_details(mio_handle handle,
                                     const struct mio_tcp_keepalive *details)
{
    if (details->idle_s > KEEPALIVE_S_MAX ||
        details->interval_s > KEEPALIVE_S_MAX ||
        details->probes_count > PROBES_MAX)
        return MIO_EINVAL;

    int rc = MIO_OK;
    if (details->interval_s > 0)
        rc = set(handle, interval_s, (int)details->interval_s);
    if (rc == MIO_OK && details->probes_count > 0)
        rc = set(handle, probes_count, (int)details->probes_count);
    if (rc == MIO_OK)
        rc = mio_socket_set_keepalive(handle, details->idle_s);
    return rc;
}

int mio_socket_keepalive(mio_handle handle, struct mio_tcp_keepalive *out)
{
    int is_on = get(handle, (struct place){SOL_SOCKET, SO_KEEPALIVE});
    if (is_on < 0)
        return is_on;
    int idle = get(handle, (struct place){IPPROTO_TCP, TCP_KEEPIDLE});
    if (idle < 0)
        return idle;
    int interval = get(handle, interval_s);
    if (interval < 0)
        return interval;
    int probes = get(handle, probes_count);
    if (probes < 0)
        return probes;
    *out = (struct mio_tcp_keepalive){
        .idle_s = is_on != 0 ? (uint32_t)idle : 0,
        .interval_s = (uint32_t)interval,
        .probes_count = (uint32_t)probes,
    };
    return MIO_OK;
}
