/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/date.c - a time as people and as server-time read it. */
#include "apps/chat/irc/date.h"

#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define MS_PER_DAY INT64_C(86400000)
#define LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to the first day of `year`. */
static int days_before_year(int year)
{
    int y = year - 1;

    return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - 477;
}

static void set_day(struct irc_date *date, int days)
{
    date->weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday */
    date->year = 1970 + days / 366; /* never too late, mended upwards */
    while (days >= days_before_year(date->year + 1))
        date->year++;
    days -= days_before_year(date->year);
    date->month = 1;
    while (days >= days_in_month(date->year, date->month))
        days -= days_in_month(date->year, date->month++);
    date->day = days + 1;
}

struct irc_date irc_date_of(int64_t unix_ns)
{
    int64_t ms = unix_ns < 0 ? 0 : unix_ns / NS_PER_MS;
    struct irc_date date;

    if (ms > LAST_MS)
        ms = LAST_MS;
    set_day(&date, (int)(ms / MS_PER_DAY));
    int of_day = (int)(ms % MS_PER_DAY);
    date.millisecond = of_day % 1000;
    date.second = of_day / 1000 % 60;
    date.minute = of_day / 60000 % 60;
    date.hour = of_day / 3600000;
    return date;
}

static char *put_digits(char *at, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

static char *put_char(char *at, char c)
{
    *at = c;
    return at + 1;
}

/* hh:mm:ss */
static char *put_clock(char *at, const struct irc_date *date)
{
    at = put_char(put_digits(at, date->hour, 2), ':');
    at = put_char(put_digits(at, date->minute, 2), ':');
    return put_digits(at, date->second, 2);
}

struct irc_span irc_date_iso(char buffer[IRC_DATE_ISO_SIZE], int64_t unix_ns)
{
    struct irc_date date = irc_date_of(unix_ns);
    char *at = buffer;

    at = put_char(put_digits(at, date.year, 4), '-');
    at = put_char(put_digits(at, date.month, 2), '-');
    at = put_char(put_digits(at, date.day, 2), 'T');
    at = put_char(put_clock(at, &date), '.');
    at = put_char(put_digits(at, date.millisecond, 3), 'Z');
    return irc_span(buffer, (size_t)(at - buffer));
}

struct irc_span irc_date_text(char buffer[IRC_DATE_TEXT_SIZE], int64_t unix_ns)
{
    static const char weekdays[] = "Sun Mon Tue Wed Thu Fri Sat ";
    static const char months[] =
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
    struct irc_date date = irc_date_of(unix_ns);
    char *at = buffer;

    memcpy(at, weekdays + 4 * date.weekday, 4);
    memcpy(at + 4, months + 4 * (date.month - 1), 4);
    at = put_char(put_digits(at + 8, date.day, 2), ' ');
    at = put_char(put_digits(at, date.year, 4), ' ');
    at = put_clock(at, &date);
    memcpy(at, " UTC", 4);
    return irc_span(buffer, (size_t)(at + 4 - buffer));
}
