/* SPDX-License-Identifier: MIT
 *
 * tests/examples/core_examples_test.c - the examples over datagrams, paths,
 * pipes and modes, each by a real client. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/examples/program.h"

static void limit_waits(int fd)
{
    struct timeval limit = {.tv_sec = DEADLINE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

/* --- udp_echo ----------------------------------------------------------- */

static void expect_datagram(int fd, const void *bytes, size_t size)
{
    static char got[65536];
    assert_int_equal(recv(fd, got, sizeof(got), 0), size);
    assert_memory_equal(got, bytes, size);
}

/* Who asks too early is refused, and asks again. */
static int ask_udp(const struct program *p)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char byte = '?';
    limit_waits(fd);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&p->at, sizeof(p->at)), 0);
    while (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1) {
        assert_int_equal(errno, ECONNREFUSED);
        assert_int_equal(waitpid(p->pid, NULL, WNOHANG), 0);
        usleep(1000);
    }
    return fd;
}

static void datagrams_come_back_to_their_senders(void **state)
{
    (void)state;
    struct program p;
    static char large[60000];
    start_on(&p, "examples/udp_echo", SOCK_DGRAM);
    int one = ask_udp(&p);
    int two = ask_udp(&p);
    assert_int_equal(send(one, "one", 3, 0), 3);
    assert_int_equal(send(two, "two", 3, 0), 3);
    assert_int_equal(send(one, "", 0, 0), 0); /* is a datagram, too */
    assert_int_equal(send(one, "more", 4, 0), 4);
    memset(large, 'x', sizeof(large));
    assert_int_equal(send(one, large, sizeof(large), 0), sizeof(large));
    expect_datagram(two, "two", 3);
    expect_datagram(one, "one", 3);
    expect_datagram(one, "", 0);
    expect_datagram(one, "more", 4);
    expect_datagram(one, large, sizeof(large));
    /* Many that came while it was away are one edge. */
    kill(p.pid, SIGSTOP);
    for (int i = 0; i < 10; i++)
        assert_int_equal(send(two, &i, sizeof(i), 0), sizeof(i));
    kill(p.pid, SIGCONT);
    for (int i = 0; i < 10; i++)
        expect_datagram(two, &i, sizeof(i));
    close(one);
    close(two);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

/* nc, with a socket as its terminal. Returns the other end. */
static int run_nc(struct program *nc, const char *const *words)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    limit_waits(ends[0]);
    nc->pid = fork();
    if (nc->pid == 0) {
        alarm(DEADLINE_S);
        dup2(ends[1], STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(words[0], (char *const *)(intptr_t)words);
        _exit(127);
    }
    close(ends[1]);
    return ends[0];
}

static void netcat_talks_to_the_datagram_echo(void **state)
{
    (void)state;
    struct program p, nc;
    char port[8];
    start_on(&p, "examples/udp_echo", SOCK_DGRAM);
    close(ask_udp(&p));
    snprintf(port, sizeof(port), "%u", ntohs(p.at.sin_port));
    const char *words[] = {"nc", "-u", "127.0.0.1", port, NULL};
    int fd = run_nc(&nc, words);
    assert_int_equal(write(fd, "hello\n", 6), 6);
    expect(fd, "hello\n");
    assert_true(WIFSIGNALED(end(&nc, SIGKILL)));
    close(fd);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

/* --- unix_echo ---------------------------------------------------------- */

struct place {
    char folder[32];
    char address[128]; /* unix:PATH */
    struct sockaddr_un at;
    socklen_t size;
};

static void make_place(struct place *place)
{
    strcpy(place->folder, "/tmp/unix_echo.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    place->at = (struct sockaddr_un){.sun_family = AF_UNIX};
    place->size = sizeof(place->at);
    snprintf(place->at.sun_path, sizeof(place->at.sun_path), "%s/s",
             place->folder);
    snprintf(place->address, sizeof(place->address), "unix:%s/s",
             place->folder);
}

static int connect_to_place(const struct program *p, const struct place *place)
{
    for (;;) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        limit_waits(fd);
        if (connect(fd, (const struct sockaddr *)&place->at, place->size) == 0)
            return fd;
        close(fd);
        assert_int_equal(waitpid(p->pid, NULL, WNOHANG), 0);
        usleep(1000);
    }
}

static void expect_end(int fd)
{
    char byte;
    shutdown(fd, SHUT_WR);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

static void the_unix_echo_takes_its_path_over_and_removes_it(void **state)
{
    (void)state;
    struct program p, second;
    struct place place;
    struct stat file;
    make_place(&place);
    int left = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(left, (struct sockaddr *)&place.at, sizeof(place.at)),
                     0);
    close(left); /* its file stays */
    start_at(&p, "examples/unix_echo", place.address);
    int one = connect_to_place(&p, &place);
    int two = connect_to_place(&p, &place);
    assert_int_equal(send(one, "one", 3, 0), 3);
    assert_int_equal(send(two, "two", 3, 0), 3);
    expect(two, "two");
    expect(one, "one");
    /* Where one listens, no second one does. */
    start_at(&second, "examples/unix_echo", place.address);
    expect_exit(&second, 1);
    close(connect_to_place(&p, &place));
    expect_end(one);
    assert_int_equal(send(two, "and on", 6, 0), 6);
    expect(two, "and on");
    expect_end(two);
    send_signal(&p, SIGINT);
    expect_exit(&p, 0);
    assert_int_equal(stat(place.at.sun_path, &file), -1);
    assert_int_equal(rmdir(place.folder), 0);
}

static void the_unix_echo_serves_at_an_abstract_name(void **state)
{
    (void)state;
    struct program p;
    struct place place = {.at.sun_family = AF_UNIX};
    int size = snprintf(place.at.sun_path + 1, sizeof(place.at.sun_path) - 1,
                        "mio.unix_echo.%d", (int)getpid());
    snprintf(place.address, sizeof(place.address), "unix:@%s",
             place.at.sun_path + 1);
    place.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) +
                 (socklen_t)size;
    start_at(&p, "examples/unix_echo", place.address);
    int fd = connect_to_place(&p, &place);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    expect(fd, "hello");
    expect_end(fd);
    send_signal(&p, SIGINT);
    expect_exit(&p, 0);
}

#define MUCH (8 << 20)

static void the_unix_echo_holds_back_who_does_not_read(void **state)
{
    (void)state;
    struct program p;
    struct place place;
    static char bytes[65536], got[65536];
    make_place(&place);
    start_at(&p, "examples/unix_echo", place.address);
    int fd = connect_to_place(&p, &place);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i % 251);
    size_t sent = 0;
    ssize_t n = 0;
    struct timeval limit = {.tv_usec = 200000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    while (sent < MUCH &&
           (n = send(fd, bytes + sent % sizeof(bytes),
                     sizeof(bytes) - sent % sizeof(bytes), MSG_NOSIGNAL)) > 0)
        sent += (size_t)n;
    assert_int_equal(n, -1); /* held back */
    for (size_t back = 0; back < sent; back += (size_t)n) {
        n = recv(fd, got, sizeof(got) - back % sizeof(got), 0);
        assert_true(n > 0);
        assert_memory_equal(got, bytes + back % sizeof(bytes), (size_t)n);
    }
    expect_end(fd);
    send_signal(&p, SIGINT);
    expect_exit(&p, 0);
    assert_int_equal(rmdir(place.folder), 0);
}

static void netcat_talks_to_the_unix_echo(void **state)
{
    (void)state;
    struct program p, nc;
    struct place place;
    make_place(&place);
    start_at(&p, "examples/unix_echo", place.address);
    expect_end(connect_to_place(&p, &place));
    const char *words[] = {"nc", "-N", "-U", place.at.sun_path, NULL};
    int fd = run_nc(&nc, words);
    assert_int_equal(write(fd, "hello\n", 6), 6);
    expect(fd, "hello\n");
    shutdown(fd, SHUT_WR); /* so it ends, and the server with it */
    expect_exit(&nc, 0);
    close(fd);
    send_signal(&p, SIGINT);
    expect_exit(&p, 0);
    assert_int_equal(rmdir(place.folder), 0);
}

/* --- child_pipe --------------------------------------------------------- */

static void a_child_is_fed_and_listened_to(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    start_writing(&p, "examples/child_pipe", &output);
    expect_line(output, "99998");
    expect_line(output, "99999");
    expect_line(output, "100000");
    expect_success(&p, output);
    /* All that it is fed comes back, though nobody has room for all of it. */
    const char *cat[] = {"examples/child_pipe", "cat", NULL};
    char line[16];
    start_command(&p, cat, &output);
    for (int i = 1; i <= 100000; i++) {
        snprintf(line, sizeof(line), "%d", i);
        expect_line(output, line);
    }
    expect_success(&p, output);
}

static void how_the_child_ended_is_told(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    /* It reads a part of what it is fed, and is content. */
    const char *head[] = {"examples/child_pipe", "head", "-n1", NULL};
    start_command(&p, head, &output);
    expect_line(output, "1");
    expect_success(&p, output);
    const char *fails[] = {"examples/child_pipe", "sh", "-c", "echo no; exit 3",
                           NULL};
    start_command(&p, fails, &output);
    expect_line(output, "no");
    assert_int_equal(fgetc(output), EOF);
    fclose(output);
    expect_exit(&p, 3);
    /* It lives on when it has said all it had to say. */
    const char *lingers[] = {"examples/child_pipe", "sh", "-c",
                             "exec >&-; cat >/dev/null; exit 4", NULL};
    start_command(&p, lingers, &output);
    assert_int_equal(fgetc(output), EOF);
    fclose(output);
    expect_exit(&p, 4);
}

/* --- modes -------------------------------------------------------------- */

static void the_modes_differ(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    start_writing(&p, "examples/modes", &output);
    expect_line(output,
                "                                   edge  level  oneshot");
    expect_line(output, "abc was written                     a      a       a");
    expect_line(output, "the next wait                       -      b       -");
    expect_line(output, "edge drained, oneshot reregistered  -      c       b");
    expect_line(output, "def was written                     d      d       -");
    expect_success(&p, output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_come_back_to_their_senders),
        cmocka_unit_test(netcat_talks_to_the_datagram_echo),
        cmocka_unit_test(the_unix_echo_takes_its_path_over_and_removes_it),
        cmocka_unit_test(the_unix_echo_serves_at_an_abstract_name),
        cmocka_unit_test(the_unix_echo_holds_back_who_does_not_read),
        cmocka_unit_test(netcat_talks_to_the_unix_echo),
        cmocka_unit_test(a_child_is_fed_and_listened_to),
        cmocka_unit_test(how_the_child_ended_is_told),
        cmocka_unit_test(the_modes_differ),
    };
    return cmocka_run_group_tests_name("core_examples", tests, NULL, NULL);
}
