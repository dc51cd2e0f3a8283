/* SPDX-License-Identifier: MIT
 *
 * core/error.c - names and texts of the error map. */
#include "core/error.h"

const char *mio_error_name(int code)
{
    if (code >= 0)
        return "MIO_OK";
    switch (code) {
#define NAME(name, value, text)                                                \
    case (value):                                                              \
        return #name;
        MIO_ERROR_MAP(NAME)
#undef NAME
    default:
        return "MIO_E?";
    }
}

const char *mio_error_text(int code)
{
    if (code >= 0)
        return "success";
    switch (code) {
#define TEXT(name, value, text)                                                \
    case (value):                                                              \
        return text;
        MIO_ERROR_MAP(TEXT)
#undef TEXT
    default:
        return "unknown error";
    }
}
