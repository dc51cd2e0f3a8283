/* SPDX-License-Identifier: MIT
 *
 * net/udp_socket.c - datagrams, one by one and in batches; udp_options.c has
 * the rest. */
#include "net/udp_socket.h"

#include "net/endpoint.h"
#include "net/sys/datagram.h"
#include "net/sys/socket.h"
#include "net/sys/socket_options.h"

enum cutting { CUTTING_UNKNOWN, CUTTING_YES, CUTTING_NO };

void mio_udp_socket_from_handle(struct mio_udp_socket *out, mio_handle handle)
{
    mio_source_init(&out->source, handle);
    out->cutting = CUTTING_UNKNOWN;
}

static int prepare(mio_handle handle, enum mio_family family,
                   const struct mio_udp_options *options)
{
    int rc = MIO_OK;
    if (options->reuse_address)
        rc = mio_socket_set_option(handle, MIO_OPTION_REUSE_ADDRESS, 1);
    if (rc == MIO_OK && options->share_port)
        rc = mio_socket_set_option(handle, MIO_OPTION_SHARE_PORT, 1);
    /* Always said, for the system's default can be either. */
    if (rc == MIO_OK && family == MIO_FAMILY_IPV6)
        rc = mio_socket_set_option(handle, MIO_OPTION_ONLY_V6,
                                   options->exclusive_v6);
    return rc;
}

int mio_udp_socket_open_unbound(struct mio_udp_socket *out,
                                enum mio_family family,
                                const struct mio_udp_options *options)
{
    static const struct mio_udp_options defaults;
    if (family == MIO_FAMILY_UNIX)
        return MIO_EAFNOSUPPORT;

    mio_handle handle;
    int rc = mio_socket_open_kind(&handle, family, MIO_SOCKET_DATAGRAM);
    if (rc < 0)
        return rc;
    rc = prepare(handle, family, options != NULL ? options : &defaults);
    if (rc < 0) {
        mio_socket_close(handle);
        return rc;
    }
    mio_udp_socket_from_handle(out, handle);
    return MIO_OK;
}

int mio_udp_socket_open(struct mio_udp_socket *out,
                        const struct mio_address *at,
                        const struct mio_udp_options *options)
{
    struct mio_udp_socket opened;
    int rc =
        mio_udp_socket_open_unbound(&opened, mio_address_family(at), options);
    if (rc < 0)
        return rc;
    rc = mio_udp_socket_bind(&opened, at);
    if (rc < 0) {
        mio_udp_socket_close(&opened);
        return rc;
    }
    *out = opened;
    return MIO_OK;
}

int mio_udp_socket_bind(struct mio_udp_socket *self,
                        const struct mio_address *at)
{
    return mio_socket_bind(self->source.handle, at);
}

void mio_udp_socket_close(struct mio_udp_socket *self)
{
    mio_handle handle = mio_endpoint_release(&self->source);
    if (handle != MIO_HANDLE_NONE)
        mio_socket_close(handle);
}

bool mio_udp_socket_is_open(const struct mio_udp_socket *self)
{
    return mio_endpoint_is_open(&self->source);
}

mio_handle mio_udp_socket_release(struct mio_udp_socket *self)
{
    return mio_endpoint_release(&self->source);
}

int mio_udp_socket_connect(struct mio_udp_socket *self,
                           const struct mio_address *to)
{
    return mio_socket_connect(self->source.handle, to);
}

static int64_t send_to(struct mio_udp_socket *self, const void *bytes,
                       size_t size, const struct mio_address *to)
{
    return mio_endpoint_done(
        &self->source, mio_socket_send_to(self->source.handle, bytes, size, to),
        MIO_WRITABLE);
}

int64_t mio_udp_socket_send(struct mio_udp_socket *self, const void *bytes,
                            size_t size)
{
    return send_to(self, bytes, size, NULL);
}

int64_t mio_udp_socket_send_to(struct mio_udp_socket *self, const void *bytes,
                               size_t size, const struct mio_address *to)
{
    return send_to(self, bytes, size, to);
}

