/* SPDX-License-Identifier: MIT
 *
 * net/sys/socket_options_posix.c - setsockopt and getsockopt. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* SO_PASSCRED */
#endif

#include "net/sys/socket_options.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "core/assert.h"
#include "net/sys/sockaddr.h"
#include "net/sys/socket.h"

#define TTL_MAX 255
#define KEEPALIVE_S_MAX 32767 /* Linux' limit; no system has a lower one */
#define PROBES_MAX 127

/* Kernels know them since Linux 4.18 and 5.0, libc's headers since later. */
#if defined(__linux__) && !defined(UDP_SEGMENT)
#define UDP_SEGMENT 103
#endif
#if defined(__linux__) && !defined(UDP_GRO)
#define UDP_GRO 104
#endif

/* Where the system keeps it. An entry that is not here is all zeros, and level
 * 0 with name 0 is nobody's. */
struct place {
    int level;
    int name;
    bool is_byte; /* an unsigned char, which all systems accept here */
};

static const struct place places[MIO_OPTIONS_COUNT] = {
    [MIO_OPTION_BROADCAST] = {SOL_SOCKET, SO_BROADCAST, false},
    [MIO_OPTION_MULTICAST_HOPS_V6] = {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, false},
    [MIO_OPTION_MULTICAST_INTERFACE_V6] = {IPPROTO_IPV6, IPV6_MULTICAST_IF,
                                           false},
    [MIO_OPTION_MULTICAST_LOOP_V4] = {IPPROTO_IP, IP_MULTICAST_LOOP, true},
    [MIO_OPTION_MULTICAST_LOOP_V6] = {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, false},
    [MIO_OPTION_MULTICAST_TTL_V4] = {IPPROTO_IP, IP_MULTICAST_TTL, true},
    [MIO_OPTION_NODELAY] = {IPPROTO_TCP, TCP_NODELAY, false},
    [MIO_OPTION_ONLY_V6] = {IPPROTO_IPV6, IPV6_V6ONLY, false},
    [MIO_OPTION_RECV_BUFFER_SIZE] = {SOL_SOCKET, SO_RCVBUF, false},
    [MIO_OPTION_REUSE_ADDRESS] = {SOL_SOCKET, SO_REUSEADDR, false},
    [MIO_OPTION_SEND_BUFFER_SIZE] = {SOL_SOCKET, SO_SNDBUF, false},
#ifdef __linux__
    [MIO_OPTION_PASS_CREDENTIALS] = {SOL_SOCKET, SO_PASSCRED, false},
    /* Elsewhere the option exists, but all peers go to one of them. */
    [MIO_OPTION_SHARE_PORT] = {SOL_SOCKET, SO_REUSEPORT, false},
    [MIO_OPTION_UDP_GRO] = {IPPROTO_UDP, UDP_GRO, false},
    [MIO_OPTION_UDP_SEGMENT] = {IPPROTO_UDP, UDP_SEGMENT, false},
#endif
};

static int set_bytes(mio_handle handle, struct place place, const void *value,
                     size_t size)
{
    if (setsockopt((int)handle, place.level, place.name, value,
                   (socklen_t)size) < 0)
        return -errno;
    return MIO_OK;
}

static int get_bytes(mio_handle handle, struct place place, void *value,
                     size_t size)
{
    socklen_t value_size = (socklen_t)size;
    if (getsockopt((int)handle, place.level, place.name, value, &value_size) <
        0)
        return -errno;
    return MIO_OK;
}

static int set(mio_handle handle, struct place place, int value)
{
    if (!place.is_byte)
        return set_bytes(handle, place, &value, sizeof(value));
    MIO_ASSERT(value >= 0);
    MIO_ASSERT(value <= UCHAR_MAX);
    unsigned char byte = (unsigned char)value;
    return set_bytes(handle, place, &byte, sizeof(byte));
}

