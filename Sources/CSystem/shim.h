#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

// `deflateInit` is a macro over `deflateInit_`, which Swift cannot see.
static inline int spacesync_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }
static inline int spacesync_inflate_init(z_stream *stream) { return inflateInit(stream); }
