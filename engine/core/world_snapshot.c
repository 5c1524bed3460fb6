// Snapshot and restore: the whole state as canonical bytes, and back, all or nothing.
//
// Header: magic, version, layout hash (components, parts, tick rate), size and checksum of the body. Body: seed, tick,
// slots with generations and liveness, each component block by block, each part with its size.
#include "ecs_internal.h"

enum { SNAPSHOT_MAGIC = 0x50534e56 /* "VNSP" */, SNAPSHOT_VERSION = 1, HEADER_BYTES = 4 + 4 + 16 + 8 + 16 };
enum { SEGMENT_BYTES = 1 << 18, SEGMENTS_AT_ONCE = 128 };

/// Equal for two worlds that can read each other's snapshots.
static v_hash128 layout_hash(const v_world *world)
{
    v_hasher hasher;
    v_hasher_init(&hasher);
    v_hasher_u32(&hasher, world->tick_hz);
    v_hasher_u32(&hasher, world->type_count);
    for (uint32_t i = ECS_NAME; i < world->type_count; i++) {
        const v_component_info *info = world->types[i].info;
        v_hasher_u64(&hasher, world->types[i].name_hash);
        v_hasher_u32(&hasher, info->field_count);
        for (uint32_t f = 0; f < info->field_count; f++) {
            v_hasher_u64(&hasher, v_hash64_text(info->fields[f].name));
            v_hasher_u32(&hasher, (uint32_t)info->fields[f].kind);
            v_hasher_u32(&hasher, info->fields[f].count);
        }
    }
    v_hasher_u32(&hasher, world->part_count);
    for (uint32_t i = 0; i < world->part_count; i++) {
        v_hasher_u64(&hasher, v_hash64_text(world->parts[i].name));
        v_hasher_u32(&hasher, world->parts[i].version);
        v_hasher_u32(&hasher, world->parts[i].save != NULL);
    }
    return v_hasher_finish(&hasher);
}

static void write_hash(v_writer *writer, v_hash128 hash)
{
    v_write_u64(writer, hash.low);
    v_write_u64(writer, hash.high);
}

typedef struct checksum_task {
    const uint8_t *data;
    size_t size_bytes;
    v_hash128 *sums;
} checksum_task;

static void sum_segments(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const checksum_task *task = data;
    for (uint32_t i = begin; i < end; i++) {
        size_t at = (size_t)i * SEGMENT_BYTES, left = task->size_bytes - at;
        task->sums[i] = v_hash_bytes(task->data + at, left < SEGMENT_BYTES ? left : SEGMENT_BYTES);
    }
}

