// The world: lifetime, tick bracket, parts, journal (E06, E35).
#include "ecs_internal.h"
#include "v/manifest.h"

enum { TICK_HZ_DEFAULT = 60, TICK_HZ_MAX = 10000, ENTITIES_MAX_DEFAULT = 1 << 20 };

v_status v_world_create(const v_world_desc *desc, v_world **out_world)
{
    if (desc == NULL || out_world == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_create: %s is null", desc == NULL ? "desc" : "out_world");
    }
    *out_world = NULL;
    if (desc->tick_hz > TICK_HZ_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_create: tick_hz is %u, at most %d", desc->tick_hz,
                      TICK_HZ_MAX);
    }
    if (desc->entities_max > ECS_ENTITIES_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_create: entities_max is %u, at most %d", desc->entities_max,
                      ECS_ENTITIES_MAX);
    }
    const v_allocator *allocator = desc->allocator != NULL ? desc->allocator : v_allocator_default();
    v_world *world = V_NEW(allocator, v_world);
    if (world == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    world->allocator = allocator;
    world->jobs = desc->jobs;
    world->log = desc->log;
    world->seed = desc->seed;
    world->tick_hz = desc->tick_hz != 0 ? desc->tick_hz : TICK_HZ_DEFAULT;
    world->entities_max = desc->entities_max != 0 ? desc->entities_max : ENTITIES_MAX_DEFAULT;
    world->type_count = ECS_NAME;
    world->store.slot_count = world->spare.slot_count = 1;
    world->store.names.allocator = world->spare.names.allocator = allocator;
    world->backup.allocator = world->journal.allocator = world->copies.allocator = allocator;
    v_status status = ecs_register_builtins(world);
    if (status == V_OK) {
        status = ecs_commands_create(world);
    }
    if (status != V_OK) {
        v_world_destroy(world);
        return status;
    }
    *out_world = world;
    return V_OK;
}

void v_world_destroy(v_world *world)
{
    if (world == NULL) {
        return;
    }
    while (world->part_count > 0) {
        const v_world_part *part = &world->parts[--world->part_count];
        if (part->destroy != NULL) {
            part->destroy(part->state);
        }
    }
    ecs_queries_destroy(world);
    ecs_commands_destroy(world);
    V_ARRAY_DESTROY(&world->observers, world->allocator);
    ecs_store_destroy(world, &world->store);
    ecs_store_destroy(world, &world->spare);
    V_ARRAY_DESTROY(&world->taken, world->allocator);
    v_map_destroy(&world->copies);
    v_writer_destroy(&world->backup);
    v_writer_destroy(&world->journal);
    V_DELETE(world->allocator, world);
}

const v_allocator *v_world_allocator(const v_world *world)
{
    return world != NULL ? world->allocator : NULL;
}

v_jobs *v_world_jobs(const v_world *world)
{
    return world != NULL ? world->jobs : NULL;
}

v_log *v_world_log(const v_world *world)
{
    return world != NULL ? world->log : NULL;
}

uint64_t v_world_seed(const v_world *world)
{
    return world != NULL ? world->seed : 0;
}

uint32_t v_world_tick_hz(const v_world *world)
{
    return world != NULL ? world->tick_hz : 0;
}

uint64_t v_world_tick(const v_world *world)
{
    return world != NULL ? world->tick : 0;
}

bool v_world_in_tick(const v_world *world)
{
    return world != NULL && world->in_tick;
}

v_status v_world_begin_tick(v_world *world)
{
    V_TRY(ecs_check_change(world, "v_world_begin_tick"));
    if (world->in_tick) {
        return v_fail(V_ERROR_STATE, "v_world_begin_tick: tick %llu has begun already",
                      (unsigned long long)world->tick);
    }
    world->in_tick = true;
    return V_OK;
}

v_status v_world_end_tick(v_world *world)
{
    V_TRY(ecs_check_change(world, "v_world_end_tick"));
    if (!world->in_tick) {
        return v_fail(V_ERROR_STATE, "v_world_end_tick: no tick has begun");
    }
    ecs_commands_apply(world);
    world->in_tick = false;
    world->tick++;
    return V_OK;
}

v_status v_world_attach(v_world *world, const v_world_part *part)
{
    V_TRY(ecs_check_change(world, "v_world_attach"));
    if (part == NULL || part->name == NULL || part->name[0] == '\0' || part->state == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_attach: a part needs a name and a state");
    }
    if ((part->save == NULL) != (part->load == NULL)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_attach: part %s has only one of save and load", part->name);
    }
    if (world->in_tick) {
        return v_fail(V_ERROR_STATE, "v_world_attach: part %s in the middle of a tick", part->name);
    }
    if (v_world_part_find(world, part->name) != NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_attach: the world has a part %s already", part->name);
    }
    if (world->part_count == ECS_PARTS_MAX) {
        return v_fail(V_ERROR_FULL, "v_world_attach: part %s is one more than %d", part->name, ECS_PARTS_MAX);
    }
    world->parts[world->part_count++] = *part;
    return V_OK;
}

void *v_world_part_find(const v_world *world, const char *name)
{
    for (uint32_t i = 0; world != NULL && name != NULL && i < world->part_count; i++) {
        if (strcmp(world->parts[i].name, name) == 0) {
            return world->parts[i].state;
        }
    }
    return NULL;
}

void v_world_set_journal(v_world *world, v_journal_sink sink, void *user)
{
    if (world != NULL) {
        world->journal_sink = sink;
        world->journal_user = user;
        world->guard = sink != NULL ? world->guard | ECS_GUARD_JOURNAL : world->guard & ~(uint32_t)ECS_GUARD_JOURNAL;
    }
}

v_writer *v_world_journal_begin(v_world *world)
{
    if (world == NULL || !ecs_journaling(world)) {
        return NULL;
    }
    world->journal.size_bytes = 0;
    world->journal.status = V_OK;
    return &world->journal;
}

void v_world_journal_commit(v_world *world, uint16_t operation)
{
    if (world == NULL || world->journal_sink == NULL) {
        return;
    }
    if (world->journal.status != V_OK) {
        // The call took place but cannot be told: say so, a replay from this journal would diverge.
        V_LOG_ERROR(world->log, "world", "operation %u is missing in the journal: %s", operation, v_status_message());
        world->journal_sink(world->journal_user, V_OP_NONE, NULL, 0);
        return;
    }
    world->journal_sink(world->journal_user, operation, world->journal.data, world->journal.size_bytes);
}
