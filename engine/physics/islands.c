// islands.c: bodies that touch form islands, found by union-find; islands sleep and wake as a whole.
#include "physics_internal.h"

static uint32_t find_root(uint32_t *parent, uint32_t slot)
{
    while (parent[slot] != slot) {
        parent[slot] = parent[parent[slot]];
        slot = parent[slot];
    }
    return slot;
}

static bool contact_links(const physics *p, const contact *c)
{
    if (p->solver_index[c->a] == 0 || p->solver_index[c->b] == 0) {
        return false;
    }
    for (uint32_t i = 0; i < c->manifold.count; ++i) {
        if (c->manifold.points[i].separation_m < PHYSICS_SLOP_M) {
            return true;
        }
    }
    return false;
}

v_status physics_islands(physics *p)
{
    uint32_t *parent = p->island;
    for (uint32_t i = 0; i < p->awake.count; ++i) {
        parent[p->awake.items[i]] = p->awake.items[i];
    }
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        const contact *c = &p->contacts.items[i];
        if (contact_links(p, c)) {
            uint32_t a = find_root(parent, c->a), b = find_root(parent, c->b);
            parent[a < b ? b : a] = a < b ? a : b; // the root is the island's lowest slot
        }
    }
    p->stats.islands = 0;
    for (uint32_t i = 0; i < p->awake.count; ++i) {
        p->stats.islands += parent[p->awake.items[i]] == p->awake.items[i] ? 1u : 0u;
    }
    return physics_colour(p);
}

static float surface_speed(const physics *p, uint32_t slot)
{
    const body_motion *motion = &p->motions[slot];
    return v_vec3_length(motion->linear_m_s) + v_vec3_length(motion->angular_rad_s) * p->masses[slot].reach_m;
}

/// Stop the members of resting islands and tie each island into a ring in slot order.
static void fall_asleep(physics *p, const uint32_t *last_member)
{
    for (uint32_t i = 0; i < p->awake.count; ++i) {
        uint32_t slot = p->awake.items[i], root = p->island[slot];
        if (last_member[root] == 0) {
            continue;
        }
        p->status[slot].flags |= BODY_ASLEEP;
        p->motions[slot].linear_m_s = p->motions[slot].angular_rad_s = v_vec3_make(0, 0, 0);
        p->previous[slot] = p->poses[slot];
        ++p->asleep_count;
        physics_refresh_collider(p, slot);
    }
}

v_status physics_sleep(physics *p)
{
    // bucket[root]: 0 when a member is not still for long enough, else the member seen last.
    V_TRY(V_ARRAY_RESERVE(&p->bucket, p->allocator, p->slot_count + 1u));
    uint32_t *last_member = p->bucket.items;
    for (uint32_t i = 0; i < p->awake.count; ++i) {
        uint32_t slot = p->awake.items[i];
        p->island[slot] = find_root(p->island, slot);
        last_member[p->island[slot]] = UINT32_MAX;
    }
    bool any = false;
    for (uint32_t i = 0; i < p->awake.count; ++i) {
        uint32_t slot = p->awake.items[i];
        body_motion *motion = &p->motions[slot];
        bool still = surface_speed(p, slot) < PHYSICS_SLEEP_SPEED_M_S && !p->desc.no_sleep &&
                     (p->status[slot].flags & BODY_NO_SLEEP) == 0;
        motion->still_s = still ? v_min(motion->still_s + p->tick_s, PHYSICS_SLEEP_AFTER_S) : 0.0f;
        if (motion->still_s < PHYSICS_SLEEP_AFTER_S) {
            last_member[p->island[slot]] = 0;
        } else {
            any = true;
        }
    }
    if (any) {
        fall_asleep(p, last_member);
        // Members in slot order: each names the next, the last the first.
        for (uint32_t i = 0; i < p->awake.count; ++i) {
            uint32_t slot = p->awake.items[i], root = p->island[slot];
            if (last_member[root] != 0) {
                p->status[slot].sleep_next = root;
                if (last_member[root] != UINT32_MAX) {
                    p->status[last_member[root]].sleep_next = slot;
                }
                last_member[root] = slot;
            }
        }
    }
    p->stats.awake = p->awake.count;
    return V_OK;
}

void physics_wake_island(physics *p, uint32_t slot)
{
    if ((p->status[slot].flags & BODY_ASLEEP) == 0) {
        p->motions[slot].still_s = 0.0f;
        return;
    }
    uint32_t member = slot;
    do {
        uint32_t next = p->status[member].sleep_next;
        p->status[member].flags &= ~(uint32_t)BODY_ASLEEP;
        p->status[member].sleep_next = 0;
        p->motions[member].still_s = 0.0f;
        --p->asleep_count;
        member = next;
    } while (member != slot);
}
