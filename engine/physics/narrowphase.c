// narrowphase.c: pairs become manifolds, in parallel; islands asleep that are touched wake and get theirs.
#include "physics_internal.h"

#define PAIR_CHUNK 64u ///< Pairs per job.

static bool collide_slots(const physics *p, uint32_t a, uint32_t b, contact *out)
{
    const collider *first = &p->colliders[a], *second = &p->colliders[b];
    if (!collide(first, second, first->margin_m + second->margin_m, &out->manifold)) {
        return false;
    }
    out->a = a;
    out->b = b;
    return true;
}

/// Each chunk fills the front of its own range of the contact array.
static void narrow_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)worker;
    physics *p = data;
    uint32_t count = 0;
    for (uint32_t i = begin; i < end; ++i) {
        count +=
            collide_slots(p, p->pairs.items[i].a, p->pairs.items[i].b, &p->contacts.items[begin + count]) ? 1u : 0u;
    }
    p->chunk_counts.items[chunk] = count;
}

static v_status generate(physics *p)
{
    uint32_t chunks = v_jobs_chunk_count(p->pairs.count, PAIR_CHUNK);
    // With room for the woken, so that a wake-up in a quiet world allocates nothing.
    V_TRY(V_ARRAY_RESERVE(&p->contacts, p->allocator, p->pairs.count + p->cache.count));
    V_TRY(V_ARRAY_RESERVE(&p->woken_contacts, p->allocator, p->cache.count));
    V_TRY(V_ARRAY_RESERVE(&p->chunk_counts, p->allocator, chunks));
    v_jobs_for(physics_jobs(p), p->pairs.count, PAIR_CHUNK, narrow_chunk, p);
    uint32_t count = 0;
    for (uint32_t chunk = 0; chunk < chunks; ++chunk) {
        const contact *from = &p->contacts.items[(size_t)chunk * PAIR_CHUNK];
        for (uint32_t i = 0; i < p->chunk_counts.items[chunk]; ++i, ++count) {
            if (&p->contacts.items[count] != &from[i]) {
                p->contacts.items[count] = from[i];
            }
        }
    }
    p->contacts.count = count;
    return V_OK;
}

/// Whether a contact will be felt within this tick.
static bool contact_touches(const physics *p, const contact *c)
{
    const body_motion *a = &p->motions[c->a], *b = &p->motions[c->b];
    for (uint32_t i = 0; i < c->manifold.count; ++i) {
        const contact_point *point = &c->manifold.points[i];
        v_vec3 velocity_a = v_vec3_add(a->linear_m_s, v_vec3_cross(a->angular_rad_s, point->arm_a));
        v_vec3 velocity_b = v_vec3_add(b->linear_m_s, v_vec3_cross(b->angular_rad_s, point->arm_b));
        float closing = v_vec3_dot(v_vec3_sub(velocity_b, velocity_a), c->manifold.normal);
        if (point->separation_m + closing * p->tick_s <= 0.0f) {
            return true;
        }
    }
    return false;
}

/// Add an island's bodies to this step, then wake it.
static v_status wake_into_step(physics *p, uint32_t slot)
{
    uint32_t member = slot;
    do {
        V_TRY(physics_add_awake(p, member));
        member = p->status[member].sleep_next;
    } while (member != slot);
    physics_wake_island(p, slot);
    return V_OK;
}

/// Nothing looked for pairs on behalf of the woken. As they have not moved, their pairs are those remembered.
static v_status generate_woken(physics *p, uint32_t first_woken)
{
    p->woken_contacts.count = 0;
    for (uint32_t i = 0; i < p->cache.count; ++i) {
        const cached_contact *cached = &p->cache.items[i];
        if (p->status[cached->a].generation != cached->generation_a ||
            p->status[cached->b].generation != cached->generation_b) {
            continue;
        }
        uint32_t a = p->solver_index[cached->a], b = p->solver_index[cached->b];
        bool known = (a != 0 && a < first_woken) || (b != 0 && b < first_woken);
        contact found;
        if (!known && (a != 0 || b != 0) && collide_slots(p, cached->a, cached->b, &found)) {
            V_TRY(V_ARRAY_PUSH(&p->woken_contacts, p->allocator, found));
        }
    }
    return V_OK;
}

static bool contact_before(const contact *x, const contact *y)
{
    return x->a != y->a ? x->a < y->a : x->b < y->b;
}

/// Both lists are sorted: merge from the back, in place.
static v_status merge_woken(physics *p)
{
    uint32_t known = p->contacts.count, woken = p->woken_contacts.count;
    V_TRY(V_ARRAY_RESERVE(&p->contacts, p->allocator, known + woken));
    p->contacts.count = known + woken;
    for (uint32_t out = known + woken; woken > 0;) {
        bool take_known =
            known > 0 && contact_before(&p->woken_contacts.items[woken - 1], &p->contacts.items[known - 1]);
        p->contacts.items[--out] = take_known ? p->contacts.items[--known] : p->woken_contacts.items[--woken];
    }
    return V_OK;
}

v_status physics_narrowphase(physics *p)
{
    V_TRY(generate(p));
    uint32_t first_woken = p->awake.count + 1u;
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        const contact *c = &p->contacts.items[i];
        bool a_asleep = (p->status[c->a].flags & BODY_ASLEEP) != 0,
             b_asleep = (p->status[c->b].flags & BODY_ASLEEP) != 0;
        if ((a_asleep || b_asleep) && contact_touches(p, c)) {
            V_TRY(wake_into_step(p, a_asleep ? c->a : c->b));
        }
    }
    if (p->awake.count + 1u > first_woken) {
        V_TRY(generate_woken(p, first_woken));
        V_TRY(merge_woken(p));
    }
    p->stats.manifolds = p->contacts.count;
    p->stats.contacts = 0;
    p->stats.largest_penetration_m = 0.0f;
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        const contact_manifold *manifold = &p->contacts.items[i].manifold;
        p->stats.contacts += manifold->count;
        for (uint32_t k = 0; k < manifold->count; ++k) {
            p->stats.largest_penetration_m = v_max(p->stats.largest_penetration_m, -manifold->points[k].separation_m);
        }
    }
    return V_OK;
}
