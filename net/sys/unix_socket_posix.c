/* SPDX-License-Identifier: MIT
 *
 * net/sys/unix_socket_posix.c - socketpair, control data, files of sockets. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* struct ucred */
#endif

#include "net/sys/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/assert.h"
#include "net/sys/sockaddr.h"

/* Linux 6.5: a descriptor of the sender's process, if an adopted socket was
 * told to ask for it. */
#if defined(__linux__) && !defined(SCM_PIDFD)
#define SCM_PIDFD 4
#endif

#define RETRY(rc, call)                                                        \
    do                                                                         \
        (rc) = (call);                                                         \
    while ((rc) < 0 && errno == EINTR)

/* All that one message can bring, so that the system never has to cut it:
 * handles, credentials, a process. */
#ifdef __linux__
#define CREDENTIALS_SPACE CMSG_SPACE(sizeof(struct ucred))
#else
#define CREDENTIALS_SPACE 0
#endif
#define CONTROL_SPACE                                                          \
    (CMSG_SPACE(MIO_UNIX_HANDLES_MAX * sizeof(int)) + CREDENTIALS_SPACE +      \
     CMSG_SPACE(sizeof(int)))

union control {
    size_t align; /* as a cmsghdr is */
    char bytes[CONTROL_SPACE];
};

int mio_socket_open_pair(mio_handle *a, mio_handle *b,
                         enum mio_socket_kind kind)
{
    int type = kind == MIO_SOCKET_STREAM ? SOCK_STREAM : SOCK_DGRAM;
    int fds[2];
    if (socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    *a = fds[0];
    *b = fds[1];
    return MIO_OK;
}

/* Append a control message to what the header has; returns its data. */
static void *add_control(struct msghdr *header, union control *control,
                         int type, size_t size)
{
    struct cmsghdr *message =
        (struct cmsghdr *)(void *)(control->bytes + header->msg_controllen);
    header->msg_control = control->bytes;
    header->msg_controllen += CMSG_SPACE(size);
    MIO_ASSERT(header->msg_controllen <= sizeof(control->bytes));
    message->cmsg_level = SOL_SOCKET;
    message->cmsg_type = type;
    message->cmsg_len = CMSG_LEN(size);
    return CMSG_DATA(message);
}

static void add_handles(struct msghdr *header, union control *control,
                        const struct mio_unix_message *message)
{
    if (message->handles_count == 0)
        return;
    char *data = add_control(header, control, SCM_RIGHTS,
                             message->handles_count * sizeof(int));
    for (size_t i = 0; i < message->handles_count; i++) {
        int fd = (int)message->handles[i];
        memcpy(data + i * sizeof(fd), &fd, sizeof(fd));
    }
}

/* The system checks them: nobody can lie but who may be anybody. */
static int add_credentials(struct msghdr *header, union control *control,
                           const struct mio_unix_message *message)
{
    if ((message->flags & MIO_UNIX_CREDENTIALS) == 0)
        return MIO_OK;
#ifdef __linux__
    struct ucred ours = {.pid = getpid(), .uid = geteuid(), .gid = getegid()};
    void *data = add_control(header, control, SCM_CREDENTIALS, sizeof(ours));
    memcpy(data, &ours, sizeof(ours));
    return MIO_OK;
#else
    (void)header;
    (void)control;
    return MIO_ENOTSUP;
#endif
}

static struct msghdr header_of(const struct mio_unix_message *message)
{
    MIO_ASSERT(message->pieces_count <= MIO_IOVECS_MAX);
    /* Neither sendmsg nor recvmsg writes to the array of pieces itself. */
    return (struct msghdr){
        .msg_iov = (struct iovec *)(uintptr_t)message->pieces,
        .msg_iovlen = message->pieces_count,
    };
}

int64_t mio_socket_send_message(mio_handle handle,
                                const struct mio_unix_message *message)
{
    MIO_ASSERT(message->handles_count <= MIO_UNIX_HANDLES_MAX);

    union control control = {.bytes = {0}};
    struct msghdr header = header_of(message);
    if (message->address != NULL) {
        header.msg_name = &message->address->storage;
        header.msg_namelen = message->address->size;
    }
    add_handles(&header, &control, message);
    int rc = add_credentials(&header, &control, message);
    if (rc < 0)
        return rc;

    ssize_t n;
    RETRY(n, sendmsg((int)handle, &header, MSG_NOSIGNAL));
    if (n >= 0)
        return n;
    return errno == ETOOMANYREFS ? MIO_ENOBUFS : -(int64_t)errno;
}

/* Hand out what there is room for, and close the rest. */
static void take_handles(struct mio_unix_message *message,
                         struct cmsghdr *control)
{
    size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
        if (message->handles_count < message->handles_max) {
            message->handles[message->handles_count++] = fd;
        } else {
            (void)close(fd);
            message->flags |= MIO_UNIX_HANDLES_LOST;
        }
    }
}

