/* SPDX-License-Identifier: MIT
 *
 * bench/core/plan.h - what is measured, and who takes part. */
#ifndef BENCH_CORE_PLAN_H
#define BENCH_CORE_PLAN_H

#include <stdbool.h>

#define PATH_SIZE 4096
#define CONTESTANTS_MAX 8
#define PHASES_MAX 4

/* A program, and how it is told which selector to take. */
struct contestant {
    const char *name;
    const char *file; /* beside ours; NULL: see path */
    const char *variable;
    const char *value;
    char path[PATH_SIZE];
    char why_not[128]; /* it cannot take part */
};

/* Those that are compared; the first is what the others are compared with. */
struct contest {
    const char *name;
    struct contestant contestants[CONTESTANTS_MAX];
    int count;
};

/* One operation: a command, and how often it is done in one turn. */
struct phase {
    const char *title;
    const char *command;
    const char *counted; /* what instructions and system calls are counted of;
                            NULL: the command */
    long n;
    long n_counted; /* of instructions */
};

/* A workload; its phases follow each other and end where they began. */
struct plan {
    const char *name; /* for --only */
    const char *title;
    const char *workload;
    const char *workload_quick;
    struct phase phases[PHASES_MAX];
    int phases_count;
    int repeats;        /* of all phases in one turn; one more goes before */
    int rounds_divisor; /* it takes long */
    bool is_counted;
};

extern const struct plan plans[];
extern const int plans_count;

/** Who takes part on "epoll" or "poll"; looks for their programs in
 *  `directory`, for mio's in `mio_path` (NULL: mio_why_not). */
void contest_init(struct contest *self, const char *selector,
                  const char *directory, const char *mio_path,
                  const char *mio_why_not);

#endif /* BENCH_CORE_PLAN_H */
