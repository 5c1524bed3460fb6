// From world to scene: what the renderer sees of a tick. Reads the world, never writes it.
#ifndef V_APP_EXTRACT_H
#define V_APP_EXTRACT_H

#include "app_internal.h"
#include "v/render.h"

typedef struct app_extraction {
    const v_allocator *allocator;
    V_ARRAY(v_scene_item) items;
    v_scene_light lights[V_LEVEL_LIGHTS_MAX];
    v_query *look_query, *lamp_query, *view_query; // of the one engine that is drawn
} app_extraction;

/// Fill a scene that borrows from the extraction until the next call. Bodies are drawn `alpha` between the last two
/// ticks.
v_status app_extract(app_extraction *extraction, const v_engine *engine, float alpha, v_scene *out_scene);
/// Before the engine is destroyed.
void app_extraction_finish(app_extraction *extraction);

#endif
