/* SPDX-License-Identifier: MIT
 *
 * tests/net/unix_listener_test.c - listen and accept; and whose the file is. */
#include "net/unix_listener.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "net/unix_datagram.h"
#include "tests/net/unix.h"
#include "tests/storm/patient.h"

struct fixture {
    struct loop loop;
    struct folder folder;
    struct mio_address at;
    struct mio_unix_listener listener;
    struct mio_unix_stream client;
    struct mio_unix_stream server;
};

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    folder_open(&f.folder);
    f.at = folder_at(&f.folder, "listener");
    f.client.source.handle = MIO_HANDLE_NONE;
    f.server.source.handle = MIO_HANDLE_NONE;
    assert_ok(mio_unix_listener_open(&f.listener, &f.at, NULL));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_stream_close(&f->client);
    mio_unix_stream_close(&f->server);
    mio_unix_listener_close(&f->listener);
    if (folder_has(&f->folder, "listener"))
        folder_remove(&f->folder, "listener");
    folder_close(&f->folder);
    loop_close(&f->loop);
    return 0;
}

static const struct mio_unix_listen_options tidy = {.unlink_on_close = true};

static void connections_are_edges_and_are_accepted(void **state)
{
    struct fixture *f = *state;
    struct mio_address peer;
    assert_sound(&f->listener.source);
    assert_true(mio_unix_listener_is_open(&f->listener));
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    loop_silence(&f->loop);
    for (int round = 0; round < 2; round++) {
        assert_code(MIO_EAGAIN,
                    mio_unix_listener_accept(&f->listener, &f->server, &peer));
        assert_false(mio_unix_stream_is_open(&f->server));
        assert_ok(mio_unix_stream_connect(&f->client, &f->at));
        struct mio_event event = loop_hear(&f->loop, A);
        assert_true(mio_event_is_readable(&event));
        assert_ok(mio_unix_listener_accept(&f->listener, &f->server, &peer));
        assert_sound(&f->server.source);
        assert_int_equal(mio_address_family(&peer), MIO_FAMILY_NONE);
        mio_unix_stream_close(&f->client);
        mio_unix_stream_close(&f->server);
    }
    assert_ok(mio_unix_listener_take_error(&f->listener));
}

static void a_peer_with_a_name_has_it(void **state)
{
    struct fixture *f = *state;
    struct mio_address name = folder_at(&f->folder, "client");
    struct mio_address peer;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)(void *)&name.storage, name.size), 0);
    assert_int_equal(
        connect_patiently(fd, (struct sockaddr *)(void *)&f->at.storage,
                          f->at.size),
        0);
    assert_ok(mio_unix_listener_accept(&f->listener, &f->server, &peer));
    assert_true(mio_address_equal(&peer, &name));
    close(fd);
    folder_remove(&f->folder, "client");
}

static void it_knows_where_it_listens(void **state)
{
    struct fixture *f = *state;
    struct mio_address at;
    const char *bytes;
    assert_ok(mio_unix_listener_address(&f->listener, &at));
    assert_true(mio_address_equal(&at, &f->at));
    size_t size = mio_address_path(&at, &bytes);
    assert_int_equal(size, strlen(f->folder.path) + strlen("/listener"));
    assert_memory_equal(bytes, f->folder.path, strlen(f->folder.path));
}

static void an_abstract_name_leaves_nothing_behind(void **state)
{
    struct fixture *f = *state;
    struct mio_address name = abstract_name("listener");
    struct mio_address at;
    struct mio_unix_listener listener;
    struct mio_unix_listener twin = {.source.handle = MIO_HANDLE_NONE};
    for (int round = 0; round < 2; round++) {
        assert_ok(mio_unix_listener_open(&listener, &name, &tidy));
        assert_code(MIO_EADDRINUSE, mio_unix_listener_open(&twin, &name, NULL));
        assert_ok(mio_unix_listener_address(&listener, &at));
        assert_true(mio_address_equal(&at, &name));
        assert_ok(mio_unix_stream_connect(&f->client, &name));
        assert_ok(mio_unix_stream_peer_address(&f->client, &at));
        assert_true(mio_address_equal(&at, &name));
        mio_unix_stream_close(&f->client);
        mio_unix_listener_close(&listener);
        assert_code(MIO_ECONNREFUSED,
                    mio_unix_stream_connect(&f->client, &name));
    }
}

