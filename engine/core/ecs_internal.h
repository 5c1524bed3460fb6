// What the files of the world and the ECS share: the world's structure, the entity store, the component codec.
//
// Storage: an entity's index is its address. Each component is a table of pages, and the value of entity i lies in page
// i >> page_shift at i & mask; one presence bit per (entity, component) says whether it is there. Iteration order, hash
// and snapshot are therefore functions of the state alone, whatever the order of the calls that led to it.
#ifndef ECS_INTERNAL_H
#define ECS_INTERNAL_H

#include "v/container.h"
#include "v/ecs.h"
#include "v/manifest.h"
#include "v/world.h"

#include <string.h>

enum {
    ECS_ALIVE = 0,          ///< Ordinal of the liveness bits among the presence words.
    ECS_NAME = 1,           ///< Built-in component v.Name.
    ECS_NODE = 2,           ///< Built-in component v.Node: links of the hierarchy.
    ECS_PREFAB = 3,         ///< Built-in tag v.Prefab.
    ECS_FIRST_OPEN = 4,     ///< Ordinal of the first component of the user.
    ECS_ORDINALS_MAX = 256, ///< Liveness, built-in and user components together.
    ECS_BLOCK_SHIFT = 10,   ///< Slots are hashed and saved in blocks of 1,024.
    ECS_BLOCK_SLOTS = 1 << ECS_BLOCK_SHIFT,
    ECS_BLOCK_WORDS = ECS_BLOCK_SLOTS / 64,
    ECS_PAGE_SHIFT = 12,    ///< A page has 4,096 slots, fewer (but 64 at least) where that would be
    ECS_PAGE_BYTES = 65536, ///< more than this: loops like long columns, rare components short pages.
    ECS_COMPONENT_BYTES_MAX = 16384,
    ECS_FREE_LEVELS = 4, ///< 64^4 slots.
    ECS_ENTITIES_MAX = (1 << 24) - 1,
    ECS_PARTS_MAX = 32,
};

/// A registered component: its description and what is derived from it once.
typedef struct ecs_type {
    const v_component_info *info;
    uint64_t name_hash;
    uint32_t encoded_bytes; ///< Canonical size of one value.
    bool flat;              ///< On this host a value in memory is its canonical encoding.
    bool has_entities;      ///< Has fields that refer to entities.
    bool checked;           ///< Has fields of which not every bit pattern is legal (bool, text).
    uint8_t observed;       ///< Events (V_ON_…) that some observer waits for.
} ecs_type;

/// A page holds the generations of 2^page_shift slots, 0 where the slot has no value, then the values. One look at a
/// page thereby answers whether the component is there and whether the id is stale.
typedef struct ecs_column {
    uint8_t **pages; ///< [slot_capacity >> page_shift]; null where no entity ever had the component.
    uint32_t size_bytes, page_shift, page_mask;
    uint32_t values_offset; ///< In a page: behind the generations.
    uint32_t count;         ///< Entities that have it.
} ecs_column;

typedef struct ecs_chunk ecs_chunk; ///< Memory that pages are cut from.

/// Everything a snapshot brings back but for the parts. The world owns two: the state, and a spare to restore into.
typedef struct ecs_store {
    ecs_column columns[ECS_ORDINALS_MAX]; ///< First, because every look-up begins here.
    void *slab;                           ///< The one allocation behind ids, present, free_bits and the page tables.
    size_t slab_bytes;
    v_entity *ids;                        ///< [slot_capacity]; the generation is the live one, or the next one.
    uint64_t *present;                    ///< [block][stride][ECS_BLOCK_WORDS]: one bit per slot and ordinal.
    uint64_t *free_bits[ECS_FREE_LEVELS]; ///< Level 0: dead slots to reuse; level n: words of level n - 1 not zero.
    uint32_t slot_capacity, slot_count;   ///< Slot 0 is null; slot_count is one past the highest ever used.
    uint32_t stride, column_count;
    uint32_t alive_count, free_count;
    uint32_t free_low;  ///< The lowest word of free_bits[0] that is not zero, if free_count is not.
    ecs_chunk *chunks;  ///< The one that is being filled first.
    size_t chunk_bytes; ///< Of all chunks.
    v_map names;        ///< Hash of the name to entity index.
} ecs_store;

typedef struct ecs_observer {
    uint32_t ordinal, events; ///< events 0: destroyed.
    v_observer_function run;
    void *user;
} ecs_observer;

typedef struct ecs_command_queue ecs_command_queue;