v_hash128 ecs_snapshot_checksum(v_jobs *jobs, const uint8_t *data, size_t size_bytes)
{
    v_hasher hasher;
    v_hasher_init(&hasher);
    v_hasher_u64(&hasher, size_bytes);
    v_hash128 sums[SEGMENTS_AT_ONCE];
    while (size_bytes != 0) {
        const size_t most = (size_t)SEGMENT_BYTES * SEGMENTS_AT_ONCE;
        checksum_task task = { .data = data, .size_bytes = size_bytes < most ? size_bytes : most, .sums = sums };
        uint32_t segments = (uint32_t)((task.size_bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
        v_jobs_for(jobs, segments, 1, sum_segments, &task);
        for (uint32_t i = 0; i < segments; i++) {
            v_hasher_u64(&hasher, sums[i].low);
            v_hasher_u64(&hasher, sums[i].high);
        }
        data += task.size_bytes;
        size_bytes -= task.size_bytes;
    }
    return v_hasher_finish(&hasher);
}

/// Write `value` over eight bytes written earlier.
static void patch_u64(v_writer *writer, size_t at, uint64_t value)
{
    if (writer->status == V_OK) {
        size_t size_bytes = writer->size_bytes;
        writer->size_bytes = at;
        v_write_u64(writer, value);
        writer->size_bytes = size_bytes;
    }
}

/// Make room for what is certain to come, so that a first snapshot does not copy itself while it grows.
static void reserve_bytes(const v_world *world, v_writer *writer)
{
    size_t needed = HEADER_BYTES + (size_t)world->store.slot_count * 5;
    for (uint32_t i = ECS_NAME; i < world->type_count; i++) {
        size_t blocks = (world->store.slot_count >> ECS_BLOCK_SHIFT) + 1;
        needed += (size_t)world->store.columns[i].count * world->types[i].encoded_bytes + blocks * 256;
    }
    if (writer->status != V_OK || writer->capacity_bytes - writer->size_bytes >= needed) {
        return;
    }
    uint8_t *grown =
        v_realloc(writer->allocator, writer->data, writer->capacity_bytes, writer->size_bytes + needed, 16);
    if (grown == NULL) {
        writer->status = V_ERROR_OUT_OF_MEMORY;
        return;
    }
    writer->data = grown;
    writer->capacity_bytes = writer->size_bytes + needed;
}

static void write_slots(const v_world *world, v_writer *writer)
{
    const ecs_store *store = &world->store;
    v_write_u32(writer, store->slot_count);
    uint32_t generations[ECS_BLOCK_SLOTS];
    for (uint32_t base = 0; base < store->slot_count; base += ECS_BLOCK_SLOTS) {
        uint32_t slots = store->slot_count - base < ECS_BLOCK_SLOTS ? store->slot_count - base : ECS_BLOCK_SLOTS;
        for (uint32_t i = 0; i < slots; i++) {
            generations[i] = store->ids[base + i].generation;
        }
        v_write_words(writer, generations, slots);
    }
    for (uint32_t index = 0; index < store->slot_count; index += 64) {
        v_write_u64(writer, *ecs_word(store, ECS_ALIVE, index));
    }
}

static void write_values(const ecs_type *type, const ecs_column *column, uint32_t base, const uint64_t *words,
                         v_writer *writer)
{
    uint8_t encoded[ECS_COMPONENT_BYTES_MAX];
    uint32_t begin = 0, length = 0;
    for (; ecs_next_run(words, ECS_BLOCK_SLOTS, 1u << column->page_shift, &begin, &length); begin += length) {
        const uint8_t *values = ecs_place(column, base + begin);
        if (type->flat) {
            v_write_bytes(writer, values, (size_t)length * column->size_bytes);
            continue;
        }
        for (uint32_t i = 0; i < length; i++) {
            ecs_encode(type, values + (size_t)i * column->size_bytes, encoded);
            v_write_bytes(writer, encoded, type->encoded_bytes);
        }
    }
}

/// Blocks that have the component: block number + 1, presence words, values. Then a zero.
static void write_component(const v_world *world, uint32_t ordinal, v_writer *writer)
{
    const ecs_store *store = &world->store;
    for (uint32_t base = 0; base < store->slot_count; base += ECS_BLOCK_SLOTS) {
        const uint64_t *words = ecs_word(store, ordinal, base);
        if (!ecs_any(words)) {
            continue;
        }
        v_write_u32(writer, (base >> ECS_BLOCK_SHIFT) + 1);
        for (uint32_t w = 0; w < ECS_BLOCK_WORDS; w++) {
            v_write_u64(writer, words[w]);
        }
        if (store->columns[ordinal].size_bytes != 0) {
            write_values(&world->types[ordinal], &store->columns[ordinal], base, words, writer);
        }
    }
    v_write_u32(writer, 0);
}

static void write_part(const v_world_part *part, v_writer *writer)
{
    size_t size_at = writer->size_bytes;
    v_write_u64(writer, 0);
    if (part->save != NULL) {
        part->save(part->state, writer);
    }
    patch_u64(writer, size_at, writer->size_bytes - size_at - 8);
}

v_status v_world_snapshot(const v_world *world, v_writer *writer)
{
    V_TRY(ecs_check_world(world, "v_world_snapshot"));
    if (writer == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_snapshot: writer is null");
    }
    if (world->in_tick || world->observer_depth != 0) {
        return v_fail(V_ERROR_STATE, "v_world_snapshot: in the middle of tick %llu; snapshots are of whole ticks",
                      (unsigned long long)world->tick);
    }
    size_t start = writer->size_bytes;
    reserve_bytes(world, writer);
    v_write_u32(writer, SNAPSHOT_MAGIC);
    v_write_u32(writer, SNAPSHOT_VERSION);
    write_hash(writer, layout_hash(world));
    v_write_u64(writer, 0);
    write_hash(writer, (v_hash128){ 0 });
    v_write_u64(writer, world->seed);
    v_write_u64(writer, world->tick);
    write_slots(world, writer);
    for (uint32_t i = ECS_NAME; i < world->type_count; i++) {
        write_component(world, i, writer);
    }
    for (uint32_t i = 0; i < world->part_count; i++) {
        write_part(&world->parts[i], writer);
    }
    if (writer->status != V_OK) {
        v_status status = writer->status;
        writer->size_bytes = start;
        return v_fail(status, "v_world_snapshot: %s", v_status_name(status));
    }
    size_t body = start + HEADER_BYTES;
    v_hash128 checksum = ecs_snapshot_checksum(world->jobs, writer->data + body, writer->size_bytes - body);
    patch_u64(writer, start + 24, writer->size_bytes - body);
    patch_u64(writer, start + 32, checksum.low);
    patch_u64(writer, start + 40, checksum.high);
    return V_OK;
}

// Restore.
//
static v_status check_header(const v_world *world, v_reader *reader)
{
    if (reader->size_bytes < HEADER_BYTES || v_read_u32(reader) != SNAPSHOT_MAGIC) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: these %zu bytes are no snapshot", reader->size_bytes);
    }
    uint32_t version = v_read_u32(reader);
    if (version != SNAPSHOT_VERSION) {
        return v_fail(V_ERROR_UNSUPPORTED, "v_world_restore: snapshot version %u, this build reads %d", version,
                      SNAPSHOT_VERSION);
    }
    v_hash128 layout = { .low = v_read_u64(reader) };
    layout.high = v_read_u64(reader);
    if (!v_hash128_equal(layout, layout_hash(world))) {
        return v_fail(V_ERROR_MISMATCH, "v_world_restore: the snapshot is from a world with other components, parts "
                                        "or tick rate; register and attach the same ones in the same order");
    }
    uint64_t body_bytes = v_read_u64(reader);
    v_hash128 checksum = { .low = v_read_u64(reader) };
    checksum.high = v_read_u64(reader);
    if (body_bytes != v_reader_left(reader)) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: the snapshot says %llu bytes, here are %zu",
                      (unsigned long long)body_bytes, v_reader_left(reader));
    }
    const uint8_t *body = reader->data + reader->position;
    if (!v_hash128_equal(checksum, ecs_snapshot_checksum(world->jobs, body, v_reader_left(reader)))) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: the snapshot is damaged: its checksum does not match");
    }
    return V_OK;
}