static void it_is_registered_reregistered_and_deregistered(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(f->loop.poll, &f->listener.source, B,
                                  MIO_READABLE, MIO_EDGE));
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    loop_hear(&f->loop, B);
    assert_ok(mio_poll_deregister(f->loop.poll, &f->listener.source));
    loop_silence(&f->loop);
    assert_ok(mio_unix_listener_accept(&f->listener, &f->server, NULL));
}

static void many_may_wait_to_be_accepted(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_stream clients[200];
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        assert_ok(mio_unix_stream_connect(&clients[i], &f->at));
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_ok(mio_unix_listener_accept(&f->listener, &f->server, NULL));
        mio_unix_stream_close(&f->server);
        mio_unix_stream_close(&clients[i]);
    }
}

static void a_closed_listener_ends_those_who_wait(void **state)
{
    struct fixture *f = *state;
    char byte;
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    wait_some(f->loop.poll, f->loop.events);
    mio_unix_listener_close(&f->listener);
    mio_unix_listener_close(&f->listener);
    assert_false(mio_unix_listener_is_open(&f->listener));
    struct mio_event event;
    assert_false(mio_events_next(f->loop.events, &event));
    loop_silence(&f->loop);
    int64_t n = mio_unix_stream_read(&f->client, &byte, 1);
    assert_true(n == 0 || n == MIO_ECONNRESET);
}

/* --- whose the file is -------------------------------------------------- */

static void a_file_stays_and_is_in_the_way(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_listener other = {.source.handle = MIO_HANDLE_NONE};
    int before = lowest_free();
    assert_code(MIO_EADDRINUSE, mio_unix_listener_open(&other, &f->at, &tidy));
    assert_int_equal(lowest_free(), before);
    mio_unix_listener_close(&f->listener);
    assert_true(folder_has(&f->folder, "listener"));
    /* Stale, but not its own: neither taken nor removed. */
    assert_code(MIO_EADDRINUSE, mio_unix_listener_open(&other, &f->at, &tidy));
    assert_true(folder_has(&f->folder, "listener"));
    assert_false(mio_unix_listener_is_open(&other));

    assert_ok(mio_unix_listener_remove_stale(&f->at));
    assert_false(folder_has(&f->folder, "listener"));
    assert_ok(mio_unix_listener_open(&f->listener, &f->at, NULL));
}

static void who_was_told_to_removes_its_own_file(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = folder_at(&f->folder, "tidy");
    struct mio_unix_listener listener;
    assert_ok(mio_unix_listener_open(&listener, &at, &tidy));
    assert_true(folder_has(&f->folder, "tidy"));
    mio_unix_listener_close(&listener);
    assert_false(folder_has(&f->folder, "tidy"));
    mio_unix_listener_close(&listener);
}

static void who_failed_to_listen_leaves_what_was_there(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_listener listener = {.source.handle = MIO_HANDLE_NONE};
    const struct mio_unix_listen_options bad = {.backlog = -1,
                                                .unlink_on_close = true};
    struct mio_address at = folder_at(&f->folder, "bad");
    struct mio_address lost = folder_at(&f->folder, "no/such/folder");
    struct mio_address below = folder_at(&f->folder, "listener/below");
    struct mio_address v4 = address_at("127.0.0.1:0");
    int before = lowest_free();
    assert_code(MIO_EINVAL, mio_unix_listener_open(&listener, &at, &bad));
    assert_code(MIO_ENOENT, mio_unix_listener_open(&listener, &lost, &tidy));
    assert_code(MIO_ENOTDIR, mio_unix_listener_open(&listener, &below, &tidy));
    assert_code(MIO_EAFNOSUPPORT,
                mio_unix_listener_open(&listener, &v4, &tidy));
    assert_false(folder_has(&f->folder, "bad"));
    assert_false(mio_unix_listener_is_open(&listener));
    assert_int_equal(lowest_free(), before);
}

static void note_file(void *ctx, enum mio_log_level level, const char *text)
{
    assert_int_equal(level, MIO_LOG_WARNING);
    assert_non_null(strstr(text, "file is not removed"));
    ++*(int *)ctx;
}

