// pairs.c: the broadphase's chunks become one list, sorted by (a, b).
#include "physics_internal.h"

/// Heap sort: no memory, no worst case, and equal keys cannot occur.
static void sort_slots(body_pair *pairs, uint32_t count)
{
    for (uint32_t end = count, start = count / 2; end > 1;) {
        if (start > 0) {
            --start;
        } else {
            --end;
            body_pair last = pairs[end];
            pairs[end] = pairs[0];
            pairs[0] = last;
        }
        uint32_t root = start;
        for (uint32_t child = 2 * root + 1; child < end; child = 2 * root + 1) {
            child += child + 1 < end && pairs[child].b < pairs[child + 1].b ? 1u : 0u;
            if (pairs[root].b >= pairs[child].b) {
                break;
            }
            body_pair swap = pairs[root];
            pairs[root] = pairs[child];
            pairs[child] = swap;
            root = child;
        }
    }
}

static void sort_bucket(body_pair *pairs, uint32_t count)
{
    uint32_t disorder = 0;
    for (uint32_t i = 1; i < count; ++i) {
        disorder += pairs[i].b < pairs[i - 1].b ? 1u : 0u;
    }
    if (disorder > 8 && count > 32) {
        sort_slots(pairs, count);
        return;
    }
    for (uint32_t i = 1; i < count && disorder > 0; ++i) {
        body_pair pair = pairs[i];
        uint32_t j = i;
        for (; j > 0 && pairs[j - 1].b > pair.b; --j) {
            pairs[j] = pairs[j - 1];
        }
        pairs[j] = pair;
    }
}

v_status physics_pairs(physics *p)
{
    uint32_t total = 0;
    for (uint32_t chunk = 0; chunk < p->chunk_pairs.count; ++chunk) {
        total += p->chunk_pairs.items[chunk].count;
    }
    V_TRY(V_ARRAY_RESERVE(&p->pairs, p->allocator, total));
    V_TRY(V_ARRAY_RESERVE(&p->bucket, p->allocator, p->slot_count + 1u));
    uint32_t *bucket = p->bucket.items;
    for (uint32_t i = 0; i <= p->slot_count; ++i) {
        bucket[i] = 0;
    }
    for (uint32_t chunk = 0; chunk < p->chunk_pairs.count; ++chunk) {
        const pair_array *pairs = &p->chunk_pairs.items[chunk];
        for (uint32_t i = 0; i < pairs->count; ++i) {
            ++bucket[pairs->items[i].a + 1u];
        }
    }
    for (uint32_t i = 1; i <= p->slot_count; ++i) {
        bucket[i] += bucket[i - 1u];
    }
    for (uint32_t chunk = 0; chunk < p->chunk_pairs.count; ++chunk) {
        const pair_array *pairs = &p->chunk_pairs.items[chunk];
        for (uint32_t i = 0; i < pairs->count; ++i) {
            p->pairs.items[bucket[pairs->items[i].a]++] = pairs->items[i];
        }
    }
    p->pairs.count = total;
    uint32_t begin = 0; // bucket[a] is now one past a's last pair
    for (uint32_t a = 0; a < p->slot_count; ++a) {
        sort_bucket(&p->pairs.items[begin], bucket[a] - begin);
        begin = bucket[a];
    }
    p->stats.pairs = total;
    return V_OK;
}
