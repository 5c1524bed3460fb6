// Reflection: fields by name, their values as text and back. For tools and levels, not for inner loops.
#include "ecs_internal.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOKEN_BYTES_MAX = 80 };

static const struct {
    const char *name, *expects;
} kinds[] = {
    [V_FIELD_BOOL] = { "bool", "true or false" },
    [V_FIELD_U8] = { "u8", "an integer from 0 to 255" },
    [V_FIELD_I32] = { "i32", "a 32-bit integer" },
    [V_FIELD_U32] = { "u32", "an unsigned 32-bit integer" },
    [V_FIELD_I64] = { "i64", "a 64-bit integer" },
    [V_FIELD_U64] = { "u64", "an unsigned 64-bit integer" },
    [V_FIELD_F32] = { "f32", "a number" },
    [V_FIELD_VEC2] = { "vec2", "2 numbers" },
    [V_FIELD_VEC3] = { "vec3", "3 numbers" },
    [V_FIELD_VEC4] = { "vec4", "4 numbers" },
    [V_FIELD_QUAT] = { "quat", "4 numbers (x y z w)" },
    [V_FIELD_ENTITY] = { "entity", "index:generation or @name of a living entity" },
    [V_FIELD_TEXT] = { "text", "a shorter text" },
};

const v_field *v_field_find(const v_component_info *info, const char *name)
{
    for (uint32_t i = 0; info != NULL && name != NULL && i < info->field_count; i++) {
        if (strcmp(info->fields[i].name, name) == 0) {
            return &info->fields[i];
        }
    }
    return NULL;
}

const char *v_field_kind_name(v_field_kind kind)
{
    return (uint32_t)kind < V_COUNT_OF(kinds) ? kinds[kind].name : "unknown";
}

/// Numbers in a field: elements times lanes, each one token of text.
static uint32_t token_count(const v_field *field)
{
    uint32_t lanes = 1;
    if (field->kind >= V_FIELD_VEC2 && field->kind <= V_FIELD_QUAT) {
        static const uint32_t lanes_of[] = { 2, 3, 4, 4 };
        lanes = lanes_of[field->kind - V_FIELD_VEC2];
    }
    return lanes * field->count;
}

static uint32_t token_bytes(const v_field *field)
{
    return ecs_field_bytes(field) / token_count(field);
}

/// One number as text. The value may be unaligned in nothing: fields lie where the compiler put them; copies are safe.
static int print_token(v_field_kind kind, const uint8_t *value, char *out, size_t capacity)
{
    union {
        uint8_t u8;
        int32_t i32;
        uint32_t u32;
        int64_t i64;
        uint64_t u64;
        float f32;
        v_entity entity;
    } v;
    memcpy(&v, value,
           kind == V_FIELD_BOOL || kind == V_FIELD_U8                             ? 1
           : kind == V_FIELD_I64 || kind == V_FIELD_U64 || kind == V_FIELD_ENTITY ? 8
                                                                                  : 4);
    switch (kind) {
    case V_FIELD_BOOL:
        return snprintf(out, capacity, "%s", v.u8 != 0 ? "true" : "false");
    case V_FIELD_U8:
        return snprintf(out, capacity, "%u", v.u8);
    case V_FIELD_I32:
        return snprintf(out, capacity, "%d", v.i32);
    case V_FIELD_U32:
        return snprintf(out, capacity, "%u", v.u32);
    case V_FIELD_I64:
        return snprintf(out, capacity, "%lld", (long long)v.i64);
    case V_FIELD_U64:
        return snprintf(out, capacity, "%llu", (unsigned long long)v.u64);
    case V_FIELD_ENTITY:
        return snprintf(out, capacity, "%u:%u", v.entity.index, v.entity.generation);
    default:
        return snprintf(out, capacity, "%.9g", (double)v.f32);
    }
}

static bool print_field(const v_field *field, const uint8_t *value, char *out, size_t capacity)
{
    if (field->kind == V_FIELD_TEXT) {
        size_t length = strnlen((const char *)value, field->count - 1);
        if (length >= capacity) {
            return false;
        }
        memcpy(out, value, length);
        out[length] = '\0';
        return true;
    }
    size_t used = 0;
    for (uint32_t i = 0; i < token_count(field); i++) {
        if (i != 0 && used + 1 < capacity) {
            out[used++] = ' ';
        }
        int length = print_token(field->kind, value + (size_t)i * token_bytes(field), out + used, capacity - used);
        if (length < 0 || (size_t)length >= capacity - used) {
            return false;
        }
        used += (size_t)length;
    }
    return true;
}

static v_status find_field(const v_world *world, v_entity entity, v_component component, const char *name,
                           const char *function, const v_field **out_field)
{
    V_TRY(ecs_check_world(world, function));
    V_TRY(ecs_check_entity(world, entity, function));
    const v_component_info *info = v_component_get_info(world, component);
    if (info == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: component %u is not registered", function, component.id);
    }
    *out_field = v_field_find(info, name);
    if (*out_field == NULL) {
        return v_fail(V_ERROR_NOT_FOUND, "%s: component %s has no field \"%s\"", function, info->name,
                      name != NULL ? name : "(null)");
    }
    if (!ecs_has(&world->store, component.id, entity.index)) {
        return v_fail(V_ERROR_NOT_FOUND, "%s: entity %u:%u has no %s", function, entity.index, entity.generation,
                      info->name);
    }
    return V_OK;
}