/* A log is told of what can be neither answered nor left unsaid. */
static void a_file_that_cannot_be_removed_is_told(void **state)
{
    struct fixture *f = *state;
    int told_count = 0;
    const struct mio_log log = {&told_count, note_file, MIO_LOG_INFO};
    const struct mio_unix_listen_options options = {
        .unlink_on_close = true,
        .log = &log,
    };
    struct mio_address at = folder_at(&f->folder, "told");
    struct mio_unix_listener listener;
    assert_ok(mio_unix_listener_open(&listener, &at, &options));
    mio_unix_listener_close(&listener);
    assert_int_equal(told_count, 0);

    /* Something is there that is no socket. */
    char path[100];
    assert_ok(mio_unix_listener_open(&listener, &at, &options));
    folder_remove(&f->folder, "told");
    folder_file(&f->folder, "told", path, sizeof(path));
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    mio_unix_listener_close(&listener);
    assert_int_equal(told_count, 1);
    mio_unix_listener_close(&listener);
    assert_int_equal(told_count, 1);
    folder_remove(&f->folder, "told");
}

/* Someone removed it and made another there: that one is not touched. */
static void another_s_file_at_the_same_place_is_not_removed(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = folder_at(&f->folder, "place");
    struct mio_unix_listener first;
    struct mio_unix_listener second;
    assert_ok(mio_unix_listener_open(&first, &at, &tidy));
    folder_remove(&f->folder, "place");
    assert_ok(mio_unix_listener_open(&second, &at, NULL));
    mio_unix_listener_close(&first);
    assert_true(folder_has(&f->folder, "place"));
    assert_ok(mio_unix_stream_connect(&f->client, &at));
    mio_unix_listener_close(&second);
    folder_remove(&f->folder, "place");

    /* Nor is it if it is no socket at all. */
    char path[100];
    folder_file(&f->folder, "place", path, sizeof(path));
    assert_ok(mio_unix_listener_open(&first, &at, &tidy));
    folder_remove(&f->folder, "place");
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    mio_unix_listener_close(&first);
    assert_true(folder_has(&f->folder, "place"));
    folder_remove(&f->folder, "place");
}

static void a_fork_does_not_remove_its_parent_s_file(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = folder_at(&f->folder, "parent");
    struct mio_unix_listener listener;
    int status;
    assert_ok(mio_unix_listener_open(&listener, &at, &tidy));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        mio_unix_listener_close(&listener);
        _exit(mio_unix_listener_is_open(&listener));
    }
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    assert_int_equal(status, 0);
    assert_true(folder_has(&f->folder, "parent"));
    assert_ok(mio_unix_stream_connect(&f->client, &at));
    mio_unix_listener_close(&listener);
    assert_false(folder_has(&f->folder, "parent"));
}

static void a_handle_that_is_handed_on_takes_its_file_along(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = folder_at(&f->folder, "moved");
    struct mio_unix_listener listener;
    struct mio_unix_listener other;
    assert_ok(mio_unix_listener_open(&listener, &at, &tidy));
    loop_watch(&f->loop, &listener.source, A, MIO_READABLE);
    mio_handle handle = mio_unix_listener_release(&listener);
    assert_false(mio_source_is_registered(&listener.source));
    assert_int_equal(mio_unix_listener_release(&listener), MIO_HANDLE_NONE);
    mio_unix_listener_close(&listener);
    assert_true(folder_has(&f->folder, "moved"));

    mio_unix_listener_from_handle(&other, handle);
    assert_ok(mio_unix_stream_connect(&f->client, &at));
    assert_ok(mio_unix_listener_accept(&other, &f->server, NULL));
    mio_unix_listener_close(&other);
    assert_true(folder_has(&f->folder, "moved")); /* not made here */
    folder_remove(&f->folder, "moved");
}

