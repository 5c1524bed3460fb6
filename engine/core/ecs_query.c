// Queries: a cached list of matching ranges, chunks of columns, parallel iteration.
//
// A range never crosses a page of any column, has the same optional components throughout, and ranges ascend by index.
#include "ecs_internal.h"

enum { PREFETCH_ENTITIES = 256 }; ///< In shorter ranges the request would cost more than it saves.

typedef struct query_range {
    uint32_t first;
    uint16_t count, optional; ///< `optional`: bit t where optional term t is there.
} query_range;

struct v_query {
    v_world *world;
    v_query *next, *previous;
    v_query_desc desc;
    uint32_t with[V_QUERY_TERMS_MAX], without[V_QUERY_TERMS_MAX + 1];
    uint32_t with_count, without_count, range_limit;
    bool is_fresh;
    uint64_t version; ///< Sum of the versions of everything that decides a match, when the ranges were made.
    uint32_t match_count;
    V_ARRAY(query_range) ranges;
};

static v_status check_desc(const v_world *world, const v_query_desc *desc)
{
    if (desc->term_count > V_QUERY_TERMS_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_query_create: %u terms, at most %d", desc->term_count,
                      V_QUERY_TERMS_MAX);
    }
    for (uint32_t t = 0; t < desc->term_count; t++) {
        const v_query_term *term = &desc->terms[t];
        if (v_component_get_info(world, term->component) == NULL || (uint32_t)term->kind > V_TERM_OPTIONAL) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "v_query_create: term %u: component %u, kind %d", t,
                          term->component.id, (int)term->kind);
        }
        if (term->component.id < ECS_FIRST_OPEN && term->kind == V_TERM_OPTIONAL) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "v_query_create: term %u: %s cannot be written by a query", t,
                          world->types[term->component.id].info->name);
        }
    }
    return V_OK;
}