static int64_t recv_from(struct mio_udp_socket *self, void *bytes, size_t size,
                         struct mio_address *from, bool is_peek)
{
    return mio_endpoint_done(
        &self->source,
        mio_socket_recv_from(self->source.handle, bytes, size, from, is_peek),
        MIO_READABLE);
}

int64_t mio_udp_socket_recv(struct mio_udp_socket *self, void *bytes,
                            size_t size)
{
    return recv_from(self, bytes, size, NULL, false);
}

int64_t mio_udp_socket_recv_from(struct mio_udp_socket *self, void *bytes,
                                 size_t size, struct mio_address *from)
{
    return recv_from(self, bytes, size, from, false);
}

int64_t mio_udp_socket_peek(struct mio_udp_socket *self, void *bytes,
                            size_t size)
{
    return recv_from(self, bytes, size, NULL, true);
}

int64_t mio_udp_socket_peek_from(struct mio_udp_socket *self, void *bytes,
                                 size_t size, struct mio_address *from)
{
    return recv_from(self, bytes, size, from, true);
}

int mio_udp_socket_can_cut(struct mio_udp_socket *self)
{
    /* Asked once: a kernel that does not know how would send it uncut. */
    if (self->cutting == CUTTING_UNKNOWN) {
        int rc = mio_socket_option(self->source.handle, MIO_OPTION_UDP_SEGMENT);
        self->cutting = rc >= 0 ? CUTTING_YES : CUTTING_NO;
    }
    return self->cutting == CUTTING_YES ? MIO_OK : MIO_ENOTSUP;
}

int mio_udp_socket_set_gro(struct mio_udp_socket *self, bool on)
{
    int rc = mio_socket_set_option(self->source.handle, MIO_OPTION_UDP_GRO, on);
    return rc == MIO_ENOPROTOOPT ? MIO_ENOTSUP : rc;
}

static int check_to_send(struct mio_udp_socket *self,
                         const struct mio_datagram *datagram)
{
    if (datagram->pieces_count > MIO_IOVECS_MAX ||
        datagram->segment_size > UINT16_MAX)
        return MIO_EINVAL;
    return datagram->segment_size > 0 ? mio_udp_socket_can_cut(self) : MIO_OK;
}

static int check_to_recv(struct mio_udp_socket *self,
                         const struct mio_datagram *datagram)
{
    (void)self;
    return datagram->pieces_count > MIO_IOVECS_MAX ? MIO_EINVAL : MIO_OK;
}

/* How many, from the first on, are sound and fit one call; the code of the
 * first, if there is none. */
static int sound_count(struct mio_udp_socket *self,
                       const struct mio_datagram *datagrams, size_t count,
                       int (*check)(struct mio_udp_socket *,
                                    const struct mio_datagram *))
{
    int sound = 0;
    while ((size_t)sound < count && sound < MIO_DATAGRAMS_MAX) {
        int rc = check(self, &datagrams[sound]);
        if (rc < 0)
            return sound > 0 ? sound : rc;
        sound++;
    }
    return sound;
}

int mio_udp_socket_send_batch(struct mio_udp_socket *self,
                              struct mio_datagram *datagrams, size_t count)
{
    int sound = sound_count(self, datagrams, count, check_to_send);
    if (sound <= 0)
        return sound;
    return (int)mio_endpoint_done(
        &self->source,
        mio_socket_send_batch(self->source.handle, datagrams, (size_t)sound),
        MIO_WRITABLE);
}

int mio_udp_socket_recv_batch(struct mio_udp_socket *self,
                              struct mio_datagram *datagrams, size_t count)
{
    int sound = sound_count(self, datagrams, count, check_to_recv);
    if (sound <= 0)
        return sound;
    return (int)mio_endpoint_done(
        &self->source,
        mio_socket_recv_batch(self->source.handle, datagrams, (size_t)sound),
        MIO_READABLE);
}
