// Components: registration, and the canonical little-endian form of their values.
#include "ecs_internal.h"

enum { NAME_BYTES_MAX = 63, FIELDS_MAX = 256 };

static const bool host_is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

typedef struct kind_shape {
    uint8_t unit_bytes, units;
} kind_shape;

static const kind_shape shapes[] = {
    [V_FIELD_BOOL] = { 1, 1 }, [V_FIELD_U8] = { 1, 1 },   [V_FIELD_I32] = { 4, 1 },  [V_FIELD_U32] = { 4, 1 },
    [V_FIELD_I64] = { 8, 1 },  [V_FIELD_U64] = { 8, 1 },  [V_FIELD_F32] = { 4, 1 },  [V_FIELD_VEC2] = { 4, 2 },
    [V_FIELD_VEC3] = { 4, 3 }, [V_FIELD_VEC4] = { 4, 4 }, [V_FIELD_QUAT] = { 4, 4 }, [V_FIELD_ENTITY] = { 4, 2 },
    [V_FIELD_TEXT] = { 1, 1 },
};

uint32_t ecs_field_bytes(const v_field *field)
{
    return (uint32_t)shapes[field->kind].unit_bytes * shapes[field->kind].units * field->count;
}

void ecs_type_derive(ecs_type *type, const v_component_info *info)
{
    *type = (ecs_type){ .info = info, .name_hash = v_hash64_text(info->name), .flat = host_is_little };
    for (uint32_t i = 0; i < info->field_count; i++) {
        const v_field *field = &info->fields[i];
        type->flat = type->flat && field->offset_bytes == type->encoded_bytes && field->kind != V_FIELD_TEXT;
        type->checked = type->checked || field->kind == V_FIELD_BOOL || field->kind == V_FIELD_TEXT;
        type->has_entities = type->has_entities || field->kind == V_FIELD_ENTITY;
        type->encoded_bytes += ecs_field_bytes(field);
    }
    type->flat = type->flat && type->encoded_bytes == info->size_bytes;
}

/// Copy `count` units, reversing the bytes of each where the host is not little-endian.
static void copy_units(uint8_t *out, const uint8_t *in, uint32_t unit_bytes, uint32_t count)
{
    if (host_is_little || unit_bytes == 1) {
        memcpy(out, in, (size_t)unit_bytes * count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t b = 0; b < unit_bytes; b++) {
            out[i * unit_bytes + b] = in[i * unit_bytes + unit_bytes - 1 - b];
        }
    }
}

void ecs_encode(const ecs_type *type, const uint8_t *value, uint8_t *out)
{
    for (uint32_t i = 0; i < type->info->field_count; i++) {
        const v_field *field = &type->info->fields[i];
        const uint8_t *from = value + field->offset_bytes;
        uint32_t size_bytes = ecs_field_bytes(field);
        if (field->kind == V_FIELD_TEXT) {
            size_t used = strnlen((const char *)from, field->count - 1);
            memcpy(out, from, used);
            memset(out + used, 0, size_bytes - used);
        } else {
            kind_shape shape = shapes[field->kind];
            copy_units(out, from, shape.unit_bytes, shape.units * field->count);
        }
        out += size_bytes;
    }
}

bool ecs_decode(const ecs_type *type, const uint8_t *in, uint8_t *out_value)
{
    for (uint32_t i = 0; i < type->info->field_count; i++) {
        const v_field *field = &type->info->fields[i];
        uint32_t size_bytes = ecs_field_bytes(field);
        if (field->kind == V_FIELD_TEXT && memchr(in, 0, size_bytes) == NULL) {
            (void)v_fail(V_ERROR_BAD_INPUT, "component %s, field %s: text without its end", type->info->name,
                         field->name);
            return false;
        }
        for (uint32_t b = 0; field->kind == V_FIELD_BOOL && b < size_bytes; b++) {
            if (in[b] > 1) {
                (void)v_fail(V_ERROR_BAD_INPUT, "component %s, field %s: %u is no bool", type->info->name, field->name,
                             in[b]);
                return false;
            }
        }
        kind_shape shape = shapes[field->kind];
        copy_units(out_value + field->offset_bytes, in, shape.unit_bytes, shape.units * field->count);
        in += size_bytes;
    }
    return true;
}

static v_status check_field(const v_component_info *info, uint32_t index)
{
    const v_field *field = &info->fields[index];
    if (field->name == NULL || field->name[0] == '\0') {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "component %s: field %u has no name", info->name, index);
    }
    if ((uint32_t)field->kind >= V_COUNT_OF(shapes) || field->count == 0 || field->count > info->size_bytes) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "component %s, field %s: kind %d, count %u", info->name, field->name,
                      (int)field->kind, field->count);
    }
    if ((uint64_t)field->offset_bytes + ecs_field_bytes(field) > info->size_bytes) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "component %s, field %s: reaches beyond the %u bytes of the struct",
                      info->name, field->name, info->size_bytes);
    }
    for (uint32_t i = 0; i < index; i++) {
        const v_field *other = &info->fields[i];
        bool apart = other->offset_bytes + ecs_field_bytes(other) <= field->offset_bytes ||
                     field->offset_bytes + ecs_field_bytes(field) <= other->offset_bytes;
        if (!apart || strcmp(other->name, field->name) == 0) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "component %s: fields %s and %s overlap or share a name",
                          info->name, other->name, field->name);
        }
    }
    return V_OK;
}

