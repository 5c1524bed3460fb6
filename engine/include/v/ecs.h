// v/ecs.h: what the world offers beyond v/world.h: queries, bulk creation, deferred commands, observers, hierarchy,
// names, prefabs, reflection (E06). Floor 1.
//
//     v_query *moving;
//     v_query_create(world, &(v_query_desc){ .terms = { { pos }, { vel } }, .term_count = 2 }, &moving);
//     for (v_query_iter it = { 0 }; v_query_next(moving, &it);) {
//         v_vec3 *p = it.columns[0];
//         const v_vec3 *v = it.columns[1];
//         for (uint32_t i = 0; i < it.count; i++) p[i] = v_vec3_add(p[i], v[i]);
//     }
//
// Queries visit entities by ascending index, so no result depends on the order in which components were added.
// Threads as in v/world.h, where nothing else is said.
#ifndef V_ECS_H
#define V_ECS_H

#include "v/world.h"

V_EXTERN_C_BEGIN

// Queries.
//
#define V_QUERY_TERMS_MAX 12

typedef enum v_term_kind {
    V_TERM_WITH = 0, ///< The entity has it.
    V_TERM_WITHOUT,  ///< The entity lacks it.
    V_TERM_OPTIONAL, ///< Either; the column is null in chunks that lack it.
} v_term_kind;

typedef struct v_query_term {
    v_component component;
    v_term_kind kind;
} v_query_term;

/// No term with V_TERM_WITH: every entity that the other terms allow.
typedef struct v_query_desc {
    v_query_term terms[V_QUERY_TERMS_MAX];
    uint32_t term_count;
    bool include_prefabs; ///< Default: entities of prefabs are skipped.
} v_query_desc;

typedef struct v_query v_query;

/// One chunk: `count` entities of neighbouring indices. `entities` and each column have `count` items; values may be
/// written. Zero-initialise to begin. Until v_query_next returned false, no component is added or removed, no entity
/// created or destroyed (use v_commands): the iteration then ends early with a message.
typedef struct v_query_iter {
    uint32_t count;
    const v_entity *entities;
    void *columns[V_QUERY_TERMS_MAX]; ///< By term. Null for V_TERM_WITHOUT, for tags, for an absent optional one.
    uint32_t chunk;                   ///< In v_query_for: index of the chunk of work, for slots of results.
    uint32_t run, run_end;            ///< Private.
    uint64_t version;                 ///< Private.
    v_status status;                  ///< After the end: why it came early (no memory, a change meanwhile), else V_OK.
} v_query_iter;

/// The query keeps a list of matching ranges and renews it when an entity or component of its terms came or went.
/// Belongs to the caller; the world destroys what is left when it is destroyed.
V_API v_status v_query_create(v_world *world, const v_query_desc *desc, v_query **out_query);
V_API void v_query_destroy(v_query *query);
/// The next chunk, or false at the end. One thread per query at a time.
V_API bool v_query_next(v_query *query, v_query_iter *iter);
/// Entities that match now.
V_API uint32_t v_query_count(v_query *query);

/// Called for each non-empty chunk; `iter->chunk` is its number, `worker` the worker's index.
typedef void (*v_query_function)(void *user, const v_query_iter *iter, uint32_t worker);
/// Run over all matches on the world's jobs and return when done. Chunk k of work covers the entity indices
/// [k * 4096, (k + 1) * 4096): never a function of the worker count. One chunk of work can call `run` several times, in
/// order, on one worker. `run` may read the world, write the values of its own entities, and record commands. Not from
/// within a job.
V_API v_status v_query_for(v_query *query, v_query_function run, void *user);

#define V_QUERY_CHUNK_ENTITIES 4096

// Bulk.
//
/// Create `count` entities with the same components. `values[c]` points to `count` values of components[c], or is null:
/// zeros; `values` null: all zeros. `out_entities` (count of them, or null) is filled in order. All or nothing.
/// Observers run once everything is there, entity by entity.
V_API v_status v_entity_create_many(v_world *world, uint32_t count, const v_component *components,
                                    uint32_t component_count, const void *const *values, v_entity *out_entities);

