// physics_state.c: hash, snapshot and restore: everything that the next step depends on, and nothing else.
#include "physics_internal.h"

#include <inttypes.h>

#define WORDS(type) (sizeof(type) / sizeof(uint32_t))

uint64_t physics_desc_digest(const v_body_desc *desc)
{
    const v_shape *shape = &desc->shape;
    const float floats[] = { shape->radius_m,
                             shape->half_height_m,
                             shape->half_extents_m.x,
                             shape->half_extents_m.y,
                             shape->half_extents_m.z,
                             desc->density_kg_m3,
                             desc->friction,
                             desc->restitution,
                             desc->gravity_scale,
                             desc->linear_damping_per_s,
                             desc->angular_damping_per_s };
    v_hasher hasher;
    v_hasher_init(&hasher);
    v_hasher_u32(&hasher, (uint32_t)desc->kind);
    v_hasher_u32(&hasher, (uint32_t)shape->kind);
    v_hasher_words(&hasher, floats, V_COUNT_OF(floats));
    v_hasher_u32(&hasher, (desc->no_gravity ? 1u : 0u) | (desc->no_sleep ? 2u : 0u));
    v_hasher_u32(&hasher, desc->entity.index);
    v_hasher_u32(&hasher, desc->entity.generation);
    return v_hasher_finish(&hasher).low;
}

static void hash_settings(const physics *p, v_hasher *hasher)
{
    const v_physics_desc *d = &p->desc;
    v_hasher_words(hasher, &d->gravity_m_s2, 3);
    v_hasher_u32(hasher, d->bodies_max);
    v_hasher_u32(hasher, d->solver_iterations);
    v_hasher_u32(hasher, d->velocity_iterations);
    v_hasher_u32(hasher, d->position_iterations);
    v_hasher_f32(hasher, d->warm_start_factor);
    v_hasher_u32(hasher, d->no_sleep ? 1u : 0u);
}

void physics_hash(const void *state, v_hasher *hasher)
{
    const physics *p = state;
    hash_settings(p, hasher);
    v_hasher_u32(hasher, p->slot_count);
    v_hasher_words(hasher, p->status, p->slot_count * WORDS(body_status));
    v_hasher_words(hasher, p->poses, p->slot_count * WORDS(body_pose));
    v_hasher_words(hasher, p->motions, p->slot_count * WORDS(body_motion));
    for (uint32_t slot = 0; slot < p->slot_count; ++slot) {
        v_hasher_u64(hasher, p->digests[slot]);
    }
    v_hasher_u32(hasher, p->free_slots.count);
    v_hasher_words(hasher, p->free_slots.items, p->free_slots.count);
    v_hasher_u32(hasher, p->cache.count);
    v_hasher_words(hasher, p->cache.items, p->cache.count * WORDS(cached_contact));
}

v_status physics_link_entity(physics *p, uint32_t slot, uint32_t entity)
{
    p->next_of_entity[slot] = 0;
    if (entity == 0) {
        return V_OK;
    }
    const uint64_t *first = v_map_find(&p->first_of_entity, entity);
    if (first == NULL || slot < *first) {
        p->next_of_entity[slot] = first != NULL ? (uint32_t)*first : 0;
        return v_map_set(&p->first_of_entity, entity, slot);
    }
    uint32_t before = (uint32_t)*first;
    while (p->next_of_entity[before] != 0 && p->next_of_entity[before] < slot) {
        before = p->next_of_entity[before];
    }
    p->next_of_entity[slot] = p->next_of_entity[before];
    p->next_of_entity[before] = slot;
    return V_OK;
}

void physics_unlink_entity(physics *p, uint32_t slot)
{
    uint32_t entity = p->descs[slot].entity.index;
    uint64_t *first = entity != 0 ? v_map_find(&p->first_of_entity, entity) : NULL;
    if (first == NULL) {
        return;
    }
    uint32_t next = p->next_of_entity[slot];
    if (*first != slot) {
        uint32_t before = (uint32_t)*first;
        while (p->next_of_entity[before] != slot) {
            before = p->next_of_entity[before];
        }
        p->next_of_entity[before] = next;
    } else if (next != 0) {
        *first = next;
    } else {
        (void)v_map_remove(&p->first_of_entity, entity);
    }
}

