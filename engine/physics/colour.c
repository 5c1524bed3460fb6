// colour.c: contacts are given colours so that no two of one colour move the same body: those can be solved side by
// side, in lanes and on workers, with the same result as one after the other.
#include "physics_internal.h"
#include "physics_solver.h"

static uint32_t lowest_bit(uint64_t bits)
{
    return (uint32_t)__builtin_ctzll(bits);
}

/// The first colour from `from` on that neither body has; the overflow colour when there is none.
static uint32_t take_colour(physics_solver *solver, uint32_t a, uint32_t b, uint32_t from)
{
    uint64_t allowed = from < PHYSICS_COLOURS_MAX ? ~0ull << from : 0ull;
    uint64_t *used = solver->colours_used.items;
    uint64_t open = allowed & ~((a != 0 ? used[a] : 0ull) | (b != 0 ? used[b] : 0ull));
    if (open == 0) {
        return PHYSICS_OVERFLOW_COLOUR;
    }
    uint32_t colour = lowest_bit(open);
    used[a] |= a != 0 ? 1ull << colour : 0ull;
    used[b] |= b != 0 ? 1ull << colour : 0ull;
    return colour;
}

/// First the pairs of moving bodies; those that rest on immovable ones come last and so have the last word.
static uint32_t assign(physics *p)
{
    physics_solver *solver = &p->solver;
    uint32_t colours = 0;
    for (uint32_t pass = 0; pass < 2; ++pass) {
        uint32_t from = pass == 0 ? 0 : colours;
        for (uint32_t i = 0; i < p->contacts.count; ++i) {
            contact *c = &p->contacts.items[i];
            uint32_t a = p->solver_index[c->a], b = p->solver_index[c->b];
            if ((pass == 0) == (a != 0 && b != 0)) {
                c->colour = take_colour(solver, a, b, from);
                if (c->colour != PHYSICS_OVERFLOW_COLOUR && c->colour + 1u > colours) {
                    colours = c->colour + 1u;
                }
            }
        }
    }
    return colours;
}

/// Sorting key within the step: colour, then more points first so that lanes of a group have equal work.
static uint32_t lane_key(const contact *c)
{
    return c->colour * V_MANIFOLD_POINTS_MAX + (V_MANIFOLD_POINTS_MAX - c->manifold.count);
}

static v_status reserve_groups(physics *p, uint32_t groups)
{
    physics_solver *solver = &p->solver;
    V_TRY(V_ARRAY_RESERVE(&solver->lane_contact, p->allocator, groups * PHYSICS_LANES));
    if (groups <= solver->group_capacity) {
        return V_OK;
    }
    uint32_t capacity = solver->group_capacity < 16 ? 16 : solver->group_capacity;
    while (capacity < groups) {
        capacity *= 2u;
    }
    solver_group *fresh = v_alloc(p->allocator, capacity * sizeof(solver_group), 64);
    if (fresh == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    v_free(p->allocator, solver->groups, solver->group_capacity * sizeof(solver_group), 64);
    solver->groups = fresh;
    solver->group_capacity = capacity;
    return V_OK;
}

v_status physics_colour(physics *p)
{
    physics_solver *solver = &p->solver;
    V_TRY(V_ARRAY_RESERVE(&solver->colours_used, p->allocator, p->awake.count + 1u));
    for (uint32_t i = 0; i <= p->awake.count; ++i) {
        solver->colours_used.items[i] = 0;
    }
    solver->colour_count = assign(p);
    p->stats.colours = solver->colour_count;

    uint32_t counts[(PHYSICS_COLOURS_MAX + 1u) * V_MANIFOLD_POINTS_MAX] = { 0 };
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        ++counts[lane_key(&p->contacts.items[i])];
    }
    // Every colour starts a new group; a contact of the overflow has a group of its own.
    uint32_t lane = 0;
    for (uint32_t colour = 0; colour <= PHYSICS_COLOURS_MAX; ++colour) {
        uint32_t width = colour == PHYSICS_OVERFLOW_COLOUR ? PHYSICS_LANES : 1u;
        solver->colour_begin[colour] = lane / PHYSICS_LANES;
        for (uint32_t k = 0; k < V_MANIFOLD_POINTS_MAX; ++k) {
            uint32_t *count = &counts[colour * V_MANIFOLD_POINTS_MAX + k];
            uint32_t first = lane;
            lane += *count * width;
            *count = first;
        }
        lane = (lane + PHYSICS_LANES - 1u) / PHYSICS_LANES * PHYSICS_LANES;
    }
    solver->group_count = lane / PHYSICS_LANES;
    solver->colour_begin[PHYSICS_COLOURS_MAX + 1u] = solver->group_count;
    V_TRY(reserve_groups(p, solver->group_count));
    for (uint32_t i = 0; i < lane; ++i) {
        solver->lane_contact.items[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < p->contacts.count; ++i) {
        uint32_t *next = &counts[lane_key(&p->contacts.items[i])];
        solver->lane_contact.items[*next] = i;
        *next += p->contacts.items[i].colour == PHYSICS_OVERFLOW_COLOUR ? PHYSICS_LANES : 1u;
    }
    return V_OK;
}

void physics_release_groups(physics *p)
{
    v_free(p->allocator, p->solver.groups, p->solver.group_capacity * sizeof(solver_group), 64);
}
