// v/stream.h: canonical little-endian writer and bounds-checked reader, for snapshots, hashes, recordings. Floor 0.
#ifndef V_STREAM_H
#define V_STREAM_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

/// Appends to a growing buffer. Zero-initialise with `allocator`. The first failure sticks in `status`; later calls are
/// no-ops, so a long write is checked once at its end. Reuse by setting size_bytes = 0: memory is kept.
typedef struct v_writer {
    const v_allocator *allocator;
    uint8_t *data;
    size_t size_bytes, capacity_bytes;
    v_status status;
} v_writer;

V_API void v_write_bytes(v_writer *writer, const void *bytes, size_t size_bytes);
V_API void v_write_u8(v_writer *writer, uint8_t value);
V_API void v_write_u16(v_writer *writer, uint16_t value);
V_API void v_write_u32(v_writer *writer, uint32_t value);
V_API void v_write_u64(v_writer *writer, uint64_t value);
V_API void v_write_f32(v_writer *writer, float value);
V_API void v_write_f64(v_writer *writer, double value);
/// u32 length, then the bytes without NUL. Null is written as "".
V_API void v_write_text(v_writer *writer, const char *text);
/// `count` 32-bit words (floats or integers) with one memcpy where the host is little-endian.
V_API void v_write_words(v_writer *writer, const void *words, size_t count);
V_API void v_writer_destroy(v_writer *writer);

/// Reads from borrowed bytes. Reading past the end sets `status` to V_ERROR_BAD_INPUT and returns zeros.
typedef struct v_reader {
    const uint8_t *data;
    size_t size_bytes, position;
    v_status status;
} v_reader;

V_API bool v_read_bytes(v_reader *reader, void *out_bytes, size_t size_bytes);
V_API uint8_t v_read_u8(v_reader *reader);
V_API uint16_t v_read_u16(v_reader *reader);
V_API uint32_t v_read_u32(v_reader *reader);
V_API uint64_t v_read_u64(v_reader *reader);
V_API float v_read_f32(v_reader *reader);
V_API double v_read_f64(v_reader *reader);
/// Copies into `out` (capacity at least 1) with NUL; longer text is an error.
V_API void v_read_text(v_reader *reader, char *out, size_t capacity);
/// On failure `out_words` is left alone.
V_API void v_read_words(v_reader *reader, void *out_words, size_t count);
/// Bytes left.
V_API size_t v_reader_left(const v_reader *reader);

V_EXTERN_C_END
#endif
