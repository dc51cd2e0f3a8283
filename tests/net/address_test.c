/* SPDX-License-Identifier: MIT
 *
 * tests/net/address_test.c - addresses to text and back, good and bad. */
#include "net/address.h"

#include <stdio.h>
#include <string.h>

#include "tests/core/check.h"

static struct mio_address parsed(const char *text)
{
    struct mio_address address;
    int rc = mio_address_parse(&address, text);
    if (rc < 0)
        fail_msg("%s: %s", text, mio_error_name(rc));
    return address;
}

static void every_text_form_comes_back(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum mio_family family;
        uint16_t port;
    } cases[] = {
        {"127.0.0.1:6667", MIO_FAMILY_IPV4, 6667},
        {"0.0.0.0:0", MIO_FAMILY_IPV4, 0},
        {"255.255.255.255:65535", MIO_FAMILY_IPV4, 65535},
        {"[::]:0", MIO_FAMILY_IPV6, 0},
        {"[::1]:6667", MIO_FAMILY_IPV6, 6667},
        {"[2001:db8::8:800:200c:417a]:443", MIO_FAMILY_IPV6, 443},
        {"[::ffff:192.0.2.1]:1", MIO_FAMILY_IPV6, 1},
        {"[fe80::1%lo]:6667", MIO_FAMILY_IPV6, 6667},
        {"[fe80::1%4000000000]:6667", MIO_FAMILY_IPV6, 6667},
        {"unix:/run/x.sock", MIO_FAMILY_UNIX, 0},
        {"unix:relative", MIO_FAMILY_UNIX, 0},
        {"unix:@abstract", MIO_FAMILY_UNIX, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_address address = parsed(cases[i].text);
        char text[MIO_ADDRESS_TEXT_MAX];
        assert_int_equal(mio_address_format(&address, text, sizeof(text)),
                         strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
        assert_int_equal(mio_address_family(&address), cases[i].family);
        assert_int_equal(mio_address_port(&address), cases[i].port);
    }
}

static void other_spellings_are_made_canonical(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"[0:0:0:0:0:0:0:1]:80", "[::1]:80"},
        {"[2001:DB8:0::1]:080", "[2001:db8::1]:80"},
        {"1.2.3.4:00080", "1.2.3.4:80"},
        {"[fe80::1%1]:1", "[fe80::1%lo]:1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_address address = parsed(cases[i][0]);
        char text[MIO_ADDRESS_TEXT_MAX];
        mio_address_format(&address, text, sizeof(text));
        assert_string_equal(text, cases[i][1]);
    }
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int code;
    } cases[] = {
        {"", MIO_EINVAL},
        {":", MIO_EINVAL},
        {":80", MIO_EINVAL},
        {"127.0.0.1", MIO_EINVAL},
        {"127.0.0.1:", MIO_EINVAL},
        {"127.0.0.1:65536", MIO_EINVAL},
        {"127.0.0.1:000080", MIO_EINVAL},
        {"127.0.0.1:99999999999999999999", MIO_EINVAL},
        {"127.0.0.1:-1", MIO_EINVAL},
        {"127.0.0.1:+1", MIO_EINVAL},
        {"127.0.0.1: 1", MIO_EINVAL},
        {"127.0.0.1:1 ", MIO_EINVAL},
        {"127.0.0.1:1:2", MIO_EINVAL},
        {"127.0.0.1:x", MIO_EINVAL},
        {" 127.0.0.1:1", MIO_EINVAL},
        {"127.0.1:1", MIO_EINVAL},
        {"127.0.0.256:1", MIO_EINVAL},
        {"0127.0.0.1:1", MIO_EINVAL},
        {"127.0.0.1.5:1", MIO_EINVAL},
        {"localhost:80", MIO_EINVAL},
        {"::1:80", MIO_EINVAL},
        {"[::1]", MIO_EINVAL},
        {"[::1]80", MIO_EINVAL},
        {"[::1]:", MIO_EINVAL},
        {"[::1]:65536", MIO_EINVAL},
        {"[::1:80", MIO_EINVAL},
        {"[]:80", MIO_EINVAL},
        {"[127.0.0.1]:80", MIO_EINVAL},
        {"[::1::2]:80", MIO_EINVAL},
        {"[1:2:3:4:5:6:7:8:9]:80", MIO_EINVAL},
        {"[12345::]:80", MIO_EINVAL},
        {"[fe80::1%]:80", MIO_EINVAL},
        {"[fe80::1%no-such-if]:80", MIO_ENODEV},
        {"[fe80::1%4294967297]:80", MIO_ENODEV}, /* 1, cut to 32 bits */
        {"[fe80::1%18446744073709551617]:80", MIO_ENODEV}, /* to 64 */
        {"[fe80::1%99999999999999999999999]:80", MIO_ENODEV},
        {"[fe80::1%-1]:80", MIO_ENODEV},
        {"unix:", MIO_EINVAL},
        {"unix:@", MIO_EINVAL},
        {"UNIX:/x", MIO_EINVAL},
        {"1111111111111111111111111111111111111111111111111111111111111111:1",
         MIO_EINVAL},
        {"[fe80::1%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:1",
         MIO_EINVAL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_address address;
        int rc = mio_address_parse(&address, cases[i].text);
        if (rc != cases[i].code)
            fail_msg("\"%s\": %s", cases[i].text, mio_error_name(rc));
    }
}

