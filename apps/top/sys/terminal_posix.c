/* SPDX-License-Identifier: MIT
 *
 * apps/top/sys/terminal_posix.c - see terminal.h: ANSI sequences, termios. */
#include "apps/top/sys/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 132
#define ROWS_DEFAULT 40

static struct termios before;
static volatile sig_atomic_t was_resized, must_quit;

static void on_signal(int number)
{
    if (number == SIGWINCH)
        was_resized = 1;
    else
        must_quit = 1;
}

static void put(const char *text)
{
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

int top_terminal_open(void)
{
    struct termios raw;
    struct sigaction action = {.sa_handler = on_signal};
    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
        return MIO_ENOTSUP;
    raw = before;
    raw.c_lflag &= (tcflag_t) ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    (void)sigaction(SIGWINCH, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    put("\033[?1049h\033[?25l"); /* another screen, no cursor */
    return 0;
}

void top_terminal_close(void)
{
    put("\033[?25h\033[?1049l");
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

void top_terminal_size(uint32_t *columns, uint32_t *rows)
{
    struct winsize size;
    *columns = COLUMNS_DEFAULT;
    *rows = ROWS_DEFAULT;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 ||
        size.ws_row == 0)
        return;
    *columns = size.ws_col;
    *rows = size.ws_row;
}

/* Line by line over what was there: nothing flickers. */
void top_terminal_show(const char *text)
{
    put("\033[H");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        bool is_last = text[size] == '\0' || text[size + 1] == '\0';
        (void)printf("%.*s\033[K%s", (int)size, text, is_last ? "" : "\r\n");
        text += size + (text[size] != '\0');
    }
    put("\033[J");
}

enum top_wait top_terminal_wait(int milliseconds)
{
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;
    int count = must_quit || was_resized ? 0 : poll(&ready, 1, milliseconds);
    if (must_quit)
        return TOP_QUIT;
    if (was_resized) {
        was_resized = 0;
        return TOP_RESIZED;
    }
    if (count <= 0)
        return TOP_TIME;
    /* No key where one was reported: the terminal is gone. */
    if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q')
        return TOP_QUIT;
    return TOP_KEY;
}

void top_sleep(int milliseconds)
{
    (void)poll(NULL, 0, milliseconds);
}
