// Canonical little-endian writer and reader.
#include "v/stream.h"

#include <string.h>

#define HOST_IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

static uint8_t *writer_append(v_writer *writer, size_t size_bytes)
{
    if (writer->status != V_OK) {
        return NULL;
    }
    size_t needed;
    if (__builtin_add_overflow(writer->size_bytes, size_bytes, &needed)) {
        writer->status = v_fail(V_ERROR_OUT_OF_MEMORY, "v_writer: more bytes than memory");
        return NULL;
    }
    if (needed > writer->capacity_bytes) {
        size_t grown = writer->capacity_bytes < SIZE_MAX / 2 ? writer->capacity_bytes * 2 : needed;
        grown = grown < 256 ? 256 : grown;
        grown = grown < needed ? needed : grown;
        uint8_t *moved = v_realloc(writer->allocator, writer->data, writer->capacity_bytes, grown, 16);
        if (moved == NULL) {
            writer->status = V_ERROR_OUT_OF_MEMORY;
            return NULL;
        }
        writer->data = moved;
        writer->capacity_bytes = grown;
    }
    uint8_t *place = writer->data + writer->size_bytes;
    writer->size_bytes = needed;
    return place;
}

static void put_little(uint8_t *out, uint64_t value, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get_little(const uint8_t *in, size_t size_bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        value |= (uint64_t)in[i] << (8 * i);
    }
    return value;
}

static void write_little(v_writer *writer, uint64_t value, size_t size_bytes)
{
    uint8_t *place = writer_append(writer, size_bytes);
    if (place != NULL) {
        put_little(place, value, size_bytes);
    }
}

void v_write_bytes(v_writer *writer, const void *bytes, size_t size_bytes)
{
    uint8_t *place = size_bytes != 0 ? writer_append(writer, size_bytes) : NULL;
    if (place != NULL) {
        memcpy(place, bytes, size_bytes);
    }
}

void v_write_u8(v_writer *writer, uint8_t value)
{
    write_little(writer, value, 1);
}

void v_write_u16(v_writer *writer, uint16_t value)
{
    write_little(writer, value, 2);
}

void v_write_u32(v_writer *writer, uint32_t value)
{
    write_little(writer, value, 4);
}

void v_write_u64(v_writer *writer, uint64_t value)
{
    write_little(writer, value, 8);
}

void v_write_f32(v_writer *writer, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    write_little(writer, bits, 4);
}

void v_write_f64(v_writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    write_little(writer, bits, 8);
}

void v_write_text(v_writer *writer, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    if (length > UINT32_MAX) {
        writer->status = v_fail(V_ERROR_INVALID_ARGUMENT, "v_write_text: %zu bytes of text", length);
        return;
    }
    v_write_u32(writer, (uint32_t)length);
    v_write_bytes(writer, text, length);
}

void v_write_words(v_writer *writer, const void *words, size_t count)
{
    // Beyond SIZE_MAX / 4 words the product would wrap; SIZE_MAX bytes are refused by the append.
    uint8_t *place = count != 0 ? writer_append(writer, count <= SIZE_MAX / 4 ? count * 4 : SIZE_MAX) : NULL;
    if (place == NULL) {
        return;
    }
    if (HOST_IS_LITTLE_ENDIAN) {
        memcpy(place, words, count * 4);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)words + 4 * i, 4);
        put_little(place + 4 * i, word, 4);
    }
}

void v_writer_destroy(v_writer *writer)
{
    v_free(writer->allocator, writer->data, writer->capacity_bytes, 16);
    writer->data = NULL;
    writer->size_bytes = writer->capacity_bytes = 0;
}

static const uint8_t *reader_take(v_reader *reader, size_t size_bytes)
{
    if (reader->status != V_OK) {
        return NULL;
    }
    if (size_bytes > reader->size_bytes - reader->position) {
        reader->status = v_fail(V_ERROR_BAD_INPUT, "truncated: %zu bytes wanted at offset %zu of %zu", size_bytes,
                                reader->position, reader->size_bytes);
        return NULL;
    }
    const uint8_t *place = reader->data + reader->position;
    reader->position += size_bytes;
    return place;
}

static uint64_t read_little(v_reader *reader, size_t size_bytes)
{
    const uint8_t *place = reader_take(reader, size_bytes);
    return place != NULL ? get_little(place, size_bytes) : 0;
}

bool v_read_bytes(v_reader *reader, void *out_bytes, size_t size_bytes)
{
    if (size_bytes == 0) {
        return reader->status == V_OK;
    }
    const uint8_t *place = reader_take(reader, size_bytes);
    if (place == NULL) {
        memset(out_bytes, 0, size_bytes);
        return false;
    }
    memcpy(out_bytes, place, size_bytes);
    return true;
}

uint8_t v_read_u8(v_reader *reader)
{
    return (uint8_t)read_little(reader, 1);
}

uint16_t v_read_u16(v_reader *reader)
{
    return (uint16_t)read_little(reader, 2);
}

uint32_t v_read_u32(v_reader *reader)
{
    return (uint32_t)read_little(reader, 4);
}

uint64_t v_read_u64(v_reader *reader)
{
    return read_little(reader, 8);
}

float v_read_f32(v_reader *reader)
{
    uint32_t bits = v_read_u32(reader);
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

double v_read_f64(v_reader *reader)
{
    uint64_t bits = v_read_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

void v_read_text(v_reader *reader, char *out, size_t capacity)
{
    uint32_t length = v_read_u32(reader);
    out[0] = '\0';
    if (reader->status == V_OK && length >= capacity) {
        reader->status = v_fail(V_ERROR_BAD_INPUT, "text of %u bytes at offset %zu, at most %zu fit", length,
                                reader->position, capacity - 1);
    }
    const uint8_t *place = reader->status == V_OK ? reader_take(reader, length) : NULL;
    if (place != NULL) {
        memcpy(out, place, length);
        out[length] = '\0';
    }
}

void v_read_words(v_reader *reader, void *out_words, size_t count)
{
    if (count == 0) {
        return;
    }
    const uint8_t *place = count <= SIZE_MAX / 4 ? reader_take(reader, count * 4) : NULL;
    if (place == NULL) {
        if (reader->status == V_OK) {
            reader->status = v_fail(V_ERROR_BAD_INPUT, "%zu words wanted at offset %zu", count, reader->position);
        }
        return;
    }
    if (HOST_IS_LITTLE_ENDIAN) {
        memcpy(out_words, place, count * 4);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t word = (uint32_t)get_little(place + 4 * i, 4);
        memcpy((uint8_t *)out_words + 4 * i, &word, 4);
    }
}

size_t v_reader_left(const v_reader *reader)
{
    return reader->size_bytes - reader->position;
}