// Components.
//
/// Declare a component without fields: it is there or not.
#define V_TAG(type)                                                                                                    \
    static inline const v_component_info *v_component_info_of_##type(void)                                             \
    {                                                                                                                  \
        static const v_component_info info = { #type, 0, 1, NULL, 0 };                                                 \
        return &info;                                                                                                  \
    }

V_API bool v_component_has(const v_world *world, v_entity entity, v_component component);
/// Entities that have it.
V_API uint32_t v_component_count(const v_world *world, v_component component);
/// Walk the registered components (null: the first); null at the end. Names that begin with "v." are the world's own.
V_API v_component v_component_next(const v_world *world, v_component previous);
/// Walk the components of one entity.
V_API v_component v_component_next_of(const v_world *world, v_entity entity, v_component previous);
/// Walk the living entities by ascending index (null: the first); null at the end.
V_API v_entity v_entity_next(const v_world *world, v_entity previous);

// Deferred commands.
// --------------------------------------------------------------------------------------------------- For systems in a
// tick, and for observers: changes that are applied by v_world_end_tick, sorted by (stage, order, sequence of
// recording) and so never by thread. Give each parallel sender its own order key (an entity index, a chunk number); one
// key is used by one job in a stage. A command whose entity is gone by then is dropped and counted.

/// Records for one worker: pass the index that the job got (0 on the world's thread). In a tick or in an observer;
/// else the calls return V_ERROR_STATE.
typedef struct v_commands {
    v_world *world;
    uint32_t worker;
    uint64_t order;
} v_commands;

static inline v_commands v_commands_of(v_world *world, uint32_t worker, uint64_t order)
{
    v_commands commands = { world, worker, order };
    return commands;
}

/// A stand-in for the entity to come: good for other commands with this worker and order key, until they are applied.
V_API v_entity v_commands_create(const v_commands *commands);
V_API v_status v_commands_destroy(const v_commands *commands, v_entity entity);
V_API v_status v_commands_set(const v_commands *commands, v_entity entity, v_component component, const void *value);
V_API v_status v_commands_remove(const v_commands *commands, v_entity entity, v_component component);
V_API v_status v_commands_set_parent(const v_commands *commands, v_entity child, v_entity parent);
/// A stand-in as by v_commands_create.
V_API v_entity v_commands_instantiate(const v_commands *commands, v_entity prefab);
/// Begin the next stage: what is recorded from now on is applied after everything recorded so far. On the world's
/// thread, between parallel loops of your own; v_query_for does it before and after itself.
V_API v_status v_commands_next_stage(v_world *world);
/// Apply now. On the world's thread, outside v_query_for and observers.
V_API v_status v_commands_apply(v_world *world);
/// Commands dropped so far because their entity was gone or the change was refused.
V_API uint64_t v_commands_dropped(const v_world *world);

// Observers.
//
enum {
    V_ON_ADD = 1,    ///< The component is new on the entity; its value is there.
    V_ON_SET = 2,    ///< A value was set (after V_ON_ADD when new). Writing through a pointer is not noticed.
    V_ON_REMOVE = 4, ///< About to be removed, also by destruction; the value is still there.
};

typedef struct v_observer {
    uint32_t index, generation;
} v_observer; ///< Zero is null.

/// May read the world and record commands for worker 0; direct structural changes are refused.
typedef void (*v_observer_function)(void *user, v_world *world, v_entity entity, v_component component, uint32_t event);

typedef struct v_observer_desc {
    v_component component;
    uint32_t events; ///< Of V_ON_…; default all.
    v_observer_function run;
    void *user;
} v_observer_desc;

/// Observers run at once, in the order of creation. They do not run in v_world_restore. They are no part of the state.
V_API v_status v_observer_create(v_world *world, const v_observer_desc *desc, v_observer *out_observer);
V_API v_status v_observer_destroy(v_world *world, v_observer observer);

// Hierarchy.
//
/// Make `child` the last child of `parent` (null: of none). V_ERROR_INVALID_ARGUMENT when that would close a cycle.
/// Children of a prefab become part of it. The children of an entity are destroyed with it.
V_API v_status v_entity_set_parent(v_world *world, v_entity child, v_entity parent);
/// Null when it has none, or is stale.
V_API v_entity v_entity_parent(const v_world *world, v_entity entity);
/// Children in the order in which they were attached; null at the end.
V_API v_entity v_entity_first_child(const v_world *world, v_entity entity);
V_API v_entity v_entity_next_sibling(const v_world *world, v_entity entity);
V_API uint32_t v_entity_child_count(const v_world *world, v_entity entity);

// Names.
//
#define V_ENTITY_NAME_MAX 63

/// Unique in the world, 1 to V_ENTITY_NAME_MAX bytes; null or "" takes the name away.
V_API v_status v_entity_set_name(v_world *world, v_entity entity, const char *name);
/// "" when it has none. Valid until the next structural change.
V_API const char *v_entity_name(const v_world *world, v_entity entity);
/// Null when there is none.
V_API v_entity v_entity_find(const v_world *world, const char *name);

// Prefabs.
//
/// Mark the entity and everything below it as a pattern for copies: queries skip it.
V_API v_status v_entity_make_prefab(v_world *world, v_entity entity);
V_API bool v_entity_is_prefab(const v_world *world, v_entity entity);
/// Copy a prefab (or any entity) with its components and children, depth first, in order; null with a message on
/// failure. References to entities inside the pattern become references to their copies. Names are not copied. The copy
/// has no parent.
V_API v_entity v_entity_instantiate(v_world *world, v_entity prefab);

// Reflection.
//
/// Null when there is none of that name.
V_API const v_field *v_field_find(const v_component_info *info, const char *name);
/// "f32", "vec3", "entity", …; static.
V_API const char *v_field_kind_name(v_field_kind kind);
/// The value as text, always in the C locale: "true", "-5", "0.5 1 2", entity "12:1", text without quotes; elements of
/// arrays are separated by blanks. What v_field_set_text reads back bit for bit (but for the payload of a NaN).
/// V_ERROR_FULL when `capacity` is too small.
V_API v_status v_field_get_text(const v_world *world, v_entity entity, v_component component, const char *field,
                                char *out, size_t capacity);
/// Read the value from text and set the component. Numbers are separated by blanks or commas; an entity is "12:1",
/// "0:0" or "@name". V_ERROR_BAD_INPUT names the field, the text and what was expected; nothing is changed then.
V_API v_status v_field_set_text(v_world *world, v_entity entity, v_component component, const char *field,
                                const char *text);

// Journal.
//
/// Do again a call that a journal recorded: the operations 0x0001 to 0x00ff of v/manifest.h. V_ERROR_BAD_INPUT for
/// malformed arguments, V_ERROR_UNSUPPORTED for an operation that is not the world's, else what the call itself
/// returns.
V_API v_status v_world_replay(v_world *world, uint16_t operation, const void *arguments, size_t size_bytes);

V_EXTERN_C_END
#endif
