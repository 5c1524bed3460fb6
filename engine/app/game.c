// The game's components, and its block of state: a component on an entity of its own, so that it is saved, rewound and
// hashed like the rest.
#include "app_internal.h"

v_status app_game_register(v_engine *engine)
{
    const v_component_info *const *infos = engine->game.components;
    for (; infos != NULL && *infos != NULL; infos++) {
        if (v_component_register(engine->world, *infos).id == 0) {
            return V_ERROR_INVALID_ARGUMENT;
        }
    }
    const v_component_info *info = engine->game.state;
    if (info == NULL) {
        return V_OK;
    }
    engine->game_component = v_component_register(engine->world, info);
    if (engine->game_component.id == 0) {
        return V_ERROR_INVALID_ARGUMENT;
    }
    v_query_desc query = { .terms = { { .component = engine->game_component } }, .term_count = 1 };
    return v_query_create(engine->world, &query, &engine->game_query);
}

v_status app_game_create_state(v_engine *engine)
{
    if (engine->game.state == NULL) {
        return V_OK;
    }
    v_entity entity = v_entity_create(engine->world);
    return v_component_set(engine->world, entity, engine->game_component, NULL);
}

void *v_engine_game_state(v_engine *engine)
{
    if (engine == NULL || engine->game_query == NULL) {
        return NULL;
    }
    void *state = NULL;
    for (v_query_iter iter = { 0 }; v_query_next(engine->game_query, &iter);) {
        state = state == NULL ? iter.columns[0] : state;
    }
    return state;
}