static void the_longest_unix_names_fit(void **state)
{
    (void)state;
    char text[256] = "unix:";
    char back[MIO_ADDRESS_TEXT_MAX];
    struct mio_address address;
    const char firsts[] = {'/', '@'};
    const size_t longest[] = {107, 108}; /* an abstract name has no end mark */
    for (int i = 0; i < 2; i++) {
        memset(text + 5, 'x', longest[i]);
        text[5] = firsts[i];
        text[5 + longest[i]] = '\0';
        address = parsed(text);
        assert_int_equal(mio_address_format(&address, back, sizeof(back)),
                         strlen(text));
        assert_string_equal(back, text);

        strcat(text, "x");
        assert_code(MIO_ENAMETOOLONG, mio_address_parse(&address, text));
    }
}

static void a_text_that_does_not_fit_is_cut_and_ended(void **state)
{
    (void)state;
    struct mio_address address = parsed("127.0.0.1:6667");
    char text[16];
    memset(text, '#', sizeof(text));
    assert_int_equal(mio_address_format(&address, text, 0), 14);
    assert_int_equal(text[0], '#');
    assert_int_equal(mio_address_format(&address, text, 1), 14);
    assert_string_equal(text, "");
    assert_int_equal(mio_address_format(&address, text, 14), 14);
    assert_string_equal(text, "127.0.0.1:666");
    assert_int_equal(text[14], '#');
    assert_int_equal(mio_address_format(&address, text, 15), 14);
    assert_string_equal(text, "127.0.0.1:6667");
    assert_int_equal(text[15], '#');
}

static void the_ip_alone_has_neither_brackets_nor_port(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"10.1.2.3:4", "10.1.2.3"},
        {"[2001:db8::1]:4", "2001:db8::1"},
        {"[fe80::1%lo]:4", "fe80::1%lo"},
        {"unix:/a", "unix:/a"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_address address = parsed(cases[i][0]);
        char text[MIO_ADDRESS_TEXT_MAX];
        mio_address_format_ip(&address, text, sizeof(text));
        assert_string_equal(text, cases[i][1]);
    }

    struct mio_address address;
    struct mio_address expected = parsed("[fe80::1%lo]:77");
    assert_ok(mio_address_parse_ip(&address, "fe80::1%lo", 77));
    assert_true(mio_address_equal(&address, &expected));
    assert_ok(mio_address_parse_ip(&address, "10.1.2.3", 77));
    assert_code(MIO_EINVAL, mio_address_parse_ip(&address, "10.1.2.3:4", 77));
    assert_code(MIO_EINVAL, mio_address_parse_ip(&address, "[::1]", 77));
    assert_code(MIO_EINVAL, mio_address_parse_ip(&address, "", 77));
    assert_code(MIO_ENODEV, mio_address_parse_ip(&address, "::1%zz9", 77));
}

static void a_port_can_be_replaced(void **state)
{
    (void)state;
    struct mio_address v4 = parsed("127.0.0.1:1");
    struct mio_address v6 = parsed("[fe80::1%lo]:1");
    struct mio_address path = parsed("unix:/x");
    struct mio_address path_before = path;
    mio_address_set_port(&v4, 65535);
    mio_address_set_port(&v6, 256);
    mio_address_set_port(&path, 5);
    char text[MIO_ADDRESS_TEXT_MAX];
    mio_address_format(&v4, text, sizeof(text));
    assert_string_equal(text, "127.0.0.1:65535");
    mio_address_format(&v6, text, sizeof(text));
    assert_string_equal(text, "[fe80::1%lo]:256");
    assert_true(mio_address_equal(&path, &path_before));
}

static void loopback_is_known(void **state)
{
    (void)state;
    const char *const yes[] = {"127.0.0.1:1", "127.255.3.4:1", "[::1]:1",
                               "[::ffff:127.9.9.9]:1", "unix:/x"};
    const char *const no[] = {
        "128.0.0.1:1",     "126.255.255.255:1",    "[::]:1",     "[::2]:1",
        "[::127.0.0.1]:1", "[::ffff:126.0.0.1]:1", "[fe80::1]:1"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        struct mio_address address = parsed(yes[i]);
        assert_true(mio_address_is_loopback(&address));
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        struct mio_address address = parsed(no[i]);
        assert_false(mio_address_is_loopback(&address));
    }
    struct mio_address none = {.family = MIO_FAMILY_NONE};
    assert_false(mio_address_is_loopback(&none));
}

