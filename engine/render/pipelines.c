// Makes the renderer's meshes, samplers and pipelines once, from SPIR-V that the build compiled into headers.
#include "renderer_internal.h"

#include "bloom_begin_frag.h"
#include "bloom_down_frag.h"
#include "bloom_up_frag.h"
#include "fullscreen_vert.h"
#include "geometry_frag.h"
#include "geometry_vert.h"
#include "occlusion_blur_frag.h"
#include "occlusion_frag.h"
#include "scene_frag.h"
#include "scene_vert.h"
#include "shadow_vert.h"
#include "sky_frag.h"
#include "smooth_frag.h"
#include "tone_frag.h"

typedef struct shader_code {
    const char *name;
    const uint32_t *words;
    size_t size_bytes;
} shader_code;

// clang-format off
#define CODE(name) { #name, (name), sizeof(name) }
// clang-format on

typedef enum shader_constant {
    CONSTANT_NONE,
    CONSTANT_SCALE,   ///< Lit pixels per picture pixel and edge.
    CONSTANT_ENCODES, ///< 1: the target encodes sRGB by itself.
} shader_constant;

typedef struct pipeline_recipe {
    const char *name;
    shader_code vertex, fragment; // no fragment: depth only
    v_binding_kind bindings[4];   // by binding number
    bool meshes;                  // reads render_vertex; else one triangle without vertices
    bool into_target;             // the colour format is the target's
    v_format color, depth;
    v_compare depth_compare;
    bool no_depth_write;
    shader_constant constant; // constant_id 0
} pipeline_recipe;

#define FRAME V_BINDING_UNIFORM
#define ITEMS V_BINDING_STORAGE
#define MAP   V_BINDING_SAMPLED

// clang-format off
static const pipeline_recipe recipes[RENDER_PIPELINE_COUNT] = {
    [RENDER_PIPELINE_SHADOW] = { "shadow", CODE(shadow_vert), .bindings = { FRAME, ITEMS }, .meshes = true,
        .depth = RENDER_DEPTH_FORMAT, .depth_compare = V_COMPARE_LESS_EQUAL },
    [RENDER_PIPELINE_GEOMETRY] = { "geometry", CODE(geometry_vert), CODE(geometry_frag), { FRAME, ITEMS },
        .meshes = true, .color = RENDER_NORMAL_FORMAT, .depth = RENDER_DEPTH_FORMAT,
        .depth_compare = V_COMPARE_GREATER_EQUAL },
    [RENDER_PIPELINE_OCCLUSION] = { "occlusion", CODE(fullscreen_vert), CODE(occlusion_frag), { FRAME, MAP, MAP },
        .color = RENDER_OCCLUSION_FORMAT },
    [RENDER_PIPELINE_OCCLUSION_BLUR] = { "occlusion blur", CODE(fullscreen_vert), CODE(occlusion_blur_frag),
        { FRAME, MAP }, .color = RENDER_OCCLUSION_FORMAT },
    [RENDER_PIPELINE_SCENE] = { "lit meshes", CODE(scene_vert), CODE(scene_frag), { FRAME, ITEMS, MAP, MAP },
        .meshes = true, .color = RENDER_LIT_FORMAT, .depth = RENDER_DEPTH_FORMAT,
        .depth_compare = V_COMPARE_GREATER_EQUAL },
    [RENDER_PIPELINE_SKY] = { "sky", CODE(fullscreen_vert), CODE(sky_frag), { FRAME }, .color = RENDER_LIT_FORMAT,
        .depth = RENDER_DEPTH_FORMAT, .depth_compare = V_COMPARE_GREATER_EQUAL, .no_depth_write = true },
    [RENDER_PIPELINE_BLOOM_BEGIN] = { "bloom begin", CODE(fullscreen_vert), CODE(bloom_begin_frag), { FRAME, MAP },
        .color = RENDER_LIT_FORMAT, .constant = CONSTANT_SCALE },
    [RENDER_PIPELINE_BLOOM_DOWN] = { "bloom down", CODE(fullscreen_vert), CODE(bloom_down_frag), { FRAME, MAP },
        .color = RENDER_LIT_FORMAT },
    [RENDER_PIPELINE_BLOOM_UP] = { "bloom up", CODE(fullscreen_vert), CODE(bloom_up_frag), { FRAME, MAP, MAP },
        .color = RENDER_LIT_FORMAT },
    [RENDER_PIPELINE_TONE] = { "tone", CODE(fullscreen_vert), CODE(tone_frag), { FRAME, MAP, MAP },
        .color = RENDER_TONED_FORMAT, .constant = CONSTANT_SCALE },
    [RENDER_PIPELINE_SMOOTH] = { "smooth", CODE(fullscreen_vert), CODE(smooth_frag), { FRAME, MAP },
        .into_target = true, .constant = CONSTANT_ENCODES },
};
// clang-format on

static v_status make_shader(v_gpu *gpu, shader_code code, v_gpu_shader *out_shader)
{
    if (code.words == NULL) {
        *out_shader = (v_gpu_shader){ 0 };
        return V_OK;
    }
    return v_gpu_shader_create(
        gpu, &(v_gpu_shader_desc){ .name = code.name, .words = code.words, .size_bytes = code.size_bytes }, out_shader);
}