/// Bits of slots that exist: of word `index` / 64 all below slot_count, without slot 0.
static uint64_t legal_bits(uint32_t slot_count, uint32_t index)
{
    uint64_t bits = slot_count - index >= 64 ? UINT64_MAX : (1ull << (slot_count - index)) - 1;
    return index == 0 ? bits & ~1ull : bits;
}

static v_status read_slots(const v_world *world, ecs_store *store, v_reader *reader)
{
    uint32_t slot_count = v_read_u32(reader);
    if (slot_count == 0 || slot_count > world->entities_max + 1 || v_reader_left(reader) / 4 < slot_count) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: %u slots; the world's entities_max is %u", slot_count,
                      world->entities_max);
    }
    V_TRY(ecs_store_reserve(world, store, slot_count));
    ecs_store_clear(store);
    store->slot_count = slot_count;
    uint32_t generations[ECS_BLOCK_SLOTS];
    for (uint32_t i = 0; i < slot_count; i++) {
        if (i % ECS_BLOCK_SLOTS == 0) {
            uint32_t left = slot_count - i;
            v_read_words(reader, generations, left < ECS_BLOCK_SLOTS ? left : ECS_BLOCK_SLOTS);
        }
        store->ids[i] = (v_entity){ .index = i, .generation = generations[i % ECS_BLOCK_SLOTS] };
        if ((store->ids[i].generation == 0) != (i == 0)) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: slot %u has generation %u", i, store->ids[i].generation);
        }
    }
    for (uint32_t index = 0; index < slot_count; index += 64) {
        uint64_t alive = v_read_u64(reader), legal = legal_bits(slot_count, index);
        if ((alive & ~legal) != 0) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: liveness of slots that do not exist, near %u", index);
        }
        *ecs_word(store, ECS_ALIVE, index) = alive;
        store->alive_count += (uint32_t)__builtin_popcountll(alive);
        for (uint64_t dead = legal & ~alive; dead != 0; dead &= dead - 1) {
            uint32_t slot = index + (uint32_t)__builtin_ctzll(dead);
            if (store->ids[slot].generation != UINT32_MAX) {
                ecs_store_mark_free(store, slot);
            }
            store->ids[slot].index = 0;
        }
    }
    return reader->status;
}

