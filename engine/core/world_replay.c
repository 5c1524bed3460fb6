// Doing again what a journal recorded: the world's own operations of v/manifest.h.
#include "ecs_internal.h"

static v_entity read_entity(v_reader *reader)
{
    v_entity entity = { .index = v_read_u32(reader) };
    entity.generation = v_read_u32(reader);
    return entity;
}

static v_status malformed(uint16_t operation)
{
    return v_fail(V_ERROR_BAD_INPUT, "v_world_replay: malformed arguments of %s", v_operation_name(operation));
}

/// A component by the name in the journal.
static v_status read_component(const v_world *world, v_reader *reader, uint16_t operation, v_component *out)
{
    char name[64];
    v_read_text(reader, name, sizeof(name));
    if (reader->status != V_OK) {
        return malformed(operation);
    }
    *out = v_component_find(world, name);
    return out->id != 0 ? V_OK : v_fail(V_ERROR_BAD_INPUT, "v_world_replay: component \"%s\" is not registered", name);
}

static v_status replay_set(v_world *world, v_reader *reader)
{
    v_entity entity = read_entity(reader);
    v_component component;
    V_TRY(read_component(world, reader, V_OP_COMPONENT_SET, &component));
    const ecs_type *type = &world->types[component.id];
    uint32_t size_bytes = v_read_u32(reader);
    if (reader->status != V_OK || size_bytes != type->encoded_bytes || v_reader_left(reader) != size_bytes) {
        return malformed(V_OP_COMPONENT_SET);
    }
    _Alignas(64) uint8_t value[ECS_COMPONENT_BYTES_MAX];
    memset(value, 0, type->info->size_bytes);
    if (!ecs_decode(type, reader->data + reader->position, value)) {
        return V_ERROR_BAD_INPUT;
    }
    return v_component_set(world, entity, component, value);
}

static v_status read_column(const ecs_type *type, uint32_t count, v_reader *reader, uint8_t *out)
{
    uint64_t needed = (uint64_t)count * type->encoded_bytes;
    uint32_t size_bytes = v_read_u32(reader);
    if (reader->status != V_OK || size_bytes != needed || v_reader_left(reader) < needed) {
        return malformed(V_OP_ENTITY_CREATE_MANY);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!ecs_decode(type, reader->data + reader->position, out + (size_t)i * type->info->size_bytes)) {
            return V_ERROR_BAD_INPUT;
        }
        reader->position += type->encoded_bytes;
    }
    return V_OK;
}

static v_status replay_create_many(v_world *world, v_reader *reader)
{
    uint32_t count = v_read_u32(reader), component_count = v_read_u32(reader), filled = 0;
    if (reader->status != V_OK || component_count >= ECS_ORDINALS_MAX || count > world->entities_max) {
        return malformed(V_OP_ENTITY_CREATE_MANY);
    }
    v_component components[ECS_ORDINALS_MAX];
    void *values[ECS_ORDINALS_MAX] = { 0 };
    v_status status = V_OK;
    for (; filled < component_count && status == V_OK; filled++) {
        status = read_component(world, reader, V_OP_ENTITY_CREATE_MANY, &components[filled]);
        if (status != V_OK) {
            break;
        }
        const ecs_type *type = &world->types[components[filled].id];
        if (type->info->size_bytes != 0 && count != 0) {
            values[filled] = v_alloc_zeroed(world->allocator, count, type->info->size_bytes, 64);
            status = values[filled] != NULL ? V_OK : V_ERROR_OUT_OF_MEMORY;
        }
        if (status == V_OK) {
            status = read_column(type, count, reader, values[filled]);
        }
    }
    if (status == V_OK && v_reader_left(reader) != 0) {
        status = malformed(V_OP_ENTITY_CREATE_MANY);
    }
    if (status == V_OK) {
        status = v_entity_create_many(world, count, components, component_count, (const void *const *)values, NULL);
    }
    for (uint32_t i = 0; i < filled; i++) {
        v_free(world->allocator, values[i], (size_t)count * world->types[components[i].id].info->size_bytes, 64);
    }
    return status;
}

static v_status replay_name(v_world *world, v_reader *reader)
{
    v_entity entity = read_entity(reader);
    char name[V_ENTITY_NAME_MAX + 1];
    v_read_text(reader, name, sizeof(name));
    bool whole = reader->status == V_OK && v_reader_left(reader) == 0;
    return !whole ? malformed(V_OP_ENTITY_SET_NAME) : v_entity_set_name(world, entity, name);
}

static v_status replay_made(v_entity entity)
{
    return v_entity_is_null(entity) ? V_ERROR_FULL : V_OK;
}

v_status v_world_replay(v_world *world, uint16_t operation, const void *arguments, size_t size_bytes)
{
    V_TRY(ecs_check_change(world, "v_world_replay"));
    v_reader reader = { .data = arguments, .size_bytes = arguments != NULL ? size_bytes : 0 };
    v_component component;
    static const uint8_t fixed_bytes[] = {
        [V_OP_ENTITY_DESTROY] = 8,
        [V_OP_ENTITY_SET_PARENT] = 16,
        [V_OP_ENTITY_MAKE_PREFAB] = 8,
        [V_OP_ENTITY_INSTANTIATE] = 8,
    };
    bool is_fixed = operation == V_OP_ENTITY_CREATE || (operation < sizeof(fixed_bytes) && fixed_bytes[operation] != 0);
    if (is_fixed && size_bytes != fixed_bytes[operation]) {
        return malformed(operation);
    }
    switch (operation) {
    case V_OP_ENTITY_CREATE:
        return replay_made(v_entity_create(world));
    case V_OP_ENTITY_DESTROY:
        return v_entity_destroy(world, read_entity(&reader));
    case V_OP_COMPONENT_SET:
        return replay_set(world, &reader);
    case V_OP_COMPONENT_REMOVE: {
        v_entity entity = read_entity(&reader);
        V_TRY(read_component(world, &reader, operation, &component));
        V_TRY(v_reader_left(&reader) == 0 ? V_OK : malformed(operation));
        return v_component_remove(world, entity, component);
    }
    case V_OP_ENTITY_CREATE_MANY:
        return replay_create_many(world, &reader);
    case V_OP_ENTITY_SET_PARENT: {
        v_entity child = read_entity(&reader);
        return v_entity_set_parent(world, child, read_entity(&reader));
    }
    case V_OP_ENTITY_SET_NAME:
        return replay_name(world, &reader);
    case V_OP_ENTITY_MAKE_PREFAB:
        return v_entity_make_prefab(world, read_entity(&reader));
    case V_OP_ENTITY_INSTANTIATE:
        return replay_made(v_entity_instantiate(world, read_entity(&reader)));
    default:
        return v_fail(V_ERROR_UNSUPPORTED, "v_world_replay: operation %u is not the world's", operation);
    }
}
