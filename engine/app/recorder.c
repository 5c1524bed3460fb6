// Writes recordings: a snapshot, then the journal and the state hash of each tick, streamed to a file.
#include "app_internal.h"

#include "recording.h"
#include "v/file.h"
#include "v/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct v_recorder {
    v_engine *engine;
    FILE *file;
    bool in_place; // a device or pipe: written to as it is, never replaced by a rename
    char path[4096], partial_path[4096 + 8];
    v_writer chunk;          // what the next tick writes
    v_hasher hasher;         // of every byte written
    uint32_t *entity_hashes; // RECORD_ENTITIES_MAX, by entity index: as last written
    uint64_t tick_count;
    v_status status;
};

void record_write_header(v_writer *writer, const record_header *header)
{
    v_write_u32(writer, RECORD_MAGIC);
    v_write_u32(writer, RECORD_VERSION);
    v_write_text(writer, header->engine_version);
    v_write_text(writer, header->title);
    v_write_u64(writer, header->seed);
    v_write_u64(writer, header->start_tick);
    v_write_u32(writer, header->tick_hz);
    const v_physics_desc *physics = &header->physics;
    const float gravity[3] = { physics->gravity_m_s2.x, physics->gravity_m_s2.y, physics->gravity_m_s2.z };
    v_write_words(writer, gravity, 3);
    v_write_u8(writer, physics->zero_gravity);
    v_write_u32(writer, physics->bodies_max);
    v_write_u32(writer, physics->solver_iterations);
    v_write_u32(writer, physics->velocity_iterations);
    v_write_u32(writer, physics->position_iterations);
    v_write_f32(writer, physics->warm_start_factor);
    v_write_f32(writer, physics->cell_m);
    v_write_u8(writer, physics->no_sleep);
    v_write_u64(writer, header->start_hash.low);
    v_write_u64(writer, header->start_hash.high);
}

v_status record_read_header(v_reader *reader, record_header *out_header)
{
    record_header header = { 0 };
    if (v_read_u32(reader) != RECORD_MAGIC) {
        return v_fail(V_ERROR_BAD_INPUT, "is not a recording (its first bytes are not \"VREC\")");
    }
    uint32_t version = v_read_u32(reader);
    if (version != RECORD_VERSION) {
        return v_fail(V_ERROR_BAD_INPUT, "is a recording of version %u, this engine reads version %u", version,
                      RECORD_VERSION);
    }
    v_read_text(reader, header.engine_version, sizeof(header.engine_version));
    v_read_text(reader, header.title, sizeof(header.title));
    header.seed = v_read_u64(reader);
    header.start_tick = v_read_u64(reader);
    header.tick_hz = v_read_u32(reader);
    v_physics_desc *physics = &header.physics;
    float gravity[3] = { 0 };
    v_read_words(reader, gravity, 3);
    physics->gravity_m_s2 = v_vec3_make(gravity[0], gravity[1], gravity[2]);
    physics->zero_gravity = v_read_u8(reader) != 0;
    physics->bodies_max = v_read_u32(reader);
    physics->solver_iterations = v_read_u32(reader);
    physics->velocity_iterations = v_read_u32(reader);
    physics->position_iterations = v_read_u32(reader);
    physics->warm_start_factor = v_read_f32(reader);
    physics->cell_m = v_read_f32(reader);
    physics->no_sleep = v_read_u8(reader) != 0;
    header.start_hash.low = v_read_u64(reader);
    header.start_hash.high = v_read_u64(reader);
    V_TRY(reader->status);
    if (header.physics.bodies_max > 1u << 20) {
        return v_fail(V_ERROR_BAD_INPUT, "names %u bodies at most, the engine's limit is %u", header.physics.bodies_max,
                      1u << 20);
    }
    // What v_physics_get_desc() says of a zero setting is given back in the form that v_physics_attach() takes it.
    physics->position_iterations = physics->position_iterations == 0 ? V_PHYSICS_NONE : physics->position_iterations;
    physics->warm_start_factor = physics->warm_start_factor == 0.0f ? -1.0f : physics->warm_start_factor;
    *out_header = header;
    return V_OK;
}

