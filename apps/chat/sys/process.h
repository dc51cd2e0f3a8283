/* SPDX-License-Identifier: MIT
 *
 * apps/chat/sys/process.h - what the chat asks of the system itself. */
#ifndef MIO_APPS_CHAT_SYS_PROCESS_H
#define MIO_APPS_CHAT_SYS_PROCESS_H

#include <stdint.h>

/** Raise this process's limit of descriptors as far as it may. Returns the
 *  limit.                                                  Thread: owner. */
uint64_t chat_process_raise_handles(void);

/** Who started this process: it changes when that one has gone.
 *                                                          Thread: any. */
int64_t chat_process_parent(void);

/** Bytes that the calling thread ever took from the allocator; 0 where the
 *  allocator does not count.                               Thread: any. */
uint64_t chat_process_allocated(void);

#endif /* MIO_APPS_CHAT_SYS_PROCESS_H */
