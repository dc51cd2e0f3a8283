/* SPDX-License-Identifier: MIT
 *
 * tests/examples/interoperability_test.c - names and pages, both served on
 * loopback. No page is served before all are asked for: so the transfers are
 * under way at once, or this does not end. */
#include <stdlib.h>

#include "tests/examples/name_server.h"

#define PAGES_MAX 8
#define LARGE_SIZE 3000000

struct pages {
    int listener;
    char port[8];
    int fds[PAGES_MAX];
    char requests[PAGES_MAX][2048];
};

static void open_pages(struct pages *self)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = DEADLINE_S};
    socklen_t size = sizeof(at);
    self->listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(self->listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(bind(self->listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(self->listener, PAGES_MAX), 0);
    getsockname(self->listener, (struct sockaddr *)&at, &size);
    snprintf(self->port, sizeof(self->port), "%u", ntohs(at.sin_port));
}

/* Accept `count` connections, each with its whole request. */
static void await_requests(struct pages *self, int count)
{
    for (int i = 0; i < count; i++) {
        char *request = self->requests[i];
        size_t size = 0;
        struct timeval limit = {.tv_sec = DEADLINE_S};
        self->fds[i] = accept(self->listener, NULL, NULL);
        assert_true(self->fds[i] >= 0);
        setsockopt(self->fds[i], SOL_SOCKET, SO_RCVTIMEO, &limit,
                   sizeof(limit));
        memset(request, 0, sizeof(self->requests[i]));
        while (strstr(request, "\r\n\r\n") == NULL) {
            ssize_t n = recv(self->fds[i], request + size,
                             sizeof(self->requests[i]) - 1 - size, 0);
            assert_true(n > 0);
            size += (size_t)n;
        }
    }
}

/* Who asked for `path`; its request names the host that it was looked up by. */
static int asked_for(const struct pages *self, int count, const char *path,
                     const char *host)
{
    char first[64];
    char second[64];
    snprintf(first, sizeof(first), "GET %s HTTP/1.1\r\n", path);
    snprintf(second, sizeof(second), "\r\nHost: %s:%s\r\n", host, self->port);
    for (int i = 0; i < count; i++)
        if (strncmp(self->requests[i], first, strlen(first)) == 0) {
            assert_non_null(strstr(self->requests[i], second));
            return self->fds[i];
        }
    fail_msg("nobody asked for %s", path);
    return -1;
}

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        assert_true(n > 0);
        bytes += n;
        size -= (size_t)n;
    }
}

