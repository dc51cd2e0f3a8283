/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/date.h - a time as people and as server-time read it. */
#ifndef MIO_APPS_CHAT_IRC_DATE_H
#define MIO_APPS_CHAT_IRC_DATE_H

#include "apps/chat/irc/span.h"

struct irc_date {
    int year;  /* 1970 to 9999 */
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
    int hour, minute, second, millisecond;
    int weekday; /* 0 = Sunday */
};

/** Of nanoseconds since 1970-01-01 UTC; what lies outside the years 1970 to
 *  9999 becomes the nearest that does not. */
struct irc_date irc_date_of(int64_t unix_ns);

#define IRC_DATE_ISO_SIZE 24  /* 2011-10-19T16:40:51.620Z */
#define IRC_DATE_TEXT_SIZE 28 /* Wed Oct 19 2011 16:40:51 UTC */

/** As server-time has it. */
struct irc_span irc_date_iso(char buffer[IRC_DATE_ISO_SIZE], int64_t unix_ns);

/** As 003 and 391 have it. */
struct irc_span irc_date_text(char buffer[IRC_DATE_TEXT_SIZE], int64_t unix_ns);

#endif /* MIO_APPS_CHAT_IRC_DATE_H */
