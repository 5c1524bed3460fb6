// Parents and children: the built-in component v.Node holds the links. An entity has it while it has a parent or
// children, so that the links are a function of the tree alone.
#include "ecs_internal.h"

static ecs_node *node_of(const ecs_store *store, uint32_t index)
{
    bool has = ecs_has(store, ECS_NODE, index);
    return has ? (ecs_node *)(void *)ecs_place(&store->columns[ECS_NODE], index) : NULL;
}

const ecs_node *ecs_node_get(const v_world *world, uint32_t index)
{
    return node_of(&world->store, index);
}

static ecs_node *node_make(v_world *world, uint32_t index)
{
    ecs_node *node = node_of(&world->store, index);
    if (node == NULL) {
        node = ecs_add_raw(world, index, ECS_NODE);
        if (node != NULL) {
            *node = (ecs_node){ 0 };
        }
    }
    return node;
}

static void drop_if_unlinked(v_world *world, v_entity entity)
{
    const ecs_node *node = ecs_node_get(world, entity.index);
    if (node != NULL && v_entity_is_null(node->parent) && v_entity_is_null(node->first)) {
        ecs_remove(world, entity, ECS_NODE);
    }
}

void ecs_unlink(v_world *world, v_entity entity)
{
    ecs_node *node = node_of(&world->store, entity.index);
    if (node == NULL || v_entity_is_null(node->parent)) {
        return;
    }
    v_entity parent = node->parent;
    ecs_node *above = node_of(&world->store, parent.index);
    if (v_entity_is_null(node->previous)) {
        above->first = node->next;
    } else {
        node_of(&world->store, node->previous.index)->next = node->next;
    }
    if (v_entity_is_null(node->next)) {
        above->last = node->previous;
    } else {
        node_of(&world->store, node->next.index)->previous = node->previous;
    }
    node->parent = node->next = node->previous = (v_entity){ 0 };
    drop_if_unlinked(world, entity);
    drop_if_unlinked(world, parent);
}

v_status ecs_set_parent(v_world *world, v_entity child, v_entity parent)
{
    if (v_entity_is_null(parent)) {
        ecs_unlink(world, child);
        return V_OK;
    }
    for (v_entity up = parent; !v_entity_is_null(up); up = v_entity_parent(world, up)) {
        if (v_entity_equal(up, child)) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "v_entity_set_parent: %u:%u is %u:%u itself or lies below it",
                          parent.index, parent.generation, child.index, child.generation);
        }
    }
    if (node_make(world, child.index) == NULL || node_make(world, parent.index) == NULL) {
        drop_if_unlinked(world, child);
        return V_ERROR_OUT_OF_MEMORY;
    }
    ecs_unlink(world, child);
    // Unlinking drops nodes that are left without links: make them again, their pages exist by now.
    ecs_node *node = node_make(world, child.index), *above = node_make(world, parent.index);
    node->parent = parent;
    node->previous = above->last;
    if (v_entity_is_null(above->last)) {
        above->first = child;
    } else {
        node_of(&world->store, above->last.index)->next = child;
    }
    above->last = child;
    if (ecs_has(&world->store, ECS_PREFAB, parent.index)) {
        ecs_mark_prefab(world, child);
    }
    return V_OK;
}

v_entity ecs_next_below(const v_world *world, v_entity root, v_entity current)
{
    v_entity next = v_entity_first_child(world, current);
    while (v_entity_is_null(next) && !v_entity_equal(current, root)) {
        next = v_entity_next_sibling(world, current);
        current = v_entity_parent(world, current);
    }
    return next;
}

v_status v_entity_set_parent(v_world *world, v_entity child, v_entity parent)
{
    V_TRY(ecs_check_change(world, "v_entity_set_parent"));
    V_TRY(ecs_check_entity(world, child, "v_entity_set_parent"));
    if (!v_entity_is_null(parent)) {
        V_TRY(ecs_check_entity(world, parent, "v_entity_set_parent"));
    }
    V_TRY(ecs_set_parent(world, child, parent));
    v_writer *writer = v_world_journal_begin(world);
    if (writer != NULL) {
        ecs_write_entity(writer, child);
        ecs_write_entity(writer, parent);
        v_world_journal_commit(world, V_OP_ENTITY_SET_PARENT);
    }
    return V_OK;
}

