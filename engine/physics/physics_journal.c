// physics_journal.c: mutating calls as canonical bytes (v/manifest.h), and back into calls.
#include "physics_internal.h"

void physics_write_desc(v_writer *writer, const v_body_desc *desc)
{
    const v_shape *shape = &desc->shape;
    v_write_u32(writer, (uint32_t)desc->kind);
    v_write_u32(writer, (uint32_t)shape->kind);
    const float floats[] = { shape->radius_m,
                             shape->half_height_m,
                             shape->half_extents_m.x,
                             shape->half_extents_m.y,
                             shape->half_extents_m.z,
                             desc->pos_m.x,
                             desc->pos_m.y,
                             desc->pos_m.z,
                             desc->rot.x,
                             desc->rot.y,
                             desc->rot.z,
                             desc->rot.w,
                             desc->velocity_m_s.x,
                             desc->velocity_m_s.y,
                             desc->velocity_m_s.z,
                             desc->angular_velocity_rad_s.x,
                             desc->angular_velocity_rad_s.y,
                             desc->angular_velocity_rad_s.z,
                             desc->density_kg_m3,
                             desc->friction };
    v_write_words(writer, floats, V_COUNT_OF(floats));
    v_write_u8(writer, desc->frictionless ? 1 : 0);
    v_write_f32(writer, desc->restitution);
    v_write_f32(writer, desc->gravity_scale);
    v_write_u8(writer, desc->no_gravity ? 1 : 0);
    v_write_f32(writer, desc->linear_damping_per_s);
    v_write_f32(writer, desc->angular_damping_per_s);
    v_write_u8(writer, desc->no_sleep ? 1 : 0);
    v_write_u32(writer, desc->entity.index);
    v_write_u32(writer, desc->entity.generation);
}

static v_vec3 read_vec3(v_reader *reader)
{
    float x = v_read_f32(reader), y = v_read_f32(reader), z = v_read_f32(reader);
    return v_vec3_make(x, y, z);
}

static v_quat read_quat(v_reader *reader)
{
    float x = v_read_f32(reader), y = v_read_f32(reader), z = v_read_f32(reader), w = v_read_f32(reader);
    return v_quat_make(x, y, z, w);
}

static bool read_bool(v_reader *reader)
{
    uint8_t value = v_read_u8(reader);
    if (value > 1 && reader->status == V_OK) {
        reader->status = v_fail(V_ERROR_BAD_INPUT, "a flag of a body is %d; it must be 0 or 1", (int)value);
    }
    return value == 1;
}

void physics_read_desc(v_reader *reader, v_body_desc *out_desc)
{
    *out_desc = (v_body_desc){ 0 };
    out_desc->kind = (v_body_kind)v_read_u32(reader);
    out_desc->shape.kind = (v_shape_kind)v_read_u32(reader);
    out_desc->shape.radius_m = v_read_f32(reader);
    out_desc->shape.half_height_m = v_read_f32(reader);
    out_desc->shape.half_extents_m = read_vec3(reader);
    out_desc->pos_m = read_vec3(reader);
    out_desc->rot = read_quat(reader);
    out_desc->velocity_m_s = read_vec3(reader);
    out_desc->angular_velocity_rad_s = read_vec3(reader);
    out_desc->density_kg_m3 = v_read_f32(reader);
    out_desc->friction = v_read_f32(reader);
    out_desc->frictionless = read_bool(reader);
    out_desc->restitution = v_read_f32(reader);
    out_desc->gravity_scale = v_read_f32(reader);
    out_desc->no_gravity = read_bool(reader);
    out_desc->linear_damping_per_s = v_read_f32(reader);
    out_desc->angular_damping_per_s = v_read_f32(reader);
    out_desc->no_sleep = read_bool(reader);
    out_desc->entity.index = v_read_u32(reader);
    out_desc->entity.generation = v_read_u32(reader);
}

void physics_journal_create(v_world *world, const v_body_desc *desc)
{
    v_writer *writer = v_world_journal_begin(world);
    if (writer != NULL) {
        physics_write_desc(writer, desc);
        v_world_journal_commit(world, V_OP_BODY_CREATE);
    }
}

void physics_journal_body(v_world *world, uint16_t operation, v_body body)
{
    physics_journal_vectors(world, operation, body, NULL, 0);
}

void physics_journal_vectors(v_world *world, uint16_t operation, v_body body, const float *values, size_t count)
{
    v_writer *writer = v_world_journal_begin(world);
    if (writer != NULL) {
        v_write_u32(writer, body.index);
        v_write_u32(writer, body.generation);
        for (size_t i = 0; i < count; ++i) {
            v_write_f32(writer, values[i]);
        }
        v_world_journal_commit(world, operation);
    }
}

/// The arguments must fill their bytes exactly.
static v_status check_arguments(const v_reader *reader, uint16_t operation, size_t size_bytes)
{
    if (reader->status != V_OK || v_reader_left(reader) != 0) {
        return v_fail(V_ERROR_BAD_INPUT, "v_physics_replay_operation: %s cannot have %zu bytes of arguments",
                      v_operation_name(operation), size_bytes);
    }
    return V_OK;
}

static v_status replay_create(v_world *world, v_reader *reader, size_t size_bytes)
{
    v_body_desc desc;
    physics_read_desc(reader, &desc);
    V_TRY(check_arguments(reader, V_OP_BODY_CREATE, size_bytes));
    v_body body = v_body_create(world, &desc);
    return body.index != 0 ? V_OK : V_ERROR_BAD_INPUT;
}

v_status v_physics_replay_operation(v_world *world, uint16_t operation, const void *arguments, size_t size_bytes)
{
    if (world == NULL || (arguments == NULL && size_bytes > 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_physics_replay_operation: %s is null",
                      world == NULL ? "world" : "arguments");
    }
    v_reader reader = { .data = arguments, .size_bytes = size_bytes };
    if (operation == V_OP_BODY_CREATE) {
        return replay_create(world, &reader, size_bytes);
    }
    v_body body;
    body.index = v_read_u32(&reader);
    body.generation = v_read_u32(&reader);
    v_vec3 first = { 0 }, second = { 0 };
    v_quat rot = { 0 };
    switch (operation) {
    case V_OP_BODY_DESTROY:
        V_TRY(check_arguments(&reader, operation, size_bytes));
        return v_body_destroy(world, body);
    case V_OP_BODY_WAKE:
        V_TRY(check_arguments(&reader, operation, size_bytes));
        return v_body_wake(world, body);
    case V_OP_BODY_SET_POSE:
        first = read_vec3(&reader);
        rot = read_quat(&reader);
        V_TRY(check_arguments(&reader, operation, size_bytes));
        return v_body_set_pose(world, body, first, rot);
    case V_OP_BODY_APPLY_FORCE:
        first = read_vec3(&reader);
        V_TRY(check_arguments(&reader, operation, size_bytes));
        return v_body_apply_force(world, body, first);
    case V_OP_BODY_SET_VELOCITY:
    case V_OP_BODY_APPLY_IMPULSE:
        first = read_vec3(&reader);
        second = read_vec3(&reader);
        V_TRY(check_arguments(&reader, operation, size_bytes));
        return operation == V_OP_BODY_SET_VELOCITY ? v_body_set_velocity(world, body, first, second)
                                                   : v_body_apply_impulse(world, body, first, second);
    default:
        return v_fail(V_ERROR_BAD_INPUT, "v_physics_replay_operation: operation 0x%04x is not one of physics",
                      (unsigned)operation);
    }
}
