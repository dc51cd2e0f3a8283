/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/owned_test.c - what is sent by ownership is freed once: by who
 * received it, or with the message that nobody received. */
#include "runtime/owned.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/runtime_private.h"
#include "tests/runtime/fixture.h"

static const struct mio_message_type image = {.name = "image",
                                              .drop = mio_owned_drop};
static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;

#define LARGE (((size_t)MIO_MESSAGE_SIZE_MAX) + 1) /* not by value any more */
#define IMAGES 400

static uint64_t living;
static uint64_t sent;
static uint64_t received;

static void free_image(void *bytes, size_t size)
{
    CHECK(bytes != NULL && size > 0);
    fixture_add(&living, (uint64_t)-1);
    free(bytes);
}

static struct mio_owned new_image(size_t size)
{
    struct mio_owned owned = {malloc(size), size, free_image};
    CHECK(owned.bytes != NULL);
    memcpy(owned.bytes, &size, sizeof(size)); /* not all of it is touched */
    fixture_add(&living, 1);
    return owned;
}

/* By turns: released, left to a message that goes on, taken and sent on. */
struct viewer {
    mio_actor_id next;
    uint32_t count;
};

static int pass_on(struct mio_actor *self, struct viewer *viewer,
                   struct mio_message *message)
{
    if (viewer->count % 2 == 0) {
        mio_message_keep(message);
        return mio_send_message(self, viewer->next, message);
    }
    struct mio_owned owned = mio_owned_take(message);
    CHECK(mio_send_owned(self, viewer->next, &image, &owned) == 0);
    CHECK(owned.bytes == NULL && owned.release == NULL);
    return 0;
}

static int viewer_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct viewer *viewer = state;
    size_t size;
    const struct mio_owned *owned = mio_message_payload(message);
    CHECK(message->type == &image);
    memcpy(&size, owned->bytes, sizeof(size));
    CHECK(size == owned->size);
    viewer->count++;
    if (!mio_actor_id_is_none(viewer->next))
        return pass_on(self, viewer, message);
    struct mio_owned mine = mio_owned_take(message);
    CHECK(owned->bytes == NULL && owned->release == NULL);
    mio_owned_release(&mine);
    mio_owned_release(&mine); /* nothing is left */
    fixture_add(&received, 1);
    /* The others find nobody, here or as the runtime ends. */
    if (viewer->count == IMAGES / 2)
        fixture_stop(self);
    return 0;
}

static int viewer_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct viewer *viewer = state;
    (void)self;
    if (argument_size == sizeof(viewer->next))
        memcpy(&viewer->next, argument, sizeof(viewer->next));
    return 0;
}

static const struct mio_actor_class viewer_class = {
    .name = "viewer",
    .state_size = sizeof(struct viewer),
    .init = viewer_init,
    .receive = viewer_receive,
};

static int painter_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    mio_actor_id to;
    (void)state;
    CHECK(argument_size == sizeof(to));
    memcpy(&to, argument, sizeof(to));
    struct mio_owned owned = new_image(LARGE);
    CHECK(mio_send_owned(self, to, &note, &owned) == MIO_EINVAL);
    CHECK(mio_send_owned(self, to, NULL, &owned) == MIO_EINVAL);
    CHECK(mio_send_owned(self, (mio_actor_id){0}, &image, &owned) ==
          MIO_EINVAL);
    CHECK(owned.size == LARGE && owned.release == free_image);
    for (uint32_t i = 0; i < IMAGES; i++) {
        if (i > 0)
            owned = new_image(100 + i);
        CHECK(mio_send_owned(self, to, &image, &owned) == 0);
        fixture_add(&sent, 1);
    }
    return 0;
}

static const struct mio_actor_class painter_class = {.name = "painter",
                                                     .init = painter_init};

static void each_is_freed_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(reactors_counts) / sizeof(reactors_counts[0]);
         i++) {
        uint32_t count = reactors_counts[i];
        struct mio_runtime *runtime = fixture_runtime(count);
        mio_actor_id second;
        mio_actor_id first;
        sent = 0;
        received = 0;
        assert_ok(mio_runtime_spawn(runtime, count - 1, &viewer_class, NULL, 0,
                                    &second));
        assert_ok(mio_runtime_spawn(runtime, count / 2, &viewer_class, &second,
                                    sizeof(second), &first));
        assert_ok(mio_runtime_spawn(runtime, 0, &painter_class, &first,
                                    sizeof(first), NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(sent, IMAGES);
        assert_true(received >= IMAGES / 2);
        assert_int_equal(fixture_counters(runtime).dead_letters,
                         IMAGES - received);
        mio_runtime_free(runtime);
        assert_int_equal(living, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_freed_once),
    };
    return cmocka_run_group_tests_name("runtime/owned", tests, NULL, NULL);
}