v_entity v_entity_parent(const v_world *world, v_entity entity)
{
    bool alive = v_entity_is_alive(world, entity);
    const ecs_node *node = alive ? ecs_node_get(world, entity.index) : NULL;
    return node != NULL ? node->parent : (v_entity){ 0 };
}

v_entity v_entity_first_child(const v_world *world, v_entity entity)
{
    bool alive = v_entity_is_alive(world, entity);
    const ecs_node *node = alive ? ecs_node_get(world, entity.index) : NULL;
    return node != NULL ? node->first : (v_entity){ 0 };
}

v_entity v_entity_next_sibling(const v_world *world, v_entity entity)
{
    bool alive = v_entity_is_alive(world, entity);
    const ecs_node *node = alive ? ecs_node_get(world, entity.index) : NULL;
    return node != NULL ? node->next : (v_entity){ 0 };
}

uint32_t v_entity_child_count(const v_world *world, v_entity entity)
{
    uint32_t count = 0;
    v_entity child = v_entity_first_child(world, entity);
    for (; !v_entity_is_null(child); child = v_entity_next_sibling(world, child)) {
        count++;
    }
    return count;
}

/// The node of a living entity, for links read from outside.
static const ecs_node *node_at(const ecs_store *store, v_entity entity)
{
    return ecs_is_alive(store, entity) ? node_of(store, entity.index) : NULL;
}

/// Whether the neighbours that `self` names know of it.
static bool links_agree(const ecs_store *store, v_entity self, const ecs_node *node)
{
    const ecs_node none = { 0 };
    bool rooted = v_entity_is_null(node->parent);
    if (rooted &&
        (!v_entity_is_null(node->next) || !v_entity_is_null(node->previous) || v_entity_is_null(node->first))) {
        return false;
    }
    if (v_entity_is_null(node->first) != v_entity_is_null(node->last)) {
        return false;
    }
    const ecs_node *parent = rooted ? &none : node_at(store, node->parent);
    const ecs_node *next = v_entity_is_null(node->next) ? &none : node_at(store, node->next);
    const ecs_node *previous = v_entity_is_null(node->previous) ? &none : node_at(store, node->previous);
    const ecs_node *first = v_entity_is_null(node->first) ? &none : node_at(store, node->first);
    const ecs_node *last = v_entity_is_null(node->last) ? &none : node_at(store, node->last);
    if (parent == NULL || next == NULL || previous == NULL || first == NULL || last == NULL) {
        return false;
    }
    bool beside =
        (next == &none ? rooted || v_entity_equal(parent->last, self)
                       : v_entity_equal(next->previous, self) && v_entity_equal(next->parent, node->parent)) &&
        (previous == &none ? rooted || v_entity_equal(parent->first, self)
                           : v_entity_equal(previous->next, self) && v_entity_equal(previous->parent, node->parent));
    bool below = first == &none || (v_entity_equal(first->parent, self) && v_entity_is_null(first->previous) &&
                                    v_entity_equal(last->parent, self) && v_entity_is_null(last->next));
    return beside && below;
}

/// Nodes reached from the roots; in a consistent store all of them, unless parents form a ring.
static uint32_t count_reachable(const ecs_store *store)
{
    uint32_t reached = 0;
    for (uint32_t root = 1; root < store->slot_count; root++) {
        const ecs_node *node = node_of(store, root);
        if (node == NULL || !v_entity_is_null(node->parent)) {
            continue;
        }
        for (uint32_t at = root; at != 0;) {
            reached++;
            node = node_of(store, at);
            if (!v_entity_is_null(node->first)) {
                at = node->first.index;
                continue;
            }
            while (at != root && v_entity_is_null(node->next)) {
                at = node->parent.index;
                node = node_of(store, at);
            }
            at = at != root ? node->next.index : 0;
        }
    }
    return reached;
}

v_status ecs_check_nodes(const ecs_store *store)
{
    if (store->columns[ECS_NODE].count == 0) {
        return V_OK;
    }
    for (uint32_t i = 1; i < store->slot_count; i++) {
        const ecs_node *node = node_of(store, i);
        if (node != NULL && !links_agree(store, store->ids[i], node)) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: entity %u: its parent and children do not agree", i);
        }
    }
    if (count_reachable(store) != store->columns[ECS_NODE].count) {
        return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: entities are their own ancestors");
    }
    return V_OK;
}
