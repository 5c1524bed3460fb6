// v/world.h: the simulated world: entities, components, parts, tick, state hash, snapshot (E06, E35). Floor 1.
//
//     typedef struct Coin { int32_t value; } Coin;
//     V_COMPONENT(Coin, V_INT(value))
//
//     v_component coin = v_component_register(world, V_COMPONENT_OF(Coin));
//     v_entity entity = v_entity_create(world);
//     v_component_set(world, entity, coin, &(Coin){ .value = 10 });
//     const Coin *c = v_component_get(world, entity, coin);
//
// One thread changes a world at a time; any number may read it while nobody changes it.
#ifndef V_WORLD_H
#define V_WORLD_H

#include "v/hash.h"
#include "v/jobs.h"
#include "v/log.h"
#include "v/math.h"
#include "v/stream.h"

V_EXTERN_C_BEGIN

typedef struct v_world v_world;

/// Id by value; all zero is null. A stale id is detected, reported and harmless.
typedef struct v_entity {
    uint32_t index, generation;
} v_entity;
static inline bool v_entity_is_null(v_entity entity)
{
    return entity.index == 0;
}
static inline bool v_entity_equal(v_entity a, v_entity b)
{
    return a.index == b.index && a.generation == b.generation;
}

typedef struct v_component {
    uint32_t id;
} v_component; ///< Zero is null.

typedef enum v_field_kind {
    V_FIELD_BOOL,
    V_FIELD_U8,
    V_FIELD_I32,
    V_FIELD_U32,
    V_FIELD_I64,
    V_FIELD_U64,
    V_FIELD_F32,
    V_FIELD_VEC2,
    V_FIELD_VEC3,
    V_FIELD_VEC4,
    V_FIELD_QUAT,
    V_FIELD_ENTITY,
    V_FIELD_TEXT ///< char[count], NUL-terminated; bytes after the NUL are not hashed.
} v_field_kind;

typedef struct v_field {
    const char *name;
    v_field_kind kind;
    uint32_t offset_bytes, count; ///< `count` array elements, 1 for a plain field.
} v_field;

typedef struct v_component_info {
    const char *name;
    uint32_t size_bytes, align_bytes;
    const v_field *fields;
    uint32_t field_count;
} v_component_info;

#define V_FIELD_ENTRY(field_kind, field)                                                                               \
    {                                                                                                                  \
#field, (field_kind), (uint32_t)offsetof(v_self, field), 1                                                     \
    }
#define V_BOOL(field)   V_FIELD_ENTRY(V_FIELD_BOOL, field)
#define V_BYTE(field)   V_FIELD_ENTRY(V_FIELD_U8, field)
#define V_INT(field)    V_FIELD_ENTRY(V_FIELD_I32, field)
#define V_UINT(field)   V_FIELD_ENTRY(V_FIELD_U32, field)
#define V_INT64(field)  V_FIELD_ENTRY(V_FIELD_I64, field)
#define V_UINT64(field) V_FIELD_ENTRY(V_FIELD_U64, field)
#define V_FLOAT(field)  V_FIELD_ENTRY(V_FIELD_F32, field)
#define V_VEC2(field)   V_FIELD_ENTRY(V_FIELD_VEC2, field)
#define V_VEC3(field)   V_FIELD_ENTRY(V_FIELD_VEC3, field)
#define V_VEC4(field)   V_FIELD_ENTRY(V_FIELD_VEC4, field)
#define V_QUAT(field)   V_FIELD_ENTRY(V_FIELD_QUAT, field)
#define V_ENTITY(field) V_FIELD_ENTRY(V_FIELD_ENTITY, field)
#define V_TEXT(field, size)                                                                                            \
    {                                                                                                                  \
#field, V_FIELD_TEXT, (uint32_t)offsetof(v_self, field), (size)                                                \
    }

/// Declare a component's fields once, after its struct, at file scope. It is thereby inspected, saved, rewound, hashed.
#define V_COMPONENT(type, ...)                                                                                         \
    static inline const v_component_info *v_component_info_of_##type(void)                                             \
    {                                                                                                                  \
        typedef type v_self;                                                                                           \
        static const v_field fields[] = { __VA_ARGS__ };                                                               \
        static const v_component_info info = { #type, (uint32_t)sizeof(type), (uint32_t)V_ALIGN_OF(type), fields,      \
                                               (uint32_t)(sizeof(fields) / sizeof(fields[0])) };                       \
        return &info;                                                                                                  \
    }
#define V_COMPONENT_OF(type) v_component_info_of_##type()

