// Runs a recording again and compares each tick's state hash with the recorded one.
#include "app_internal.h"

#include "recording.h"
#include "v/file.h"
#include "v/manifest.h"

#include <stdio.h>
#include <string.h>

typedef struct app_replay {
    const v_replay_desc *desc;
    v_engine *engine;
    v_reader reader;
    uint64_t tick_count;     // what the end mark says; 0 when there is none
    uint32_t *entity_hashes; // RECORD_ENTITIES_MAX, as recorded up to this tick
    v_replay_result result;
} app_replay;

v_status app_replay_operation(v_engine *engine, uint16_t operation, const void *arguments, size_t size_bytes)
{
    // Ids are grouped by module, see v/manifest.h.
    switch (operation >> 8) {
    case 0:
        return v_world_replay(engine->world, operation, arguments, size_bytes);
    case 1:
        return v_physics_replay_operation(engine->world, operation, arguments, size_bytes);
    default:
        return operation == V_OP_INPUT_SET ? app_input_replay(engine, arguments, size_bytes)
                                           : v_fail(V_ERROR_BAD_INPUT, "unknown operation %u", operation);
    }
}

// The recorded entity hashes of this tick: into the table, checked.
static v_status read_entity_hashes(app_replay *replay)
{
    uint32_t count = v_read_u32(&replay->reader);
    for (uint32_t i = 0; i < count && replay->reader.status == V_OK; i++) {
        uint32_t index = v_read_u32(&replay->reader);
        uint32_t hash = v_read_u32(&replay->reader);
        if (index >= RECORD_ENTITIES_MAX) {
            return v_fail(V_ERROR_BAD_INPUT, "entity index %u at offset %zu is too large", index,
                          replay->reader.position);
        }
        replay->entity_hashes[index] = hash;
    }
    return replay->reader.status;
}

static void name_differing_entity(app_replay *replay)
{
    v_world *world = replay->engine->world;
    if (v_entity_count(world) >= RECORD_ENTITIES_MAX) {
        return; // recorded without entity hashes: there is nothing to compare with
    }
    for (v_entity entity = v_entity_next(world, (v_entity){ 0 });
         !v_entity_is_null(entity) && entity.index < RECORD_ENTITIES_MAX; entity = v_entity_next(world, entity)) {
        if (v_world_hash_entity(world, entity) != replay->entity_hashes[entity.index]) {
            replay->result.differing_entity = entity;
            snprintf(replay->result.differing_name, sizeof(replay->result.differing_name), "%s",
                     v_entity_name(world, entity));
            return;
        }
    }
}

static v_status replay_operation(app_replay *replay)
{
    uint16_t operation = v_read_u16(&replay->reader);
    uint32_t size_bytes = v_read_u32(&replay->reader);
    if (replay->reader.status == V_OK && size_bytes > v_reader_left(&replay->reader)) {
        replay->reader.status = v_fail(V_ERROR_BAD_INPUT, "operation of %u bytes at offset %zu is cut off", size_bytes,
                                       replay->reader.position);
    }
    V_TRY(replay->reader.status);
    const uint8_t *arguments = replay->reader.data + replay->reader.position;
    replay->reader.position += size_bytes;
    // A call that failed when it was recorded fails again, and that is part of the run. A malformed one is not.
    v_status status = app_replay_operation(replay->engine, operation, arguments, size_bytes);
    return status == V_ERROR_BAD_INPUT || status == V_ERROR_UNSUPPORTED || status == V_ERROR_OUT_OF_MEMORY ? status
                                                                                                           : V_OK;
}

static v_status replay_tick(app_replay *replay)
{
    v_hash128 recorded = { .low = v_read_u64(&replay->reader) };
    recorded.high = v_read_u64(&replay->reader);
    V_TRY(read_entity_hashes(replay));
    V_TRY(v_engine_tick(replay->engine));
    replay->result.ticks++;
    replay->result.final_hash = v_world_hash(replay->engine->world);
    if (!v_hash128_equal(recorded, replay->result.final_hash)) {
        replay->result.identical = false;
        replay->result.differing_tick = v_world_tick(replay->engine->world);
        name_differing_entity(replay);
    }
    if (replay->desc->after_tick != NULL) {
        replay->desc->after_tick(replay->desc->user, replay->engine, replay->result.ticks, replay->tick_count);
    }
    return V_OK;
}

// The end mark is the last 25 bytes of a finished recording.
static void find_end(app_replay *replay)
{
    const size_t end_bytes = RECORD_END_BYTES;
    replay->result.unfinished = true;
    if (replay->reader.size_bytes < end_bytes ||
        replay->reader.data[replay->reader.size_bytes - end_bytes] != RECORD_END) {
        return;
    }
    size_t body_bytes = replay->reader.size_bytes - end_bytes;
    v_reader end = { .data = replay->reader.data + body_bytes + 1, .size_bytes = end_bytes - 1 };
    uint64_t ticks = v_read_u64(&end);
    v_hash128 hash = { .low = v_read_u64(&end) };
    hash.high = v_read_u64(&end);
    if (v_hash128_equal(hash, v_hash_bytes(replay->reader.data, body_bytes))) {
        replay->result.unfinished = false;
        replay->tick_count = ticks;
    }
}

