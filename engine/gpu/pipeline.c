// pipeline.c: shader modules, graphics and compute pipelines for dynamic rendering.
#include "gpu_internal.h"

#include <string.h>

gpu_shader *gpu_get_shader(const v_gpu *gpu, v_gpu_shader shader)
{
    return gpu_table_get(&gpu->shaders, shader.index, shader.generation);
}

gpu_pipeline *gpu_get_pipeline(const v_gpu *gpu, v_gpu_pipeline pipeline)
{
    return gpu_table_get(&gpu->pipelines, pipeline.index, pipeline.generation);
}

v_status v_gpu_shader_create(v_gpu *gpu, const v_gpu_shader_desc *desc, v_gpu_shader *out_shader)
{
    const uint32_t spirv_magic = 0x07230203;
    V_TRY(gpu_check(gpu, "v_gpu_shader_create"));
    if (desc == NULL || out_shader == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_shader_create: %s is null",
                      desc == NULL ? "desc" : "out_shader");
    }
    const char *name = desc->name != NULL ? desc->name : "shader";
    if (desc->words == NULL || desc->size_bytes < 20 || desc->size_bytes % 4 != 0 || desc->words[0] != spirv_magic) {
        return v_fail(V_ERROR_BAD_INPUT, "shader \"%s\": not SPIR-V (%zu bytes)", name, desc->size_bytes);
    }
    if (desc->entry != NULL && strlen(desc->entry) >= GPU_NAME_BYTES) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "shader \"%s\": entry name is longer than %d bytes", name,
                      GPU_NAME_BYTES - 1);
    }
    v_gpu_shader id = { 0 };
    void *item;
    V_TRY(gpu_table_add(&gpu->shaders, gpu->allocator, &id.index, &id.generation, &item));
    gpu_shader *shader = item;
    gpu_copy_name(shader->name, name, "");
    gpu_copy_name(shader->entry, desc->entry, "main");
    VkShaderModuleCreateInfo info = { .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                      .codeSize = desc->size_bytes,
                                      .pCode = desc->words };
    VkResult result = gpu->vk.vkCreateShaderModule(gpu->device, &info, NULL, &shader->handle);
    if (result != VK_SUCCESS) {
        gpu_table_remove(&gpu->shaders, id.index);
        return gpu_fail(gpu, result, "vkCreateShaderModule");
    }
    gpu_set_name(gpu, VK_OBJECT_TYPE_SHADER_MODULE, (uint64_t)shader->handle, shader->name);
    *out_shader = id;
    return V_OK;
}

void v_gpu_shader_destroy(v_gpu *gpu, v_gpu_shader shader)
{
    gpu_shader *object = gpu != NULL ? gpu_get_shader(gpu, shader) : NULL;
    if (object != NULL) {
        gpu->vk.vkDestroyShaderModule(gpu->device, object->handle, NULL); // pipelines keep no reference to it
        gpu_table_remove(&gpu->shaders, shader.index);
    }
}

typedef struct constants {
    VkSpecializationInfo info;
    VkSpecializationMapEntry entries[V_MAX_CONSTANTS];
    uint32_t values[V_MAX_CONSTANTS];
} constants;

static void fill_constants(const v_gpu_interface *from, constants *out)
{
    for (uint32_t i = 0; i < from->constant_count; i++) {
        out->entries[i] = (VkSpecializationMapEntry){ from->constants[i].id, i * 4, 4 };
        out->values[i] = from->constants[i].value;
    }
    out->info = (VkSpecializationInfo){ from->constant_count, out->entries, from->constant_count * 4, out->values };
}

static v_status check_interface(const v_gpu *gpu, const v_gpu_interface *interface, const char *name)
{
    if (interface->push_bytes > gpu->info.max_push_bytes || interface->push_bytes % 4 != 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT,
                      "pipeline \"%s\": push_bytes is %u; a multiple of 4 up to %u is allowed", name,
                      interface->push_bytes, gpu->info.max_push_bytes);
    }
    if (interface->constant_count > V_MAX_CONSTANTS) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "pipeline \"%s\": constant_count is %u, at most %d", name,
                      interface->constant_count, V_MAX_CONSTANTS);
    }
    return V_OK;
}