static v_status read_values(const ecs_type *type, ecs_store *store, const ecs_column *column, uint32_t base,
                            const uint64_t *words, v_reader *reader)
{
    uint32_t begin = 0, length = 0;
    for (; ecs_next_run(words, ECS_BLOCK_SLOTS, 1u << column->page_shift, &begin, &length); begin += length) {
        uint8_t *values = ecs_place(column, base + begin);
        uint32_t *stamps = ecs_stamp(column, base + begin);
        for (uint32_t i = 0; i < length; i++) {
            stamps[i] = store->ids[base + begin + i].generation;
        }
        size_t size_bytes = (size_t)length * type->encoded_bytes;
        if (v_reader_left(reader) < size_bytes) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: the values of component %s end early", type->info->name);
        }
        if (type->flat && !type->checked) {
            (void)v_read_bytes(reader, values, size_bytes);
            continue;
        }
        for (uint32_t i = 0; i < length; i++) {
            if (!ecs_decode(type, reader->data + reader->position, values + (size_t)i * column->size_bytes)) {
                return V_ERROR_BAD_INPUT;
            }
            reader->position += type->encoded_bytes;
        }
    }
    return V_OK;
}

static v_status read_component(const v_world *world, ecs_store *store, uint32_t ordinal, v_reader *reader)
{
    const ecs_type *type = &world->types[ordinal];
    ecs_column *column = &store->columns[ordinal];
    uint32_t last = 0;
    for (;;) {
        uint32_t block = v_read_u32(reader);
        bool in_order = block > last && block <= (store->slot_count + ECS_BLOCK_SLOTS - 1) >> ECS_BLOCK_SHIFT;
        if (reader->status != V_OK || (block != 0 && !in_order)) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: component %s, block %u after %u", type->info->name,
                          block, last);
        }
        if (block == 0) {
            return V_OK;
        }
        last = block;
        uint32_t base = (block - 1) << ECS_BLOCK_SHIFT;
        uint64_t *words = ecs_word(store, ordinal, base);
        const uint64_t *alive = ecs_word(store, ECS_ALIVE, base);
        for (uint32_t w = 0; w < ECS_BLOCK_WORDS; w++) {
            words[w] = v_read_u64(reader);
            if ((words[w] & ~alive[w]) != 0) {
                return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: component %s on dead entities near %u",
                              type->info->name, base + w * 64);
            }
            column->count += (uint32_t)__builtin_popcountll(words[w]);
        }
        if (column->size_bytes == 0) {
            continue;
        }
        for (uint32_t slot = 0; slot < ECS_BLOCK_SLOTS; slot += 1u << column->page_shift) {
            if (ecs_store_make_page(world, store, ordinal, base + slot) == NULL) {
                return V_ERROR_OUT_OF_MEMORY;
            }
        }
        V_TRY(read_values(type, store, column, base, words, reader));
    }
}

/// The sizes of the parts' sections must add up to what is left, before any part is touched.
static v_status check_parts(const v_world *world, v_reader reader)
{
    for (uint32_t i = 0; i < world->part_count; i++) {
        uint64_t size_bytes = v_read_u64(&reader);
        if (reader.status != V_OK || size_bytes > v_reader_left(&reader) ||
            (size_bytes != 0 && world->parts[i].load == NULL)) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: part %s ends early", world->parts[i].name);
        }
        reader.position += (size_t)size_bytes;
    }
    if (v_reader_left(&reader) != 0) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: %zu bytes too many", v_reader_left(&reader));
    }
    return V_OK;
}

