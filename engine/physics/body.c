// body.c: bodies: creating, changing, reading. Every change made outside a tick is journaled.
#include "physics_internal.h"

#include <inttypes.h>

v_status physics_body_check(const physics *p, v_body body, const char *function)
{
    if (body.index == 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: body is null", function);
    }
    if (body.index < p->slot_count && p->status[body.index].generation == body.generation &&
        (p->status[body.index].flags & BODY_ALIVE)) {
        return V_OK;
    }
    return v_fail(V_ERROR_STALE, "%s: body is %" PRIu32 " of generation %" PRIu32 ", which is gone", function,
                  body.index, body.generation);
}

/// The physics of a world whose bodies may be changed now, or null with *out_status set.
static physics *begin_change(v_world *world, const char *function, v_status *out_status)
{
    physics *p = physics_of(world, function);
    *out_status = p != NULL ? V_OK : world == NULL ? V_ERROR_INVALID_ARGUMENT : V_ERROR_STATE;
    if (p != NULL && p->next_stage != V_PHYSICS_INTEGRATE_VELOCITIES) {
        *out_status = v_fail(V_ERROR_STATE, "%s: a step is under way; finish its stages first", function);
        return NULL;
    }
    return p;
}

static physics *begin_body_change(v_world *world, v_body body, const char *function, v_status *out_status)
{
    physics *p = begin_change(world, function, out_status);
    if (p != NULL) {
        *out_status = physics_body_check(p, body, function);
    }
    return *out_status == V_OK ? p : NULL;
}

v_body_desc v_body_desc_defaults(const v_body_desc *desc)
{
    v_body_desc d = desc != NULL ? *desc : (v_body_desc){ 0 };
    if (d.rot.x == 0.0f && d.rot.y == 0.0f && d.rot.z == 0.0f && d.rot.w == 0.0f) {
        d.rot = V_QUAT_IDENTITY;
    }
    d.density_kg_m3 = d.density_kg_m3 == 0.0f ? 1000.0f : d.density_kg_m3;
    d.friction = d.frictionless ? 0.0f : d.friction == 0.0f ? 0.6f : d.friction;
    d.gravity_scale = d.gravity_scale == 0.0f ? 1.0f : d.gravity_scale;
    return d;
}

/// Sleepers cannot notice what is put into or taken from their place: wake those whose bounds meet the body's.
static void wake_around(physics *p, uint32_t slot)
{
    const v_aabb *bounds = &p->colliders[slot].bounds;
    for (uint32_t other = 1; other < p->slot_count && p->asleep_count > 0; ++other) {
        if ((p->status[other].flags & BODY_ASLEEP) == 0 || other == slot) {
            continue;
        }
        const v_aabb *theirs = &p->colliders[other].bounds;
        if (theirs->min_m.x <= bounds->max_m.x && bounds->min_m.x <= theirs->max_m.x &&
            theirs->min_m.y <= bounds->max_m.y && bounds->min_m.y <= theirs->max_m.y &&
            theirs->min_m.z <= bounds->max_m.z && bounds->min_m.z <= theirs->max_m.z) {
            physics_wake_island(p, other);
        }
    }
}

void physics_init_slot(physics *p, uint32_t slot, const v_body_desc *desc)
{
    p->descs[slot] = *desc;
    p->poses[slot] = (body_pose){ desc->pos_m, v_quat_normalize(desc->rot) };
    p->previous[slot] = p->poses[slot];
    bool moves = desc->kind == V_BODY_DYNAMIC;
    p->motions[slot] = (body_motion){ 0 };
    if (moves) {
        p->motions[slot].linear_m_s = desc->velocity_m_s;
        p->motions[slot].angular_rad_s = desc->angular_velocity_rad_s;
    }
    p->status[slot].flags = BODY_ALIVE | (moves ? BODY_DYNAMIC : 0u) | (desc->no_sleep ? BODY_NO_SLEEP : 0u);
    p->status[slot].sleep_next = 0;
    p->solver_index[slot] = 0;
    p->digests[slot] = physics_desc_digest(desc);
    physics_mass_properties(desc, &p->masses[slot]);
    physics_refresh_collider(p, slot);
}

