/* SPDX-License-Identifier: MIT
 *
 * tests/net/inspector/inspector_test.c - it says what was done, to whoever asks
 * however badly. */
#include "net/inspector/inspector.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/figures.h"
#include "runtime/runtime.h"

#define assert_ok(expression) assert_int_equal((expression), 0)
#define MESSAGES 100

/* --- a runtime with something to see ---------------------------------------
 */

static const struct mio_message_type nudge = {.name = "nudge me"};
static uint64_t received; /* by the target, in all */
static int gate[2];       /* a pipe: who is told to waits for a byte */

static int target_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    return mio_actor_set_label(self, "50% off");
}

static int target_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    char byte;
    (void)self;
    (void)state;
    if (message->size > 0)
        (void)!read(gate[0], &byte, 1); /* it is stuck */
    (void)__atomic_add_fetch(&received, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static const struct mio_actor_class target_class = {
    .name = "a target", .init = target_init, .receive = target_receive};

struct fixture {
    struct mio_runtime *runtime;
    struct mio_inspector *inspector;
    mio_actor_id target;
    char path[64];
};

static void nudge_target(const struct fixture *f, const char *payload)
{
    assert_ok(mio_runtime_send(f->runtime, f->target, &nudge, payload,
                               strlen(payload)));
}

static int setup_with(void **state, uint32_t reactors, uint32_t clients_max)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct mio_runtime_options options = {.reactors_count = reactors};
    (void)snprintf(f->path, sizeof(f->path), "/tmp/inspector.%ld.sock",
                   (long)getpid());
    struct mio_inspector_options how = {.address = f->path,
                                        .clients_max = clients_max,
                                        .answer_within_ns = 20000000};
    received = 0;
    assert_ok(pipe(gate));
    assert_ok(mio_runtime_new(&f->runtime, &options));
    assert_ok(mio_runtime_spawn(f->runtime, reactors - 1, &target_class, NULL,
                                0, &f->target));
    assert_ok(mio_inspector_new(&f->inspector, f->runtime, &how));
    *state = f;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, 2, 0);
}

static int setup_few(void **state)
{
    return setup_with(state, 1, 2);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_runtime_stop(f->runtime);
    assert_ok(mio_runtime_run(f->runtime) == MIO_EBUSY
                  ? mio_runtime_join(f->runtime)
                  : 0);
    mio_inspector_free(f->inspector);
    assert_int_equal(access(f->path, F_OK), -1); /* the file went, too */
    mio_runtime_free(f->runtime);
    close(gate[0]);
    close(gate[1]);
    free(f);
    return 0;
}

/* --- who asks ---------------------------------------------------------------
 */

static int enter(const struct fixture *f)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_ok(connect(fd, (struct sockaddr *)&address, sizeof(address)));
    return fd;
}

static void say(int fd, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
}

/* Read until `end` is there, or the connection's end. */
static char *hear(int fd, const char *end)
{
    static char text[1 << 20];
    size_t size = 0;
    text[0] = '\0';
    while (end == NULL || strstr(text, end) == NULL) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 30000), 1);
        ssize_t got = read(fd, text + size, sizeof(text) - 1 - size);
        if (got <= 0)
            break;
        size += (size_t)got;
        text[size] = '\0';
    }
    return text;
}

static char *ask(int fd, const char *question)
{
    say(fd, question);
    char *text = hear(fd, "end\n");
    assert_non_null(strstr(text, "end\n"));
    return text;
}

static uint64_t number(const char *text, const char *line, const char *name)
{
    const char *at = strstr(text, line);
    assert_non_null(at);
    at = strstr(at, name);
    assert_non_null(at);
    return strtoull(at + strlen(name), NULL, 10);
}

static void run_and_nudge(const struct fixture *f)
{
    assert_ok(mio_runtime_start(f->runtime));
    for (int i = 0; i < MESSAGES; i++)
        nudge_target(f, "");
    while (__atomic_load_n(&received, __ATOMIC_SEQ_CST) < MESSAGES)
        (void)poll(NULL, 0, 1);
}

/* --- tests ------------------------------------------------------------------
 */