static int get(mio_handle handle, struct place place)
{
    int value = 0;
    unsigned char byte = 0;
    int rc = place.is_byte ? get_bytes(handle, place, &byte, sizeof(byte))
                           : get_bytes(handle, place, &value, sizeof(value));
    if (rc < 0)
        return rc;
    return place.is_byte ? byte : value;
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

static const struct place ttl_v4 = {IPPROTO_IP, IP_TTL, false};
static const struct place hops_v6 = {IPPROTO_IPV6, IPV6_UNICAST_HOPS, false};

/* Of the socket's own address: it has one, if only the unspecified. */
static int family_of(mio_handle handle)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
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

static const struct place linger_place = {SOL_SOCKET, SO_LINGER, false};

int mio_socket_set_linger(mio_handle handle, int32_t linger_s)
{
    struct linger linger = {
        .l_onoff = linger_s >= 0,
        .l_linger = linger_s >= 0 ? linger_s : 0,
    };
    if (linger_s < 0 && linger_s != MIO_LINGER_OFF)
        return MIO_EINVAL;
    return set_bytes(handle, linger_place, &linger, sizeof(linger));
}

int mio_socket_linger(mio_handle handle, int32_t *out_s)
{
    struct linger linger = {.l_onoff = 0};
    int rc = get_bytes(handle, linger_place, &linger, sizeof(linger));
    if (rc < 0)
        return rc;
    *out_s = linger.l_onoff != 0 ? linger.l_linger : MIO_LINGER_OFF;
    return MIO_OK;
}

/* 0.0.0.0, which is the system's choice, for none. */
static int ipv4_of(const struct mio_address *address, struct in_addr *out)
{
    struct mio_ip ip;
    *out = (struct in_addr){.s_addr = htonl(INADDR_ANY)};
    if (address == NULL)
        return MIO_OK;
    if (mio_address_family(address) != MIO_FAMILY_IPV4)
        return MIO_EINVAL;
    mio_sockaddr_to_ip(address, &ip);
    memcpy(out, ip.bytes, sizeof(*out));
    return MIO_OK;
}

int mio_socket_set_member_v4(mio_handle handle, const struct mio_address *group,
                             const struct mio_address *local, bool is_member)
{
    MIO_ASSERT(group != NULL);

    struct ip_mreq request;
    int rc = ipv4_of(group, &request.imr_multiaddr);
    if (rc == MIO_OK)
        rc = ipv4_of(local, &request.imr_interface);
    if (rc < 0)
        return rc;
    struct place place = {
        IPPROTO_IP,
        is_member ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP,
        false,
    };
    return set_bytes(handle, place, &request, sizeof(request));
}

int mio_socket_set_member_v6(mio_handle handle, const struct mio_address *group,
                             uint32_t interface_index, bool is_member)
{
    struct mio_ip ip;
    if (mio_address_family(group) != MIO_FAMILY_IPV6)
        return MIO_EINVAL;
    mio_sockaddr_to_ip(group, &ip);
    struct ipv6_mreq request = {
        .ipv6mr_interface = interface_index != 0 ? interface_index : ip.scope,
    };
    memcpy(&request.ipv6mr_multiaddr, ip.bytes, MIO_IPV6_SIZE);
    struct place place = {
        IPPROTO_IPV6,
        is_member ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP,
        false,
    };
    return set_bytes(handle, place, &request, sizeof(request));
}

static const struct place multicast_if_v4 = {IPPROTO_IP, IP_MULTICAST_IF,
                                             false};

int mio_socket_set_multicast_interface_v4(mio_handle handle,
                                          const struct mio_address *local)
{
    struct in_addr address;
    int rc = ipv4_of(local, &address);
    if (rc < 0)
        return rc;
    return set_bytes(handle, multicast_if_v4, &address, sizeof(address));
}

int mio_socket_multicast_interface_v4(mio_handle handle,
                                      struct mio_address *out)
{
    struct in_addr address = {.s_addr = 0};
    int rc = get_bytes(handle, multicast_if_v4, &address, sizeof(address));
    if (rc < 0)
        return rc;
    struct mio_ip ip = {.port = 0};
    memcpy(ip.bytes, &address, MIO_IPV4_SIZE);
    mio_sockaddr_from_ipv4(out, &ip);
    return MIO_OK;
}

static const struct place interval_s = {IPPROTO_TCP, TCP_KEEPINTVL, false};
static const struct place probes_count = {IPPROTO_TCP, TCP_KEEPCNT, false};

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
    int is_on = get(handle, (struct place){SOL_SOCKET, SO_KEEPALIVE, false});
    if (is_on < 0)
        return is_on;
    int idle = get(handle, (struct place){IPPROTO_TCP, TCP_KEEPIDLE, false});
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