v_body v_body_create(v_world *world, const v_body_desc *desc)
{
    const v_body none = { 0 };
    v_status status;
    physics *p = begin_change(world, "v_body_create", &status);
    if (p == NULL) {
        return none;
    }
    if (desc == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_body_create: desc is null");
        return none;
    }
    v_body_desc filled = v_body_desc_defaults(desc);
    if (physics_check_desc(&filled) != V_OK) {
        return none;
    }
    if (p->alive_count >= p->desc.bodies_max) {
        (void)v_fail(V_ERROR_FULL, "v_body_create: the world holds %" PRIu32 " bodies, which is bodies_max",
                     p->alive_count);
        return none;
    }
    uint32_t slot;
    if (p->free_slots.count > 0) {
        slot = p->free_slots.items[p->free_slots.count - 1u];
    } else {
        if (physics_reserve_slots(p, p->slot_count + 1u) != V_OK) {
            return none;
        }
        slot = p->slot_count;
    }
    if (physics_link_entity(p, slot, filled.entity.index) != V_OK) {
        return none;
    }
    if (slot == p->slot_count) {
        p->status[slot].generation = 1;
        ++p->slot_count;
    } else {
        --p->free_slots.count;
    }
    ++p->alive_count;
    physics_init_slot(p, slot, &filled);
    wake_around(p, slot);
    physics_journal_create(world, &filled);
    return (v_body){ slot, p->status[slot].generation };
}

v_status v_body_destroy(v_world *world, v_body body)
{
    v_status status;
    physics *p = begin_change(world, "v_body_destroy", &status);
    if (p == NULL || body.index == 0) {
        return status;
    }
    V_TRY(physics_body_check(p, body, "v_body_destroy"));
    physics_wake_island(p, body.index);
    wake_around(p, body.index);
    physics_unlink_entity(p, body.index);
    // Dead slots are hashed too: they all look alike.
    body_status *slot = &p->status[body.index];
    p->poses[body.index] = p->previous[body.index] = (body_pose){ 0 };
    p->motions[body.index] = (body_motion){ 0 };
    p->digests[body.index] = 0;
    slot->flags = 0;
    slot->generation = slot->generation == UINT32_MAX ? 1u : slot->generation + 1u;
    p->solver_index[body.index] = 0;
    p->free_slots.items[p->free_slots.count++] = body.index; // room is reserved with the slots
    --p->alive_count;
    physics_journal_body(world, V_OP_BODY_DESTROY, body);
    return V_OK;
}

bool v_body_is_alive(const v_world *world, v_body body)
{
    const physics *p = world != NULL ? physics_of(world, "v_body_is_alive") : NULL;
    return p != NULL && body.index != 0 && body.index < p->slot_count &&
           p->status[body.index].generation == body.generation && (p->status[body.index].flags & BODY_ALIVE) != 0;
}

/// The physics of a body that is to be read, or null with *out_status set.
static const physics *begin_read(const v_world *world, v_body body, const char *function, v_status *out_status)
{
    const physics *p = physics_of(world, function);
    *out_status = p != NULL       ? physics_body_check(p, body, function)
                  : world == NULL ? V_ERROR_INVALID_ARGUMENT
                                  : V_ERROR_STATE;
    return *out_status == V_OK ? p : NULL;
}

static v_status null_result(const char *function)
{
    return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: the result pointer is null", function);
}

v_status v_body_get_state(const v_world *world, v_body body, v_body_state *out_state)
{
    v_status status;
    const physics *p = begin_read(world, body, "v_body_get_state", &status);
    if (p == NULL) {
        return status;
    }
    if (out_state == NULL) {
        return null_result("v_body_get_state");
    }
    *out_state = (v_body_state){ .pos_m = p->poses[body.index].pos_m,
                                 .rot = p->poses[body.index].rot,
                                 .velocity_m_s = p->motions[body.index].linear_m_s,
                                 .angular_velocity_rad_s = p->motions[body.index].angular_rad_s,
                                 .asleep = (p->status[body.index].flags & BODY_ASLEEP) != 0 };
    return V_OK;
}

