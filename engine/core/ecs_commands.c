// Deferred commands: recorded per worker, applied in the order (stage, order key, sequence), whatever the threads did.
#include "ecs_internal.h"

#include <stdalign.h>

enum { PLACEHOLDER = 1u << 31, ROUNDS_MAX = 64 };

typedef enum command_kind {
    COMMAND_CREATE,
    COMMAND_DESTROY,
    COMMAND_SET,
    COMMAND_REMOVE,
    COMMAND_SET_PARENT,
    COMMAND_INSTANTIATE,
} command_kind;

typedef struct command {
    uint64_t order;
    uint32_t stage, sequence;
    uint16_t worker;
    uint8_t kind, has_value;
    uint32_t ordinal;
    v_entity entity, other; ///< `entity` of a create or instantiate is its placeholder.
    size_t value_at;        ///< In the worker's values.
} command;

typedef V_ARRAY(command) command_array;
typedef V_ARRAY(uint8_t) byte_array;
typedef V_ARRAY(v_entity) entity_array;

/// What one worker recorded. Aligned so that two workers never write the same cache line.
typedef struct recording {
    alignas(64) command_array commands;
    byte_array values;
    entity_array created; ///< By placeholder: null until applied.
} recording;

struct ecs_command_queue {
    recording banks[2][V_JOBS_WORKERS_MAX]; ///< While one is applied, observers record into the other.
    uint32_t recording_bank, stage;
    command_array merged, scratch;
    uint64_t dropped;
};

v_status ecs_commands_create(v_world *world)
{
    world->commands = V_NEW(world->allocator, ecs_command_queue);
    return world->commands != NULL ? V_OK : V_ERROR_OUT_OF_MEMORY;
}

void ecs_commands_destroy(v_world *world)
{
    ecs_command_queue *queue = world->commands;
    if (queue == NULL) {
        return;
    }
    for (uint32_t i = 0; i < 2 * V_JOBS_WORKERS_MAX; i++) {
        recording *from = &queue->banks[i / V_JOBS_WORKERS_MAX][i % V_JOBS_WORKERS_MAX];
        V_ARRAY_DESTROY(&from->commands, world->allocator);
        V_ARRAY_DESTROY(&from->values, world->allocator);
        V_ARRAY_DESTROY(&from->created, world->allocator);
    }
    V_ARRAY_DESTROY(&queue->merged, world->allocator);
    V_ARRAY_DESTROY(&queue->scratch, world->allocator);
    V_DELETE(world->allocator, queue);
    world->commands = NULL;
}

// Recording.
//
/// The worker's recording, or null with a message when nothing may be recorded now.
static recording *begin_record(const v_commands *commands, const char *function)
{
    if (commands == NULL || commands->world == NULL || commands->worker >= V_JOBS_WORKERS_MAX) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: commands need a world and a worker below %d", function,
                     V_JOBS_WORKERS_MAX);
        return NULL;
    }
    const v_world *world = commands->world;
    if (!world->in_tick && world->observer_depth == 0) {
        (void)v_fail(V_ERROR_STATE, "%s: outside of a tick nothing applies commands; change the world directly",
                     function);
        return NULL;
    }
    return &world->commands->banks[world->commands->recording_bank][commands->worker];
}

static v_status end_record(const v_commands *commands, recording *into, command recorded)
{
    recorded.order = commands->order;
    recorded.stage = commands->world->commands->stage;
    recorded.sequence = into->commands.count;
    recorded.worker = (uint16_t)commands->worker;
    return V_ARRAY_PUSH(&into->commands, commands->world->allocator, recorded);
}

static v_status record(const v_commands *commands, const char *function, command recorded)
{
    recording *into = begin_record(commands, function);
    return into != NULL ? end_record(commands, into, recorded)
                        : (commands != NULL && commands->world != NULL && commands->worker < V_JOBS_WORKERS_MAX
                               ? V_ERROR_STATE
                               : V_ERROR_INVALID_ARGUMENT);
}

/// Record what makes an entity, and return the placeholder for it.
static v_entity record_creation(const v_commands *commands, const char *function, command recorded)
{
    recording *into = begin_record(commands, function);
    if (into == NULL) {
        return (v_entity){ 0 };
    }
    recorded.entity = (v_entity){ .index = PLACEHOLDER | into->created.count, .generation = commands->worker + 1 };
    if (V_ARRAY_PUSH(&into->created, commands->world->allocator, (v_entity){ 0 }) != V_OK) {
        return (v_entity){ 0 };
    }
    if (end_record(commands, into, recorded) != V_OK) {
        into->created.count--;
        return (v_entity){ 0 };
    }
    return recorded.entity;
}

v_entity v_commands_create(const v_commands *commands)
{
    return record_creation(commands, "v_commands_create", (command){ .kind = COMMAND_CREATE });
}

v_entity v_commands_instantiate(const v_commands *commands, v_entity prefab)
{
    return record_creation(commands, "v_commands_instantiate",
                           (command){ .kind = COMMAND_INSTANTIATE, .other = prefab });
}

