/* SPDX-License-Identifier: MIT
 *
 * apps/top/page.h - figures as a page of text. */
#ifndef MIO_APPS_TOP_PAGE_H
#define MIO_APPS_TOP_PAGE_H

#include "apps/top/figures.h"

struct top_page {
    char *bytes; /* with a final 0 */
    size_t size;
    size_t capacity;
    uint32_t columns;
    uint32_t rows; /* left */
};

/* Write what happened between two looks, lines of at most `columns` and not
 * more of them than `rows`. Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int top_page_write(struct top_page *self,
                                 const struct top_figures *before,
                                 const struct top_figures *now,
                                 const char *title, uint32_t columns,
                                 uint32_t rows);
void top_page_deinit(struct top_page *self);

#endif /* MIO_APPS_TOP_PAGE_H */