v_status v_body_get_previous(const v_world *world, v_body body, v_vec3 *out_pos_m, v_quat *out_rot)
{
    v_status status;
    const physics *p = begin_read(world, body, "v_body_get_previous", &status);
    if (p == NULL) {
        return status;
    }
    if (out_pos_m == NULL || out_rot == NULL) {
        return null_result("v_body_get_previous");
    }
    *out_pos_m = p->previous[body.index].pos_m;
    *out_rot = p->previous[body.index].rot;
    return V_OK;
}

v_status v_body_get_desc(const v_world *world, v_body body, v_body_desc *out_desc)
{
    v_status status;
    const physics *p = begin_read(world, body, "v_body_get_desc", &status);
    if (p == NULL) {
        return status;
    }
    if (out_desc == NULL) {
        return null_result("v_body_get_desc");
    }
    *out_desc = p->descs[body.index];
    return V_OK;
}

float v_body_mass_kg(const v_world *world, v_body body)
{
    return v_body_is_alive(world, body) ? physics_of(world, "v_body_mass_kg")->masses[body.index].mass_kg : 0.0f;
}

v_status v_body_set_pose(v_world *world, v_body body, v_vec3 pos_m, v_quat rot)
{
    v_status status;
    physics *p = begin_body_change(world, body, "v_body_set_pose", &status);
    if (p == NULL) {
        return status;
    }
    V_TRY(physics_check_vec3("v_body_set_pose", "pos_m", pos_m, PHYSICS_POSITION_MAX_M));
    V_TRY(physics_check_rotation("v_body_set_pose", rot));
    physics_wake_island(p, body.index);
    wake_around(p, body.index);
    p->poses[body.index] = (body_pose){ pos_m, v_quat_normalize(rot) };
    p->previous[body.index] = p->poses[body.index]; // a teleport is not interpolated
    physics_refresh_collider(p, body.index);
    wake_around(p, body.index);
    const float values[] = { pos_m.x, pos_m.y, pos_m.z, rot.x, rot.y, rot.z, rot.w };
    physics_journal_vectors(world, V_OP_BODY_SET_POSE, body, values, V_COUNT_OF(values));
    return V_OK;
}

/// As begin_body_change, for calls that make no sense for a body that cannot move.
static physics *begin_motion_change(v_world *world, v_body body, const char *function, v_status *out_status)
{
    physics *p = begin_body_change(world, body, function, out_status);
    if (p != NULL && (p->status[body.index].flags & BODY_DYNAMIC) == 0) {
        *out_status = v_fail(V_ERROR_INVALID_ARGUMENT, "%s: body %" PRIu32 " is static", function, body.index);
        return NULL;
    }
    return p;
}

v_status v_body_set_velocity(v_world *world, v_body body, v_vec3 velocity_m_s, v_vec3 angular_velocity_rad_s)
{
    v_status status;
    physics *p = begin_motion_change(world, body, "v_body_set_velocity", &status);
    if (p == NULL) {
        return status;
    }
    V_TRY(physics_check_vec3("v_body_set_velocity", "velocity_m_s", velocity_m_s, PHYSICS_SPEED_MAX_M_S));
    V_TRY(physics_check_vec3("v_body_set_velocity", "angular_velocity_rad_s", angular_velocity_rad_s,
                             PHYSICS_SPIN_MAX_RAD_S));
    physics_wake_island(p, body.index);
    p->motions[body.index].linear_m_s = velocity_m_s;
    p->motions[body.index].angular_rad_s = angular_velocity_rad_s;
    const float values[] = { velocity_m_s.x,           velocity_m_s.y,           velocity_m_s.z,
                             angular_velocity_rad_s.x, angular_velocity_rad_s.y, angular_velocity_rad_s.z };
    physics_journal_vectors(world, V_OP_BODY_SET_VELOCITY, body, values, V_COUNT_OF(values));
    return V_OK;
}

