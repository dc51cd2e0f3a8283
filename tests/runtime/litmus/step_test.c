/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/litmus/step_test.c - somebody else does something just then:
 * between two steps of the runtime's that storms seldom come between.
 *
 * The seams of the litmus build call what the test has put there, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/mailbox/home.h"
#include "runtime/mailbox/litmus.h"
#include "runtime/reactor/common.h"

/* What happens at the next such point. */
static enum mio_litmus_point point_then;
static void (*just_then)(void);

void mio_litmus_yield(enum mio_litmus_point point)
{
    void (*happens)(void) = just_then;
    if (happens == NULL || point != point_then)
        return;
    just_then = NULL;
    happens();
}

int mio_litmus_is_broken(enum mio_litmus_rule rule)
{
    (void)rule;
    return 0;
}

static void arrange(enum mio_litmus_point point, void (*happens)(void))
{
    point_then = point;
    just_then = happens;
}

/* --- the end of a runtime ------------------------------------------------ */

static struct mio_common common; /* of no reactors: there is nobody to ring */
static int comes_result;

static int setup(void **state)
{
    (void)state;
    memset(&common, 0, sizeof(common));
    just_then = NULL;
    return 0;
}

static void somebody_comes(void)
{
    comes_result = mio_common_actor_comes(&common);
}

static void who_comes_as_the_runtime_ends_is_refused_or_keeps_it(void **state)
{
    (void)state;
    mio_common_stop(&common);
    arrange(MIO_LITMUS_END, somebody_comes);
    mio_common_try_end(&common);
    assert_null(just_then);
    assert_int_equal(mio_common_is_ended(&common), comes_result < 0);
    if (comes_result == 0)
        mio_common_actor_goes(&common);
    assert_true(mio_common_is_ended(&common));
}

static void a_reactor_sees_the_stop(void)
{
    mio_common_stop(&common);
    mio_common_try_end(&common);
}

static void a_stop_as_the_last_actor_goes_is_not_forgotten(void **state)
{
    (void)state;
    assert_int_equal(mio_common_actor_comes(&common), 0);
    arrange(MIO_LITMUS_END, a_reactor_sees_the_stop);
    mio_common_actor_goes(&common);
    assert_null(just_then);
    assert_true(mio_common_is_ended(&common));
}

/* --- memory -------------------------------------------------------------- */

static struct mio_home home;
static struct mio_message slots[2];

static void another_comes_home(void)
{
    mio_home_push(&home, &slots[1], &slots[1]);
}

static void what_comes_home_at_once_is_all_there(void **state)
{
    (void)state;
    mio_home_init(&home);
    arrange(MIO_LITMUS_HOME, another_comes_home);
    mio_home_push(&home, &slots[0], &slots[0]);
    assert_null(just_then);
    struct mio_message *first = mio_home_take(&home);
    assert_ptr_equal(first, &slots[0]);
    assert_ptr_equal(first->next, &slots[1]);
    assert_null(slots[1].next);
}

#define TEST(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_comes_as_the_runtime_ends_is_refused_or_keeps_it),
        TEST(a_stop_as_the_last_actor_goes_is_not_forgotten),
        TEST(what_comes_home_at_once_is_all_there),
    };
    return cmocka_run_group_tests_name("runtime/litmus/step", tests, NULL,
                                       NULL);
}