// Make the layout of `pipeline` from its interface.
static v_status create_layout(v_gpu *gpu, gpu_pipeline *pipeline)
{
    for (uint32_t s = 0; s < V_MAX_SETS; s++) {
        if (pipeline->interface.sets[s][0].kind != V_BINDING_NONE) {
            pipeline->set_count = s + 1;
        }
    }
    for (uint32_t s = 0; s < pipeline->set_count; s++) {
        V_TRY(gpu_set_layout_get(gpu, pipeline->interface.sets[s], pipeline->stages, &pipeline->sets[s]));
    }
    VkPushConstantRange push = { pipeline->stages, 0, pipeline->interface.push_bytes };
    VkPipelineLayoutCreateInfo info = { .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                        .setLayoutCount = pipeline->set_count,
                                        .pSetLayouts = pipeline->sets,
                                        .pushConstantRangeCount = push.size > 0 ? 1 : 0,
                                        .pPushConstantRanges = &push };
    VkResult result = gpu->vk.vkCreatePipelineLayout(gpu->device, &info, NULL, &pipeline->layout);
    return result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkCreatePipelineLayout");
}

static VkPipelineShaderStageCreateInfo stage_info(const gpu_shader *shader, VkShaderStageFlagBits stage,
                                                  const constants *values)
{
    return (VkPipelineShaderStageCreateInfo){ .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                                              .stage = stage,
                                              .module = shader->handle,
                                              .pName = shader->entry,
                                              .pSpecializationInfo = &values->info };
}

static v_status check_graphics(const v_gpu *gpu, const v_gpu_graphics_desc *desc, const char *name)
{
    V_TRY(check_interface(gpu, &desc->interface, name));
    if (gpu_get_shader(gpu, desc->vertex) == NULL) {
        return v_fail(V_ERROR_STALE, "pipeline \"%s\": the vertex shader is null or was destroyed", name);
    }
    if (desc->fragment.generation != 0 && gpu_get_shader(gpu, desc->fragment) == NULL) {
        return v_fail(V_ERROR_STALE, "pipeline \"%s\": the fragment shader was destroyed", name);
    }
    if (desc->attribute_count > V_MAX_ATTRIBUTES || desc->color_count > V_MAX_COLORS) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "pipeline \"%s\": %u attributes and %u colours, at most %d and %d",
                      name, desc->attribute_count, desc->color_count, V_MAX_ATTRIBUTES, V_MAX_COLORS);
    }
    for (uint32_t i = 0; i < desc->attribute_count; i++) {
        const v_gpu_attribute *a = &desc->attributes[i];
        if (a->stream >= V_MAX_STREAMS || gpu_format(a->format) == VK_FORMAT_UNDEFINED ||
            a->offset_bytes + v_format_bytes(a->format) > desc->streams[a->stream].stride_bytes) {
            return v_fail(V_ERROR_INVALID_ARGUMENT,
                          "pipeline \"%s\": attribute %u (location %u, %s at byte %u of stream "
                          "%u) does not fit its stream",
                          name, i, a->location, v_format_name(a->format), a->offset_bytes, a->stream);
        }
    }
    for (uint32_t i = 0; i < desc->color_count; i++) {
        if (gpu_format(desc->colors[i]) == VK_FORMAT_UNDEFINED || v_format_is_depth(desc->colors[i])) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "pipeline \"%s\": colors[%u] is %s", name, i,
                          v_format_name(desc->colors[i]));
        }
    }
    if (desc->depth != V_FORMAT_NONE && !v_format_is_depth(desc->depth)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "pipeline \"%s\": depth is %s, not a depth format", name,
                      v_format_name(desc->depth));
    }
    return V_OK;
}

