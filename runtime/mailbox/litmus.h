/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/litmus.h - seams for the causality tests. Not installed.
 *
 * In the litmus build (tests/runtime/litmus) the places where order is made
 * yield as a seeded generator says, so that two CPUs show the races of many;
 * and each rule of causality can be switched off, so that the tests prove that
 * they would notice. In every other build this is nothing at all. */
#ifndef MIO_RUNTIME_MAILBOX_LITMUS_H
#define MIO_RUNTIME_MAILBOX_LITMUS_H

enum mio_litmus_point {
    MIO_LITMUS_PUBLISH,
    MIO_LITMUS_TAKE,
    MIO_LITMUS_PARK,
    MIO_LITMUS_RESERVE, /* an actor's slot */
    MIO_LITMUS_NAMES,   /* a walk over names, a change of them */
    MIO_LITMUS_CREDIT,  /* the word of a pair */
    MIO_LITMUS_END,     /* the count of actors, and the flags of a stop */
    MIO_LITMUS_HOME     /* memory that comes home */
};

/* The rules that can be broken; see runtime/README.md. */
enum mio_litmus_rule {
    /* The open chain is published before one to another reactor is opened. */
    MIO_RULE_CHANGE = 1,
    /* What was sent is published before an effect outside the runtime. */
    MIO_RULE_EFFECT = 2,
    /* After a read the inbox is taken before the bytes are handed over. */
    MIO_RULE_READ = 4,
    /* Taken chains are queued in the order in which they were pushed. */
    MIO_RULE_TAKE = 8,
    /* Who finds WANTED in the word of a pair sends the notice. */
    MIO_RULE_NOTICE = 16
};

#ifdef MIO_LITMUS
/* Defined by the test. */
void mio_litmus_yield(enum mio_litmus_point point);
int mio_litmus_is_broken(enum mio_litmus_rule rule);
#define MIO_LITMUS_YIELD(point) mio_litmus_yield(point)
#define MIO_LITMUS_BREAKS(rule) (mio_litmus_is_broken(rule) != 0)
#else
#define MIO_LITMUS_YIELD(point) ((void)0)
#define MIO_LITMUS_BREAKS(rule) 0
#endif

#endif /* MIO_RUNTIME_MAILBOX_LITMUS_H */
