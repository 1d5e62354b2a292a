#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>
#ifdef __linux__
#include <malloc.h>
#endif

// `deflateInit` is a macro over `deflateInit_`, which Swift cannot see.
static inline int spacesync_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }
static inline int spacesync_inflate_init(z_stream *stream) { return inflateInit(stream); }

// Commit and date of a release, which `.ci/release` defines; otherwise empty.
#define SPACESYNC_TEXT(token) SPACESYNC_LITERAL(token)
#define SPACESYNC_LITERAL(token) #token
static inline const char *spacesync_build(void) {
#ifdef SPACESYNC_COMMIT
    return SPACESYNC_TEXT(SPACESYNC_COMMIT) ", " SPACESYNC_TEXT(SPACESYNC_DATE);
#else
    return "";
#endif
}

// One heap for all threads, which gives back what is freed (mallopt(3)). To be called before there is a second thread.
static inline void spacesync_keep_one_heap(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
#endif
}