struct v_world {
    ecs_store store; ///< First: see its columns.
    const v_allocator *allocator;
    v_jobs *jobs;
    v_log *log;
    uint64_t seed, tick;
    uint32_t tick_hz, entities_max;
    bool in_tick;
    uint32_t type_count;
    ecs_type types[ECS_ORDINALS_MAX];
    uint64_t versions[ECS_ORDINALS_MAX]; ///< Changes of presence, per ordinal: what cached queries compare.
    ecs_store spare;
    V_ARRAY(ecs_observer) observers;
    uint32_t guard;          ///< Of ECS_GUARD_…: not zero sends changes through the careful path.
    uint32_t observer_depth; ///< Above 0 while observers run: direct structural changes are refused.
    bool quiet;              ///< Undoing what no observer has seen.
    V_ARRAY(v_entity) taken; ///< Bulk creation without an array of the caller's.
    v_map copies;            ///< While a prefab is copied: pattern index to copy index.
    v_query *queries;        ///< All that are not destroyed.
    ecs_command_queue *commands;
    v_world_part parts[ECS_PARTS_MAX];
    uint32_t part_count;
    v_writer backup; ///< Parts' state during a restore.
    v_journal_sink journal_sink;
    void *journal_user;
    v_writer journal;
};

enum {
    ECS_GUARD_OBSERVERS = 1, ///< There are observers, or they are running.
    ECS_GUARD_QUERY_FOR = 2,
    ECS_GUARD_JOURNAL = 4, ///< A sink is set.
};

#define ECS_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define ECS_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// The store: slots, presence bits, pages. Nothing here checks ids, runs observers or writes the journal.

v_status ecs_store_reserve(const v_world *world, ecs_store *store, uint32_t slots);
/// Make it empty, keep its memory.
void ecs_store_clear(ecs_store *store);
void ecs_store_destroy(const v_world *world, ecs_store *store);
/// The lowest dead slot, else a new one; index 0 when there is none or no memory (with a message).
uint32_t ecs_store_take_slot(const v_world *world, ecs_store *store);
void ecs_store_free_slot(ecs_store *store, uint32_t index);
/// Put a dead slot among those to be reused, without a new generation.
void ecs_store_mark_free(ecs_store *store, uint32_t index);
/// The page that holds `index`, allocated if need be; null without memory, and for tags.
uint8_t *ecs_store_make_page(const v_world *world, ecs_store *store, uint32_t ordinal, uint32_t index);
/// No slot has any component any more; the memory stays.
void ecs_store_clear_pages(ecs_store *store);
void ecs_store_free_pages(const v_world *world, ecs_store *store);
/// From the world's allocator; large blocks ask for huge pages. Contents undefined; null without memory.
void *ecs_alloc_large(const v_world *world, size_t size_bytes);
void ecs_free_large(const v_world *world, void *memory, size_t size_bytes);

/// The presence word of slot `index`. The words of a block lie side by side; those of the next ordinal follow.
static inline uint64_t *ecs_word(const ecs_store *store, uint32_t ordinal, uint32_t index)
{
    size_t row = (size_t)(index >> ECS_BLOCK_SHIFT) * store->stride + ordinal;
    return &store->present[row * ECS_BLOCK_WORDS + (index >> 6 & (ECS_BLOCK_WORDS - 1))];
}

/// Whether any of a block's words has a bit.
static inline bool ecs_any(const uint64_t words[ECS_BLOCK_WORDS])
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < ECS_BLOCK_WORDS; w++) {
        any |= words[w];
    }
    return any != 0;
}

static inline bool ecs_has(const ecs_store *store, uint32_t ordinal, uint32_t index)
{
    return (*ecs_word(store, ordinal, index) >> (index & 63) & 1) != 0;
}

static inline void ecs_set_bit(ecs_store *store, uint32_t ordinal, uint32_t index)
{
    *ecs_word(store, ordinal, index) |= 1ull << (index & 63);
}

static inline void ecs_clear_bit(ecs_store *store, uint32_t ordinal, uint32_t index)
{
    *ecs_word(store, ordinal, index) &= ~(1ull << (index & 63));
}

/// Where the value of slot `index` lies; its page exists.
static inline uint8_t *ecs_place(const ecs_column *column, uint32_t index)
{
    const uint32_t in_page = index & column->page_mask;
    return column->pages[index >> column->page_shift] + column->values_offset + (size_t)in_page * column->size_bytes;
}

