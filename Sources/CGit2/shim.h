#pragma once
#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/errors.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

// `git_libgit2_opts` is variadic, which Swift cannot call: one wrapper for each option we set.
static inline int spacesync_git_opt_int(int option, int value) { return git_libgit2_opts(option, value); }
static inline int spacesync_git_opt_size(int option, size_t value) { return git_libgit2_opts(option, value); }
static inline int spacesync_git_opt_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}
static inline int spacesync_git_opt_extensions(const char **names, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}