static void only_what_is_stale_is_removed(void **state)
{
    struct fixture *f = *state;
    struct mio_address nowhere = folder_at(&f->folder, "nowhere");
    struct mio_address other = folder_at(&f->folder, "other");
    struct mio_address name = abstract_name("stale");
    struct mio_address v4 = address_at("127.0.0.1:0");
    struct mio_unix_datagram datagram;
    struct mio_unix_stream waiting;
    char path[100];
    int before = lowest_free();
    assert_code(MIO_EADDRINUSE, mio_unix_listener_remove_stale(&f->at));
    assert_true(folder_has(&f->folder, "listener"));
    /* The probe is a connection, which ended at once. */
    assert_ok(mio_unix_listener_accept(&f->listener, &waiting, NULL));
    mio_unix_stream_close(&waiting);
    assert_int_equal(lowest_free(), before);
    assert_code(MIO_ENOENT, mio_unix_listener_remove_stale(&nowhere));
    assert_code(MIO_EINVAL, mio_unix_listener_remove_stale(&name));
    assert_code(MIO_EINVAL, mio_unix_listener_remove_stale(&v4));

    folder_file(&f->folder, "other", path, sizeof(path));
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_code(MIO_ENOTSOCK, mio_unix_listener_remove_stale(&other));
    folder_remove(&f->folder, "other");
    char target[100]; /* a link to one that is stale is not */
    mio_unix_listener_close(&f->listener);
    before = lowest_free();
    folder_file(&f->folder, "listener", target, sizeof(target));
    assert_int_equal(symlink(target, path), 0);
    assert_code(MIO_ENOTSOCK, mio_unix_listener_remove_stale(&other));
    folder_remove(&f->folder, "other");

    /* Another kind of socket, and in use. */
    assert_ok(mio_unix_datagram_open(&datagram, &other));
    assert_code(MIO_EADDRINUSE, mio_unix_listener_remove_stale(&other));
    assert_true(folder_has(&f->folder, "other"));
    mio_unix_datagram_close(&datagram);
    assert_ok(mio_unix_listener_remove_stale(&other));
    assert_int_equal(lowest_free(), before);
}

static void what_could_not_be_asked_is_not_stale(void **state)
{
    struct fixture *f = *state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit low = {.rlim_cur = (rlim_t)lowest_free(),
                         .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int rc = mio_unix_listener_remove_stale(&f->at);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_code(MIO_EMFILE, rc);
    assert_true(folder_has(&f->folder, "listener"));
}

static void a_listener_with_a_full_queue_is_not_stale(void **state)
{
    struct fixture *f = *state;
    const struct mio_unix_listen_options small = {.backlog = 1};
    struct mio_address at = folder_at(&f->folder, "busy");
    struct mio_unix_listener listener;
    struct mio_unix_stream clients[8];
    size_t count = 0;
    assert_ok(mio_unix_listener_open(&listener, &at, &small));
    while (mio_unix_stream_connect(&clients[count], &at) == MIO_OK)
        assert_true(++count < COUNT_OF(clients));
    assert_code(MIO_EADDRINUSE, mio_unix_listener_remove_stale(&at));
    assert_true(folder_has(&f->folder, "busy"));
    while (count > 0)
        mio_unix_stream_close(&clients[--count]);
    mio_unix_listener_close(&listener);
    folder_remove(&f->folder, "busy");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connections_are_edges_and_are_accepted),
        TEST(a_peer_with_a_name_has_it),
        TEST(it_knows_where_it_listens),
        TEST(an_abstract_name_leaves_nothing_behind),
        TEST(it_is_registered_reregistered_and_deregistered),
        TEST(many_may_wait_to_be_accepted),
        TEST(a_closed_listener_ends_those_who_wait),
        TEST(a_file_stays_and_is_in_the_way),
        TEST(who_was_told_to_removes_its_own_file),
        TEST(who_failed_to_listen_leaves_what_was_there),
        TEST(a_file_that_cannot_be_removed_is_told),
        TEST(another_s_file_at_the_same_place_is_not_removed),
        TEST(a_fork_does_not_remove_its_parent_s_file),
        TEST(a_handle_that_is_handed_on_takes_its_file_along),
        TEST(only_what_is_stale_is_removed),
        TEST(what_could_not_be_asked_is_not_stale),
        TEST(a_listener_with_a_full_queue_is_not_stale),
    };
    return cmocka_run_group_tests_name("net/unix_listener", tests, NULL, NULL);
}