static void a_snapshot_has_a_line_for_each_reactor(void **state)
{
    struct fixture *f = *state;
    run_and_nudge(f);
    int fd = enter(f);
    char *text = ask(fd, "snapshot\n");
    assert_int_equal(number(text, "reactor 0 ", " received="), 0);
    /* The order to begin is one more. */
    assert_int_equal(number(text, "reactor 1 ", " received="), MESSAGES + 1);
    assert_int_equal(number(text, "reactor 1 ", " actors="), 1);
    assert_true(number(text, "reactor 1 ", " busy_ns=") > 0);
    close(fd);
}

static void actors_are_named_and_counted(void **state)
{
    struct fixture *f = *state;
    run_and_nudge(f);
    int fd = enter(f);
    char *text = ask(fd, "actors\n");
    const char *line = "class=a%20target label=50%25%20off";
    assert_int_equal(number(text, line, " received="), MESSAGES);
    text = ask(fd, "edges\n");
    assert_non_null(strstr(text, "to_class=a%20target type=nudge%20me"));
    close(fd);
}

static void prometheus_gets_the_same(void **state)
{
    struct fixture *f = *state;
    char wanted[64];
    run_and_nudge(f);
    int fd = enter(f);
    say(fd, "GET /metrics HTTP/1.1\r\nHost: a\r\nCookie: ");
    for (int i = 0; i < 100; i++)
        say(fd, "0123456789");
    say(fd, "\r\n\r\n");
    char *text = hear(fd, NULL);
    assert_memory_equal(text, "HTTP/1.0 200 OK\r\n", 17);
    (void)snprintf(wanted, sizeof(wanted),
                   "\nmio_received_total{reactor=\"1\"} %d\n", MESSAGES + 1);
    assert_non_null(strstr(text, wanted));
    assert_non_null(strstr(text, "\n# TYPE mio_turn_ns histogram\n"));
    close(fd);
    fd = enter(f);
    say(fd, "GET /secrets HTTP/1.1\r\n\r\n");
    assert_memory_equal(hear(fd, NULL), "HTTP/1.0 404 ", 13);
    close(fd);
}

static void a_stuck_reactor_is_told_as_silent(void **state)
{
    struct fixture *f = *state;
    run_and_nudge(f);
    int fd = enter(f);
    nudge_target(f, "wait");
    while (strstr(ask(fd, "actors\n"), "silent 1\n") == NULL)
        ;
    /* Still, and again: it has been asked once only. */
    assert_non_null(strstr(ask(fd, "edges\n"), "silent 1\n"));
    assert_int_equal(write(gate[1], "x", 1), 1);
    while (strstr(ask(fd, "actors\n"), "silent 1\n") != NULL)
        ;
    close(fd);
}

static void it_serves_before_the_start_and_after_the_end(void **state)
{
    struct fixture *f = *state;
    int fd = enter(f);
    assert_int_equal(number(ask(fd, "snapshot\n"), "reactor 0 ", " turns="), 0);
    assert_non_null(strstr(ask(fd, "actors\n"), "silent 0\n"));
    mio_runtime_stop(f->runtime);
    assert_ok(mio_runtime_run(f->runtime));
    /* The other may have ended the runtime before its first turn. */
    char *text = ask(fd, "snapshot\n");
    assert_true(number(text, "reactor 0 ", " turns=") +
                    number(text, "reactor 1 ", " turns=") >
                0);
    assert_non_null(strstr(ask(fd, "actors\n"), "silent 0\n"));
    say(fd, "quit\n");
    assert_string_equal(hear(fd, NULL), "");
    close(fd);
}

static void questions_may_come_in_pieces_and_together(void **state)
{
    struct fixture *f = *state;
    run_and_nudge(f);
    int fd = enter(f);
    say(fd, "snap");
    say(fd, "shot\r");
    say(fd, "\nnonsense\nactors\nhelp\nquit\n");
    char *text = hear(fd, NULL);
    char *unknown = strstr(text, "error unknown");
    assert_non_null(unknown);
    assert_true(strstr(text, "reactor 0 ") < unknown);
    char *actor = strstr(unknown, "actor 1 ");
    assert_non_null(actor);
    assert_non_null(strstr(actor, "prometheus  "));
    close(fd);
}

