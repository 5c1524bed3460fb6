// The .vrec format, shared by recorder and replay. docs/specs/recording.md describes it.
#ifndef V_APP_RECORDING_H
#define V_APP_RECORDING_H

#include "v/physics.h"

// Little-endian. Header: magic, version, flags, engine version, title, seed, tick_hz, start tick, physics settings,
// state hash of the snapshot, snapshot size, snapshot. Then chunks, each a tag byte:
//   RECORD_OPERATION  u16 operation, u32 size, arguments
//   RECORD_TICK       hash128 after the tick, u32 count, count × (u32 entity index, u32 entity hash) that changed
//   RECORD_END        u64 ticks, hash128 of every byte before this chunk
#define RECORD_MAGIC         0x43455256u // "VREC"
#define RECORD_VERSION       1u
#define RECORD_OPERATION     1u
#define RECORD_TICK          2u
#define RECORD_END           3u
#define RECORD_END_BYTES     25u // tag, ticks, hash
#define RECORD_TITLE_BYTES   128
#define RECORD_ENTITIES_MAX  8192u // worlds with more entities are recorded without their hashes
#define RECORD_ARGUMENTS_MAX (1u << 20)

typedef struct record_header {
    char engine_version[32];
    char title[RECORD_TITLE_BYTES];
    uint64_t seed, start_tick;
    uint32_t tick_hz;
    v_physics_desc physics;
    v_hash128 start_hash;
} record_header;

void record_write_header(v_writer *writer, const record_header *header);
v_status record_read_header(v_reader *reader, record_header *out_header);

#endif
