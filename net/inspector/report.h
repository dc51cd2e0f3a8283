/* SPDX-License-Identifier: MIT
 *
 * net/inspector/report.h - what an inspector says, as text. Not installed. */
#ifndef MIO_NET_INSPECTOR_REPORT_H
#define MIO_NET_INSPECTOR_REPORT_H

#include "net/inspector/text.h"
#include "runtime/figures.h"
#include "runtime/runtime.h"

/* A line for each reactor. */
void mio_report_snapshots(struct mio_text *out,
                          const struct mio_runtime *runtime);

/* A line for each actor, or pair, of one reactor. */
void mio_report_actors(struct mio_text *out,
                       const struct mio_reactor_figures *figures);
void mio_report_edges(struct mio_text *out,
                      const struct mio_reactor_figures *figures);

/* A line for each stall, the newest first. */
void mio_report_stalls(struct mio_text *out, struct mio_runtime *runtime);

/* The snapshots in the text format of Prometheus. */
void mio_report_prometheus(struct mio_text *out,
                           const struct mio_runtime *runtime);

#endif /* MIO_NET_INSPECTOR_REPORT_H */
