/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/cgroup.h - CPU quotas of Linux control groups. Not installed. */
#ifndef MIO_RUNTIME_SYS_CGROUP_H
#define MIO_RUNTIME_SYS_CGROUP_H

#include <stdint.h>

/* The tightest quota of the groups that `membership` (a file as
 * /proc/self/cgroup) names, and of their parents, below `root` (a folder as
 * /sys/fs/cgroup), in CPUs, rounded up; 0: none. Versions 1 and 2. */
uint32_t mio_cgroup_quota_cpus(const char *root, const char *membership);

#endif /* MIO_RUNTIME_SYS_CGROUP_H */