void physics_hash_entity(const void *state, v_entity entity, v_hasher *hasher)
{
    const physics *p = state;
    const uint64_t *first = v_map_find(&p->first_of_entity, entity.index);
    for (uint32_t slot = first != NULL ? (uint32_t)*first : 0; slot != 0; slot = p->next_of_entity[slot]) {
        if (v_entity_equal(p->descs[slot].entity, entity)) {
            v_hasher_u32(hasher, slot);
            v_hasher_words(hasher, &p->status[slot], WORDS(body_status));
            v_hasher_words(hasher, &p->poses[slot], WORDS(body_pose));
            v_hasher_words(hasher, &p->motions[slot], WORDS(body_motion));
            v_hasher_u64(hasher, p->digests[slot]);
        }
    }
}

static v_hash128 settings_hash(const physics *p)
{
    v_hasher hasher;
    v_hasher_init(&hasher);
    hash_settings(p, &hasher);
    return v_hasher_finish(&hasher);
}

void physics_save(const void *state, v_writer *writer)
{
    const physics *p = state;
    if (p->next_stage != V_PHYSICS_INTEGRATE_VELOCITIES) {
        writer->status =
            v_fail(V_ERROR_STATE, "v_world_snapshot: a physics step is under way; finish its stages first");
        return;
    }
    v_hash128 settings = settings_hash(p);
    v_write_u64(writer, settings.low);
    v_write_u64(writer, settings.high);
    v_write_u32(writer, p->slot_count);
    v_write_words(writer, p->status, p->slot_count * WORDS(body_status));
    v_write_words(writer, p->poses, p->slot_count * WORDS(body_pose));
    v_write_words(writer, p->previous, p->slot_count * WORDS(body_pose));
    v_write_words(writer, p->motions, p->slot_count * WORDS(body_motion));
    for (uint32_t slot = 1; slot < p->slot_count; ++slot) {
        if (p->status[slot].flags & BODY_ALIVE) {
            physics_write_desc(writer, &p->descs[slot]);
        }
    }
    v_write_u32(writer, p->free_slots.count);
    v_write_words(writer, p->free_slots.items, p->free_slots.count);
    v_write_u32(writer, p->cache.count);
    v_write_words(writer, p->cache.items, p->cache.count * WORDS(cached_contact));
}

static v_status bad(const char *what, uint32_t index)
{
    return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: physics: %s of item %" PRIu32 " is not valid", what, index);
}

static v_status read_slots(physics *fresh, v_reader *reader)
{
    uint32_t count = v_read_u32(reader);
    size_t least = sizeof(body_status) + 2u * sizeof(body_pose) + sizeof(body_motion);
    if (count == 0 || count > fresh->desc.bodies_max + 1u || count > v_reader_left(reader) / least) {
        return bad("the count", count);
    }
    V_TRY(physics_reserve_slots(fresh, count));
    fresh->slot_count = count;
    v_read_words(reader, fresh->status, count * WORDS(body_status));
    v_read_words(reader, fresh->poses, count * WORDS(body_pose));
    v_read_words(reader, fresh->previous, count * WORDS(body_pose));
    v_read_words(reader, fresh->motions, count * WORDS(body_motion));
    for (uint32_t slot = 1; slot < count; ++slot) {
        fresh->digests[slot] = 0;
        if ((fresh->status[slot].flags & BODY_ALIVE) == 0) {
            continue;
        }
        physics_read_desc(reader, &fresh->descs[slot]);
        V_TRY(reader->status);
        V_TRY(physics_check_desc(&fresh->descs[slot]));
    }
    return reader->status;
}