v_status v_field_get_text(const v_world *world, v_entity entity, v_component component, const char *field, char *out,
                          size_t capacity)
{
    if (out == NULL || capacity == 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_field_get_text: no room for the text");
    }
    out[0] = '\0';
    const v_field *found = NULL;
    V_TRY(find_field(world, entity, component, field, "v_field_get_text", &found));
    const uint8_t *value = v_component_get(world, entity, component);
    // A host program may have set a locale with a decimal comma.
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
    bool fits = print_field(found, value + found->offset_bytes, out, capacity);
    (void)uselocale(before);
    freelocale(c);
    if (!fits) {
        out[0] = '\0';
        return v_fail(V_ERROR_FULL, "v_field_get_text: field %s does not fit into %zu bytes", field, capacity);
    }
    return V_OK;
}

static bool read_signed(const char *token, int64_t low, int64_t high, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(token, &end, 10);
    *out = value;
    return *end == '\0' && errno == 0 && value >= low && value <= high;
}

static bool read_unsigned(const char *token, uint64_t high, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(token, &end, 10);
    *out = value;
    return *end == '\0' && errno == 0 && value <= high && token[0] != '-';
}

static bool read_entity(const v_world *world, const char *token, v_entity *out)
{
    if (token[0] == '@') {
        *out = v_entity_find(world, token + 1);
        return !v_entity_is_null(*out);
    }
    const char *colon = strchr(token, ':');
    if (colon == NULL) {
        return false;
    }
    char index_text[TOKEN_BYTES_MAX];
    memcpy(index_text, token, (size_t)(colon - token));
    index_text[colon - token] = '\0';
    uint64_t index, generation;
    if (!read_unsigned(index_text, UINT32_MAX, &index) || !read_unsigned(colon + 1, UINT32_MAX, &generation) ||
        index_text[0] == '\0' || colon[1] == '\0') {
        return false;
    }
    *out = (v_entity){ (uint32_t)index, (uint32_t)generation };
    return v_entity_is_null(*out) ? generation == 0 : ecs_is_alive(&world->store, *out);
}

static bool read_token(const v_world *world, v_field_kind kind, const char *token, uint8_t *out)
{
    bool ok;
    switch (kind) {
    case V_FIELD_BOOL:
        out[0] = strcmp(token, "true") == 0;
        return out[0] != 0 || strcmp(token, "false") == 0;
    case V_FIELD_U8:
    case V_FIELD_U32:
    case V_FIELD_U64: {
        uint64_t value;
        ok = read_unsigned(token,
                           kind == V_FIELD_U8    ? UINT8_MAX
                           : kind == V_FIELD_U32 ? UINT32_MAX
                                                 : UINT64_MAX,
                           &value);
        uint32_t word = (uint32_t)value;
        uint8_t byte = (uint8_t)value;
        memcpy(out,
               kind == V_FIELD_U8    ? (void *)&byte
               : kind == V_FIELD_U32 ? (void *)&word
                                     : (void *)&value,
               kind == V_FIELD_U8    ? 1
               : kind == V_FIELD_U32 ? 4
                                     : 8);
        return ok;
    }
    case V_FIELD_I32:
    case V_FIELD_I64: {
        int64_t value;
        ok = read_signed(token, kind == V_FIELD_I32 ? INT32_MIN : INT64_MIN,
                         kind == V_FIELD_I32 ? INT32_MAX : INT64_MAX, &value);
        int32_t word = (int32_t)value;
        memcpy(out, kind == V_FIELD_I32 ? (void *)&word : (void *)&value, kind == V_FIELD_I32 ? 4 : 8);
        return ok;
    }
    case V_FIELD_ENTITY: {
        v_entity value;
        ok = read_entity(world, token, &value);
        memcpy(out, &value, ok ? sizeof(value) : 0);
        return ok;
    }
    default: {
        char *end;
        float value = strtof(token, &end);
        memcpy(out, &value, sizeof(value));
        return *end == '\0';
    }
    }
}

static bool read_field(const v_world *world, const v_field *field, const char *text, uint8_t *out)
{
    if (field->kind == V_FIELD_TEXT) {
        size_t length = strlen(text);
        if (length >= field->count) {
            return false;
        }
        memset(out, 0, field->count);
        memcpy(out, text, length);
        return true;
    }
    static const char between[] = " \t\n,";
    uint32_t found = 0;
    for (text += strspn(text, between); *text != '\0'; text += strspn(text, between), found++) {
        char token[TOKEN_BYTES_MAX];
        size_t length = strcspn(text, between);
        if (length >= sizeof(token) || found == token_count(field)) {
            return false;
        }
        memcpy(token, text, length);
        token[length] = '\0';
        if (!read_token(world, field->kind, token, out + (size_t)found * token_bytes(field))) {
            return false;
        }
        text += length;
    }
    return found == token_count(field);
}

v_status v_field_set_text(v_world *world, v_entity entity, v_component component, const char *field, const char *text)
{
    const v_field *found = NULL;
    V_TRY(find_field(world, entity, component, field, "v_field_set_text", &found));
    if (text == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_field_set_text: text is null");
    }
    V_TRY(ecs_check_component(world, component, "v_field_set_text"));
    const v_component_info *info = v_component_get_info(world, component);
    _Alignas(64) uint8_t value[ECS_COMPONENT_BYTES_MAX];
    memcpy(value, v_component_get(world, entity, component), info->size_bytes);
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
    bool ok = read_field(world, found, text, value + found->offset_bytes);
    (void)uselocale(before);
    freelocale(c);
    if (!ok) {
        return v_fail(V_ERROR_BAD_INPUT, "component %s, field %s: \"%.60s\" is not %s%s", info->name, field, text,
                      found->count > 1 && found->kind != V_FIELD_TEXT ? "an array of " : "",
                      kinds[found->kind].expects);
    }
    return v_component_set(world, entity, component, value);
}
