/* SPDX-License-Identifier: MIT
 *
 * apps/top/main.c - mio-top: what a runtime with an inspector is doing. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/top/figures.h"
#include "apps/top/page.h"
#include "apps/top/sys/terminal.h"

#define EXIT_USAGE 2
#define TITLE_MAX 160
#define ONCE_COLUMNS 200
#define ONCE_ROWS 120

static const char help[] =
    "usage: mio-top [--once] [--interval SECONDS] ADDRESS\n"
    "\n"
    "ADDRESS is where the inspector of a runtime listens: a path, as the "
    "chat's\n"
    "--inspect names it, or 127.0.0.1:PORT.\n"
    "\n"
    "  --once              print one page and end\n"
    "  --interval SECONDS  between two looks (default 1)\n"
    "  --help              this\n"
    "\n"
    "q quits, any other key looks again at once.\n";

struct program {
    const char *address;
    int interval_ms;
    bool is_once;
    int fd;
    struct top_figures figures[2]; /* before, now: in turns */
    uint32_t now;
    struct top_page page;
};

static int complain(const struct program *self, int error)
{
    (void)fprintf(stderr, "mio-top: %s: %s\n", self->address,
                  mio_error_text(error));
    return error;
}

static int ask(struct program *self, const char *question)
{
    char *text;
    int result = top_ask(self->fd, question, &text);
    if (result < 0)
        return result;
    top_figures_parse(&self->figures[self->now], text);
    free(text);
    return 0;
}

static int look(struct program *self)
{
    static const char *const questions[] = {"snapshot\n", "actors\n", "edges\n",
                                            "stalls\n"};
    int result = 0;
    self->now = 1 - self->now;
    top_figures_clear(&self->figures[self->now]);
    for (size_t i = 0; result == 0 && i < 4; i++)
        result = ask(self, questions[i]);
    return result;
}

static int write_page(struct program *self, uint32_t columns, uint32_t rows)
{
    char title[TITLE_MAX];
    const struct top_figures *now = &self->figures[self->now];
    (void)snprintf(title, sizeof(title), "mio-top %s: %u reactors",
                   self->address, now->reactors_count);
    return top_page_write(&self->page, &self->figures[1 - self->now], now,
                          title, columns, rows);
}

/* Two looks, as rates need; what is not a rate is the second's. */
static int run_once(struct program *self)
{
    int result = look(self);
    if (result < 0)
        return result;
    top_sleep(self->interval_ms);
    result = look(self);
    if (result == 0)
        result = write_page(self, ONCE_COLUMNS, ONCE_ROWS);
    if (result == 0)
        (void)fputs(self->page.bytes, stdout);
    return result;
}

static int show(struct program *self)
{
    uint32_t columns, rows;
    top_terminal_size(&columns, &rows);
    int result = write_page(self, columns, rows);
    if (result == 0)
        top_terminal_show(self->page.bytes);
    return result;
}

static int run_screen(struct program *self)
{
    int result = top_terminal_open();
    enum top_wait waited = TOP_TIME;
    if (result < 0)
        return result;
    while (result == 0 && waited != TOP_QUIT) {
        result = waited == TOP_RESIZED ? 0 : look(self);
        if (result == 0)
            result = show(self);
        if (result == 0)
            waited = top_terminal_wait(self->interval_ms);
    }
    top_terminal_close();
    return result;
}

static int run(struct program *self)
{
    self->fd = top_dial(self->address);
    if (self->fd < 0)
        return self->fd;
    int result = self->is_once ? run_once(self) : run_screen(self);
    top_hang_up(self->fd);
    return result;
}

/* Returns whether the arguments make sense. */
static bool parse(struct program *self, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--once") == 0) {
            self->is_once = true;
        } else if (strcmp(argv[i], "--interval") == 0 && i + 1 < argc) {
            double seconds = strtod(argv[++i], NULL);
            if (!(seconds >= 0.01 && seconds <= 3600))
                return false;
            self->interval_ms = (int)(seconds * 1000);
        } else if (argv[i][0] == '-' || self->address != NULL) {
            return false;
        } else {
            self->address = argv[i];
        }
    }
    return self->address != NULL;
}

int main(int argc, char **argv)
{
    static struct program program = {.interval_ms = 1000};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(help, stdout);
        return EXIT_SUCCESS;
    }
    if (!parse(&program, argc, argv)) {
        (void)fputs(help, stderr);
        return EXIT_USAGE;
    }
    int result = top_figures_init(&program.figures[0]);
    if (result == 0)
        result = top_figures_init(&program.figures[1]);
    if (result == 0)
        result = run(&program);
    if (result < 0)
        (void)complain(&program, result);
    top_page_deinit(&program.page);
    top_figures_deinit(&program.figures[0]);
    top_figures_deinit(&program.figures[1]);
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