static VkPipelineColorBlendAttachmentState blend_state(v_blend blend)
{
    VkPipelineColorBlendAttachmentState state = {
        .blendEnable = blend != V_BLEND_NONE,
        .srcColorBlendFactor = blend == V_BLEND_ALPHA ? VK_BLEND_FACTOR_SRC_ALPHA : VK_BLEND_FACTOR_ONE,
        .dstColorBlendFactor = blend == V_BLEND_ADD ? VK_BLEND_FACTOR_ONE : VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA,
        .colorBlendOp = VK_BLEND_OP_ADD,
        .srcAlphaBlendFactor = VK_BLEND_FACTOR_ONE,
        .dstAlphaBlendFactor = blend == V_BLEND_ADD ? VK_BLEND_FACTOR_ONE : VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA,
        .alphaBlendOp = VK_BLEND_OP_ADD,
        .colorWriteMask =
            VK_COLOR_COMPONENT_R_BIT | VK_COLOR_COMPONENT_G_BIT | VK_COLOR_COMPONENT_B_BIT | VK_COLOR_COMPONENT_A_BIT,
    };
    return state;
}

typedef struct vertex_input {
    VkVertexInputBindingDescription bindings[V_MAX_STREAMS];
    VkVertexInputAttributeDescription attributes[V_MAX_ATTRIBUTES];
    VkPipelineVertexInputStateCreateInfo info;
} vertex_input;

static void fill_vertex_input(const v_gpu_graphics_desc *desc, vertex_input *out)
{
    uint32_t binding_count = 0;
    for (uint32_t i = 0; i < V_MAX_STREAMS; i++) {
        if (desc->streams[i].stride_bytes > 0) {
            out->bindings[binding_count++] =
                (VkVertexInputBindingDescription){ i, desc->streams[i].stride_bytes,
                                                   desc->streams[i].per_instance ? VK_VERTEX_INPUT_RATE_INSTANCE
                                                                                 : VK_VERTEX_INPUT_RATE_VERTEX };
        }
    }
    for (uint32_t i = 0; i < desc->attribute_count; i++) {
        const v_gpu_attribute *a = &desc->attributes[i];
        out->attributes[i] =
            (VkVertexInputAttributeDescription){ a->location, a->stream, gpu_format(a->format), a->offset_bytes };
    }
    out->info = (VkPipelineVertexInputStateCreateInfo){
        .sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO,
        .vertexBindingDescriptionCount = binding_count,
        .pVertexBindingDescriptions = out->bindings,
        .vertexAttributeDescriptionCount = desc->attribute_count,
        .pVertexAttributeDescriptions = out->attributes,
    };
}