static v_status check_info(const v_component_info *info)
{
    if (info == NULL || info->name == NULL || info->name[0] == '\0' || strlen(info->name) > NAME_BYTES_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_component_register: a name of 1 to %d bytes is needed",
                      NAME_BYTES_MAX);
    }
    uint32_t align = info->align_bytes;
    if (align == 0 || (align & (align - 1)) != 0 || align > 64 || info->size_bytes % align != 0 ||
        info->size_bytes > ECS_COMPONENT_BYTES_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT,
                      "component %s: size %u (at most %d), alignment %u (a power of two up to 64)", info->name,
                      info->size_bytes, ECS_COMPONENT_BYTES_MAX, align);
    }
    if ((info->field_count != 0 && info->fields == NULL) || info->field_count > FIELDS_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "component %s: %u fields (at most %d)", info->name, info->field_count,
                      FIELDS_MAX);
    }
    if ((info->field_count == 0) != (info->size_bytes == 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "component %s: %u bytes but %u fields: declare every field", info->name,
                      info->size_bytes, info->field_count);
    }
    for (uint32_t i = 0; i < info->field_count; i++) {
        V_TRY(check_field(info, i));
    }
    return V_OK;
}

static bool same_layout(const v_component_info *a, const v_component_info *b)
{
    if (a->size_bytes != b->size_bytes || a->align_bytes != b->align_bytes || a->field_count != b->field_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->field_count; i++) {
        const v_field *x = &a->fields[i], *y = &b->fields[i];
        if (strcmp(x->name, y->name) != 0 || x->kind != y->kind || x->offset_bytes != y->offset_bytes ||
            x->count != y->count) {
            return false;
        }
    }
    return true;
}

v_component v_component_find(const v_world *world, const char *name)
{
    for (uint32_t i = ECS_NAME; world != NULL && name != NULL && i < world->type_count; i++) {
        if (strcmp(world->types[i].info->name, name) == 0) {
            return (v_component){ i };
        }
    }
    return (v_component){ 0 };
}

v_component v_component_register(v_world *world, const v_component_info *info)
{
    if (ecs_check_change(world, "v_component_register") != V_OK || check_info(info) != V_OK) {
        return (v_component){ 0 };
    }
    v_component known = v_component_find(world, info->name);
    if (known.id != 0) {
        if (!same_layout(world->types[known.id].info, info)) {
            (void)v_fail(V_ERROR_INVALID_ARGUMENT, "component %s is already registered with another layout",
                         info->name);
            return (v_component){ 0 };
        }
        return known;
    }
    if (world->type_count == ECS_ORDINALS_MAX) {
        (void)v_fail(V_ERROR_FULL, "component %s: %d components are registered already", info->name,
                     ECS_ORDINALS_MAX - ECS_FIRST_OPEN);
        return (v_component){ 0 };
    }
    uint32_t ordinal = world->type_count;
    ecs_type_derive(&world->types[ordinal], info);
    world->type_count++;
    if (ecs_store_reserve(world, &world->store, 1) != V_OK) {
        world->type_count--;
        return (v_component){ 0 };
    }
    return (v_component){ ordinal };
}

v_status ecs_register_builtins(v_world *world)
{
    static const v_field name_fields[] = { { "text", V_FIELD_TEXT, 0, V_ENTITY_NAME_MAX + 1 } };
    static const v_field node_fields[] = {
        { "parent", V_FIELD_ENTITY, offsetof(ecs_node, parent), 1 },
        { "first", V_FIELD_ENTITY, offsetof(ecs_node, first), 1 },
        { "last", V_FIELD_ENTITY, offsetof(ecs_node, last), 1 },
        { "next", V_FIELD_ENTITY, offsetof(ecs_node, next), 1 },
        { "previous", V_FIELD_ENTITY, offsetof(ecs_node, previous), 1 },
    };
    static const v_component_info infos[] = {
        [ECS_NAME] = { "v.Name", sizeof(ecs_name), 1, name_fields, V_COUNT_OF(name_fields) },
        [ECS_NODE] = { "v.Node", sizeof(ecs_node), _Alignof(ecs_node), node_fields, V_COUNT_OF(node_fields) },
        [ECS_PREFAB] = { "v.Prefab", 0, 1, NULL, 0 },
    };
    for (uint32_t i = ECS_NAME; i < ECS_FIRST_OPEN; i++) {
        if (v_component_register(world, &infos[i]).id != i) {
            return V_ERROR_OUT_OF_MEMORY;
        }
    }
    return V_OK;
}

const v_component_info *v_component_get_info(const v_world *world, v_component component)
{
    bool known = world != NULL && component.id != 0 && component.id < world->type_count;
    return known ? world->types[component.id].info : NULL;
}

v_component v_component_next(const v_world *world, v_component previous)
{
    bool more = world != NULL && previous.id + 1 < world->type_count;
    return (v_component){ more ? previous.id + 1 : 0 };
}

v_component v_component_next_of(const v_world *world, v_entity entity, v_component previous)
{
    if (world != NULL && ecs_is_alive(&world->store, entity)) {
        for (uint32_t i = previous.id + 1; i != 0 && i < world->type_count; i++) {
            if (ecs_has(&world->store, i, entity.index)) {
                return (v_component){ i };
            }
        }
    }
    return (v_component){ 0 };
}