v_status v_query_create(v_world *world, const v_query_desc *desc, v_query **out_query)
{
    V_TRY(ecs_check_world(world, "v_query_create"));
    if (desc == NULL || out_query == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_query_create: %s is null", desc == NULL ? "desc" : "out_query");
    }
    *out_query = NULL;
    V_TRY(check_desc(world, desc));
    v_query *query = V_NEW(world->allocator, v_query);
    if (query == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    query->world = world;
    query->desc = *desc;
    query->range_limit = 1u << ECS_PAGE_SHIFT;
    for (uint32_t t = 0; t < desc->term_count; t++) {
        uint32_t ordinal = desc->terms[t].component.id;
        uint32_t page = 1u << world->store.columns[ordinal].page_shift;
        if (desc->terms[t].kind == V_TERM_WITHOUT) {
            query->without[query->without_count++] = ordinal;
            continue;
        }
        query->range_limit = page < query->range_limit ? page : query->range_limit;
        if (desc->terms[t].kind == V_TERM_WITH) {
            query->with[query->with_count++] = ordinal;
        }
    }
    if (!desc->include_prefabs) {
        query->without[query->without_count++] = ECS_PREFAB;
    }
    query->next = world->queries;
    if (query->next != NULL) {
        query->next->previous = query;
    }
    world->queries = query;
    *out_query = query;
    return V_OK;
}

void v_query_destroy(v_query *query)
{
    if (query == NULL) {
        return;
    }
    v_world *world = query->world;
    if (query->previous != NULL) {
        query->previous->next = query->next;
    } else {
        world->queries = query->next;
    }
    if (query->next != NULL) {
        query->next->previous = query->previous;
    }
    V_ARRAY_DESTROY(&query->ranges, world->allocator);
    V_DELETE(world->allocator, query);
}

void ecs_queries_destroy(v_world *world)
{
    while (world->queries != NULL) {
        v_query_destroy(world->queries);
    }
}

/// Versions only grow, so their sum changes whenever one of them does.
static uint64_t version_of(const v_query *query)
{
    const v_world *world = query->world;
    uint64_t sum = query->with_count == 0 ? world->versions[ECS_ALIVE] : 0;
    for (uint32_t t = 0; t < query->desc.term_count; t++) {
        sum += world->versions[query->desc.terms[t].component.id];
    }
    return query->desc.include_prefabs ? sum : sum + world->versions[ECS_PREFAB];
}

static v_status add_range(v_query *query, uint32_t first, uint32_t count, uint32_t optional)
{
    query->match_count += count;
    if (query->ranges.count != 0 && (first & (query->range_limit - 1)) != 0) {
        query_range *last = &query->ranges.items[query->ranges.count - 1];
        if (last->first + last->count == first && last->optional == optional) {
            last->count = (uint16_t)(last->count + count);
            return V_OK;
        }
    }
    query_range range = { .first = first, .count = (uint16_t)count, .optional = (uint16_t)optional };
    return V_ARRAY_PUSH(&query->ranges, query->world->allocator, range);
}

/// Of `count` bits that match from `bit` on, those over which every optional component stays there or stays away.
static uint32_t uniform_count(const v_query *query, const uint64_t *row, uint32_t bit, uint32_t count,
                              uint32_t *out_optional)
{
    *out_optional = 0;
    for (uint32_t t = 0; t < query->desc.term_count; t++) {
        if (query->desc.terms[t].kind != V_TERM_OPTIONAL) {
            continue;
        }
        uint64_t there = row[query->desc.terms[t].component.id * ECS_BLOCK_WORDS] >> bit;
        uint64_t changes = (there & 1) != 0 ? ~there : there;
        uint32_t same = changes != 0 ? (uint32_t)__builtin_ctzll(changes) : 64;
        count = same < count ? same : count;
        *out_optional |= (uint32_t)(there & 1) << t;
    }
    return count;
}

/// `row` is the liveness word of 64 slots from `base` on; those of the other ordinals lie ECS_BLOCK_WORDS apart.
static v_status match_word(v_query *query, const uint64_t *row, uint32_t base)
{
    uint64_t match = row[ECS_ALIVE];
    for (uint32_t i = 0; i < query->with_count; i++) {
        match &= row[query->with[i] * ECS_BLOCK_WORDS];
    }
    for (uint32_t i = 0; i < query->without_count; i++) {
        match &= ~row[query->without[i] * ECS_BLOCK_WORDS];
    }
    while (match != 0) {
        uint32_t bit = (uint32_t)__builtin_ctzll(match), optional;
        uint64_t zeros = ~(match >> bit);
        uint32_t count = zeros != 0 ? (uint32_t)__builtin_ctzll(zeros) : 64;
        count = uniform_count(query, row, bit, count, &optional);
        V_TRY(add_range(query, base + bit, count, optional));
        match = bit + count < 64 ? match >> (bit + count) << (bit + count) : 0;
    }
    return V_OK;
}

/// Make the ranges anew if they are out of date.
static v_status refresh(v_query *query)
{
    uint64_t version = version_of(query);
    if (query->is_fresh && query->version == version) {
        return V_OK;
    }
    const ecs_store *store = &query->world->store;
    query->is_fresh = false;
    query->ranges.count = 0;
    query->match_count = 0;
    for (uint32_t base = 0; base < store->slot_count; base += 64) {
        v_status status = match_word(query, ecs_word(store, 0, base), base);
        if (status != V_OK) {
            V_LOG_ERROR(query->world->log, "world", "a query cannot list its matches: %s", v_status_message());
            query->ranges.count = 0;
            return status;
        }
    }
    query->version = version;
    query->is_fresh = true;
    return V_OK;
}

static void fill(const v_query *query, const query_range *range, v_query_iter *iter)
{
    const ecs_store *store = &query->world->store;
    iter->count = range->count;
    iter->entities = &store->ids[range->first];
    for (uint32_t t = 0; t < query->desc.term_count; t++) {
        const v_query_term *term = &query->desc.terms[t];
        const ecs_column *column = &store->columns[term->component.id];
        bool there = term->kind == V_TERM_WITH || (range->optional >> t & 1) != 0;
        bool readable = there && column->size_bytes != 0 && term->component.id >= ECS_FIRST_OPEN;
        iter->columns[t] = readable ? ecs_place(column, range->first) : NULL;
    }
}

/// Ask for the first lines of the next range: the hardware follows a stream of addresses, but not from page to page.
static void prefetch(const v_query *query, const query_range *range)
{
    enum { LINES = 8, LINE_BYTES = 64 };
    for (uint32_t t = 0; t < query->desc.term_count; t++) {
        const ecs_column *column = &query->world->store.columns[query->desc.terms[t].component.id];
        if (query->desc.terms[t].kind == V_TERM_WITH && column->size_bytes != 0) {
            const uint8_t *values = ecs_place(column, range->first);
            for (uint32_t line = 0; line < LINES; line++) {
                __builtin_prefetch(values + (size_t)line * LINE_BYTES);
            }
        }
    }
}

bool v_query_next(v_query *query, v_query_iter *iter)
{
    if (query == NULL || iter == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_query_next: %s is null", query == NULL ? "query" : "iter");
        return false;
    }
    uint64_t version = version_of(query) + query->world->versions[ECS_ALIVE] + 1; // never 0: that means "begin"
    if (iter->version == 0) {
        iter->status = refresh(query);
        if (iter->status != V_OK) {
            return false;
        }
        iter->run = 0;
        iter->run_end = query->ranges.count;
        iter->version = version;
    } else if (iter->version != version) {
        iter->status = v_fail(V_ERROR_STATE, "v_query_next: entities or components came or went during the iteration; "
                                             "use v_commands for that");
        V_LOG_ERROR(query->world->log, "world", "%s", v_status_message());
        iter->count = 0;
        return false;
    }
    if (iter->run >= iter->run_end) {
        iter->count = 0;
        return false;
    }
    iter->chunk = query->ranges.items[iter->run].first / V_QUERY_CHUNK_ENTITIES;
    fill(query, &query->ranges.items[iter->run++], iter);
    if (iter->run < iter->run_end && iter->count >= PREFETCH_ENTITIES) {
        prefetch(query, &query->ranges.items[iter->run]);
    }
    return true;
}

uint32_t v_query_count(v_query *query)
{
    return query != NULL && refresh(query) == V_OK ? query->match_count : 0;
}

// Parallel iteration.
// --------------------------------------------------------------------------------------------------

typedef struct for_task {
    const v_query *query;
    v_query_function run;
    void *user;
} for_task;

/// The first range at or after entity index `index`.
static uint32_t find_range(const v_query *query, uint32_t index)
{
    uint32_t low = 0, high = query->ranges.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (query->ranges.items[middle].first < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void run_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    const for_task *task = data;
    (void)chunk;
    for (uint32_t c = begin; c < end; c++) {
        uint32_t last = find_range(task->query, (c + 1) * V_QUERY_CHUNK_ENTITIES);
        for (uint32_t r = find_range(task->query, c * V_QUERY_CHUNK_ENTITIES); r < last; r++) {
            v_query_iter iter = { .chunk = c };
            fill(task->query, &task->query->ranges.items[r], &iter);
            task->run(task->user, &iter, worker);
        }
    }
}

v_status v_query_for(v_query *query, v_query_function run, void *user)
{
    if (query == NULL || run == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_query_for: %s is null", query == NULL ? "query" : "run");
    }
    v_world *world = query->world;
    V_TRY(ecs_check_change(world, "v_query_for"));
    V_TRY(refresh(query));
    V_TRY(v_commands_next_stage(world));
    for_task task = { .query = query, .run = run, .user = user };
    uint32_t chunks = v_jobs_chunk_count(world->store.slot_count, V_QUERY_CHUNK_ENTITIES);
    world->guard |= ECS_GUARD_QUERY_FOR;
    v_jobs_for(world->jobs, chunks, 1, run_chunk, &task);
    world->guard &= ~(uint32_t)ECS_GUARD_QUERY_FOR;
    return v_commands_next_stage(world);
}