/// The generation of slot `index` in its page, which exists.
static inline uint32_t *ecs_stamp(const ecs_column *column, uint32_t index)
{
    return (uint32_t *)(void *)column->pages[index >> column->page_shift] + (index & column->page_mask);
}

static inline bool ecs_is_alive(const ecs_store *store, v_entity entity)
{
    return entity.index < store->slot_count && v_entity_equal(store->ids[entity.index], entity);
}

// Registered components.

v_status ecs_register_builtins(v_world *world);
/// Encode one value: exactly encoded_bytes.
void ecs_encode(const ecs_type *type, const uint8_t *value, uint8_t *out);
/// False (with a message) when a bool is neither 0 nor 1 or a text has no NUL.
bool ecs_decode(const ecs_type *type, const uint8_t *in, uint8_t *out_value);
void ecs_type_derive(ecs_type *type, const v_component_info *info);
/// Of a field, all its array elements together.
uint32_t ecs_field_bytes(const v_field *field);

// Changes, after the public functions have checked their arguments.

/// Add or replace the value of any component, built-in ones too; observers run.
v_status ecs_set(v_world *world, v_entity entity, uint32_t ordinal, const void *value);
void ecs_remove(v_world *world, v_entity entity, uint32_t ordinal);
v_entity ecs_create(v_world *world);
void ecs_destroy(v_world *world, v_entity entity);
/// As ecs_set without observers, for values that must not be seen half built.
void *ecs_add_raw(v_world *world, uint32_t index, uint32_t ordinal);

/// After a direct change outside a tick: apply what observers recorded, since no end of tick will.
void ecs_settle(v_world *world);

/// Refuse a change while observers run, on a null world, on a stale entity.
v_status ecs_check_world(const v_world *world, const char *function);
v_status ecs_check_change(const v_world *world, const char *function);
v_status ecs_check_entity(const v_world *world, v_entity entity, const char *function);
/// Additionally the component: registered, and not built-in.
v_status ecs_check_component(const v_world *world, v_component component, const char *function);

void ecs_notify(v_world *world, v_entity entity, uint32_t ordinal, uint32_t event);

// Hierarchy.

typedef struct ecs_node {
    v_entity parent, first, last, next, previous;
} ecs_node;

const ecs_node *ecs_node_get(const v_world *world, uint32_t index);
v_status ecs_set_parent(v_world *world, v_entity child, v_entity parent);
/// Take `entity` out of its parent's list of children.
void ecs_unlink(v_world *world, v_entity entity);
/// The next entity of the tree below `root`, depth first, parents before children; null after the last.
v_entity ecs_next_below(const v_world *world, v_entity root, v_entity current);
/// Tag `entity` and everything below it.
void ecs_mark_prefab(v_world *world, v_entity entity);
/// Null with a message on failure, and then nothing has changed.
v_entity ecs_instantiate(v_world *world, v_entity prefab);
/// Whether the links of a store read from outside are a forest with consistent lists.
v_status ecs_check_nodes(const ecs_store *store);

// Names.

typedef struct ecs_name {
    char text[V_ENTITY_NAME_MAX + 1];
} ecs_name;

void ecs_forget_name(v_world *world, uint32_t index);
/// Fill store->names from its v.Name values; refuses two entities of one name.
v_status ecs_index_names(const v_world *world, ecs_store *store);

/// Of a snapshot's body: XXH3-128 over the XXH3-128 of fixed segments, so that jobs share the work.
v_hash128 ecs_snapshot_checksum(v_jobs *jobs, const uint8_t *data, size_t size_bytes);

// Deferred commands.

v_status ecs_commands_create(v_world *world);
void ecs_commands_destroy(v_world *world);
/// Apply everything recorded so far, and what observers record meanwhile.
void ecs_commands_apply(v_world *world);
bool ecs_commands_pending(const v_world *world);

void ecs_queries_destroy(v_world *world);

// Journal.

static inline void ecs_write_entity(v_writer *writer, v_entity entity)
{
    v_write_u32(writer, entity.index);
    v_write_u32(writer, entity.generation);
}

/// Whether public calls are to be journaled now.
static inline bool ecs_journaling(const v_world *world)
{
    return ECS_UNLIKELY((world->guard & ECS_GUARD_JOURNAL) != 0) && !world->in_tick && world->observer_depth == 0;
}

/// Runs of set bits: false at the end, else a maximal run from *begin on that does not cross a multiple of `limit`
/// (a power of two, at least 64).
bool ecs_next_run(const uint64_t *words, uint32_t bit_count, uint32_t limit, uint32_t *begin, uint32_t *length);

#endif