/// `*out_changed`: the part took the data, even if what follows is an error.
static v_status load_part(const v_world_part *part, const uint8_t *data, size_t size_bytes, bool *out_changed)
{
    v_reader reader = { .data = data, .size_bytes = size_bytes };
    v_status status = part->load(part->state, &reader);
    *out_changed = status == V_OK;
    if (status == V_OK && (reader.status != V_OK || v_reader_left(&reader) != 0)) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: part %s does not take its %zu bytes exactly", part->name,
                      size_bytes);
    }
    return status;
}

static v_status save_parts(v_world *world, size_t starts[ECS_PARTS_MAX + 1])
{
    world->backup.size_bytes = 0;
    world->backup.status = V_OK;
    for (uint32_t i = 0; i < world->part_count; i++) {
        starts[i] = world->backup.size_bytes;
        if (world->parts[i].save != NULL) {
            world->parts[i].save(world->parts[i].state, &world->backup);
        }
    }
    starts[world->part_count] = world->backup.size_bytes;
    return world->backup.status;
}

/// Load the parts one by one; when one refuses, bring back those before it.
static v_status read_parts(v_world *world, v_reader *reader)
{
    size_t starts[ECS_PARTS_MAX + 1];
    bool changed[ECS_PARTS_MAX] = { false };
    V_TRY(save_parts(world, starts));
    v_status status = V_OK;
    for (uint32_t i = 0; i < world->part_count && status == V_OK; i++) {
        size_t size_bytes = (size_t)v_read_u64(reader);
        if (world->parts[i].load != NULL) {
            status = load_part(&world->parts[i], reader->data + reader->position, size_bytes, &changed[i]);
        }
        reader->position += size_bytes;
    }
    for (uint32_t i = 0; status != V_OK && i < world->part_count; i++) {
        bool restored = true;
        if (changed[i]) {
            (void)load_part(&world->parts[i], world->backup.data + starts[i], starts[i + 1] - starts[i], &restored);
        }
        if (!restored) {
            V_LOG_ERROR(world->log, "world", "part %s cannot read what it wrote: its state is not the world's any more",
                        world->parts[i].name);
        }
    }
    return status;
}

static void swap_stores(v_world *world)
{
    ecs_store old = world->store;
    world->store = world->spare;
    world->spare = old;
    for (uint32_t i = 0; i < world->type_count; i++) {
        world->versions[i]++;
    }
}

static v_status read_body(v_world *world, v_reader *reader)
{
    uint64_t seed = v_read_u64(reader), tick = v_read_u64(reader);
    V_TRY(read_slots(world, &world->spare, reader));
    for (uint32_t i = ECS_NAME; i < world->type_count; i++) {
        V_TRY(read_component(world, &world->spare, i, reader));
    }
    V_TRY(ecs_check_nodes(&world->spare));
    V_TRY(ecs_index_names(world, &world->spare));
    V_TRY(check_parts(world, *reader));
    uint64_t old_seed = world->seed, old_tick = world->tick;
    // The parts see the restored entities while they load.
    swap_stores(world);
    world->seed = seed;
    world->tick = tick;
    v_status status = read_parts(world, reader);
    if (status != V_OK) {
        swap_stores(world);
        world->seed = old_seed;
        world->tick = old_tick;
    }
    return status;
}

v_status v_world_restore(v_world *world, const void *data, size_t size_bytes)
{
    V_TRY(ecs_check_change(world, "v_world_restore"));
    if (data == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_world_restore: data is null");
    }
    if (world->in_tick) {
        return v_fail(V_ERROR_STATE, "v_world_restore: in the middle of tick %llu", (unsigned long long)world->tick);
    }
    v_reader reader = { .data = data, .size_bytes = size_bytes };
    V_TRY(check_header(world, &reader));
    return read_body(world, &reader);
}