/* Of any two of these: equal exactly if they are the same entry. */
static void addresses_are_equal_only_to_themselves(void **state)
{
    (void)state;
    const char *const texts[] = {
        "127.0.0.1:1",    "127.0.0.1:2",   "127.0.0.2:1",
        "[::1]:1",        "[::1]:2",       "[fe80::1]:1",
        "[fe80::1%lo]:1", "[fe80::1%9]:1", "[::ffff:127.0.0.1]:1",
        "unix:/a",        "unix:/b",       "unix:/aa",
        "unix:@/a",       "unix:@/aa",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct mio_address a = parsed(texts[i]);
        for (size_t j = 0; j < COUNT_OF(texts); j++) {
            struct mio_address b = parsed(texts[j]);
            assert_int_equal(mio_address_equal(&a, &b), i == j);
        }
    }
}

static void a_host_is_one_whatever_its_port_or_listener(void **state)
{
    (void)state;
    const struct {
        const char *a;
        const char *b;
        bool is_same;
    } cases[] = {
        {"127.0.0.1:1", "127.0.0.1:2", true},
        {"127.0.0.1:1", "[::ffff:127.0.0.1]:2", true},
        {"[2001:db8::1]:1", "[2001:db8::1]:2", true},
        {"unix:/a", "unix:/a", true},
        {"127.0.0.1:1", "127.0.0.2:1", false},
        {"127.0.0.1:1", "[::127.0.0.1]:1", false},
        {"[fe80::1%lo]:1", "[fe80::1%9]:1", false},
        {"unix:/a", "unix:/b", false},
        {"unix:/a", "127.0.0.1:1", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_address a = parsed(cases[i].a);
        struct mio_address b = parsed(cases[i].b);
        assert_int_equal(mio_address_equal_ip(&a, &b), cases[i].is_same);
        /* Two of these nine that agree in 64 bits by chance: never seen. */
        assert_int_equal(mio_address_hash_ip(&a, 7) ==
                             mio_address_hash_ip(&b, 7),
                         cases[i].is_same);
        assert_true(mio_address_hash_ip(&a, 7) != mio_address_hash_ip(&a, 8));
    }
}

static void an_unnamed_address_is_bearable(void **state)
{
    (void)state;
    struct mio_address none = {.family = MIO_FAMILY_NONE};
    struct mio_address other = {.family = MIO_FAMILY_NONE};
    char text[MIO_ADDRESS_TEXT_MAX];
    mio_address_format(&none, text, sizeof(text));
    assert_string_equal(text, "unnamed");
    assert_int_equal(mio_address_port(&none), 0);
    mio_address_set_port(&none, 5);
    assert_true(mio_address_equal(&none, &other));
    assert_true(mio_address_hash_ip(&none, 1) ==
                mio_address_hash_ip(&other, 1));
}

/* Good texts with random bytes changed: what is accepted comes back. */
static void any_text_is_refused_or_comes_back(void **state)
{
    (void)state;
    const char *const seeds[] = {"127.0.0.1:6667", "[fe80::1%lo]:6667",
                                 "[2001:db8::1]:443", "unix:/run/x.sock"};
    const char alphabet[] = "0123456789abcdefx.:[]%@/- \x80\xff";
    struct sequence random = {99};
    int accepted_count = 0;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        strcpy(text, seeds[sequence_next(&random) % COUNT_OF(seeds)]);
        for (uint64_t n = sequence_next(&random) % 4; n > 0; n--)
            text[sequence_next(&random) % strlen(text)] =
                alphabet[sequence_next(&random) % (sizeof(alphabet) - 1)];

        struct mio_address address;
        struct mio_address again;
        char back[MIO_ADDRESS_TEXT_MAX];
        if (mio_address_parse(&address, text) < 0)
            continue;
        accepted_count++;
        assert_true(mio_address_format(&address, back, sizeof(back)) <
                    sizeof(back));
        assert_ok(mio_address_parse(&again, back));
        assert_true(mio_address_equal(&address, &again));
    }
    assert_true(accepted_count > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_form_comes_back),
        cmocka_unit_test(other_spellings_are_made_canonical),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(the_longest_unix_names_fit),
        cmocka_unit_test(a_text_that_does_not_fit_is_cut_and_ended),
        cmocka_unit_test(the_ip_alone_has_neither_brackets_nor_port),
        cmocka_unit_test(a_port_can_be_replaced),
        cmocka_unit_test(loopback_is_known),
        cmocka_unit_test(addresses_are_equal_only_to_themselves),
        cmocka_unit_test(a_host_is_one_whatever_its_port_or_listener),
        cmocka_unit_test(an_unnamed_address_is_bearable),
        cmocka_unit_test(any_text_is_refused_or_comes_back),
    };
    return cmocka_run_group_tests_name("net/address", tests, NULL, NULL);
}