v_status v_body_apply_impulse(v_world *world, v_body body, v_vec3 impulse_n_s, v_vec3 point_m)
{
    v_status status;
    physics *p = begin_motion_change(world, body, "v_body_apply_impulse", &status);
    if (p == NULL) {
        return status;
    }
    V_TRY(physics_check_vec3("v_body_apply_impulse", "impulse_n_s", impulse_n_s, FLT_MAX));
    V_TRY(physics_check_vec3("v_body_apply_impulse", "point_m", point_m, 2.0f * PHYSICS_POSITION_MAX_M));
    const body_mass *mass = &p->masses[body.index];
    const body_pose *pose = &p->poses[body.index];
    body_motion motion = p->motions[body.index];
    v_vec3 moment = v_vec3_cross(v_vec3_sub(point_m, pose->pos_m), impulse_n_s);
    v_vec3 spin = v_vec3_mul(mass->inverse_inertia, v_quat_rotate_inverse(pose->rot, moment));
    motion.linear_m_s = v_vec3_mul_add(motion.linear_m_s, impulse_n_s, mass->inverse_mass);
    motion.angular_rad_s = v_vec3_add(motion.angular_rad_s, v_quat_rotate(pose->rot, spin));
    V_TRY(physics_check_vec3("v_body_apply_impulse", "velocity after impulse_n_s", motion.linear_m_s,
                             PHYSICS_SPEED_MAX_M_S));
    V_TRY(physics_check_vec3("v_body_apply_impulse", "angular velocity after impulse_n_s", motion.angular_rad_s,
                             PHYSICS_SPIN_MAX_RAD_S));
    physics_wake_island(p, body.index);
    motion.still_s = 0.0f;
    p->motions[body.index] = motion;
    const float values[] = { impulse_n_s.x, impulse_n_s.y, impulse_n_s.z, point_m.x, point_m.y, point_m.z };
    physics_journal_vectors(world, V_OP_BODY_APPLY_IMPULSE, body, values, V_COUNT_OF(values));
    return V_OK;
}

v_status v_body_apply_force(v_world *world, v_body body, v_vec3 force_n)
{
    v_status status;
    physics *p = begin_motion_change(world, body, "v_body_apply_force", &status);
    if (p == NULL) {
        return status;
    }
    V_TRY(physics_check_vec3("v_body_apply_force", "force_n", force_n, FLT_MAX));
    v_vec3 sum = v_vec3_add(p->motions[body.index].force_n, force_n);
    float speed_limit = PHYSICS_SPEED_MAX_M_S * p->masses[body.index].mass_kg / p->tick_s;
    V_TRY(physics_check_vec3("v_body_apply_force", "sum of force_n", sum, speed_limit));
    physics_wake_island(p, body.index);
    p->motions[body.index].force_n = sum;
    const float values[] = { force_n.x, force_n.y, force_n.z };
    physics_journal_vectors(world, V_OP_BODY_APPLY_FORCE, body, values, V_COUNT_OF(values));
    return V_OK;
}

v_status v_body_wake(v_world *world, v_body body)
{
    v_status status;
    physics *p = begin_body_change(world, body, "v_body_wake", &status);
    if (p == NULL) {
        return status;
    }
    physics_wake_island(p, body.index);
    physics_journal_body(world, V_OP_BODY_WAKE, body);
    return V_OK;
}

uint32_t v_physics_body_count(const v_world *world)
{
    const physics *p = physics_of(world, "v_physics_body_count");
    return p != NULL ? p->alive_count : 0;
}

v_body v_physics_next_body(const v_world *world, uint32_t *cursor)
{
    const physics *p = physics_of(world, "v_physics_next_body");
    if (p == NULL || cursor == NULL) {
        return (v_body){ 0 };
    }
    for (uint32_t slot = *cursor + 1u; slot != 0 && slot < p->slot_count; ++slot) {
        if (p->status[slot].flags & BODY_ALIVE) {
            *cursor = slot;
            return (v_body){ slot, p->status[slot].generation };
        }
    }
    *cursor = p->slot_count;
    return (v_body){ 0 };
}