// The end mark: right where find_end() found it, else cut off in its midst, else not fitting what stands before it.
static v_status replay_end(app_replay *replay)
{
    uint8_t end[RECORD_END_BYTES - 1];
    if (!v_read_bytes(&replay->reader, end, sizeof(end))) {
        return replay->reader.status;
    }
    return !replay->result.unfinished && v_reader_left(&replay->reader) == 0
               ? V_OK
               : v_fail(V_ERROR_BAD_INPUT, "is damaged: the checksum in its end mark does not fit its content");
}

static v_status replay_chunks(app_replay *replay)
{
    while (replay->result.identical && v_reader_left(&replay->reader) > 0) {
        uint8_t tag = v_read_u8(&replay->reader);
        v_status status = V_OK;
        if (tag == RECORD_OPERATION) {
            status = replay_operation(replay);
        } else if (tag == RECORD_TICK) {
            status = replay_tick(replay);
        } else if (tag == RECORD_END) {
            status = replay_end(replay);
        } else {
            status = v_fail(V_ERROR_BAD_INPUT, "unknown chunk %u at offset %zu", tag, replay->reader.position - 1);
        }
        // What was being written when the writer died is passed over.
        bool cut_off = replay->result.unfinished && replay->reader.status != V_OK;
        if (status != V_OK) {
            return cut_off ? V_OK : status;
        }
    }
    if (replay->result.identical && !replay->result.unfinished && replay->result.ticks != replay->tick_count) {
        return v_fail(V_ERROR_BAD_INPUT, "holds %llu ticks, its end mark says %llu",
                      (unsigned long long)replay->result.ticks, (unsigned long long)replay->tick_count);
    }
    return V_OK;
}

static v_status replay_start(app_replay *replay)
{
    record_header header;
    V_TRY(record_read_header(&replay->reader, &header));
    if (strcmp(header.engine_version, v_version()) != 0) {
        V_LOG_WARN(replay->desc->log, "replay", "recorded by engine %s, this is %s", header.engine_version,
                   v_version());
    }
    const v_game *game = replay->desc->game;
    const char *title = game != NULL && game->title != NULL ? game->title : "";
    // The header keeps the beginning of a long title.
    if (strncmp(header.title, title, sizeof(header.title) - 1) != 0) {
        return v_fail(V_ERROR_BAD_INPUT, "was recorded by the game \"%s\", replay it with that program's --replay",
                      header.title);
    }
    uint64_t snapshot_bytes = v_read_u64(&replay->reader);
    V_TRY(replay->reader.status);
    if (snapshot_bytes > v_reader_left(&replay->reader)) {
        return v_fail(V_ERROR_BAD_INPUT, "snapshot of %llu bytes is cut off", (unsigned long long)snapshot_bytes);
    }
    v_engine_desc engine = {
        .allocator = replay->desc->allocator,
        .log = replay->desc->log,
        .threads = replay->desc->threads,
        .seed = header.seed,
        .game = game,
    };
    V_TRY(app_engine_create_bare(&engine, &header.physics, &replay->engine));
    const uint8_t *snapshot = replay->reader.data + replay->reader.position;
    V_TRY(v_world_restore(replay->engine->world, snapshot, (size_t)snapshot_bytes));
    replay->reader.position += (size_t)snapshot_bytes;
    replay->engine->started = true;
    replay->result.final_hash = v_world_hash(replay->engine->world);
    if (!v_hash128_equal(replay->result.final_hash, header.start_hash)) {
        return v_fail(V_ERROR_BAD_INPUT, "the restored snapshot has another state hash than the recording says");
    }
    return V_OK;
}

v_status v_replay(const v_replay_desc *desc, v_replay_result *out_result)
{
    if (desc == NULL || desc->path == NULL || out_result == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_replay: desc, desc->path and out_result must not be null");
    }
    v_file_map map = { 0 };
    if (desc->data == NULL) {
        V_TRY(v_file_map_open(desc->path, &map));
    }
    app_replay replay = {
        .desc = desc,
        .reader = { .data = desc->data != NULL ? desc->data : map.data,
                    .size_bytes = desc->data != NULL ? desc->size_bytes : map.size_bytes },
        .result = { .identical = true },
    };
    replay.entity_hashes = V_NEW_ARRAY(desc->allocator, uint32_t, RECORD_ENTITIES_MAX);
    find_end(&replay);
    v_status status = replay.entity_hashes != NULL ? replay_start(&replay) : V_ERROR_OUT_OF_MEMORY;
    status = status == V_OK ? replay_chunks(&replay) : status;
    if (status == V_ERROR_BAD_INPUT) {
        (void)v_fail(status, "%s: %s", desc->path, v_status_message());
    }
    v_engine_destroy(replay.engine);
    V_DELETE_ARRAY(desc->allocator, replay.entity_hashes, RECORD_ENTITIES_MAX);
    v_file_map_close(&map);
    if (status == V_OK) {
        *out_result = replay.result;
    }
    return status;
}