typedef struct v_world_desc {
    const v_allocator *allocator;
    v_jobs *jobs; ///< Borrowed; null: everything runs on the calling thread.
    v_log *log;   ///< Borrowed; may be null.
    uint64_t seed;
    uint32_t tick_hz;      ///< Default 60.
    uint32_t entities_max; ///< Default 1,048,576. More is V_ERROR_FULL.
} v_world_desc;

V_API v_status v_world_create(const v_world_desc *desc, v_world **out_world);
V_API void v_world_destroy(v_world *world);
V_API const v_allocator *v_world_allocator(const v_world *world);
V_API v_jobs *v_world_jobs(const v_world *world);
V_API v_log *v_world_log(const v_world *world);
V_API uint64_t v_world_seed(const v_world *world);
V_API uint32_t v_world_tick_hz(const v_world *world);
/// Ticks completed.
V_API uint64_t v_world_tick(const v_world *world);
/// Bracket one tick. Between begin and end, mutating calls come from systems and are not journaled. End applies
/// deferred changes, then adds one to the tick.
V_API v_status v_world_begin_tick(v_world *world);
V_API v_status v_world_end_tick(v_world *world);
V_API bool v_world_in_tick(const v_world *world);

// Entities.
//
/// A null id (and a message) when entities_max is reached. Ids are reused in a documented, deterministic order.
V_API v_entity v_entity_create(v_world *world);
/// Removes components (observers run), orphans nothing: children are destroyed first, in creation order.
V_API v_status v_entity_destroy(v_world *world, v_entity entity);
V_API bool v_entity_is_alive(const v_world *world, v_entity entity);
V_API uint32_t v_entity_count(const v_world *world);

V_API v_component v_component_register(v_world *world, const v_component_info *info);
V_API v_component v_component_find(const v_world *world, const char *name);
V_API const v_component_info *v_component_get_info(const v_world *world, v_component component);
/// Add or replace. `value` may be null: zeros.
V_API v_status v_component_set(v_world *world, v_entity entity, v_component component, const void *value);
V_API v_status v_component_remove(v_world *world, v_entity entity, v_component component);
/// Null when the entity is stale or has none. Valid until the next structural change.
V_API const void *v_component_get(const v_world *world, v_entity entity, v_component component);
V_API void *v_component_get_mutable(v_world *world, v_entity entity, v_component component);

// Parts: state of other modules that belongs to the world.
//
/// A module's state inside a world (physics, game rules …). All but name and state may be null.
typedef struct v_world_part {
    const char *name; ///< Static and unique in the world.
    void *state;
    uint32_t version; ///< Of the snapshot layout.
    void (*destroy)(void *state);
    void (*hash)(const void *state, v_hasher *hasher);
    void (*save)(const void *state, v_writer *writer);
    v_status (*load)(void *state, v_reader *reader); ///< All or nothing.
    /// The entity whose state is hashed in this part: adds its own state, for desync reports.
    void (*hash_entity)(const void *state, v_entity entity, v_hasher *hasher);
} v_world_part;

/// At most 32 parts. The world calls destroy, in reverse order of attachment.
V_API v_status v_world_attach(v_world *world, const v_world_part *part);
/// The part's state or null.
V_API void *v_world_part_find(const v_world *world, const char *name);

// Hash, snapshot.
//
/// Equal states, equal hashes, on every platform: tick, entities, components in canonical field order, parts by order
/// of attachment.
V_API v_hash128 v_world_hash(const v_world *world);
/// 32 bits over everything that belongs to one entity: for naming it when two runs differ.
V_API uint32_t v_world_hash_entity(const v_world *world, v_entity entity);
/// Append the whole state (canonical little-endian bytes).
V_API v_status v_world_snapshot(const v_world *world, v_writer *writer);
/// Bring back a snapshot taken from a world with the same components and parts. All or nothing; ids are the same again.
V_API v_status v_world_restore(v_world *world, const void *data, size_t size_bytes);

// Journal: the one door for outside changes.
//
/// Receives each mutating call of the public API made outside a tick: operation id of v/manifest.h and its arguments.
/// V_OP_NONE stands for a call that could not be told for lack of memory: from there on the journal is worth nothing.
typedef void (*v_journal_sink)(void *user, uint16_t operation, const void *arguments, size_t size_bytes);
V_API void v_world_set_journal(v_world *world, v_journal_sink sink, void *user);
/// For modules that implement journaled calls: null while in a tick or without sink; else a writer to fill, then
/// commit.
V_API v_writer *v_world_journal_begin(v_world *world);
V_API void v_world_journal_commit(v_world *world, uint16_t operation);

V_EXTERN_C_END
#endif