v_status v_commands_destroy(const v_commands *commands, v_entity entity)
{
    return record(commands, "v_commands_destroy", (command){ .kind = COMMAND_DESTROY, .entity = entity });
}

v_status v_commands_set(const v_commands *commands, v_entity entity, v_component component, const void *value)
{
    recording *into = begin_record(commands, "v_commands_set");
    if (into == NULL) {
        return record(commands, "v_commands_set", (command){ 0 });
    }
    const v_world *world = commands->world;
    V_TRY(ecs_check_component(world, component, "v_commands_set"));
    uint32_t size_bytes = value != NULL ? world->types[component.id].info->size_bytes : 0;
    uint32_t value_at = into->values.count;
    if (size_bytes > UINT32_MAX - value_at) {
        return v_fail(V_ERROR_FULL, "v_commands_set: more than 4 GiB of values in one tick");
    }
    if (into->values.capacity - value_at < size_bytes) {
        V_TRY(V_ARRAY_RESERVE(&into->values, world->allocator, value_at + size_bytes));
    }
    if (size_bytes != 0) {
        memcpy(into->values.items + value_at, value, size_bytes);
        into->values.count += size_bytes;
    }
    command recorded = { .kind = COMMAND_SET, .entity = entity, .ordinal = component.id, .value_at = value_at };
    recorded.has_value = value != NULL;
    return end_record(commands, into, recorded);
}

v_status v_commands_remove(const v_commands *commands, v_entity entity, v_component component)
{
    if (commands != NULL && commands->world != NULL) {
        V_TRY(ecs_check_component(commands->world, component, "v_commands_remove"));
    }
    return record(commands, "v_commands_remove",
                  (command){ .kind = COMMAND_REMOVE, .entity = entity, .ordinal = component.id });
}

v_status v_commands_set_parent(const v_commands *commands, v_entity child, v_entity parent)
{
    return record(commands, "v_commands_set_parent",
                  (command){ .kind = COMMAND_SET_PARENT, .entity = child, .other = parent });
}

v_status v_commands_next_stage(v_world *world)
{
    V_TRY(ecs_check_change(world, "v_commands_next_stage"));
    world->commands->stage++;
    return V_OK;
}

// Applying.
//
static bool comes_before(const command *a, const command *b)
{
    if (a->stage != b->stage) {
        return a->stage < b->stage;
    }
    if (a->order != b->order) {
        return a->order < b->order;
    }
    return a->sequence != b->sequence ? a->sequence < b->sequence : a->worker < b->worker;
}

/// Gather the commands of every worker in `bank` into queue->merged.
static v_status merge(const v_world *world, ecs_command_queue *queue, uint32_t bank)
{
    uint64_t count = 0;
    for (uint32_t w = 0; w < V_JOBS_WORKERS_MAX; w++) {
        count += queue->banks[bank][w].commands.count;
    }
    if (count > UINT32_MAX / 2) {
        return v_fail(V_ERROR_FULL, "%llu deferred commands in one tick", (unsigned long long)count);
    }
    queue->merged.count = 0;
    if (count > queue->merged.capacity) {
        V_TRY(V_ARRAY_RESERVE(&queue->merged, world->allocator, (uint32_t)count));
    }
    if (count > queue->scratch.capacity) {
        V_TRY(V_ARRAY_RESERVE(&queue->scratch, world->allocator, (uint32_t)count));
    }
    for (uint32_t w = 0; w < V_JOBS_WORKERS_MAX; w++) {
        const command_array *from = &queue->banks[bank][w].commands;
        if (from->count != 0) {
            memcpy(queue->merged.items + queue->merged.count, from->items, from->count * sizeof(command));
            queue->merged.count += from->count;
        }
    }
    return V_OK;
}

static bool is_sorted(const command_array *commands)
{
    for (uint32_t i = 1; i < commands->count; i++) {
        if (comes_before(&commands->items[i], &commands->items[i - 1])) {
            return false;
        }
    }
    return true;
}

/// Bottom-up merge sort: no allocation, n log n for any input.
static void sort(ecs_command_queue *queue)
{
    command *from = queue->merged.items, *to = queue->scratch.items;
    uint32_t count = queue->merged.count;
    if (is_sorted(&queue->merged)) {
        return;
    }
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t begin = 0; begin < count; begin += 2 * width) {
            uint32_t middle = count - begin < width ? count : begin + width;
            uint32_t end = count - begin < 2 * width ? count : begin + 2 * width;
            uint32_t left = begin, right = middle;
            for (uint32_t i = begin; i < end; i++) {
                bool take_right = left == middle || (right < end && comes_before(&from[right], &from[left]));
                to[i] = from[take_right ? right++ : left++];
            }
        }
        command *swap = from;
        from = to;
        to = swap;
    }
    if (from != queue->merged.items) {
        memcpy(queue->merged.items, from, count * sizeof(command));
    }
}

/// The entity that a placeholder became, any other id as it is.
static v_entity resolve(recording *bank, v_entity entity)
{
    if ((entity.index & PLACEHOLDER) == 0) {
        return entity;
    }
    uint32_t worker = entity.generation - 1, number = entity.index & ~(uint32_t)PLACEHOLDER;
    bool known = worker < V_JOBS_WORKERS_MAX && number < bank[worker].created.count;
    return known ? bank[worker].created.items[number] : (v_entity){ 0 };
}