static v_gpu_graphics_desc describe(const v_renderer *renderer, const pipeline_recipe *recipe)
{
    v_gpu_graphics_desc desc = {
        .name = recipe->name,
        .cull = recipe->meshes ? V_CULL_BACK : V_CULL_NONE,
        .colors = { recipe->into_target ? renderer->target_format : recipe->color },
        .color_count = recipe->into_target || recipe->color != V_FORMAT_NONE,
        .depth = recipe->depth,
        .depth_compare = recipe->depth_compare,
        .no_depth_write = recipe->no_depth_write,
    };
    for (uint32_t i = 0; i < V_COUNT_OF(recipe->bindings) && recipe->bindings[i] != V_BINDING_NONE; i++) {
        desc.interface.sets[0][i] = (v_gpu_binding){ .kind = recipe->bindings[i], .binding = i };
    }
    if (recipe->constant != CONSTANT_NONE) {
        bool encodes = renderer->target_format == V_FORMAT_RGBA8_SRGB;
        desc.interface.constants[0].value =
            recipe->constant == CONSTANT_SCALE ? renderer->sizes.supersample : (uint32_t)encodes;
        desc.interface.constant_count = 1;
    }
    if (recipe->meshes) {
        const uint32_t offsets[3] = { offsetof(render_vertex, core), offsetof(render_vertex, offset),
                                      offsetof(render_vertex, normal) };
        // The depth-only vertex shader has no use for normals.
        desc.attribute_count = recipe->fragment.words != NULL ? 3 : 2;
        for (uint32_t i = 0; i < desc.attribute_count; i++) {
            desc.attributes[i] = (v_gpu_attribute){ i, 0, offsets[i], V_FORMAT_RGB32_FLOAT };
        }
        desc.streams[0].stride_bytes = sizeof(render_vertex);
    }
    return desc;
}

static v_status make_pipeline(const v_renderer *renderer, const pipeline_recipe *recipe, v_gpu_pipeline *out_pipeline)
{
    v_gpu_graphics_desc desc = describe(renderer, recipe);
    v_status status = make_shader(renderer->gpu, recipe->vertex, &desc.vertex);
    if (status == V_OK) {
        status = make_shader(renderer->gpu, recipe->fragment, &desc.fragment);
    }
    if (status == V_OK) {
        status = v_gpu_graphics_create(renderer->gpu, &desc, out_pipeline);
    }
    v_gpu_shader_destroy(renderer->gpu, desc.vertex);
    v_gpu_shader_destroy(renderer->gpu, desc.fragment);
    return status;
}

v_status render_pipelines_create(v_renderer *renderer)
{
    for (uint32_t i = 0; i < RENDER_PIPELINE_COUNT; i++) {
        V_TRY(make_pipeline(renderer, &recipes[i], &renderer->pipelines[i]));
    }
    return V_OK;
}

v_status render_samplers_create(v_renderer *renderer)
{
    V_TRY(v_gpu_sampler_create(renderer->gpu, &(v_gpu_sampler_desc){ .name = "linear", .address = V_ADDRESS_CLAMP },
                               &renderer->linear));
    V_TRY(v_gpu_sampler_create(
        renderer->gpu,
        &(v_gpu_sampler_desc){
            .name = "nearest", .filter = V_FILTER_NEAREST, .mip_filter = V_FILTER_NEAREST, .address = V_ADDRESS_CLAMP },
        &renderer->nearest));
    return v_gpu_sampler_create(
        renderer->gpu,
        &(v_gpu_sampler_desc){ .name = "shadow", .address = V_ADDRESS_CLAMP, .compare = V_COMPARE_LESS_EQUAL },
        &renderer->compare);
}

static v_status build_all(v_renderer *renderer, render_mesh meshes[RENDER_MESH_COUNT])
{
    uint32_t vertex = 0, index = 0;
    for (int id = 0; id < RENDER_MESH_COUNT; id++) {
        V_TRY(render_mesh_build((render_mesh_id)id, renderer->allocator, &meshes[id]));
        renderer->meshes[id] = (render_mesh_range){ vertex, index, meshes[id].index_count };
        vertex += meshes[id].vertex_count;
        index += meshes[id].index_count;
    }
    V_TRY(v_gpu_buffer_create(renderer->gpu,
                              &(v_gpu_buffer_desc){ .name = "mesh vertices",
                                                    .size_bytes = vertex * sizeof(render_vertex),
                                                    .usage = V_BUFFER_VERTEX },
                              &renderer->vertices));
    V_TRY(v_gpu_buffer_create(
        renderer->gpu,
        &(v_gpu_buffer_desc){ .name = "mesh indices", .size_bytes = index * sizeof(uint16_t), .usage = V_BUFFER_INDEX },
        &renderer->indices));
    for (int id = 0; id < RENDER_MESH_COUNT; id++) {
        const render_mesh_range *range = &renderer->meshes[id];
        V_TRY(v_gpu_buffer_write(renderer->gpu, renderer->vertices, range->first_vertex * sizeof(render_vertex),
                                 meshes[id].vertices, meshes[id].vertex_count * sizeof(render_vertex)));
        V_TRY(v_gpu_buffer_write(renderer->gpu, renderer->indices, range->first_index * sizeof(uint16_t),
                                 meshes[id].indices, meshes[id].index_count * sizeof(uint16_t)));
    }
    return V_OK;
}

v_status render_meshes_create(v_renderer *renderer)
{
    render_mesh meshes[RENDER_MESH_COUNT] = { 0 };
    v_status status = build_all(renderer, meshes);
    for (int id = 0; id < RENDER_MESH_COUNT; id++) {
        render_mesh_destroy(&meshes[id], renderer->allocator);
    }
    return status;
}
