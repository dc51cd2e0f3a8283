/* SPDX-License-Identifier: MIT
 *
 * net/sys/datagram_posix.c - sendto and recvfrom; many at once by sendmmsg and
 * recvmmsg, or one by one where a system, or a sandbox, has none. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#endif

#include "net/sys/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/assert.h"
#include "net/sys/sockaddr.h"

#if defined(__linux__) || defined(__FreeBSD__) || defined(__NetBSD__)
#define HAS_BATCHES 1
#else
#define HAS_BATCHES 0
struct mmsghdr {
    struct msghdr msg_hdr;
    unsigned int msg_len;
};
#endif

/* Known to the kernel since Linux 4.18 and 5.0, to libc since later. */
#if defined(__linux__) && !defined(UDP_SEGMENT)
#define UDP_SEGMENT 103
#endif
#if defined(__linux__) && !defined(UDP_GRO)
#define UDP_GRO 104
#endif

#define RETRY(rc, call)                                                        \
    do                                                                         \
        (rc) = (call);                                                         \
    while ((rc) < 0 && errno == EINTR)

/* What a datagram may carry besides: one number, its segment_size. */
union control {
    size_t align; /* as a cmsghdr is */
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* 4 KiB of headers and 1.5 KiB of numbers: for the stack. */
struct batch {
    struct mmsghdr headers[MIO_DATAGRAMS_MAX];
    union control controls[MIO_DATAGRAMS_MAX];
};

static int64_t answer(ssize_t n)
{
    return n < 0 ? -(int64_t)errno : (int64_t)n;
}

int64_t mio_socket_send_to(mio_handle handle, const void *bytes, size_t size,
                           const struct mio_address *to)
{
    const struct sockaddr *address =
        to == NULL ? NULL : (const struct sockaddr *)(const void *)&to->storage;
    ssize_t n;
    RETRY(n, sendto((int)handle, bytes, size, MSG_NOSIGNAL, address,
                    to == NULL ? 0 : to->size));
    return answer(n);
}

int64_t mio_socket_recv_from(mio_handle handle, void *bytes, size_t size,
                             struct mio_address *from, bool is_peek)
{
    struct mio_address unused;
    if (from == NULL)
        from = &unused;
    socklen_t address_size = sizeof(from->storage);
    ssize_t n;
    RETRY(n,
          recvfrom((int)handle, bytes, size, is_peek ? MSG_PEEK : 0,
                   (struct sockaddr *)(void *)&from->storage, &address_size));
    if (n >= 0) {
        from->size = address_size;
        mio_sockaddr_accept(from);
    }
    return answer(n);
}

static struct msghdr header_of(const struct mio_datagram *datagram)
{
    /* Neither sendmsg nor recvmsg writes to the array of pieces itself. */
    return (struct msghdr){
        .msg_iov = (struct iovec *)(uintptr_t)datagram->pieces,
        .msg_iovlen = datagram->pieces_count,
    };
}

static void prepare_to_send(struct msghdr *header, union control *control,
                            const struct mio_datagram *datagram)
{
    *header = header_of(datagram);
    if (datagram->address != NULL) {
        header->msg_name = &datagram->address->storage;
        header->msg_namelen = datagram->address->size;
    }
#ifdef UDP_SEGMENT
    if (datagram->segment_size == 0)
        return;
    MIO_ASSERT(datagram->segment_size <= UINT16_MAX);
    uint16_t segment_size = (uint16_t)datagram->segment_size;
    *control = (union control){.bytes = {0}};
    header->msg_control = control->bytes;
    header->msg_controllen = CMSG_SPACE(sizeof(segment_size));
    struct cmsghdr *number = CMSG_FIRSTHDR(header);
    number->cmsg_level = IPPROTO_UDP;
    number->cmsg_type = UDP_SEGMENT;
    number->cmsg_len = CMSG_LEN(sizeof(segment_size));
    memcpy(CMSG_DATA(number), &segment_size, sizeof(segment_size));
#else
    (void)control;
#endif
}

static void prepare_to_recv(struct msghdr *header, union control *control,
                            const struct mio_datagram *datagram)
{
    *header = header_of(datagram);
    if (datagram->address != NULL) {
        header->msg_name = &datagram->address->storage;
        header->msg_namelen = sizeof(datagram->address->storage);
    }
    header->msg_control = control->bytes;
    header->msg_controllen = sizeof(control->bytes);
}

static uint32_t segment_size_of(struct msghdr *header)
{
#ifdef UDP_GRO
    for (struct cmsghdr *number = CMSG_FIRSTHDR(header); number != NULL;
         number = CMSG_NXTHDR(header, number)) {
        if (number->cmsg_level != IPPROTO_UDP || number->cmsg_type != UDP_GRO)
            continue;
        int segment_size;
        memcpy(&segment_size, CMSG_DATA(number), sizeof(segment_size));
        return (uint32_t)segment_size;
    }
#else
    (void)header;
#endif
    return 0;
}

static void accept_received(struct mio_datagram *datagram,
                            struct mmsghdr *received)
{
    struct msghdr *header = &received->msg_hdr;
    datagram->size = received->msg_len;
    datagram->flags =
        (header->msg_flags & MSG_TRUNC) != 0 ? MIO_DATAGRAM_TRUNCATED : 0;
    datagram->segment_size = segment_size_of(header);
    if (datagram->address != NULL) {
        datagram->address->size = header->msg_namelen;
        mio_sockaddr_accept(datagram->address);
    }
}

/* Both give what the system calls do: -1 and errno, or how many. */
static int send_at_once(int fd, struct mmsghdr *headers, unsigned int count)
{
#if HAS_BATCHES
    int n;
    RETRY(n, sendmmsg(fd, headers, count, MSG_NOSIGNAL));
    return n;
#else
    errno = ENOSYS;
    return -1;
#endif
}

static int recv_at_once(int fd, struct mmsghdr *headers, unsigned int count)
{
#if HAS_BATCHES
    int n;
    RETRY(n, recvmmsg(fd, headers, count, 0, NULL));
    return n;
#else
    errno = ENOSYS;
    return -1;
#endif
}

static int one_by_one(int fd, struct mmsghdr *headers, unsigned int count,
                      ssize_t (*move)(int fd, struct msghdr *header))
{
    for (unsigned int i = 0; i < count; i++) {
        ssize_t n;
        RETRY(n, move(fd, &headers[i].msg_hdr));
        if (n < 0)
            return i > 0 ? (int)i : -1;
        headers[i].msg_len = (unsigned int)n;
    }
    return (int)count;
}

static ssize_t send_one(int fd, struct msghdr *header)
{
    return sendmsg(fd, header, MSG_NOSIGNAL);
}

static ssize_t recv_one(int fd, struct msghdr *header)
{
    return recvmsg(fd, header, 0);
}

/* EPERM is what sandboxes say to a call that is newer than they are. */
static bool is_missing(int rc)
{
    return rc < 0 && (errno == ENOSYS || errno == EPERM);
}

int mio_socket_send_batch(mio_handle handle, struct mio_datagram *datagrams,
                          size_t count)
{
    MIO_ASSERT(count > 0);
    MIO_ASSERT(count <= MIO_DATAGRAMS_MAX);

    struct batch batch;
    for (size_t i = 0; i < count; i++) {
        batch.headers[i].msg_len = 0;
        prepare_to_send(&batch.headers[i].msg_hdr, &batch.controls[i],
                        &datagrams[i]);
    }
    int n = send_at_once((int)handle, batch.headers, (unsigned int)count);
    if (is_missing(n))
        n = one_by_one((int)handle, batch.headers, (unsigned int)count,
                       send_one);
    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++)
        datagrams[i].size = batch.headers[i].msg_len;
    return n;
}

int mio_socket_recv_batch(mio_handle handle, struct mio_datagram *datagrams,
                          size_t count)
{
    MIO_ASSERT(count > 0);
    MIO_ASSERT(count <= MIO_DATAGRAMS_MAX);

    struct batch batch;
    for (size_t i = 0; i < count; i++) {
        batch.headers[i].msg_len = 0;
        prepare_to_recv(&batch.headers[i].msg_hdr, &batch.controls[i],
                        &datagrams[i]);
    }
    int n = recv_at_once((int)handle, batch.headers, (unsigned int)count);
    if (is_missing(n))
        n = one_by_one((int)handle, batch.headers, (unsigned int)count,
                       recv_one);
    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++)
        accept_received(&datagrams[i], &batch.headers[i]);
    return n;
}