static void send_head(int fd, size_t size)
{
    char head[128];
    snprintf(head, sizeof(head),
             "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
    send_all(fd, head, strlen(head));
}

/* The program with these pages (text such as "one.test:PORT/path" is made of
 * "one.test" and "/path"). */
struct browser {
    struct program program;
    FILE *output;
    char urls[PAGES_MAX][64];
};

static void browse(struct browser *self, const struct name_server *names,
                   const char *const (*pages)[3], int count)
{
    const char *words[PAGES_MAX + 4] = {"examples/interoperability", "-d",
                                        names->address};
    for (int i = 0; i < count; i++) {
        snprintf(self->urls[i], sizeof(self->urls[i]), "http://%s:%s%s",
                 pages[i][0], pages[i][1], pages[i][2]);
        words[3 + i] = self->urls[i];
    }
    start_command(&self->program, words, &self->output);
}

/* It says these lines, "URL: " and what is told of it, in any order. */
static void expect_told(struct browser *self, const char *const *told,
                        int count)
{
    bool seen[PAGES_MAX] = {false};
    char got[256];
    char line[256];
    for (int n = 0; n < count; n++) {
        int i = 0;
        assert_non_null(fgets(got, sizeof(got), self->output));
        for (; i < count; i++) {
            snprintf(line, sizeof(line), "%s: %s\n", self->urls[i], told[i]);
            if (!seen[i] && strcmp(got, line) == 0)
                break;
        }
        if (i == count)
            fail_msg("not expected: %s", got);
        seen[i] = true;
    }
    assert_int_equal(fgetc(self->output), EOF);
    (void)fclose(self->output);
}

static void names_and_pages_come_all_at_once(void **state)
{
    (void)state;
    struct name_server names;
    struct pages pages;
    struct browser browser;
    char *large = calloc(1, LARGE_SIZE);
    assert_non_null(large);
    open_pages(&pages);
    /* Each name is asked for twice, for IPv4 and for IPv6. */
    start_name_server(&names, 6);
    const char *const asked[][3] = {{"one.test", pages.port, "/large"},
                                    {"two.test", pages.port, "/small"},
                                    {"three.test", pages.port, "/none"}};
    const char *const told[] = {"status 200, 3000000 bytes",
                                "status 200, 5 bytes", "status 200, 0 bytes"};
    browse(&browser, &names, asked, 3);
    await_requests(&pages, 3);
    int one = asked_for(&pages, 3, "/large", "one.test");
    int two = asked_for(&pages, 3, "/small", "two.test");
    int three = asked_for(&pages, 3, "/none", "three.test");
    /* One is served in the middle of another. */
    send_head(one, LARGE_SIZE);
    send_head(two, 5);
    send_all(one, large, LARGE_SIZE / 2);
    send_head(three, 0);
    send_all(two, "hello", 5);
    send_all(one, large + LARGE_SIZE / 2, LARGE_SIZE - LARGE_SIZE / 2);
    expect_told(&browser, told, 3);
    expect_exit(&browser.program, 0);
    end_name_server(&names);
    for (int i = 0; i < 3; i++)
        close(pages.fds[i]);
    close(pages.listener);
    free(large);
}

static void what_fails_fails_alone(void **state)
{
    (void)state;
    struct name_server names;
    struct pages pages, nobody;
    struct browser browser;
    open_pages(&pages);
    open_pages(&nobody);
    close(nobody.listener);
    start_name_server(&names, 1);
    const char *const asked[][3] = {{"nosuch.test", pages.port, "/"},
                                    {"good.test", pages.port, "/good"},
                                    {"cut.test", pages.port, "/cut"},
                                    {"refused.test", nobody.port, "/"},
                                    {"127.0.0.1", pages.port, "/number"},
                                    {"", "", ""}};
    const char *const told[] = {
        "Domain name not found",      "status 200, 4 bytes",
        "Transferred a partial file", "Couldn't connect to server",
        "status 200, 6 bytes",        "not a URL with a host"};
    browse(&browser, &names, asked, 6);
    await_requests(&pages, 3);
    int cut = asked_for(&pages, 3, "/cut", "cut.test");
    send_head(cut, 1000);
    send_all(cut, "only this", 9);
    shutdown(cut, SHUT_WR);
    int good = asked_for(&pages, 3, "/good", "good.test");
    send_head(good, 4);
    send_all(good, "good", 4);
    int number = asked_for(&pages, 3, "/number", "127.0.0.1");
    send_head(number, 6);
    send_all(number, "number", 6);
    expect_told(&browser, told, 6);
    expect_exit(&browser.program, 1);
    end_name_server(&names);
    for (int i = 0; i < 3; i++)
        close(pages.fds[i]);
    close(pages.listener);
}

/* Nothing but libcurl's clock can end this. */
static void who_is_silent_for_too_long_is_given_up(void **state)
{
    (void)state;
    struct name_server names;
    struct pages pages;
    struct browser browser;
    open_pages(&pages);
    start_name_server(&names, 1);
    const char *const asked[][3] = {{"silent.test", pages.port, "/"}};
    const char *const told[] = {"Timeout was reached"};
    browse(&browser, &names, asked, 1);
    await_requests(&pages, 1);
    expect_told(&browser, told, 1);
    expect_exit(&browser.program, 1);
    end_name_server(&names);
    close(pages.fds[0]);
    close(pages.listener);
}

/* Nothing but c-ares' clock can bring this on. */
static void a_question_that_is_lost_is_asked_again(void **state)
{
    (void)state;
    struct name_server names;
    struct pages pages;
    struct browser browser;
    open_pages(&pages);
    start_name_server(&names, 1);
    const char *const asked[][3] = {{"late.test", pages.port, "/"}};
    const char *const told[] = {"status 200, 2 bytes"};
    browse(&browser, &names, asked, 1);
    await_requests(&pages, 1);
    send_head(pages.fds[0], 2);
    send_all(pages.fds[0], "ok", 2);
    expect_told(&browser, told, 1);
    expect_exit(&browser.program, 0);
    end_name_server(&names);
    close(pages.fds[0]);
    close(pages.listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_pages_come_all_at_once),
        cmocka_unit_test(what_fails_fails_alone),
        cmocka_unit_test(who_is_silent_for_too_long_is_given_up),
        cmocka_unit_test(a_question_that_is_lost_is_asked_again),
    };
    return cmocka_run_group_tests_name("interoperability", tests, NULL, NULL);
}
