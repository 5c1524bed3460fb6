// v/level.h: the level text format, parsed and checked (E30, E62). Floor 2: knows no physics and no renderer.
//
//     v_level *level;
//     v_status status = v_level_load("games/void_frontier/levels/level_0.toml", allocator, &level);
//     const v_level_data *data = v_level_get_data(level);
//
// The format is described in docs/specs/level.md. A bad level gets one error: "file:line:column: key: what and how to
// mend".
#ifndef V_LEVEL_H
#define V_LEVEL_H

#include "v/math.h"
#include "v/memory.h"

V_EXTERN_C_BEGIN

#define V_LEVEL_ID_BYTES      48    ///< Entity and material ids, NUL included.
#define V_LEVEL_ENTITIES_MAX  65535 ///< After grids are laid out.
#define V_LEVEL_MATERIALS_MAX 256
#define V_LEVEL_LIGHTS_MAX    16
#define V_LEVEL_PUSHES_MAX    64
#define V_LEVEL_BYTES_MAX     (8u << 20)

typedef enum v_level_shape { V_LEVEL_SHAPE_BOX, V_LEVEL_SHAPE_SPHERE, V_LEVEL_SHAPE_CAPSULE } v_level_shape;
typedef enum v_level_body { V_LEVEL_BODY_NONE, V_LEVEL_BODY_STATIC, V_LEVEL_BODY_DYNAMIC } v_level_body;

typedef struct v_level_material {
    char id[V_LEVEL_ID_BYTES];
    v_vec3 base_color, emissive; ///< Linear.
    float metallic, roughness, checker_m;
} v_level_material;

typedef struct v_level_entity {
    char id[V_LEVEL_ID_BYTES]; ///< Unique; members of a grid are "id[0]", "id[1]" …
    v_level_shape shape;
    v_level_body body;
    v_vec3 half_extents_m;         ///< Box.
    float radius_m, half_height_m; ///< Sphere, capsule.
    v_vec3 pos_m;
    v_quat rot;
    v_vec3 velocity_m_s, angular_velocity_rad_s;
    float density_kg_m3, friction, restitution, gravity_scale;
    uint32_t material; ///< Index into materials.
    uint32_t group;    ///< Index of the [[entity]] that made it: pushes address groups.
} v_level_entity;

typedef struct v_level_light {
    bool directional; ///< Else a point light.
    v_vec3 direction, pos_m, color;
    float intensity, range_m;
    bool no_shadow;
} v_level_light;

/// Scripted pushes: every `every_ticks` from `first_tick` to `last_tick` one member of the target group, chosen by the
/// world's seeded generator, gets an impulse drawn uniformly between the two corners.
typedef struct v_level_push {
    uint32_t group;
    uint64_t first_tick, last_tick, every_ticks;
    v_vec3 impulse_min_n_s, impulse_max_n_s;
} v_level_push;

typedef struct v_level_data {
    char name[V_LEVEL_ID_BYTES];
    uint64_t seed;
    v_vec3 gravity_m_s2;
    v_vec3 camera_pos_m, camera_target_m;
    float camera_fov_rad;
    v_vec3 sky_zenith, sky_horizon, sky_ground;
    float exposure;
    const v_level_material *materials;
    uint32_t material_count;
    const v_level_entity *entities;
    uint32_t entity_count, group_count;
    const v_level_light *lights;
    uint32_t light_count;
    const v_level_push *pushes;
    uint32_t push_count;
} v_level_data;

typedef struct v_level v_level;

/// Read and check a level file. Errors: V_ERROR_NOT_FOUND, V_ERROR_IO, V_ERROR_BAD_INPUT. Any thread.
V_API v_status v_level_load(const char *path, const v_allocator *allocator, v_level **out_level);
/// As above, from text; `name` stands in messages.
V_API v_status v_level_parse(const char *name, const char *text, size_t size_bytes, const v_allocator *allocator,
                             v_level **out_level);
V_API void v_level_destroy(v_level *level);
/// Borrowed until the level is destroyed.
V_API const v_level_data *v_level_get_data(const v_level *level);

V_EXTERN_C_END
#endif
