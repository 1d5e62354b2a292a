#pragma once
#include <spawn.h>

// The parts of `spawn.h` that glibc shows to GNU sources alone. musl and Darwin have the first two under the same names.
#ifdef __linux__
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
static const short spacesync_spawn_setsid = 0x80;
#else
static const short spacesync_spawn_setsid = POSIX_SPAWN_SETSID;
#endif
static inline int spacesync_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

// Closes all descriptors from `first` on in the child.
// Returns: 0, or -1 if this C library cannot.
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int spacesync_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
#else
static inline int spacesync_spawn_close_from(posix_spawn_file_actions_t *actions, int first) { return -1; }
#endif
