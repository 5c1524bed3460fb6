// XXH3 hashing (Yann Collet's xxHash) of bytes, and of values in canonical little-endian form.
#include "v/hash.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/// What v_hasher.state holds. Single values wait in `pending`, because xxHash's update costs some 25 ns however little
/// it is given, and the state of a world is fed field by field.
typedef struct hasher_state {
    XXH3_state_t xxh;
    uint64_t pending_bytes;
    uint8_t pending[256];
} hasher_state;

static_assert(sizeof(v_hasher) >= sizeof(hasher_state), "v_hasher is too small for this xxHash");
static_assert(alignof(v_hasher) >= alignof(hasher_state), "v_hasher is not aligned enough for this xxHash");

static v_hash128 from_xxh(XXH128_hash_t hash)
{
    return (v_hash128){ .low = hash.low64, .high = hash.high64 };
}

static uint32_t to_little_u32(uint32_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap32(value);
#else
    return value;
#endif
}

static uint64_t to_little_u64(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(value);
#else
    return value;
#endif
}

v_hash128 v_hash_bytes(const void *data, size_t size_bytes)
{
    return from_xxh(XXH3_128bits(data, data != NULL ? size_bytes : 0));
}

uint64_t v_hash64(const void *data, size_t size_bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, data != NULL ? size_bytes : 0, seed);
}

uint64_t v_hash64_text(const char *text)
{
    return v_hash64(text, text != NULL ? strlen(text) : 0, 0);
}

void v_hash128_text(v_hash128 hash, char out[33])
{
    static const char digits[] = "0123456789abcdef";
    if (out == NULL) {
        return;
    }
    for (int i = 0; i < 16; i++) {
        out[i] = digits[(hash.high >> (60 - 4 * i)) & 15];
        out[16 + i] = digits[(hash.low >> (60 - 4 * i)) & 15];
    }
    out[32] = '\0';
}

/// The digit's value, or -1. Not isxdigit(): that follows the locale.
static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool v_hash128_parse(const char *text, v_hash128 *out_hash)
{
    if (text == NULL || out_hash == NULL) {
        return false;
    }
    uint64_t words[2] = { 0, 0 };
    for (int i = 0; i < 32; i++) {
        int value = hex_value(text[i]);
        if (value < 0) {
            return false;
        }
        words[i / 16] = words[i / 16] << 4 | (uint64_t)value;
    }
    if (is_alphanumeric(text[32])) {
        return false;
    }
    *out_hash = (v_hash128){ .low = words[1], .high = words[0] };
    return true;
}

static hasher_state *state_of(v_hasher *hasher)
{
    return (hasher_state *)(void *)hasher->state;
}

static void flush(hasher_state *state)
{
    (void)XXH3_128bits_update(&state->xxh, state->pending, state->pending_bytes);
    state->pending_bytes = 0;
}

/// Inlined where the size is known, a value becomes one store.
static inline void feed(hasher_state *state, const void *data, size_t size_bytes)
{
    if (size_bytes > sizeof(state->pending) - state->pending_bytes) {
        flush(state);
        if (size_bytes > sizeof(state->pending)) {
            (void)XXH3_128bits_update(&state->xxh, data, size_bytes);
            return;
        }
    }
    memcpy(state->pending + state->pending_bytes, data, size_bytes);
    state->pending_bytes += size_bytes;
}

void v_hasher_init(v_hasher *hasher)
{
    if (hasher != NULL) {
        (void)XXH3_128bits_reset(&state_of(hasher)->xxh);
        state_of(hasher)->pending_bytes = 0;
    }
}

void v_hasher_bytes(v_hasher *hasher, const void *data, size_t size_bytes)
{
    if (hasher != NULL && data != NULL) {
        feed(state_of(hasher), data, size_bytes);
    }
}

void v_hasher_u32(v_hasher *hasher, uint32_t value)
{
    if (hasher != NULL) {
        value = to_little_u32(value);
        feed(state_of(hasher), &value, sizeof(value));
    }
}

void v_hasher_u64(v_hasher *hasher, uint64_t value)
{
    if (hasher != NULL) {
        value = to_little_u64(value);
        feed(state_of(hasher), &value, sizeof(value));
    }
}

void v_hasher_f32(v_hasher *hasher, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    v_hasher_u32(hasher, bits);
}

void v_hasher_words(v_hasher *hasher, const void *words, size_t count)
{
    if (hasher == NULL || words == NULL) {
        return;
    }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    const uint8_t *bytes = words;
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, bytes + i * sizeof(word), sizeof(word));
        v_hasher_u32(hasher, word);
    }
#else
    feed(state_of(hasher), words, count * sizeof(uint32_t));
#endif
}

v_hash128 v_hasher_finish(const v_hasher *hasher)
{
    if (hasher == NULL) {
        return (v_hash128){ 0, 0 };
    }
    v_hasher copy = *hasher;
    flush(state_of(&copy));
    return from_xxh(XXH3_128bits_digest(&state_of(&copy)->xxh));
}
