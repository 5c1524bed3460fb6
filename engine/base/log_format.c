// Deferred printf: copy the arguments of a log line now, make its text later on another thread.
#include "log_internal.h"

#include <stdio.h>
#include <string.h>

typedef enum argument_length {
    LENGTH_INT,
    LENGTH_CHAR,
    LENGTH_SHORT,
    LENGTH_LONG,
    LENGTH_LONG_LONG,
    LENGTH_INTMAX,
    LENGTH_SIZE,
    LENGTH_PTRDIFF,
} argument_length;

#define CONVERSION_BYTES 24 // flags, width and precision of a captured conversion

// One conversion of a format: "%-*.3ld".
typedef struct print_conversion {
    const char *flags;    // after the '%'
    const char *modifier; // where flags, width and precision end
    const char *end;
    bool star_width, star_precision;
    int precision; // -1: none, or a star
    argument_length length;
    char type;
} print_conversion;

static const char *parse_length(const char *at, argument_length *out_length)
{
    *out_length = LENGTH_INT;
    switch (*at) {
    case 'h':
        *out_length = at[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT;
        return at + (at[1] == 'h' ? 2 : 1);
    case 'l':
        *out_length = at[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG;
        return at + (at[1] == 'l' ? 2 : 1);
    case 'j':
        *out_length = LENGTH_INTMAX;
        return at + 1;
    case 'z':
        *out_length = LENGTH_SIZE;
        return at + 1;
    case 't':
        *out_length = LENGTH_PTRDIFF;
        return at + 1;
    default:
        return at;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_flag(char c)
{
    return c == '-' || c == '+' || c == ' ' || c == '#' || c == '0';
}

// `percent` points at the '%'. False: a conversion that is not captured.
static bool parse_conversion(const char *percent, print_conversion *out)
{
    const char *at = percent + 1;
    *out = (print_conversion){ .flags = at, .precision = -1 };
    while (is_flag(*at)) {
        at++;
    }
    if (*at == '*') {
        out->star_width = true;
        at++;
    } else {
        while (is_digit(*at)) {
            at++;
        }
    }
    if (*at == '.') {
        at++;
        if (*at == '*') {
            out->star_precision = true;
            at++;
        } else {
            out->precision = 0;
            for (; is_digit(*at); at++) {
                out->precision = out->precision < 10000 ? out->precision * 10 + (*at - '0') : out->precision;
            }
        }
    }
    out->modifier = at;
    if (at - out->flags > CONVERSION_BYTES) {
        return false;
    }
    at = parse_length(at, &out->length);
    out->type = *at;
    out->end = at + 1;
    switch (out->type) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        return true;
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        return out->length == LENGTH_INT || out->length == LENGTH_LONG;
    case 'c':
    case 's':
    case 'p':
        return out->length == LENGTH_INT;
    default:
        return false;
    }
}

static bool is_float(char type)
{
    return (type >= 'e' && type <= 'g') || (type >= 'E' && type <= 'G') || type == 'a' || type == 'A';
}

// Integers travel as 64 bits, already cut to the width that the length modifier names.
#define TAKE_SIGNED(type)   (uint64_t)(int64_t) va_arg(*arguments, type)
#define TAKE_UNSIGNED(type) (uint64_t) va_arg(*arguments, type)

static uint64_t take_signed(argument_length length, va_list *arguments)
{
    switch (length) {
    case LENGTH_CHAR:
        return (uint64_t)(int64_t)(signed char)va_arg(*arguments, int);
    case LENGTH_SHORT:
        return (uint64_t)(int64_t)(short)va_arg(*arguments, int);
    case LENGTH_LONG:
        return TAKE_SIGNED(long);
    case LENGTH_LONG_LONG:
        return TAKE_SIGNED(long long);
    case LENGTH_INTMAX:
        return TAKE_SIGNED(intmax_t);
    case LENGTH_SIZE:
    case LENGTH_PTRDIFF:
        return TAKE_SIGNED(ptrdiff_t);
    default:
        return TAKE_SIGNED(int);
    }
}

static uint64_t take_unsigned(argument_length length, va_list *arguments)
{
    switch (length) {
    case LENGTH_CHAR:
        return (unsigned char)va_arg(*arguments, unsigned);
    case LENGTH_SHORT:
        return (unsigned short)va_arg(*arguments, unsigned);
    case LENGTH_LONG:
        return TAKE_UNSIGNED(unsigned long);
    case LENGTH_LONG_LONG:
        return TAKE_UNSIGNED(unsigned long long);
    case LENGTH_INTMAX:
        return TAKE_UNSIGNED(uintmax_t);
    case LENGTH_SIZE:
    case LENGTH_PTRDIFF:
        return TAKE_UNSIGNED(size_t);
    default:
        return TAKE_UNSIGNED(unsigned);
    }
}

static uint64_t take_scalar(const print_conversion *conversion, va_list *arguments)
{
    if (is_float(conversion->type)) {
        double value = va_arg(*arguments, double);
        uint64_t bits;
        memcpy(&bits, &value, sizeof(bits));
        return bits;
    }
    switch (conversion->type) {
    case 'd':
    case 'i':
        return take_signed(conversion->length, arguments);
    case 'c':
        return take_signed(LENGTH_INT, arguments);
    case 'p':
        return (uint64_t)(uintptr_t)va_arg(*arguments, void *);
    default:
        return take_unsigned(conversion->length, arguments);
    }
}

// A string travels as its size and its bytes. False when it does not fit.
static bool put_string(uint8_t *payload, size_t *used, const char *text, int precision)
{
    if (text == NULL) {
        text = "(null)";
    }
    if (*used + sizeof(uint16_t) > LOG_PAYLOAD_BYTES) {
        return false;
    }
    size_t room = LOG_PAYLOAD_BYTES - *used - sizeof(uint16_t);
    size_t limit = precision >= 0 && (size_t)precision <= room ? (size_t)precision : room + 1;
    uint16_t size = (uint16_t)strnlen(text, limit);
    if (size > room) {
        return false;
    }
    memcpy(payload + *used, &size, sizeof(size));
    memcpy(payload + *used + sizeof(size), text, size);
    *used += sizeof(size) + size;
    return true;
}

static bool put_bytes(uint8_t *payload, size_t *used, const void *value, size_t size_bytes)
{
    if (*used + size_bytes > LOG_PAYLOAD_BYTES) {
        return false;
    }
    memcpy(payload + *used, value, size_bytes);
    *used += size_bytes;
    return true;
}

static bool capture_conversion(uint8_t *payload, size_t *used, const print_conversion *conversion, va_list *arguments)
{
    int precision = conversion->precision;
    if (conversion->star_width) {
        int width = va_arg(*arguments, int);
        if (!put_bytes(payload, used, &width, sizeof(width))) {
            return false;
        }
    }
    if (conversion->star_precision) {
        precision = va_arg(*arguments, int);
        if (!put_bytes(payload, used, &precision, sizeof(precision))) {
            return false;
        }
    }
    if (conversion->type == 's') {
        return put_string(payload, used, va_arg(*arguments, const char *), precision);
    }
    uint64_t value = take_scalar(conversion, arguments);
    return put_bytes(payload, used, &value, sizeof(value));
}

size_t log_capture(uint8_t payload[LOG_PAYLOAD_BYTES], const char *format, va_list arguments)
{
    // A va_list may be an array type; a copy can be passed on by address.
    va_list rest;
    va_copy(rest, arguments);
    size_t used = 0;
    bool captured = true;
    for (const char *at = strchr(format, '%'); at != NULL && captured;) {
        if (at[1] == '%') {
            at = strchr(at + 2, '%');
            continue;
        }
        print_conversion conversion;
        captured = parse_conversion(at, &conversion) && capture_conversion(payload, &used, &conversion, &rest);
        at = captured ? strchr(conversion.end, '%') : NULL;
    }
    va_end(rest);
    return captured ? used : LOG_NOT_CAPTURED;
}

// The text being made. `size` counts on beyond the capacity, as snprintf does.
typedef struct writer {
    char *text;
    size_t size;
} writer;

static size_t writer_room(const writer *out)
{
    return out->size < LOG_TEXT_BYTES ? LOG_TEXT_BYTES - out->size : 0;
}

static char *writer_end(const writer *out)
{
    return out->text + (out->size < LOG_TEXT_BYTES ? out->size : LOG_TEXT_BYTES);
}

static void write_literal(writer *out, const char *text, size_t size_bytes)
{
    size_t room = writer_room(out);
    memcpy(writer_end(out), text, size_bytes < room ? size_bytes : room);
    out->size += size_bytes;
}

static const uint8_t *take(const uint8_t *payload, void *out_value, size_t size_bytes)
{
    memcpy(out_value, payload, size_bytes);
    return payload + size_bytes;
}

// snprintf with the conversion's flags, and its width and precision given as arguments where they are stars.
#define PRINT(value)                                                                                                   \
    (conversion->star_width ? (conversion->star_precision ? snprintf(end, room, spec, width, precision, value)         \
                                                          : snprintf(end, room, spec, width, value))                   \
                            : (conversion->star_precision ? snprintf(end, room, spec, precision, value)                \
                                                          : snprintf(end, room, spec, value)))

static const uint8_t *write_conversion(writer *out, const print_conversion *conversion, const uint8_t *payload)
{
    char *end = writer_end(out);
    size_t room = writer_room(out) + 1;
    int width = 0;
    int precision = -1;
    int size = 0;
    if (conversion->star_width) {
        payload = take(payload, &width, sizeof(width));
    }
    if (conversion->star_precision) {
        payload = take(payload, &precision, sizeof(precision));
    }
    // The same conversion with the length modifier of what was captured.
    char spec[CONVERSION_BYTES + 8];
    bool is_integer = strchr("diuoxX", conversion->type) != NULL;
    snprintf(spec, sizeof(spec), "%%%.*s%s%c", (int)(conversion->modifier - conversion->flags), conversion->flags,
             is_integer ? "ll" : "", conversion->type);

    if (conversion->type == 's') {
        uint16_t string_size;
        char string[LOG_PAYLOAD_BYTES + 1];
        payload = take(payload, &string_size, sizeof(string_size));
        payload = take(payload, string, string_size);
        string[string_size] = '\0';
        size = PRINT(string);
    } else {
        uint64_t bits;
        payload = take(payload, &bits, sizeof(bits));
        if (is_float(conversion->type)) {
            double value;
            memcpy(&value, &bits, sizeof(value));
            size = PRINT(value);
        } else if (conversion->type == 'c') {
            size = PRINT((int)bits);
        } else if (conversion->type == 'p') {
            size = PRINT((void *)(uintptr_t)bits);
        } else {
            size = PRINT((long long)bits);
        }
    }
    out->size += size > 0 ? (size_t)size : 0;
    return payload;
}

size_t log_render(char text[LOG_TEXT_BYTES + 1], const char *format, const uint8_t *payload)
{
    writer out = { .text = text };
    const char *literal = format;
    for (const char *at = strchr(format, '%'); at != NULL; at = strchr(literal, '%')) {
        write_literal(&out, literal, (size_t)(at - literal));
        if (at[1] == '%') {
            write_literal(&out, "%", 1);
            literal = at + 2;
            continue;
        }
        print_conversion conversion;
        if (!parse_conversion(at, &conversion)) {
            break; // log_capture refused it, so it does not come here
        }
        payload = write_conversion(&out, &conversion, payload);
        literal = conversion.end;
    }
    write_literal(&out, literal, strlen(literal));
    *writer_end(&out) = '\0';
    return out.size;
}

// How many of the last bytes of text[0..size) are the beginning of a code point that needs more bytes.
static size_t split_code_point(const char *text, size_t size)
{
    for (size_t back = 1; back <= 3 && back <= size; back++) {
        unsigned char byte = (unsigned char)text[size - back];
        if ((byte & 0xC0u) == 0x80u) {
            continue;
        }
        size_t needed = byte >= 0xF0u ? 4 : byte >= 0xE0u ? 3 : byte >= 0xC0u ? 2 : 1;
        return needed > back ? back : 0;
    }
    return 0;
}

size_t log_clean(char text[LOG_TEXT_BYTES + 1], size_t size_bytes)
{
    if (size_bytes > LOG_TEXT_BYTES) {
        size_bytes = LOG_TEXT_BYTES - split_code_point(text, LOG_TEXT_BYTES);
    }
    for (size_t i = 0; i < size_bytes; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte < 0x20u && byte != '\t') || byte == 0x7Fu) {
            text[i] = ' ';
        }
    }
    text[size_bytes] = '\0';
    return size_bytes;
}
