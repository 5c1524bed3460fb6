// grid.c: broadphase. A hashed grid per power of two of body size; every awake body looks up the cells that it
// overlaps. The result is the set of pairs with overlapping bounds, so cell sizes and table order cannot reach the
// simulation. Source: C. Ericson, Real-Time Collision Detection, 7.2 (hierarchical hashed grids).
#include "physics_internal.h"

#define SEARCH_CHUNK     64u ///< Awake bodies per job.
#define LEVEL_MIDDLE     16  ///< The level whose cell is the base size.
#define LEVEL_SCAN_COUNT 8u  ///< A level with so few bodies is scanned instead of looked up.
#define CELL_SLACK       1.01f

typedef struct cell_range {
    int32_t low[3], high[3];
    float cells;
} cell_range;

static float body_extent_m(const v_aabb *bounds)
{
    v_vec3 size = v_vec3_sub(bounds->max_m, bounds->min_m);
    return v_max(size.x, v_max(size.y, size.z));
}

/// The configured cell, or one that most bodies just fit in.
static float grid_base_cell_m(const physics *p)
{
    if (p->desc.cell_m > 0.0f) {
        return p->desc.cell_m;
    }
    float sum = 0.0f;
    for (uint32_t i = 0; i < p->awake.count; ++i) {
        sum += body_extent_m(&p->colliders[p->awake.items[i]].bounds);
    }
    return p->awake.count > 0 ? 1.25f * sum / (float)p->awake.count : 1.0f;
}

static uint8_t level_for(float extent_m, const physics_grid *grid)
{
    uint8_t level = 0;
    while (level + 1u < PHYSICS_GRID_LEVELS && extent_m > grid->levels[level].cell_m) {
        ++level;
    }
    return level;
}

static int32_t cell_coordinate(float position_m, float inverse_cell_m)
{
    float scaled = v_clamp(position_m * inverse_cell_m, -1e9f, 1e9f);
    int32_t truncated = (int32_t)scaled;
    return truncated - ((float)truncated > scaled ? 1 : 0);
}

static uint32_t cell_hash(int32_t x, int32_t y, int32_t z)
{
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^ (uint32_t)z * 0xcb1ab31fu;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    return h ^ h >> 13;
}

/// The table entry of a cell, or the free one where it belongs.
static uint32_t find_cell(const physics_grid *grid, const grid_level *level, int32_t x, int32_t y, int32_t z)
{
    for (uint32_t i = cell_hash(x, y, z);; ++i) {
        uint32_t index = level->table_begin + (i & level->table_mask);
        const grid_cell *cell = &grid->table.items[index];
        if (cell->count == 0 || (cell->x == x && cell->y == y && cell->z == z)) {
            return index;
        }
    }
}

static v_status reserve_grid(physics *p)
{
    physics_grid *grid = &p->grid;
    uint32_t bodies = p->alive_count;
    V_TRY(V_ARRAY_RESERVE(&grid->entries, p->allocator, bodies));
    V_TRY(V_ARRAY_RESERVE(&grid->placed, p->allocator, bodies));
    V_TRY(V_ARRAY_RESERVE(&grid->cell_of, p->allocator, bodies));
    V_TRY(V_ARRAY_RESERVE(&grid->level_of, p->allocator, p->slot_count));
    // A level's table has at most four times as many entries as bodies.
    return V_ARRAY_RESERVE(&grid->table, p->allocator, 4u * bodies + PHYSICS_GRID_LEVELS);
}

