// cache.c: what the solver found is remembered per pair and features, and starts the next step's solution (E32).
#include "physics_internal.h"

/// Negative, zero, positive as the cached pair sorts before, at or after the contact's.
static int compare_pair(const cached_contact *cached, const contact *c)
{
    if (cached->a != c->a) {
        return cached->a < c->a ? -1 : 1;
    }
    return cached->b < c->b ? -1 : cached->b > c->b ? 1 : 0;
}

static bool cached_is_current(const physics *p, const cached_contact *cached)
{
    return p->status[cached->a].generation == cached->generation_a &&
           p->status[cached->b].generation == cached->generation_b;
}

static void start_cold(contact *c)
{
    for (uint32_t i = 0; i < V_MANIFOLD_POINTS_MAX; ++i) {
        c->impulses[i] = 0.0f;
    }
    c->friction_impulse = v_vec3_make(0, 0, 0);
    c->twist_impulse = 0.0f;
}

/// The share of a cached impulse that a contact starts with. After ticks without contact it is the configured factor.
/// In lasting contact it is what solver_iterations applications of the factor to what is still missing add up to:
/// one plain application costs tall stacks a fifth of their support each tick.
static float warm_factor(const physics *p, const cached_contact *cached)
{
    float missing = 1.0f - p->desc.warm_start_factor;
    if (cached->unused_ticks > 0) {
        return p->desc.warm_start_factor;
    }
    float left = missing;
    for (uint32_t i = 1; i < p->desc.solver_iterations; ++i) {
        left *= missing;
    }
    return 1.0f - left;
}

static void start_warm(physics *p, contact *c, const cached_contact *cached)
{
    float factor = warm_factor(p, cached);
    for (uint32_t i = 0; i < c->manifold.count; ++i) {
        bool hit = false;
        for (uint32_t k = 0; k < cached->count && !hit; ++k) {
            if (cached->features[k] == c->manifold.points[i].feature) {
                c->impulses[i] = factor * cached->impulses[k];
                hit = true;
            }
        }
        p->stats.warm_hits += hit ? 1u : 0u;
        p->stats.warm_misses += hit ? 0u : 1u;
    }
    c->friction_impulse = v_vec3_scale(cached->friction_impulse, factor);
    c->twist_impulse = factor * cached->twist_impulse;
}

/// A pair without contacts this tick. Between bodies that do not move it is kept as it is; else it ages.
static void keep_unused(physics *p, const cached_contact *cached)
{
    bool moves = p->solver_index[cached->a] != 0 || p->solver_index[cached->b] != 0;
    uint32_t unused = cached->unused_ticks + (moves ? 1u : 0u);
    if (unused <= PHYSICS_CACHE_UNUSED_TICKS_MAX) {
        cached_contact *kept = &p->cache_next.items[p->cache_next.count++];
        *kept = *cached;
        kept->unused_ticks = unused;
    }
}

static void add_contact(physics *p, contact *c)
{
    c->cache_index = p->cache_next.count++;
    cached_contact *entry = &p->cache_next.items[c->cache_index];
    *entry = (cached_contact){ .a = c->a,
                               .b = c->b,
                               .generation_a = p->status[c->a].generation,
                               .generation_b = p->status[c->b].generation,
                               .count = c->manifold.count };
    for (uint32_t i = 0; i < c->manifold.count; ++i) {
        entry->features[i] = c->manifold.points[i].feature;
    }
}

v_status physics_manifold_cache(physics *p)
{
    V_TRY(V_ARRAY_RESERVE(&p->cache_next, p->allocator, p->cache.count + p->contacts.count));
    p->cache_next.count = 0;
    p->stats.warm_hits = p->stats.warm_misses = 0;
    uint32_t old = 0;
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        contact *c = &p->contacts.items[i];
        start_cold(c);
        for (; old < p->cache.count && compare_pair(&p->cache.items[old], c) < 0; ++old) {
            if (cached_is_current(p, &p->cache.items[old])) {
                keep_unused(p, &p->cache.items[old]);
            }
        }
        bool found = old < p->cache.count && compare_pair(&p->cache.items[old], c) == 0;
        if (found && cached_is_current(p, &p->cache.items[old])) {
            start_warm(p, c, &p->cache.items[old]);
        } else {
            p->stats.warm_misses += c->manifold.count;
        }
        old += found ? 1u : 0u;
        add_contact(p, c);
    }
    for (; old < p->cache.count; ++old) {
        if (cached_is_current(p, &p->cache.items[old])) {
            keep_unused(p, &p->cache.items[old]);
        }
    }
    cache_array swap = p->cache;
    p->cache = p->cache_next;
    p->cache_next = swap;
    return V_OK;
}

void physics_store_impulses(physics *p)
{
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        const contact *c = &p->contacts.items[i];
        cached_contact *entry = &p->cache.items[c->cache_index];
        for (uint32_t k = 0; k < c->manifold.count; ++k) {
            entry->impulses[k] = c->impulses[k];
        }
        entry->friction_impulse = c->friction_impulse;
        entry->twist_impulse = c->twist_impulse;
    }
}

v_status physics_publish_manifolds(physics *p)
{
    V_TRY(V_ARRAY_RESERVE(&p->manifolds, p->allocator, p->contacts.count));
    p->manifolds.count = p->contacts.count;
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        const contact *c = &p->contacts.items[i];
        v_manifold *out = &p->manifolds.items[i];
        *out = (v_manifold){ .a = { c->a, p->status[c->a].generation },
                             .b = { c->b, p->status[c->b].generation },
                             .normal = c->manifold.normal,
                             .point_count = c->manifold.count };
        for (uint32_t k = 0; k < c->manifold.count; ++k) {
            const contact_point *point = &c->manifold.points[k];
            out->points[k] = (v_manifold_point){ .pos_m = v_vec3_add(p->colliders[c->a].pos_m, point->arm_a),
                                                 .separation_m = point->separation_m,
                                                 .normal_impulse_n_s = c->impulses[k],
                                                 .feature = point->feature };
        }
    }
    return V_OK;
}
