/* SPDX-License-Identifier: MIT
 *
 * net/udp_socket.h - a UDP socket, non-blocking.
 *
 * Embedded in the caller's object. Operations answer a count or a negative
 * code; MIO_EAGAIN is normal and re-arms that direction. A datagram of no
 * bytes is a datagram: 0 is a count here, never an end. What a peer's system
 * said of an earlier datagram (MIO_ECONNREFUSED) a connected socket answers to
 * whatever comes next, once. */
#ifndef MIO_NET_UDP_SOCKET_H
#define MIO_NET_UDP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/datagram.h"

MIO_BEGIN_DECLS

/* Must not move while it is registered. */
struct mio_udp_socket {
    struct mio_source source; /* what a poll registers */
    uint32_t cutting;         /* private: whether the system can; unknown, yes,
                                 no */
};

/* How it is made; all 0 is good. */
struct mio_udp_options {
    bool reuse_address; /* SO_REUSEADDR: many receive what a group is sent */
    bool share_port;    /* SO_REUSEPORT: peers are spread over many sockets */
    bool exclusive_v6;  /* an IPv6 socket has no IPv4 peers */
};

/* --- life --------------------------------------------------------------- */

/** Make one, bound to an address; port 0 lets the system choose. `options` may
 *  be NULL.
 *  Returns 0 | MIO_EADDRINUSE | MIO_EADDRNOTAVAIL | MIO_EACCES | MIO_EMFILE
 *  | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM | MIO_EAFNOSUPPORT
 *  | MIO_ENOTSUP (share_port).                            Thread: any. */
MIO_API MIO_NODISCARD int
mio_udp_socket_open(struct mio_udp_socket *out, const struct mio_address *at,
                    const struct mio_udp_options *options);

/** Make one, of MIO_FAMILY_IPV4 or MIO_FAMILY_IPV6, that gets an address when
 *  it is bound, or first sends. `options` may be NULL.
 *  Returns as mio_udp_socket_open.                        Thread: any. */
MIO_API MIO_NODISCARD int
mio_udp_socket_open_unbound(struct mio_udp_socket *out, enum mio_family family,
                            const struct mio_udp_options *options);

/** Take a local address.
 *  Returns 0 | MIO_EADDRINUSE | MIO_EADDRNOTAVAIL | MIO_EACCES | MIO_EINVAL
 *  (it has one already).                                  Thread: owner. */
MIO_API MIO_NODISCARD int mio_udp_socket_bind(struct mio_udp_socket *self,
                                              const struct mio_address *at);

/** Close at once, deregistering it if need be; a closed one may be closed
 *  again.                                                 Thread: owner. */
