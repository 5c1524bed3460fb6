// The state hash: XXH3-128 over canonical bytes, block by block on the world's jobs, in a tree of fixed shape.
#include "ecs_internal.h"

enum { GROUP_BLOCKS = 256, VALUES_BYTES = 4096 };

typedef struct block_task {
    const v_world *world;
    uint32_t first_block;
    v_hash128 *hashes;
} block_task;

/// Values that are not canonical in memory: encode them a few at a time.
static void hash_encoded(const ecs_type *type, const uint8_t *values, uint32_t count, v_hasher *hasher)
{
    uint8_t encoded[ECS_COMPONENT_BYTES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        ecs_encode(type, values + (size_t)i * type->info->size_bytes, encoded);
        v_hasher_bytes(hasher, encoded, type->encoded_bytes);
    }
}

static void hash_values(const ecs_type *type, const ecs_column *column, uint32_t base, const uint64_t *words,
                        v_hasher *hasher)
{
    uint32_t begin = 0, length = 0;
    for (; ecs_next_run(words, ECS_BLOCK_SLOTS, 1u << column->page_shift, &begin, &length); begin += length) {
        const uint8_t *values = ecs_place(column, base + begin);
        if (type->flat) {
            v_hasher_bytes(hasher, values, (size_t)length * column->size_bytes);
        } else {
            hash_encoded(type, values, length, hasher);
        }
    }
}

static v_hash128 hash_block(const v_world *world, uint32_t block)
{
    const ecs_store *store = &world->store;
    uint32_t base = block << ECS_BLOCK_SHIFT;
    uint32_t slots = store->slot_count - base < ECS_BLOCK_SLOTS ? store->slot_count - base : ECS_BLOCK_SLOTS;
    v_hasher hasher;
    v_hasher_init(&hasher);
    uint32_t generations[ECS_BLOCK_SLOTS];
    for (uint32_t i = 0; i < slots; i++) {
        generations[i] = store->ids[base + i].generation;
    }
    v_hasher_words(&hasher, generations, slots);
    for (uint32_t ordinal = ECS_ALIVE; ordinal < world->type_count; ordinal++) {
        const uint64_t *words = ecs_word(store, ordinal, base);
        if (!ecs_any(words)) {
            continue; // a component that nobody has leaves no trace
        }
        v_hasher_u64(&hasher, world->types[ordinal].name_hash);
        for (uint32_t w = 0; w < ECS_BLOCK_WORDS; w++) {
            v_hasher_u64(&hasher, words[w]);
        }
        if (store->columns[ordinal].size_bytes != 0) {
            hash_values(&world->types[ordinal], &store->columns[ordinal], base, words, &hasher);
        }
    }
    return v_hasher_finish(&hasher);
}

static void hash_blocks(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const block_task *task = data;
    for (uint32_t i = begin; i < end; i++) {
        task->hashes[i] = hash_block(task->world, task->first_block + i);
    }
}

v_hash128 v_world_hash(const v_world *world)
{
    v_hasher hasher;
    v_hasher_init(&hasher);
    if (world == NULL) {
        return v_hasher_finish(&hasher);
    }
    v_hasher_u64(&hasher, world->seed);
    v_hasher_u64(&hasher, world->tick);
    v_hasher_u32(&hasher, world->store.slot_count);
    uint32_t blocks = (world->store.slot_count + ECS_BLOCK_SLOTS - 1) >> ECS_BLOCK_SHIFT;
    // On the stack, so that any number of threads may hash one world, and nothing is allocated.
    v_hash128 hashes[GROUP_BLOCKS];
    for (uint32_t first = 0; first < blocks; first += GROUP_BLOCKS) {
        uint32_t count = blocks - first < GROUP_BLOCKS ? blocks - first : GROUP_BLOCKS;
        block_task task = { .world = world, .first_block = first, .hashes = hashes };
        v_jobs_for(world->jobs, count, 8, hash_blocks, &task);
        for (uint32_t i = 0; i < count; i++) {
            v_hasher_u64(&hasher, hashes[i].low);
            v_hasher_u64(&hasher, hashes[i].high);
        }
    }
    for (uint32_t i = 0; i < world->part_count; i++) {
        const v_world_part *part = &world->parts[i];
        if (part->hash != NULL) {
            v_hasher_u64(&hasher, v_hash64_text(part->name));
            part->hash(part->state, &hasher);
        }
    }
    return v_hasher_finish(&hasher);
}

uint32_t v_world_hash_entity(const v_world *world, v_entity entity)
{
    v_hasher hasher;
    v_hasher_init(&hasher);
    v_hasher_u32(&hasher, entity.index);
    v_hasher_u32(&hasher, entity.generation);
    if (world == NULL || !ecs_is_alive(&world->store, entity)) {
        return (uint32_t)v_hasher_finish(&hasher).low;
    }
    for (uint32_t i = ECS_NAME; i < world->type_count; i++) {
        if (ecs_has(&world->store, i, entity.index)) {
            v_hasher_u64(&hasher, world->types[i].name_hash);
            if (world->store.columns[i].size_bytes != 0) {
                hash_encoded(&world->types[i], ecs_place(&world->store.columns[i], entity.index), 1, &hasher);
            }
        }
    }
    for (uint32_t i = 0; i < world->part_count; i++) {
        if (world->parts[i].hash_entity != NULL) {
            world->parts[i].hash_entity(world->parts[i].state, entity, &hasher);
        }
    }
    return (uint32_t)v_hasher_finish(&hasher).low;
}
