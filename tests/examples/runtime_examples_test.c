/* SPDX-License-Identifier: MIT
 *
 * tests/examples/runtime_examples_test.c - each example of the runtime does
 * what its README says. */
#include "tests/examples/program.h"

/* What is said in a fixed order is so because one caused the other; the
 * customer hears of the fire at the same time as the packers do. */
static void the_bakery_goes_on_baking(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "oven: lit on reactor 1", "left packer: here",
        "right packer: here",     "oven: loaf 1",
        "oven: loaf 2",           "oven: it burns!",
        "right packer: gone",     "left packer: gone",
        "oven: lit on reactor 1", "left packer: here",
        "right packer: here",     "oven: loaf 3",
        "oven: loaf 4",           "right packer: gone",
        "left packer: gone",      "oven: out"};
    struct program p;
    FILE *output;
    char line[256];
    size_t next = 0;
    int complaints = 0;
    start_writing(&p, "examples/supervised", &output);
    while (fgets(line, sizeof(line), output) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "customer: no loaf 3 (input/output error)") == 0) {
            complaints++;
            continue;
        }
        assert_true(next < sizeof(lines) / sizeof(lines[0]));
        assert_string_equal(line, lines[next++]);
    }
    assert_int_equal(next, sizeof(lines) / sizeof(lines[0]));
    assert_int_equal(complaints, 1);
    expect_success(&p, output);
}

static void each_question_of_the_customer_is_answered(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    char text[512];
    start_writing(&p, "examples/ask", &output);
    size_t size = fread(text, 1, sizeof(text) - 1, output);
    text[size] = '\0';
    assert_string_equal(text, "customer: 9592 primes\n"
                              "customer: no answer (timed out)\n"
                              "customer: no answer (the actor is dead)\n");
    expect_success(&p, output);
}

static void each_editor_is_found_by_the_name_of_the_one_before(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    char text[512];
    start_writing(&p, "examples/names", &output);
    size_t size = fread(text, 1, sizeof(text) - 1, output);
    text[size] = '\0';
    assert_string_equal(text, "editor 1: \"rain\" goes to 2 reactors\n"
                              "editor 1: all 6 have read it\n"
                              "editor 2: \"sunshine\" goes to 2 reactors\n"
                              "editor 2: all 6 have read it\n"
                              "editor 3: \"fog\" goes to 2 reactors\n"
                              "editor 3: all 6 have read it\n");
    expect_success(&p, output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bakery_goes_on_baking),
        cmocka_unit_test(each_question_of_the_customer_is_answered),
        cmocka_unit_test(each_editor_is_found_by_the_name_of_the_one_before),
    };
    return cmocka_run_group_tests_name("examples of the runtime", tests, NULL,
                                       NULL);
}