static void record_flush(v_recorder *recorder)
{
    if (recorder->status == V_OK && recorder->chunk.status != V_OK) {
        recorder->status = recorder->chunk.status;
    }
    size_t size_bytes = recorder->chunk.size_bytes;
    if (recorder->status == V_OK && fwrite(recorder->chunk.data, 1, size_bytes, recorder->file) != size_bytes) {
        recorder->status = v_fail(V_ERROR_IO, "%s: cannot write: %s", recorder->partial_path, strerror(errno));
    }
    // To the operating system after every tick: when the program dies, what was recorded is a replay of its death.
    if (recorder->status == V_OK && fflush(recorder->file) != 0) {
        recorder->status = v_fail(V_ERROR_IO, "%s: cannot write: %s", recorder->partial_path, strerror(errno));
    }
    v_hasher_bytes(&recorder->hasher, recorder->chunk.data, size_bytes);
    recorder->chunk.size_bytes = 0;
}

static void record_operation(void *user, uint16_t operation, const void *arguments, size_t size_bytes)
{
    v_recorder *recorder = user;
    if (operation == V_OP_NONE) {
        recorder->status = V_ERROR_OUT_OF_MEMORY;
        return;
    }
    if (size_bytes > RECORD_ARGUMENTS_MAX) {
        recorder->status = v_fail(V_ERROR_FULL, "operation %u has %zu bytes of arguments, a recording holds %u",
                                  operation, size_bytes, RECORD_ARGUMENTS_MAX);
        return;
    }
    v_write_u8(&recorder->chunk, RECORD_OPERATION);
    v_write_u16(&recorder->chunk, operation);
    v_write_u32(&recorder->chunk, (uint32_t)size_bytes);
    v_write_bytes(&recorder->chunk, arguments, size_bytes);
}

static void record_entity_hashes(v_recorder *recorder)
{
    v_world *world = recorder->engine->world;
    size_t count_at = recorder->chunk.size_bytes;
    uint32_t count = 0;
    v_write_u32(&recorder->chunk, 0);
    for (v_entity entity = v_entity_next(world, (v_entity){ 0 });
         !v_entity_is_null(entity) && entity.index < RECORD_ENTITIES_MAX; entity = v_entity_next(world, entity)) {
        uint32_t hash = v_world_hash_entity(world, entity);
        if (hash != recorder->entity_hashes[entity.index]) {
            recorder->entity_hashes[entity.index] = hash;
            v_write_u32(&recorder->chunk, entity.index);
            v_write_u32(&recorder->chunk, hash);
            count++;
        }
    }
    if (recorder->chunk.status == V_OK) {
        v_writer patch = { .data = recorder->chunk.data + count_at, .capacity_bytes = 4 };
        v_write_u32(&patch, count);
    }
}

static v_status record_start(v_recorder *recorder)
{
    v_engine *engine = recorder->engine;
    record_header header = {
        .seed = v_world_seed(engine->world),
        .start_tick = v_world_tick(engine->world),
        .tick_hz = v_world_tick_hz(engine->world),
        .physics = v_physics_get_desc(engine->world),
        .start_hash = v_world_hash(engine->world),
    };
    snprintf(header.engine_version, sizeof(header.engine_version), "%s", v_version());
    snprintf(header.title, sizeof(header.title), "%s", engine->game.title != NULL ? engine->game.title : "");
    record_write_header(&recorder->chunk, &header);
    size_t size_at = recorder->chunk.size_bytes;
    v_write_u64(&recorder->chunk, 0);
    V_TRY(v_world_snapshot(engine->world, &recorder->chunk));
    V_TRY(recorder->chunk.status);
    v_writer patch = { .data = recorder->chunk.data + size_at, .capacity_bytes = 8 };
    v_write_u64(&patch, recorder->chunk.size_bytes - size_at - 8);
    record_flush(recorder);
    return recorder->status;
}

// A recording begins between two ticks of a running game: a replay restores that state and never calls the setup.
static v_status check_recordable(const v_engine *engine)
{
    if (v_world_in_tick(engine->world)) {
        return v_fail(V_ERROR_STATE, "v_recorder_create: called inside a tick");
    }
    if (engine->game.setup != NULL && !engine->started) {
        return v_fail(V_ERROR_STATE,
                      "v_recorder_create: call v_engine_start before, a replay does not set up the game");
    }
    return engine->recorder == NULL ? V_OK
                                    : v_fail(V_ERROR_STATE, "v_recorder_create: this engine is being recorded already");
}