static void take_credentials(struct mio_unix_message *message,
                             struct cmsghdr *control)
{
#ifdef __linux__
    struct ucred theirs;
    memcpy(&theirs, CMSG_DATA(control), sizeof(theirs));
    message->credentials = (struct mio_unix_credentials){
        .process = theirs.pid,
        .user = theirs.uid,
        .group = theirs.gid,
    };
    message->flags |= MIO_UNIX_CREDENTIALS;
#else
    (void)message;
    (void)control;
#endif
}

static void take_control(struct mio_unix_message *message,
                         struct cmsghdr *control)
{
    if (control->cmsg_level != SOL_SOCKET)
        return;
    switch (control->cmsg_type) {
    case SCM_RIGHTS:
        take_handles(message, control);
        break;
#ifdef __linux__
    case SCM_CREDENTIALS:
        take_credentials(message, control);
        break;
    case SCM_PIDFD: {
        int fd;
        memcpy(&fd, CMSG_DATA(control), sizeof(fd));
        if (fd >= 0) /* a code of why there is none */
            (void)close(fd);
        break;
    }
#endif
    default:
        break; /* a label, a time: nothing that has to be given back */
    }
}

int64_t mio_socket_recv_message(mio_handle handle,
                                struct mio_unix_message *message)
{
    union control control;
    struct msghdr header = header_of(message);
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof(control.bytes);
    if (message->address != NULL) {
        header.msg_name = &message->address->storage;
        header.msg_namelen = sizeof(message->address->storage);
    }
    ssize_t n;
    RETRY(n, recvmsg((int)handle, &header, MSG_CMSG_CLOEXEC));
    if (n < 0)
        return -(int64_t)errno;

    message->handles_count = 0;
    message->flags =
        (header.msg_flags & MSG_TRUNC) != 0 ? MIO_UNIX_TRUNCATED : 0;
    /* With room for all, only the limit of descriptors can cut it. */
    if ((header.msg_flags & MSG_CTRUNC) != 0)
        message->flags |= MIO_UNIX_HANDLES_LOST;
    for (struct cmsghdr *next = CMSG_FIRSTHDR(&header); next != NULL;
         next = CMSG_NXTHDR(&header, next))
        take_control(message, next);
    if (message->address != NULL) {
        message->address->size = header.msg_namelen;
        mio_sockaddr_accept(message->address);
    }
    return n;
}

int mio_socket_peer_credentials(mio_handle handle,
                                struct mio_unix_credentials *out)
{
#ifdef __linux__
    struct ucred theirs;
    socklen_t size = sizeof(theirs);
    if (getsockopt((int)handle, SOL_SOCKET, SO_PEERCRED, &theirs, &size) < 0)
        return -errno;
    if (theirs.pid == 0) /* of no process: nobody is at the other end */
        return MIO_ENOTCONN;
    *out = (struct mio_unix_credentials){
        .process = theirs.pid,
        .user = theirs.uid,
        .group = theirs.gid,
    };
#else
    uid_t user;
    gid_t group;
    if (getpeereid((int)handle, &user, &group) < 0)
        return -errno;
    *out = (struct mio_unix_credentials){
        .process = -1,
        .user = user,
        .group = group,
    };
#endif
    return MIO_OK;
}

/* The path, terminated; false if the address has none. */
static bool path_of(const struct mio_address *at,
                    char path[MIO_ADDRESS_STORAGE + 1])
{
    const char *bytes;
    if (mio_address_family(at) != MIO_FAMILY_UNIX)
        return false;
    size_t size = mio_sockaddr_to_path(at, &bytes);
    if (size == 0 || bytes[0] == '\0')
        return false;
    memcpy(path, bytes, size);
    path[size] = '\0';
    return true;
}

int mio_socket_file_identify(const struct mio_address *at,
                             struct mio_file_identity *out)
{
    char path[MIO_ADDRESS_STORAGE + 1];
    struct stat status;
    if (!path_of(at, path))
        return MIO_EINVAL;
    /* Not through a link: it is the link that would be removed. */
    if (lstat(path, &status) < 0)
        return -errno;
    if (!S_ISSOCK(status.st_mode))
        return MIO_ENOTSOCK;
    *out = (struct mio_file_identity){
        .device = (uint64_t)status.st_dev,
        .file = (uint64_t)status.st_ino,
        .process = getpid(),
    };
    return MIO_OK;
}

int mio_socket_file_remove(const struct mio_address *at,
                           const struct mio_file_identity *identity)
{
    char path[MIO_ADDRESS_STORAGE + 1];
    struct mio_file_identity now = {.device = 0};
    int rc = mio_socket_file_identify(at, &now);
    if (rc < 0)
        return rc == MIO_ENOENT ? MIO_OK : rc;
    if (now.device != identity->device || now.file != identity->file ||
        now.process != identity->process)
        return MIO_EADDRINUSE;
    (void)path_of(at, path);
    return unlink(path) == 0 || errno == ENOENT ? MIO_OK : -errno;
}