/// A slot's own values; rings and the free list are checked once all slots are.
static v_status check_slot(const physics *fresh, uint32_t slot)
{
    const body_status *status = &fresh->status[slot];
    const v_body_desc *desc = &fresh->descs[slot];
    const uint32_t known = BODY_ALIVE | BODY_DYNAMIC | BODY_ASLEEP | BODY_NO_SLEEP;
    if (status->generation == 0 || (status->flags & ~known) != 0) {
        return bad("status", slot);
    }
    if ((status->flags & BODY_ALIVE) == 0) {
        return status->flags == 0 && status->sleep_next == 0 ? V_OK : bad("status", slot);
    }
    bool dynamic = (status->flags & BODY_DYNAMIC) != 0, asleep = (status->flags & BODY_ASLEEP) != 0;
    if (dynamic != (desc->kind == V_BODY_DYNAMIC) || (asleep && !dynamic) || asleep != (status->sleep_next != 0) ||
        status->sleep_next >= fresh->slot_count || ((status->flags & BODY_NO_SLEEP) != 0) != desc->no_sleep) {
        return bad("status", slot);
    }
    const char *function = "v_world_restore";
    V_TRY(physics_check_vec3(function, "pos_m", fresh->poses[slot].pos_m, PHYSICS_POSITION_MAX_M));
    V_TRY(physics_check_vec3(function, "pos_m", fresh->previous[slot].pos_m, PHYSICS_POSITION_MAX_M));
    V_TRY(physics_check_rotation(function, fresh->poses[slot].rot));
    V_TRY(physics_check_rotation(function, fresh->previous[slot].rot));
    const body_motion *motion = &fresh->motions[slot];
    V_TRY(physics_check_vec3(function, "velocity", motion->linear_m_s, 1.01f * PHYSICS_SPEED_MAX_M_S));
    V_TRY(physics_check_vec3(function, "angular velocity", motion->angular_rad_s, 1.01f * PHYSICS_SPIN_MAX_RAD_S));
    V_TRY(physics_check_vec3(function, "force", motion->force_n, FLT_MAX));
    return v_is_finite(motion->still_s) && motion->still_s >= 0.0f ? V_OK : bad("sleep timer", slot);
}

/// Sleeping rings are a permutation of the sleepers; the free list holds every dead slot once.
static v_status check_links(physics *fresh)
{
    uint32_t *seen = fresh->island;
    for (uint32_t slot = 0; slot < fresh->slot_count; ++slot) {
        seen[slot] = 0;
    }
    for (uint32_t slot = 1; slot < fresh->slot_count; ++slot) {
        uint32_t next = fresh->status[slot].sleep_next;
        fresh->alive_count += fresh->status[slot].flags & BODY_ALIVE ? 1u : 0u;
        if (next != 0) {
            ++fresh->asleep_count;
            if ((fresh->status[next].flags & BODY_ASLEEP) == 0 || seen[next]++ != 0) {
                return bad("sleeping ring", slot);
            }
        }
    }
    if (fresh->free_slots.count != fresh->slot_count - 1u - fresh->alive_count) {
        return bad("the count of free slots", fresh->free_slots.count);
    }
    for (uint32_t i = 0; i < fresh->free_slots.count; ++i) {
        uint32_t slot = fresh->free_slots.items[i];
        if (slot == 0 || slot >= fresh->slot_count || (fresh->status[slot].flags & BODY_ALIVE) || seen[slot]++ != 0) {
            return bad("free slot", i);
        }
    }
    return V_OK;
}

static v_status read_free_slots(physics *fresh, v_reader *reader)
{
    uint32_t count = v_read_u32(reader);
    if (count >= fresh->slot_count || count > v_reader_left(reader) / sizeof(uint32_t)) {
        return bad("the count of free slots", count);
    }
    V_TRY(V_ARRAY_RESERVE(&fresh->free_slots, fresh->allocator, count));
    fresh->free_slots.count = count;
    v_read_words(reader, fresh->free_slots.items, count);
    return reader->status;
}

