/* SPDX-License-Identifier: MIT
 *
 * bench/echo/epoll_echo.c - the lower bound: epoll, one recv, one send, no
 * more.
 *
 *     epoll_echo ADDRESS:PORT [THREADS]
 *
 * Edge-triggered, registered once, no probe for what a short read has already
 * told; a send that does not take everything ends the connection. Each thread
 * has a listener of its own. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_on(void)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 4096) != 0)
        die("listen");
    return fd;
}

static void watch(int epoll, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events | EPOLLET, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl");
}

static void accept_all(int epoll, int listener)
{
    int on = 1, fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        watch(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    }
}

static void echo(int fd, uint32_t events)
{
    static __thread char bytes[16384];
    if (events & (EPOLLIN | EPOLLRDHUP)) {
        ssize_t n;
        do {
            n = recv(fd, bytes, sizeof(bytes), 0);
            if (n <= 0)
                break;
            if (send(fd, bytes, (size_t)n, MSG_NOSIGNAL) != n) {
                close(fd);
                return;
            }
        } while (n == sizeof(bytes) || (events & EPOLLRDHUP));
        if (n == 0)
            close(fd);
    }
}

static void *serve(void *unused)
{
    struct epoll_event events[256];
    int epoll = epoll_create1(0);
    int listener = listen_on();
    (void)unused;
    watch(epoll, listener, EPOLLIN);
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener)
                accept_all(epoll, listener);
            else
                echo(events[i].data.fd, events[i].events);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    char *port = argc > 1 ? strchr(argv[1], ':') : NULL;
    if (!port) {
        fprintf(stderr, "usage: epoll_echo ADDRESS:PORT [THREADS]\n");
        return 2;
    }
    *port++ = '\0';
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
        return 2;
    long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
    for (long i = 1; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, serve, NULL);
    }
    serve(NULL);
}