static VkResult build_graphics(v_gpu *gpu, const v_gpu_graphics_desc *desc, gpu_pipeline *pipeline)
{
    static const VkPrimitiveTopology topologies[] = { VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST,
                                                      VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP,
                                                      VK_PRIMITIVE_TOPOLOGY_LINE_LIST,
                                                      VK_PRIMITIVE_TOPOLOGY_POINT_LIST };
    static const VkCullModeFlags culls[] = { VK_CULL_MODE_NONE, VK_CULL_MODE_BACK_BIT, VK_CULL_MODE_FRONT_BIT };
    static const VkDynamicState dynamic[] = { VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR };
    constants values = { 0 };
    vertex_input input = { 0 };
    VkPipelineColorBlendAttachmentState blends[V_MAX_COLORS];
    VkFormat formats[V_MAX_COLORS];
    fill_constants(&desc->interface, &values);
    fill_vertex_input(desc, &input);
    for (uint32_t i = 0; i < desc->color_count; i++) {
        blends[i] = blend_state(desc->blend[i]);
        formats[i] = gpu_format(desc->colors[i]);
    }
    VkPipelineShaderStageCreateInfo stages[2] = { stage_info(gpu_get_shader(gpu, desc->vertex),
                                                             VK_SHADER_STAGE_VERTEX_BIT, &values) };
    if (desc->fragment.generation != 0) {
        stages[1] = stage_info(gpu_get_shader(gpu, desc->fragment), VK_SHADER_STAGE_FRAGMENT_BIT, &values);
    }
    VkPipelineRenderingCreateInfo rendering = { .sType = VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO,
                                                .colorAttachmentCount = desc->color_count,
                                                .pColorAttachmentFormats = formats,
                                                .depthAttachmentFormat = gpu_format(desc->depth) };
    VkGraphicsPipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO,
        .pNext = &rendering,
        .stageCount = desc->fragment.generation != 0 ? 2 : 1,
        .pStages = stages,
        .pVertexInputState = &input.info,
        .pInputAssemblyState =
            &(VkPipelineInputAssemblyStateCreateInfo){ .sType =
                                                           VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO,
                                                       .topology = topologies[desc->topology] },
        .pViewportState =
            &(VkPipelineViewportStateCreateInfo){
                .sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO, .viewportCount = 1, .scissorCount = 1 },
        .pRasterizationState =
            &(VkPipelineRasterizationStateCreateInfo){
                .sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO,
                .depthClampEnable = desc->depth_clamp && gpu->features.depthClamp,
                .cullMode = culls[desc->cull],
                .frontFace = VK_FRONT_FACE_COUNTER_CLOCKWISE,
                .depthBiasEnable = desc->depth_bias != 0.0f || desc->depth_bias_slope != 0.0f,
                .depthBiasConstantFactor = desc->depth_bias,
                .depthBiasSlopeFactor = desc->depth_bias_slope,
                .lineWidth = 1.0f },
        .pMultisampleState =
            &(VkPipelineMultisampleStateCreateInfo){ .sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO,
                                                     .rasterizationSamples = VK_SAMPLE_COUNT_1_BIT },
        .pDepthStencilState =
            &(VkPipelineDepthStencilStateCreateInfo){
                .sType = VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO,
                .depthTestEnable = desc->depth_compare != V_COMPARE_NONE,
                .depthWriteEnable = desc->depth_compare != V_COMPARE_NONE && !desc->no_depth_write,
                .depthCompareOp = gpu_compare_op(desc->depth_compare) },
        .pColorBlendState =
            &(VkPipelineColorBlendStateCreateInfo){ .sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO,
                                                    .attachmentCount = desc->color_count,
                                                    .pAttachments = blends },
        .pDynamicState =
            &(VkPipelineDynamicStateCreateInfo){ .sType = VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO,
                                                 .dynamicStateCount = V_COUNT_OF(dynamic),
                                                 .pDynamicStates = dynamic },
        .layout = pipeline->layout,
    };
    return gpu->vk.vkCreateGraphicsPipelines(gpu->device, gpu->pipeline_cache, 1, &info, NULL, &pipeline->handle);
}

// Drop a half-made pipeline and pass the status on.
static v_status abandon(v_gpu *gpu, v_gpu_pipeline id, v_status status)
{
    gpu_pipeline *pipeline = gpu_get_pipeline(gpu, id);
    if (pipeline->layout != VK_NULL_HANDLE) {
        gpu->vk.vkDestroyPipelineLayout(gpu->device, pipeline->layout, NULL);
    }
    gpu_table_remove(&gpu->pipelines, id.index);
    return status;
}