MIO_API void mio_udp_socket_close(struct mio_udp_socket *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_udp_socket_is_open(const struct mio_udp_socket *self);

/** Own a socket that somebody else made. Nothing is set: it must be
 *  non-blocking, and should not be inherited.             Thread: any. */
MIO_API void mio_udp_socket_from_handle(struct mio_udp_socket *out,
                                        mio_handle handle);

/** Give the socket away: it is deregistered, and closed here; the handle, as
 *  it is, is the caller's.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_udp_socket_release(struct mio_udp_socket *self);

/* --- datagrams ---------------------------------------------------------- */

/** Choose the one peer that send goes to and recv hears; may be repeated, with
 *  another. Sends nothing.
 *  Returns 0 | MIO_ENETUNREACH | MIO_EADDRNOTAVAIL | MIO_EAFNOSUPPORT
 *  | MIO_EINVAL.                                          Thread: owner. */
MIO_API MIO_NODISCARD int mio_udp_socket_connect(struct mio_udp_socket *self,
                                                 const struct mio_address *to);

/** Send one datagram to the connected peer, whole or not at all.
 *  Returns `size` | MIO_EAGAIN | MIO_EDESTADDRREQ (not connected)
 *  | MIO_ECONNREFUSED | MIO_EMSGSIZE | MIO_ENOBUFS | MIO_ENETUNREACH.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_udp_socket_send(struct mio_udp_socket *self,
                                                  const void *bytes,
                                                  size_t size);

/** Send one datagram to anybody. On a connected socket BSD answers
 *  MIO_EISCONN, Linux and Windows send it.
 *  Returns as mio_udp_socket_send | MIO_EACCES (broadcast).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t
mio_udp_socket_send_to(struct mio_udp_socket *self, const void *bytes,
                       size_t size, const struct mio_address *to);

/** Receive one datagram: of a longer one the rest is gone (Windows answers
 *  MIO_EMSGSIZE); mio_udp_socket_recv_batch tells.
 *  Returns the count | MIO_EAGAIN | MIO_ECONNREFUSED.     Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_udp_socket_recv(struct mio_udp_socket *self,
                                                  void *bytes, size_t size);

/** The same, and who sent it (`from` may be NULL).
 *  Returns as mio_udp_socket_recv.                        Thread: owner. */
MIO_API MIO_NODISCARD int64_t
mio_udp_socket_recv_from(struct mio_udp_socket *self, void *bytes, size_t size,
                         struct mio_address *from);

/** As recv and recv_from, and the datagram stays there.
 *  Returns as mio_udp_socket_recv.                        Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_udp_socket_peek(struct mio_udp_socket *self,
                                                  void *bytes, size_t size);
MIO_API MIO_NODISCARD int64_t
mio_udp_socket_peek_from(struct mio_udp_socket *self, void *bytes, size_t size,
                         struct mio_address *from);

/** Send the first MIO_DATAGRAMS_MAX of `count` datagrams, in order, in one
 *  system call where there is one for it. Fewer than these were sent if one
 *  cannot be: ask again with the rest to learn why.
 *  Returns how many, 0 for none given | as mio_udp_socket_send_to | MIO_EINVAL
 *  (too many pieces or segments) | MIO_ENOTSUP (a segment_size, and the system
 *  cannot cut).                                           Thread: owner. */
MIO_API MIO_NODISCARD int
mio_udp_socket_send_batch(struct mio_udp_socket *self,
                          struct mio_datagram *datagrams, size_t count);

/** Receive up to `count` datagrams, at most MIO_DATAGRAMS_MAX, likewise. Fewer
 *  than these does not mean that no more are there: ask until MIO_EAGAIN.
 *  Returns how many, 0 for no room given | MIO_EAGAIN | MIO_ECONNREFUSED
 *  | MIO_EINVAL (too many pieces).                        Thread: owner. */
MIO_API MIO_NODISCARD int
mio_udp_socket_recv_batch(struct mio_udp_socket *self,
                          struct mio_datagram *datagrams, size_t count);

/** Whether the system cuts what is sent with a segment_size (GSO; Linux 4.18).
 *  Returns 0 | MIO_ENOTSUP.                               Thread: owner. */
MIO_API int mio_udp_socket_can_cut(struct mio_udp_socket *self);

/** Let the system put datagrams of one peer and one size together, as far as
 *  they fit into the room given (GRO; Linux 5.0). Only for who receives in
 *  batches, which tell the segment_size, into pieces of 64 KiB.
 *  Returns 0 | MIO_ENOTSUP.                               Thread: owner. */
MIO_API int mio_udp_socket_set_gro(struct mio_udp_socket *self, bool on);

/* --- what it is --------------------------------------------------------- */

/** The addresses of its two ends.
 *  Returns 0 | MIO_ENOTCONN | MIO_EBADF.                  Thread: owner. */
MIO_API int mio_udp_socket_local_address(const struct mio_udp_socket *self,
                                         struct mio_address *out);
MIO_API int mio_udp_socket_peer_address(const struct mio_udp_socket *self,
                                        struct mio_address *out);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_udp_socket_take_error(struct mio_udp_socket *self);

/** Allow to send to broadcast addresses (SO_BROADCAST).
 *  Returns 0 | MIO_EBADF; the getter 0 or 1.              Thread: owner. */
MIO_API int mio_udp_socket_set_broadcast(struct mio_udp_socket *self, bool on);
MIO_API MIO_NODISCARD int
mio_udp_socket_broadcast(const struct mio_udp_socket *self);

/** How many routers its datagrams to single hosts pass, 1..255: IP_TTL, or
 *  IPV6_UNICAST_HOPS (RFC 3493, 5.1).
 *  Returns 0 | MIO_EINVAL; the getter 1..255.             Thread: owner. */
MIO_API int mio_udp_socket_set_ttl(struct mio_udp_socket *self, uint32_t ttl);
MIO_API MIO_NODISCARD int mio_udp_socket_ttl(const struct mio_udp_socket *self);

/** Whether an IPv6 socket has no IPv4 peers (mio_udp_options.exclusive_v6).
 *  Returns 0 | 1 | a code (not IPv6).                     Thread: owner. */
MIO_API MIO_NODISCARD int
mio_udp_socket_only_v6(const struct mio_udp_socket *self);

/** Ask for a buffer of so many bytes in the system (SO_SNDBUF, SO_RCVBUF); it
 *  may give less or more, which the getters tell.
 *  Returns 0 | MIO_EINVAL; the getters bytes.             Thread: owner. */
MIO_API int mio_udp_socket_set_send_buffer_size(struct mio_udp_socket *self,
                                                uint32_t size);
MIO_API int mio_udp_socket_set_recv_buffer_size(struct mio_udp_socket *self,
                                                uint32_t size);
MIO_API MIO_NODISCARD int
mio_udp_socket_send_buffer_size(const struct mio_udp_socket *self);
MIO_API MIO_NODISCARD int
mio_udp_socket_recv_buffer_size(const struct mio_udp_socket *self);

/* --- groups: RFC 3678, any-source --------------------------------------- */

/** Join or leave an IPv4 group, on the interface that has the address
 *  `local`, or the system's choice (NULL).
 *  Returns 0 | MIO_EINVAL (no group) | MIO_EADDRINUSE (joined already)
 *  | MIO_EADDRNOTAVAIL (not joined) | MIO_ENODEV.         Thread: owner. */
MIO_API int mio_udp_socket_join_multicast_v4(struct mio_udp_socket *self,
                                             const struct mio_address *group,
                                             const struct mio_address *local);
MIO_API int mio_udp_socket_leave_multicast_v4(struct mio_udp_socket *self,
                                              const struct mio_address *group,
                                              const struct mio_address *local);

/** Join or leave an IPv6 group, on the interface with this index, or (0) that
 *  of the group's scope, or the system's choice.
 *  Returns as the above.                                  Thread: owner. */
MIO_API int mio_udp_socket_join_multicast_v6(struct mio_udp_socket *self,
                                             const struct mio_address *group,
                                             uint32_t interface_index);
MIO_API int mio_udp_socket_leave_multicast_v6(struct mio_udp_socket *self,
                                              const struct mio_address *group,
                                              uint32_t interface_index);

/** Whether groups on this host hear what it sends to them; on by default.
 *  Returns 0 | MIO_EBADF | a code (IPv6 alone); the getters 0 or 1.
 *                                                         Thread: owner. */
MIO_API int mio_udp_socket_set_multicast_loop_v4(struct mio_udp_socket *self,
                                                 bool on);
MIO_API int mio_udp_socket_set_multicast_loop_v6(struct mio_udp_socket *self,
                                                 bool on);
MIO_API MIO_NODISCARD int
mio_udp_socket_multicast_loop_v4(const struct mio_udp_socket *self);
MIO_API MIO_NODISCARD int
mio_udp_socket_multicast_loop_v6(const struct mio_udp_socket *self);

/** How many routers its datagrams to groups pass, 0 (none leaves the host) to
 *  255; 1 by default.
 *  Returns 0 | MIO_EINVAL; the getters 0..255.            Thread: owner. */
MIO_API int mio_udp_socket_set_multicast_ttl_v4(struct mio_udp_socket *self,
                                                uint32_t ttl);
MIO_API int mio_udp_socket_set_multicast_hops_v6(struct mio_udp_socket *self,
                                                 uint32_t hops);
MIO_API MIO_NODISCARD int
mio_udp_socket_multicast_ttl_v4(const struct mio_udp_socket *self);
MIO_API MIO_NODISCARD int
mio_udp_socket_multicast_hops_v6(const struct mio_udp_socket *self);

/** Where its datagrams to groups leave: the interface that has this address
 *  (NULL, told as 0.0.0.0: the system's choice), or this index (likewise 0).
 *  Returns 0 | MIO_EINVAL | MIO_EADDRNOTAVAIL | MIO_ENODEV; the last the index.
 *                                                         Thread: owner. */
MIO_API int
mio_udp_socket_set_multicast_interface_v4(struct mio_udp_socket *self,
                                          const struct mio_address *local);
MIO_API int
mio_udp_socket_set_multicast_interface_v6(struct mio_udp_socket *self,
                                          uint32_t interface_index);
MIO_API int
mio_udp_socket_multicast_interface_v4(const struct mio_udp_socket *self,
                                      struct mio_address *out);
MIO_API MIO_NODISCARD int
mio_udp_socket_multicast_interface_v6(const struct mio_udp_socket *self);

MIO_END_DECLS
#endif /* MIO_NET_UDP_SOCKET_H */