static void a_long_line_ends_its_client_and_no_other(void **state)
{
    struct fixture *f = *state;
    char line[300];
    run_and_nudge(f);
    int fd = enter(f);
    int other = enter(f);
    memset(line, 'a', sizeof(line));
    assert_int_equal(send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
    assert_string_equal(hear(fd, NULL), "error too long\nend\n");
    close(fd);
    fd = enter(f);
    say(fd, "GET / HTTP/1.1\r\n");
    /* A head without an end: the limit is 8 KiB. */
    for (int i = 0; i < 40; i++)
        (void)!send(fd, line, sizeof(line), MSG_NOSIGNAL);
    (void)hear(fd, NULL);
    close(fd);
    (void)ask(other, "snapshot\n");
    close(other);
}

static void one_too_many_replaces_the_most_silent(void **state)
{
    struct fixture *f = *state;
    int first = enter(f);
    int second = enter(f);
    (void)ask(first, "help\n");
    (void)ask(second, "help\n");
    (void)ask(first, "help\n");
    int third = enter(f);
    (void)ask(third, "help\n");
    assert_string_equal(hear(second, NULL), "");
    (void)ask(first, "help\n");
    close(first);
    close(second);
    close(third);
}

/* Who does not read holds nobody up, and is closed with the inspector. */
static void a_client_that_never_reads_harms_nobody(void **state)
{
    struct fixture *f = *state;
    run_and_nudge(f);
    int deaf = enter(f);
    assert_ok(fcntl(deaf, F_SETFL, O_NONBLOCK));
    while (send(deaf, "prometheus\n", 11, MSG_NOSIGNAL) > 0)
        ;
    int fd = enter(f);
    (void)ask(fd, "snapshot\n");
    close(fd);
    close(deaf);
}

static void noise_is_survived(void **state)
{
    static const char *const words[] = {"snapshot", "\n",    "actors\n", "GET ",
                                        "\r\n\r\n", "edges", "/metrics", "\n"};
    struct fixture *f = *state;
    uint64_t dice = 4711;
    run_and_nudge(f);
    for (int i = 0; i < 300; i++) {
        int fd = enter(f);
        for (int j = 0; j < 20; j++) {
            dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
            if ((dice >> 32) % 3 != 0) {
                const char *word = words[(dice >> 40) % 8];
                (void)!send(fd, word, strlen(word), MSG_NOSIGNAL);
            } else {
                (void)!send(fd, &dice, sizeof(dice), MSG_NOSIGNAL);
            }
        }
        close(fd);
    }
    int fd = enter(f);
    (void)ask(fd, "actors\n");
    close(fd);
}

static void addresses_of_others_are_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_inspector *other;
    struct mio_inspector_options how = {.address = "0.0.0.0:0"};
    assert_int_equal(mio_inspector_new(&other, f->runtime, &how), MIO_EINVAL);
    how.address = "nonsense";
    assert_int_equal(mio_inspector_new(&other, f->runtime, &how), MIO_EINVAL);
    how.address = f->path; /* somebody listens there */
    assert_int_equal(mio_inspector_new(&other, f->runtime, &how),
                     MIO_EADDRINUSE);
    how.address = "127.0.0.1:0";
    assert_ok(mio_inspector_new(&other, f->runtime, &how));
    struct mio_address at;
    mio_inspector_address(other, &at);
    assert_true(mio_address_port(&at) != 0);
    mio_inspector_free(other);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_snapshot_has_a_line_for_each_reactor),
        TEST(actors_are_named_and_counted),
        TEST(prometheus_gets_the_same),
        TEST(a_stuck_reactor_is_told_as_silent),
        TEST(it_serves_before_the_start_and_after_the_end),
        TEST(questions_may_come_in_pieces_and_together),
        TEST(a_long_line_ends_its_client_and_no_other),
        cmocka_unit_test_setup_teardown(one_too_many_replaces_the_most_silent,
                                        setup_few, teardown),
        TEST(a_client_that_never_reads_harms_nobody),
        TEST(noise_is_survived),
        TEST(addresses_of_others_are_refused),
    };
    return cmocka_run_group_tests_name("net/inspector", tests, NULL, NULL);
}
