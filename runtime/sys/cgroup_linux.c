/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/cgroup_linux.c - see cgroup.h. */
#include "runtime/sys/cgroup.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sys/thread.h"

#define PATH_SIZE 4352 /* a path of the kernel's, and a little more */

/* The first line of a file, without its end. */
static bool read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool is_read = fgets(line, (int)size, file) != NULL;
    fclose(file);
    if (is_read)
        line[strcspn(line, "\n")] = '\0';
    return is_read;
}

/* Time per period, in CPUs, rounded up; 0 for what is no quota. */
static uint32_t cpus_of(int64_t quota, int64_t period)
{
    if (quota <= 0 || period <= 0)
        return 0;
    int64_t cpus = quota / period + (quota % period != 0);
    return cpus > UINT16_MAX ? 0 : (uint32_t)cpus;
}

/* Version 2: "max 100000" or "150000 100000" in one file. */
static uint32_t quota_v2(const char *folder)
{
    char path[PATH_SIZE + 32];
    char line[128];
    snprintf(path, sizeof(path), "%s/cpu.max", folder);
    if (!read_line(path, line, sizeof(line)))
        return 0;
    char *rest;
    int64_t quota = strtoll(line, &rest, 10);
    if (rest == line)
        return 0; /* "max" */
    return cpus_of(quota, strtoll(rest, NULL, 10));
}

/* Version 1: a number in each of two files, -1 for no quota. */
static uint32_t quota_v1(const char *folder)
{
    char path[PATH_SIZE + 32];
    char quota[64];
    char period[64];
    snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, quota, sizeof(quota)))
        return 0;
    snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", folder);
    if (!read_line(path, period, sizeof(period)))
        return 0;
    return cpus_of(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

static uint32_t tighter(uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

/* A group and all above it. A container may see its own group as the root of
 * the tree: then the upper end of the walk is the one that exists. */
static uint32_t quota_upwards(const char *mount, const char *group,
                              uint32_t (*quota)(const char *folder))
{
    char folder[PATH_SIZE];
    uint32_t cpus = 0;
    size_t mount_size = strlen(mount);
    size_t group_size = strlen(group);
    if (mount_size + group_size >= sizeof(folder))
        return 0;
    memcpy(folder, mount, mount_size);
    memcpy(folder + mount_size, group, group_size + 1);
    for (;;) {
        cpus = tighter(cpus, quota(folder));
        char *end = strrchr(folder, '/');
        if (end == NULL || end < folder + mount_size)
            return cpus;
        *end = '\0';
    }
}

/* Whether `name` is in a list as "cpu,cpuacct". */
static bool has_controller(const char *list, const char *name)
{
    size_t size = strlen(name);
    while (*list != '\0') {
        size_t part = strcspn(list, ",");
        if (part == size && memcmp(list, name, size) == 0)
            return true;
        list += part + (list[part] == ',');
    }
    return false;
}

/* A line is "id:controllers:/path"; version 2 has id 0 and no controllers. */
static uint32_t quota_of_line(const char *root, char *line)
{
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL)
        return 0;
    *controllers++ = '\0';
    *group++ = '\0';
    if (*controllers == '\0')
        return quota_upwards(root, group, quota_v2);
    if (!has_controller(controllers, "cpu"))
        return 0;
    char mount[PATH_SIZE];
    snprintf(mount, sizeof(mount), "%s/%s", root, controllers);
    return quota_upwards(mount, group, quota_v1);
}

uint32_t mio_cgroup_quota_cpus(const char *root, const char *membership)
{
    FILE *file = fopen(membership, "re");
    if (file == NULL)
        return 0;
    char line[PATH_SIZE];
    uint32_t cpus = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        cpus = tighter(cpus, quota_of_line(root, line));
    }
    fclose(file);
    return cpus;
}

uint32_t mio_quota_cpus(void)
{
    return mio_cgroup_quota_cpus("/sys/fs/cgroup", "/proc/self/cgroup");
}
