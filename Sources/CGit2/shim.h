#pragma once
#include <string.h>
#include <git2.h>
#include <git2/sys/credential.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

// `git_libgit2_opts` is variadic, which Swift cannot call: one wrapper for each option we set.
static inline int spacesync_git_opt_int(int option, int value) { return git_libgit2_opts(option, value); }
static inline int spacesync_git_opt_size(int option, size_t value) { return git_libgit2_opts(option, value); }
static inline int spacesync_git_opt_cached_size(git_object_t type, size_t size) {
    return git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, type, size);
}
static inline int spacesync_git_opt_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}
static inline int spacesync_git_opt_extensions(const char **names, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}

// An object's name from its 20 bytes, and back: the layout of `git_oid` differs with libgit2's SHA-256 builds.
static inline git_oid spacesync_git_oid(const unsigned char *bytes) {
    git_oid id;
    memset(&id, 0, sizeof id);
    memcpy(id.id, bytes, 20);
    return id;
}
static inline void spacesync_git_oid_bytes(const git_oid *id, unsigned char *bytes) { memcpy(bytes, id->id, 20); }

// The calls of a pack being taken in are function pointers of a structure.
static inline int spacesync_git_pack_append(
    git_odb_writepack *pack, const void *data, size_t size, git_indexer_progress *progress) {
    return pack->append(pack, data, size, progress);
}
static inline int spacesync_git_pack_commit(git_odb_writepack *pack, git_indexer_progress *progress) {
    return pack->commit(pack, progress);
}
static inline void spacesync_git_pack_free(git_odb_writepack *pack) { pack->free(pack); }

// Structures made by their initialisers, whose version macros Swift does not see everywhere.
static inline git_status_options spacesync_git_status_options(void) {
    git_status_options options;
    git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    return options;
}
static inline git_repository_init_options spacesync_git_init_options(void) {
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    return options;
}
static inline git_fetch_options spacesync_git_fetch_options(void) {
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    return options;
}
static inline git_diff_options spacesync_git_diff_options(void) {
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    return options;
}
static inline git_merge_file_input spacesync_git_merge_file_input(void) {
    git_merge_file_input input;
    git_merge_file_input_init(&input, GIT_MERGE_FILE_INPUT_VERSION);
    return input;
}
