// v/hash.h: XXH3-128 over bytes, whole or streamed. Floor 0. Equal bytes, equal hash, on every machine.
//
//     v_hasher hasher;
//     v_hasher_init(&hasher);
//     v_hasher_u32(&hasher, body_count);
//     v_hasher_words(&hasher, positions_m, body_count * 3);
//     v_hash128 hash = v_hasher_finish(&hasher);
//
// A hasher belongs to one thread at a time; everything else may be called from any thread.
#ifndef V_HASH_H
#define V_HASH_H

#include "v/base.h"

V_EXTERN_C_BEGIN

typedef struct v_hash128 {
    uint64_t low, high;
} v_hash128;

/// XXH3-128 (Yann Collet's xxHash) with seed 0. `data` may be null when size_bytes is 0.
V_API v_hash128 v_hash_bytes(const void *data, size_t size_bytes);
/// XXH3-64 with a seed: for tables and keys.
V_API uint64_t v_hash64(const void *data, size_t size_bytes, uint64_t seed);
V_API uint64_t v_hash64_text(const char *text); ///< Seed 0, without the NUL. Null is the empty text.
static inline bool v_hash128_equal(v_hash128 a, v_hash128 b)
{
    return a.low == b.low && a.high == b.high;
}
/// 32 lower-case hexadecimal digits, high word first, and NUL.
V_API void v_hash128_text(v_hash128 hash, char out[33]);
/// False unless `text` begins with exactly 32 hexadecimal digits followed by a non-alphanumeric byte or the end.
V_API bool v_hash128_parse(const char *text, v_hash128 *out_hash);

/// A streamed XXH3-128. Lives on the stack; nothing to destroy. Values are fed as canonical little-endian bytes.
/// Copy it to fork. Every call ignores a null hasher; null data counts as no bytes.
typedef struct v_hasher {
    uint8_t state[896] __attribute__((aligned(64))); ///< Private.
} v_hasher;

V_API void v_hasher_init(v_hasher *hasher);
V_API void v_hasher_bytes(v_hasher *hasher, const void *data, size_t size_bytes);
V_API void v_hasher_u32(v_hasher *hasher, uint32_t value);
V_API void v_hasher_u64(v_hasher *hasher, uint64_t value);
V_API void v_hasher_f32(v_hasher *hasher, float value);
/// `count` 32-bit words (floats or integers), in the host's byte order in memory.
V_API void v_hasher_words(v_hasher *hasher, const void *words, size_t count);
V_API v_hash128 v_hasher_finish(const v_hasher *hasher);

V_EXTERN_C_END
#endif