/// Sort the bodies by level and lay out each level's table.
static void place_levels(physics *p)
{
    physics_grid *grid = &p->grid;
    float cell = grid_base_cell_m(p);
    for (uint32_t i = 0; i < LEVEL_MIDDLE; ++i) {
        cell *= 0.5f;
    }
    for (uint32_t i = 0; i < PHYSICS_GRID_LEVELS; ++i, cell *= 2.0f) {
        grid->levels[i] = (grid_level){ .cell_m = cell, .inverse_cell_m = 1.0f / cell };
    }
    for (uint32_t slot = 1; slot < p->slot_count; ++slot) {
        if (p->status[slot].flags & BODY_ALIVE) {
            grid->level_of.items[slot] = level_for(body_extent_m(&p->colliders[slot].bounds), grid);
            ++grid->levels[grid->level_of.items[slot]].count;
        }
    }
    uint32_t begin = 0, table = 0, next[PHYSICS_GRID_LEVELS];
    for (uint32_t i = 0; i < PHYSICS_GRID_LEVELS; ++i) {
        grid_level *level = &grid->levels[i];
        uint32_t size = 1;
        while (level->count > 0 && size < 2u * level->count) {
            size *= 2u;
        }
        level->begin = next[i] = begin;
        level->table_begin = table;
        level->table_mask = size - 1u;
        begin += level->count;
        table += size;
    }
    for (uint32_t slot = 1; slot < p->slot_count; ++slot) {
        if (p->status[slot].flags & BODY_ALIVE) {
            grid->placed.items[next[grid->level_of.items[slot]]++] = slot;
        }
    }
    grid->table.count = table;
    for (uint32_t i = 0; i < table; ++i) {
        grid->table.items[i].count = 0;
    }
}

/// Count each cell's bodies, then deal the entries out to the cells.
static void fill_level(physics *p, grid_level *level)
{
    physics_grid *grid = &p->grid;
    for (uint32_t i = level->begin; i < level->begin + level->count; ++i) {
        const collider *body = &p->colliders[grid->placed.items[i]];
        int32_t x = cell_coordinate(body->pos_m.x, level->inverse_cell_m);
        int32_t y = cell_coordinate(body->pos_m.y, level->inverse_cell_m);
        int32_t z = cell_coordinate(body->pos_m.z, level->inverse_cell_m);
        uint32_t index = find_cell(grid, level, x, y, z);
        grid_cell *cell = &grid->table.items[index];
        *cell = (grid_cell){ .x = x, .y = y, .z = z, .count = cell->count + 1u };
        grid->cell_of.items[i] = index;
    }
    uint32_t end = level->begin;
    for (uint32_t i = 0; level->count > 0 && i <= level->table_mask; ++i) {
        grid_cell *cell = &grid->table.items[level->table_begin + i];
        end += cell->count;
        cell->first = end; // dealt out backwards below
    }
    for (uint32_t i = level->begin + level->count; i-- > level->begin;) {
        uint32_t slot = grid->placed.items[i];
        grid_cell *cell = &grid->table.items[grid->cell_of.items[i]];
        bool searches = p->solver_index[slot] != 0;
        grid->entries.items[--cell->first] =
            (grid_entry){ .bounds = p->colliders[slot].bounds, .slot = slot, .searches = searches };
        level->has_idle = level->has_idle || !searches;
    }
}

static cell_range range_of(const v_aabb *bounds, const grid_level *level)
{
    // A body lies in the cell of its centre and reaches half a cell beyond it at most.
    float reach = 0.5f * CELL_SLACK * level->cell_m;
    const float low[3] = { bounds->min_m.x, bounds->min_m.y, bounds->min_m.z };
    const float high[3] = { bounds->max_m.x, bounds->max_m.y, bounds->max_m.z };
    cell_range range = { .cells = 1.0f };
    for (uint32_t i = 0; i < 3; ++i) {
        range.low[i] = cell_coordinate(low[i] - reach - 1e-6f * fabsf(low[i]), level->inverse_cell_m);
        range.high[i] = cell_coordinate(high[i] + reach + 1e-6f * fabsf(high[i]), level->inverse_cell_m);
        range.cells *= (float)range.high[i] - (float)range.low[i] + 1.0f;
    }
    return range;
}

static bool overlap(const v_aabb *a, const v_aabb *b)
{
    return a->min_m.x <= b->max_m.x && b->min_m.x <= a->max_m.x && a->min_m.y <= b->max_m.y &&
           b->min_m.y <= a->max_m.y && a->min_m.z <= b->max_m.z && b->min_m.z <= a->max_m.z;
}