static v_status open_file(v_recorder *recorder, const char *path)
{
    struct stat info;
    recorder->in_place = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    int length = snprintf(recorder->path, sizeof(recorder->path), "%s", path);
    if ((size_t)length >= sizeof(recorder->path)) {
        return v_fail(V_ERROR_FULL, "recording path of %d bytes is too long", length);
    }
    snprintf(recorder->partial_path, sizeof(recorder->partial_path), "%s%s", path, recorder->in_place ? "" : ".part");
    recorder->file = fopen(recorder->partial_path, "wb");
    return recorder->file != NULL ? V_OK
                                  : v_fail(V_ERROR_IO, "%s: cannot write: %s", recorder->partial_path, strerror(errno));
}

v_status v_recorder_create(v_engine *engine, const char *path, v_recorder **out_recorder)
{
    if (engine == NULL || path == NULL || path[0] == '\0' || out_recorder == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_recorder_create: engine, path and out_recorder must be given");
    }
    V_TRY(check_recordable(engine));
    v_recorder *recorder = V_NEW(engine->allocator, v_recorder);
    if (recorder == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    recorder->engine = engine;
    recorder->chunk.allocator = engine->allocator;
    v_hasher_init(&recorder->hasher);
    recorder->entity_hashes = V_NEW_ARRAY(engine->allocator, uint32_t, RECORD_ENTITIES_MAX);
    v_status status = recorder->entity_hashes != NULL ? open_file(recorder, path) : V_ERROR_OUT_OF_MEMORY;
    status = status == V_OK ? record_start(recorder) : status;
    if (status != V_OK) {
        recorder->status = status;
        (void)v_recorder_destroy(recorder);
        return status;
    }
    v_world_set_journal(engine->world, record_operation, recorder);
    engine->recorder = recorder;
    *out_recorder = recorder;
    return V_OK;
}

v_status v_recorder_tick(v_recorder *recorder, v_hash128 hash)
{
    if (recorder == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_recorder_tick: recorder is null");
    }
    v_write_u8(&recorder->chunk, RECORD_TICK);
    v_write_u64(&recorder->chunk, hash.low);
    v_write_u64(&recorder->chunk, hash.high);
    if (v_entity_count(recorder->engine->world) < RECORD_ENTITIES_MAX) {
        record_entity_hashes(recorder);
    } else {
        v_write_u32(&recorder->chunk, 0);
    }
    recorder->tick_count++;
    record_flush(recorder);
    return recorder->status;
}

static void record_finish(v_recorder *recorder)
{
    v_hash128 hash = v_hasher_finish(&recorder->hasher);
    v_write_u8(&recorder->chunk, RECORD_END);
    v_write_u64(&recorder->chunk, recorder->tick_count);
    v_write_u64(&recorder->chunk, hash.low);
    v_write_u64(&recorder->chunk, hash.high);
    record_flush(recorder);
}

v_status v_recorder_destroy(v_recorder *recorder)
{
    if (recorder == NULL) {
        return V_OK;
    }
    const v_allocator *allocator = recorder->engine->allocator;
    if (recorder->file != NULL) {
        v_world_set_journal(recorder->engine->world, NULL, NULL);
        recorder->engine->recorder = NULL;
        record_finish(recorder);
        if (fclose(recorder->file) != 0 && recorder->status == V_OK) {
            recorder->status = v_fail(V_ERROR_IO, "%s: cannot write: %s", recorder->partial_path, strerror(errno));
        }
        if (recorder->status == V_OK && !recorder->in_place && rename(recorder->partial_path, recorder->path) != 0) {
            recorder->status = v_fail(V_ERROR_IO, "%s: cannot write: %s", recorder->path, strerror(errno));
        }
        if (recorder->status != V_OK && !recorder->in_place) {
            (void)unlink(recorder->partial_path);
        }
    }
    v_status status = recorder->status;
    v_writer_destroy(&recorder->chunk);
    V_DELETE_ARRAY(allocator, recorder->entity_hashes, RECORD_ENTITIES_MAX);
    V_DELETE(allocator, recorder);
    return status;
}