v_status v_gpu_graphics_create(v_gpu *gpu, const v_gpu_graphics_desc *desc, v_gpu_pipeline *out_pipeline)
{
    V_TRY(gpu_check(gpu, "v_gpu_graphics_create"));
    if (desc == NULL || out_pipeline == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_graphics_create: %s is null",
                      desc == NULL ? "desc" : "out_pipeline");
    }
    const char *name = desc->name != NULL ? desc->name : "pipeline";
    V_TRY(check_graphics(gpu, desc, name));
    v_gpu_pipeline id = { 0 };
    void *item;
    V_TRY(gpu_table_add(&gpu->pipelines, gpu->allocator, &id.index, &id.generation, &item));
    gpu_pipeline *pipeline = item;
    gpu_copy_name(pipeline->name, name, "");
    pipeline->point = VK_PIPELINE_BIND_POINT_GRAPHICS;
    pipeline->interface = desc->interface;
    pipeline->stages = VK_SHADER_STAGE_VERTEX_BIT |
                       (desc->fragment.generation != 0 ? (VkShaderStageFlags)VK_SHADER_STAGE_FRAGMENT_BIT : 0u);
    memcpy(pipeline->colors, desc->colors, sizeof(pipeline->colors));
    pipeline->color_count = desc->color_count;
    pipeline->depth = desc->depth;
    v_status status = create_layout(gpu, pipeline);
    if (status == V_OK) {
        VkResult result = build_graphics(gpu, desc, pipeline);
        status = result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkCreateGraphicsPipelines");
    }
    if (status != V_OK) {
        return abandon(gpu, id, status);
    }
    gpu_set_name(gpu, VK_OBJECT_TYPE_PIPELINE, (uint64_t)pipeline->handle, pipeline->name);
    *out_pipeline = id;
    return V_OK;
}

v_status v_gpu_compute_create(v_gpu *gpu, const v_gpu_compute_desc *desc, v_gpu_pipeline *out_pipeline)
{
    V_TRY(gpu_check(gpu, "v_gpu_compute_create"));
    if (desc == NULL || out_pipeline == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_compute_create: %s is null",
                      desc == NULL ? "desc" : "out_pipeline");
    }
    const char *name = desc->name != NULL ? desc->name : "pipeline";
    V_TRY(check_interface(gpu, &desc->interface, name));
    if (gpu_get_shader(gpu, desc->shader) == NULL) {
        return v_fail(V_ERROR_STALE, "pipeline \"%s\": the shader is null or was destroyed", name);
    }
    v_gpu_pipeline id = { 0 };
    void *item;
    V_TRY(gpu_table_add(&gpu->pipelines, gpu->allocator, &id.index, &id.generation, &item));
    gpu_pipeline *pipeline = item;
    gpu_copy_name(pipeline->name, name, "");
    pipeline->point = VK_PIPELINE_BIND_POINT_COMPUTE;
    pipeline->interface = desc->interface;
    pipeline->stages = VK_SHADER_STAGE_COMPUTE_BIT;
    v_status status = create_layout(gpu, pipeline);
    if (status == V_OK) {
        constants values = { 0 };
        fill_constants(&desc->interface, &values);
        VkComputePipelineCreateInfo info = { .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
                                             .stage = stage_info(gpu_get_shader(gpu, desc->shader),
                                                                 VK_SHADER_STAGE_COMPUTE_BIT, &values),
                                             .layout = pipeline->layout };
        VkResult result =
            gpu->vk.vkCreateComputePipelines(gpu->device, gpu->pipeline_cache, 1, &info, NULL, &pipeline->handle);
        status = result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkCreateComputePipelines");
    }
    if (status != V_OK) {
        return abandon(gpu, id, status);
    }
    gpu_set_name(gpu, VK_OBJECT_TYPE_PIPELINE, (uint64_t)pipeline->handle, pipeline->name);
    *out_pipeline = id;
    return V_OK;
}

void v_gpu_pipeline_destroy(v_gpu *gpu, v_gpu_pipeline pipeline)
{
    gpu_pipeline *object = gpu != NULL ? gpu_get_pipeline(gpu, pipeline) : NULL;
    if (object != NULL) {
        gpu_discard(gpu, GPU_GARBAGE_PIPELINE, (uint64_t)object->handle, NULL);
        gpu_discard(gpu, GPU_GARBAGE_PIPELINE_LAYOUT, (uint64_t)object->layout, NULL);
        gpu_table_remove(&gpu->pipelines, pipeline.index);
    }
}