typedef struct search {
    physics *p;
    pair_array *out;
    const v_aabb *bounds;
    uint32_t slot;
    bool finer, same; ///< How the searched level compares with the body's own.
    v_status status;
} search;

/// Of two searching bodies the one on the finer level reports, or the lower slot on the same level.
static void search_entries(search *s, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; ++i) {
        const grid_entry *entry = &s->p->grid.entries.items[i];
        if (!overlap(s->bounds, &entry->bounds) || entry->slot == s->slot ||
            (entry->searches && (s->finer || (s->same && entry->slot < s->slot)))) {
            continue;
        }
        body_pair pair = { entry->slot < s->slot ? entry->slot : s->slot,
                           entry->slot < s->slot ? s->slot : entry->slot };
        v_status status = V_ARRAY_PUSH(s->out, s->p->allocator, pair);
        s->status = status != V_OK ? status : s->status;
    }
}

static void search_level(search *s, const grid_level *level)
{
    const physics_grid *grid = &s->p->grid;
    cell_range range = range_of(s->bounds, level);
    if (level->count <= LEVEL_SCAN_COUNT || range.cells > 2.0f * (float)level->count) {
        search_entries(s, level->begin, level->count);
        return;
    }
    for (int32_t z = range.low[2]; z <= range.high[2]; ++z) {
        for (int32_t y = range.low[1]; y <= range.high[1]; ++y) {
            for (int32_t x = range.low[0]; x <= range.high[0]; ++x) {
                const grid_cell *cell = &grid->table.items[find_cell(grid, level, x, y, z)];
                search_entries(s, cell->first, cell->count);
            }
        }
    }
}

static void search_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)worker;
    physics *p = data;
    search s = { .p = p, .out = &p->chunk_pairs.items[chunk] };
    s.out->count = 0;
    for (uint32_t i = begin; i < end; ++i) {
        s.slot = p->awake.items[i];
        s.bounds = &p->colliders[s.slot].bounds;
        uint8_t own = p->grid.level_of.items[s.slot];
        for (uint32_t level = 0; level < PHYSICS_GRID_LEVELS; ++level) {
            s.finer = level < own;
            s.same = level == own;
            if (p->grid.levels[level].count > 0 && (!s.finer || p->grid.levels[level].has_idle)) {
                search_level(&s, &p->grid.levels[level]);
            }
        }
    }
    p->chunk_status.items[chunk] = (uint32_t)s.status;
}

static void refresh_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    physics *p = data;
    for (uint32_t i = begin; i < end; ++i) {
        physics_refresh_collider(p, p->awake.items[i]);
    }
}

v_status physics_broadphase(physics *p)
{
    v_jobs_for(physics_jobs(p), p->awake.count, SEARCH_CHUNK, refresh_chunk, p);
    V_TRY(reserve_grid(p));
    place_levels(p);
    for (uint32_t i = 0; i < PHYSICS_GRID_LEVELS; ++i) {
        fill_level(p, &p->grid.levels[i]);
    }
    uint32_t chunks = v_jobs_chunk_count(p->awake.count, SEARCH_CHUNK);
    while (p->chunk_pairs.count < chunks) {
        V_TRY(V_ARRAY_PUSH(&p->chunk_pairs, p->allocator, (pair_array){ 0 }));
    }
    for (uint32_t i = 0; i < p->chunk_pairs.count; ++i) {
        p->chunk_pairs.items[i].count = 0;
    }
    V_TRY(V_ARRAY_RESERVE(&p->chunk_status, p->allocator, chunks));
    v_jobs_for(physics_jobs(p), p->awake.count, SEARCH_CHUNK, search_chunk, p);
    for (uint32_t i = 0; i < chunks; ++i) {
        if (p->chunk_status.items[i] != V_OK) {
            return v_fail(V_ERROR_OUT_OF_MEMORY, "v_physics_step: no memory for the pairs of the broadphase");
        }
    }
    return V_OK;
}