static void resolve_fields(recording *bank, const ecs_type *type, uint8_t *value)
{
    for (uint32_t f = 0; f < type->info->field_count; f++) {
        const v_field *field = &type->info->fields[f];
        for (uint32_t i = 0; field->kind == V_FIELD_ENTITY && i < field->count; i++) {
            uint8_t *at = value + field->offset_bytes + i * sizeof(v_entity);
            v_entity entity;
            memcpy(&entity, at, sizeof(entity));
            entity = resolve(bank, entity);
            memcpy(at, &entity, sizeof(entity));
        }
    }
}

static v_status apply_set(v_world *world, recording *bank, const command *c, v_entity entity)
{
    uint8_t *value = c->has_value ? bank[c->worker].values.items + c->value_at : NULL;
    if (value != NULL && world->types[c->ordinal].has_entities) {
        resolve_fields(bank, &world->types[c->ordinal], value);
    }
    return ecs_set(world, entity, c->ordinal, value);
}

static v_status apply_one(v_world *world, recording *bank, const command *c)
{
    v_entity entity = { 0 }, other = resolve(bank, c->other);
    if (c->kind == COMMAND_CREATE || c->kind == COMMAND_INSTANTIATE) {
        V_TRY(c->kind == COMMAND_CREATE ? V_OK : ecs_check_entity(world, other, "v_commands_instantiate"));
        entity = c->kind == COMMAND_CREATE ? ecs_create(world) : ecs_instantiate(world, other);
        bank[c->worker].created.items[c->entity.index & ~(uint32_t)PLACEHOLDER] = entity;
        return v_entity_is_null(entity) ? V_ERROR_FULL : V_OK;
    }
    entity = resolve(bank, c->entity);
    V_TRY(ecs_check_entity(world, entity, "deferred command"));
    switch ((command_kind)c->kind) {
    case COMMAND_DESTROY:
        ecs_destroy(world, entity);
        return V_OK;
    case COMMAND_SET:
        return apply_set(world, bank, c, entity);
    case COMMAND_REMOVE:
        if (!ecs_has(&world->store, c->ordinal, entity.index)) {
            return v_fail(V_ERROR_NOT_FOUND, "deferred command: entity %u:%u has no %s", entity.index,
                          entity.generation, world->types[c->ordinal].info->name);
        }
        ecs_remove(world, entity, c->ordinal);
        return V_OK;
    case COMMAND_SET_PARENT:
        if (!v_entity_is_null(c->other)) {
            V_TRY(ecs_check_entity(world, other, "deferred command"));
        }
        return ecs_set_parent(world, entity, other);
    case COMMAND_CREATE:
    case COMMAND_INSTANTIATE:
        break;
    }
    return V_OK;
}

bool ecs_commands_pending(const v_world *world)
{
    const ecs_command_queue *queue = world->commands;
    for (uint32_t w = 0; w < V_JOBS_WORKERS_MAX; w++) {
        if (queue->banks[queue->recording_bank][w].commands.count != 0) {
            return true;
        }
    }
    return false;
}

static void clear_bank(recording *bank)
{
    for (uint32_t w = 0; w < V_JOBS_WORKERS_MAX; w++) {
        bank[w].commands.count = bank[w].values.count = bank[w].created.count = 0;
    }
}

void ecs_commands_apply(v_world *world)
{
    ecs_command_queue *queue = world->commands;
    uint64_t dropped_before = queue->dropped;
    for (uint32_t round = 0; ecs_commands_pending(world); round++) {
        uint32_t bank = queue->recording_bank;
        queue->recording_bank = 1 - bank;
        queue->stage = 0;
        v_status status = round < ROUNDS_MAX
                              ? merge(world, queue, bank)
                              : v_fail(V_ERROR_STATE, "observers still record commands after %d rounds", ROUNDS_MAX);
        if (status != V_OK) {
            V_LOG_ERROR(world->log, "world", "deferred commands are lost: %s", v_status_message());
            queue->merged.count = 0;
            queue->dropped++;
        }
        sort(queue);
        for (uint32_t i = 0; i < queue->merged.count; i++) {
            queue->dropped += apply_one(world, queue->banks[bank], &queue->merged.items[i]) != V_OK;
        }
        clear_bank(queue->banks[bank]);
    }
    if (queue->dropped != dropped_before) {
        V_LOG_WARN(world->log, "world", "tick %llu: %llu deferred commands dropped; the last: %s",
                   (unsigned long long)world->tick, (unsigned long long)(queue->dropped - dropped_before),
                   v_status_message());
    }
}

v_status v_commands_apply(v_world *world)
{
    V_TRY(ecs_check_change(world, "v_commands_apply"));
    ecs_commands_apply(world);
    return V_OK;
}

uint64_t v_commands_dropped(const v_world *world)
{
    return world != NULL ? world->commands->dropped : 0;
}