static v_status read_cache(physics *fresh, v_reader *reader)
{
    uint32_t count = v_read_u32(reader);
    if (count > v_reader_left(reader) / sizeof(cached_contact)) {
        return bad("the count of cached contacts", count);
    }
    V_TRY(V_ARRAY_RESERVE(&fresh->cache, fresh->allocator, count));
    fresh->cache.count = count;
    v_read_words(reader, fresh->cache.items, count * WORDS(cached_contact));
    V_TRY(reader->status);
    for (uint32_t i = 0; i < count; ++i) {
        const cached_contact *c = &fresh->cache.items[i], *before = i > 0 ? c - 1 : NULL;
        bool sorted = before == NULL || before->a < c->a || (before->a == c->a && before->b < c->b);
        bool finite = v_vec3_is_finite(c->friction_impulse) && v_is_finite(c->twist_impulse);
        for (uint32_t k = 0; k < V_MANIFOLD_POINTS_MAX; ++k) {
            finite = finite && v_is_finite(c->impulses[k]) && c->impulses[k] >= 0.0f;
        }
        if (!sorted || !finite || c->a == 0 || c->a >= c->b || c->b >= fresh->slot_count ||
            c->count > V_MANIFOLD_POINTS_MAX || c->unused_ticks > PHYSICS_CACHE_UNUSED_TICKS_MAX) {
            return bad("cached contact", i);
        }
    }
    return V_OK;
}

static v_status read_state(physics *fresh, v_reader *reader)
{
    v_hash128 settings;
    settings.low = v_read_u64(reader);
    settings.high = v_read_u64(reader);
    V_TRY(reader->status);
    if (!v_hash128_equal(settings, settings_hash(fresh))) {
        return v_fail(V_ERROR_MISMATCH, "v_world_restore: the snapshot was taken with other physics settings");
    }
    V_TRY(read_slots(fresh, reader));
    V_TRY(read_free_slots(fresh, reader));
    V_TRY(read_cache(fresh, reader));
    for (uint32_t slot = 1; slot < fresh->slot_count; ++slot) {
        V_TRY(check_slot(fresh, slot));
    }
    V_TRY(check_links(fresh));
    for (uint32_t slot = 1; slot < fresh->slot_count; ++slot) {
        fresh->solver_index[slot] = 0;
        if (fresh->status[slot].flags & BODY_ALIVE) {
            fresh->digests[slot] = physics_desc_digest(&fresh->descs[slot]);
            physics_mass_properties(&fresh->descs[slot], &fresh->masses[slot]);
            physics_refresh_collider(fresh, slot);
            V_TRY(physics_link_entity(fresh, slot, fresh->descs[slot].entity.index));
        }
    }
    return V_OK;
}

#define SWAP(a, b)                                                                                                     \
    do {                                                                                                               \
        __typeof__(a) swap_ = (a);                                                                                     \
        (a) = (b);                                                                                                     \
        (b) = swap_;                                                                                                   \
    } while (0)

/// The state is read into a second instance and changes places with the first when all of it is good. Scratch memory
/// stays where it is.
v_status physics_load(void *state, v_reader *reader)
{
    physics *p = state;
    physics *fresh = V_NEW(p->allocator, physics);
    if (fresh == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    fresh->world = p->world;
    fresh->allocator = fresh->first_of_entity.allocator = p->allocator;
    fresh->desc = p->desc;
    fresh->tick_s = p->tick_s;
    v_status status = read_state(fresh, reader);
    if (status == V_OK) {
        physics old = *p;
        *p = *fresh;
        SWAP(p->awake, old.awake);
        SWAP(p->grid, old.grid);
        SWAP(p->chunk_pairs, old.chunk_pairs);
        SWAP(p->bucket, old.bucket);
        SWAP(p->pairs, old.pairs);
        SWAP(p->contacts, old.contacts);
        SWAP(p->woken_contacts, old.woken_contacts);
        SWAP(p->chunk_status, old.chunk_status);
        SWAP(p->chunk_counts, old.chunk_counts);
        SWAP(p->cache_next, old.cache_next);
        SWAP(p->manifolds, old.manifolds);
        SWAP(p->solver, old.solver);
        p->manifolds.count = 0;
        *fresh = old;
    }
    physics_release(fresh);
    return status;
}
