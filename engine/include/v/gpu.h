// v/gpu.h: Vulkan devices, windows, resources and command recording (E10, first form of E12-E14). Floor 2.
//
//     v_gpu_create(&(v_gpu_desc){ .log = log }, &gpu);
//     v_gpu_buffer_create(gpu, &(v_gpu_buffer_desc){ .size_bytes = 64, .usage = V_BUFFER_STORAGE }, &buffer);
//     v_gpu_frame_begin(gpu, &cmd);
//     v_graph_execute(graph, cmd);                                 // v/graph.h: passes, barriers, transients
//     v_gpu_frame_end(gpu);                                        // submit, and present what was acquired
//     v_gpu_destroy(gpu);
//
// Resources are ids by value (all zero is null); a stale id is V_ERROR_STALE and harmless. Destroying a resource is
// allowed while the GPU still uses it: it goes when the frames that may use it have finished. In every descriptor zero
// means the default. One v_gpu is used by one thread at a time; several v_gpu in one process are independent.
// After V_ERROR_DEVICE_LOST every call on that v_gpu returns it again; only destroying is left to do.
#ifndef V_GPU_H
#define V_GPU_H

#include "v/log.h"

V_EXTERN_C_BEGIN

typedef struct v_gpu v_gpu;
typedef struct v_window v_window;
typedef struct v_cmd v_cmd; ///< The command list of one frame. Valid from v_gpu_frame_begin to v_gpu_frame_end.

typedef struct v_gpu_buffer {
    uint32_t index, generation;
} v_gpu_buffer;
typedef struct v_gpu_texture {
    uint32_t index, generation;
} v_gpu_texture;
typedef struct v_gpu_sampler {
    uint32_t index, generation;
} v_gpu_sampler;
typedef struct v_gpu_shader {
    uint32_t index, generation;
} v_gpu_shader;
typedef struct v_gpu_pipeline {
    uint32_t index, generation;
} v_gpu_pipeline;

// Devices.
// ---------------------------------------------------------------------------------------------------------------

typedef struct v_gpu_desc {
    const v_allocator *allocator;
    v_log *log; ///< Channels "gpu" (choices, start-up lines) and "vulkan" (the validation layer's messages).
    const char *prefer_name;   ///< Take the first usable device whose name contains this, whatever its score.
    uint32_t prefer_index;     ///< 1 + the device's index in v_gpu_enumerate; 0: the best score. Wins over the name.
    bool validation;           ///< Load VK_LAYER_KHRONOS_validation with synchronization checks; missing is a warning.
    bool gpu_assisted;         ///< With validation: also instrument shaders (slow).
    bool presentation;         ///< Windows will be made: ask for surfaces and the swapchain.
    uint32_t frames_in_flight; ///< 1..4, default 2.
} v_gpu_desc;

/// Load Vulkan, score every device (one log line each, with the reason when refused), make the best one's device. It
/// needs Vulkan 1.3 with dynamicRendering, synchronization2 and timelineSemaphore. V_ERROR_NO_DEVICE says what is
/// missing and names the package that brings it.
V_API v_status v_gpu_create(const v_gpu_desc *desc, v_gpu **out_gpu);
/// Waits for the GPU. Windows and graphs of this v_gpu must be gone. Resources that are left are freed. Null is
/// allowed.
V_API void v_gpu_destroy(v_gpu *gpu);
/// Wait until the GPU has finished everything that was submitted.
V_API v_status v_gpu_wait_idle(v_gpu *gpu);

typedef enum v_gpu_type {
    V_GPU_TYPE_OTHER = 0,
    V_GPU_TYPE_INTEGRATED,
    V_GPU_TYPE_DISCRETE,
    V_GPU_TYPE_VIRTUAL,
    V_GPU_TYPE_CPU
} v_gpu_type;

typedef struct v_gpu_heap {
    uint64_t size_bytes;
    bool device_local;
} v_gpu_heap;

typedef struct v_gpu_info {
    char name[256];
    v_gpu_type type;
    char api_version[16];  ///< "1.3.230".
    char driver_name[256]; ///< "llvmpipe".
    char driver_info[256]; ///< "Mesa 22.3.6 (LLVM 15.0.6)".
    uint32_t vendor_id, device_id;
    v_gpu_heap heaps[16];
    uint32_t heap_count;
    int32_t score;           ///< Higher is taken; below 0: not usable.
    char refusal[256];       ///< Why it is not usable; "" when it is.
    uint32_t max_texture_px; ///< Largest 2-D image edge.
    uint32_t max_push_bytes;
    bool timestamps; ///< The graphics queue writes timestamps.
} v_gpu_info;

/// Describe this device.
V_API v_status v_gpu_get_info(const v_gpu *gpu, v_gpu_info *out_info);
/// "Discrete GPU", "CPU", …
V_API const char *v_gpu_type_name(v_gpu_type type);

typedef struct v_gpu_survey {
    char loader_version[16]; ///< Of libvulkan.
    v_gpu_info devices[16];
    uint32_t device_count;
    char layers[32][256]; ///< Names of the installed layers.
    uint32_t layer_count;
    bool validation_present;
} v_gpu_survey;

/// List every device and layer without making a device: `vengine doctor`. V_ERROR_NO_DEVICE when libvulkan is missing;
/// no device at all is V_OK with device_count 0.
V_API v_status v_gpu_enumerate(const v_allocator *allocator, v_gpu_survey *out_survey);

/// Messages of the validation layer so far, warnings and errors. A test demands 0.
V_API uint64_t v_gpu_validation_message_count(const v_gpu *gpu);
/// True when the validation layer is loaded.
V_API bool v_gpu_validation_active(const v_gpu *gpu);

typedef struct v_gpu_stats {
    uint64_t frame;                                           ///< Frames begun so far.
    uint64_t device_allocations;                              ///< Live vkAllocateMemory blocks.
    uint64_t device_bytes;                                    ///< Their size.
    uint64_t used_bytes;                                      ///< Bytes of them that resources occupy.
    uint32_t buffers, textures, samplers, shaders, pipelines; ///< Live.
    uint32_t descriptor_pools, set_layouts;
    uint32_t pending_destroys;  ///< Destroyed by the caller, still held for frames in flight.
    uint32_t draws, dispatches; ///< Of the frame that is being recorded or was recorded last.
} v_gpu_stats;
V_API v_gpu_stats v_gpu_get_stats(const v_gpu *gpu);

// Formats and usages.
// ----------------------------------------------------------------------------------------------------

typedef enum v_format {
    V_FORMAT_NONE = 0,
    V_FORMAT_R8_UNORM,
    V_FORMAT_RG8_UNORM,
    V_FORMAT_RGBA8_UNORM,
    V_FORMAT_RGBA8_SRGB,
    V_FORMAT_BGRA8_UNORM,
    V_FORMAT_BGRA8_SRGB,
    V_FORMAT_RGB10A2_UNORM,
    V_FORMAT_RG11B10_FLOAT,
    V_FORMAT_R16_FLOAT,
    V_FORMAT_RG16_FLOAT,
    V_FORMAT_RGBA16_FLOAT,
    V_FORMAT_R32_FLOAT,
    V_FORMAT_RG32_FLOAT,
    V_FORMAT_RGB32_FLOAT, ///< Vertex attributes only.
    V_FORMAT_RGBA32_FLOAT,
    V_FORMAT_R32_UINT,
    V_FORMAT_RG32_UINT,
    V_FORMAT_RGBA32_UINT,
    V_FORMAT_RGBA8_UINT,
    V_FORMAT_RG16_SNORM,
    V_FORMAT_RGBA16_SNORM,
    V_FORMAT_D16_UNORM,
    V_FORMAT_D32_FLOAT,
    V_FORMAT_D24_UNORM_S8,
    V_FORMAT_D32_FLOAT_S8,
    V_FORMAT_COUNT
} v_format;

V_API const char *v_format_name(v_format format); ///< "RGBA8_SRGB".
V_API uint32_t v_format_bytes(v_format format); ///< Bytes per texel; depth formats: what the aspect needs, D32_S8 as 8.
V_API bool v_format_is_depth(v_format format);

/// What a pass does with a resource. Each value stands for one pipeline stage, access and image layout.
typedef enum v_usage {
    V_USAGE_NONE = 0,
    // Reads.
    V_USAGE_INDIRECT,       ///< Buffer: draw and dispatch arguments.
    V_USAGE_VERTEX,         ///< Buffer.
    V_USAGE_INDEX,          ///< Buffer.
    V_USAGE_UNIFORM_VERTEX, ///< Buffer. The last word is the shader stage.
    V_USAGE_UNIFORM_FRAGMENT,
    V_USAGE_UNIFORM_COMPUTE,
    V_USAGE_SAMPLED_VERTEX, ///< Texture.
    V_USAGE_SAMPLED_FRAGMENT,
    V_USAGE_SAMPLED_COMPUTE,
    V_USAGE_STORAGE_READ_VERTEX, ///< Buffer or texture.
    V_USAGE_STORAGE_READ_FRAGMENT,
    V_USAGE_STORAGE_READ_COMPUTE,
    V_USAGE_DEPTH_READ,    ///< Texture: depth test without write.
    V_USAGE_TRANSFER_READ, ///< Copy source.
    V_USAGE_HOST_READ,     ///< Buffer: the CPU reads it after the frame.
    V_USAGE_PRESENT,       ///< Texture of a window.
    // Writes.
    V_USAGE_STORAGE_WRITE_FRAGMENT, ///< Buffer or texture; may also read.
    V_USAGE_STORAGE_WRITE_COMPUTE,  ///< Buffer or texture; may also read.
    V_USAGE_COLOR,                  ///< Texture: colour attachment.
    V_USAGE_DEPTH,                  ///< Texture: depth attachment with test and write.
    V_USAGE_TRANSFER_WRITE,         ///< Copy destination.
    V_USAGE_HOST_WRITE,             ///< Buffer: the CPU wrote it before the frame.
    V_USAGE_COUNT
} v_usage;

V_API const char *v_usage_name(v_usage usage); ///< "SAMPLED_FRAGMENT".
V_API bool v_usage_is_write(v_usage usage);

// Buffers.
// ---------------------------------------------------------------------------------------------------------------

typedef enum v_buffer_usage {
    V_BUFFER_VERTEX = 1 << 0,
    V_BUFFER_INDEX = 1 << 1,
    V_BUFFER_UNIFORM = 1 << 2,
    V_BUFFER_STORAGE = 1 << 3,
    V_BUFFER_INDIRECT = 1 << 4
} v_buffer_usage; ///< Copies in both directions are always allowed.

typedef enum v_memory_kind {
    V_MEMORY_DEVICE = 0, ///< Fast for the GPU; the CPU reaches it by v_gpu_buffer_write and v_gpu_buffer_read.
    V_MEMORY_UPLOAD,     ///< Mapped; the CPU writes, the GPU reads.
    V_MEMORY_READBACK    ///< Mapped; the GPU writes, the CPU reads.
} v_memory_kind;

typedef struct v_gpu_buffer_desc {
    const char *name; ///< For debuggers and messages; copied, at most 47 bytes are kept.
    uint64_t size_bytes;
    uint32_t usage; ///< v_buffer_usage bits; 0: copies only.
    v_memory_kind memory;
} v_gpu_buffer_desc;

V_API v_status v_gpu_buffer_create(v_gpu *gpu, const v_gpu_buffer_desc *desc, v_gpu_buffer *out_buffer);
/// Null and stale ids are allowed, as for every destroy below.
V_API void v_gpu_buffer_destroy(v_gpu *gpu, v_gpu_buffer buffer);
/// Copy into the buffer, through staging unless it is mapped. Between frames, or during a frame's recording: then it
/// happens before everything that this frame records. An UPLOAD buffer is written at once: do not overwrite what a
/// frame in flight reads (per-frame data goes through v_cmd_transient).
V_API v_status v_gpu_buffer_write(v_gpu *gpu, v_gpu_buffer buffer, uint64_t offset_bytes, const void *data,
                                  size_t size_bytes);
/// Wait for the GPU and copy out. Not while a frame is recorded.
V_API v_status v_gpu_buffer_read(v_gpu *gpu, v_gpu_buffer buffer, uint64_t offset_bytes, void *out_data,
                                 size_t size_bytes);
/// The address of an UPLOAD or READBACK buffer; null otherwise. Valid until it is destroyed. What the GPU wrote is
/// there after v_gpu_frame_wait or v_gpu_wait_idle.
V_API void *v_gpu_buffer_map(v_gpu *gpu, v_gpu_buffer buffer);

// Textures and samplers.
// -------------------------------------------------------------------------------------------------

typedef enum v_texture_usage {
    V_TEXTURE_SAMPLED = 1 << 0,
    V_TEXTURE_STORAGE = 1 << 1,
    V_TEXTURE_TARGET = 1 << 2 ///< Colour or depth attachment, by format.
} v_texture_usage;            ///< Copies in both directions are always allowed.

typedef struct v_gpu_texture_desc {
    const char *name;
    v_format format;
    uint32_t width_px, height_px;
    uint32_t depth_px;    ///< Above 1: a 3-D texture.
    uint32_t mip_count;   ///< Default 1; V_MIPS_ALL: down to 1×1.
    uint32_t layer_count; ///< Default 1; 6 with `cube`.
    bool array;           ///< Shaders see an array even when layer_count is 1.
    bool cube;            ///< Shaders see a cube (layer_count a multiple of 6).
    uint32_t usage;       ///< v_texture_usage bits; default SAMPLED.
} v_gpu_texture_desc;

#define V_MIPS_ALL 0xffffffffu

V_API v_status v_gpu_texture_create(v_gpu *gpu, const v_gpu_texture_desc *desc, v_gpu_texture *out_texture);
V_API void v_gpu_texture_destroy(v_gpu *gpu, v_gpu_texture texture);
/// Fill one mip of one layer from tightly packed texels (rows top first). Afterwards the texture can be sampled. When:
/// as for v_gpu_buffer_write.
V_API v_status v_gpu_texture_write(v_gpu *gpu, v_gpu_texture texture, uint32_t mip, uint32_t layer, const void *data,
                                   size_t size_bytes);
/// Wait for the GPU and copy one mip of one layer out, tightly packed (depth formats: the depth aspect). Not while a
/// frame is recorded. size_bytes must be exact; the message says what it should be.
V_API v_status v_gpu_texture_read(v_gpu *gpu, v_gpu_texture texture, uint32_t mip, uint32_t layer, void *out_data,
                                  size_t size_bytes);
/// What the texture is, defaults filled in; `name` is borrowed until it is destroyed.
V_API v_status v_gpu_texture_get_desc(const v_gpu *gpu, v_gpu_texture texture, v_gpu_texture_desc *out_desc);

typedef enum v_filter { V_FILTER_LINEAR = 0, V_FILTER_NEAREST } v_filter;
typedef enum v_address {
    V_ADDRESS_REPEAT = 0,
    V_ADDRESS_CLAMP,
    V_ADDRESS_MIRROR,
    V_ADDRESS_BORDER_ZERO,
    V_ADDRESS_BORDER_ONE
} v_address;
/// NONE as depth_compare of a pipeline: no depth test at all; of a sampler: no comparison.
typedef enum v_compare {
    V_COMPARE_NONE = 0,
    V_COMPARE_LESS,
    V_COMPARE_LESS_EQUAL,
    V_COMPARE_GREATER,
    V_COMPARE_GREATER_EQUAL,
    V_COMPARE_EQUAL,
    V_COMPARE_ALWAYS
} v_compare;

typedef struct v_gpu_sampler_desc {
    const char *name;
    v_filter filter, mip_filter;
    v_address address;    ///< In all directions.
    v_compare compare;    ///< For shadow samplers.
    float max_anisotropy; ///< Above 1 where the device can.
} v_gpu_sampler_desc;

V_API v_status v_gpu_sampler_create(v_gpu *gpu, const v_gpu_sampler_desc *desc, v_gpu_sampler *out_sampler);
V_API void v_gpu_sampler_destroy(v_gpu *gpu, v_gpu_sampler sampler);

// Shaders and pipelines.
// -------------------------------------------------------------------------------------------------

typedef struct v_gpu_shader_desc {
    const char *name;
    const uint32_t *words; ///< SPIR-V, for instance from a header that v_shaders() of engine/gpu/module.cmake made.
    size_t size_bytes;
    const char *entry; ///< Default "main".
} v_gpu_shader_desc;

V_API v_status v_gpu_shader_create(v_gpu *gpu, const v_gpu_shader_desc *desc, v_gpu_shader *out_shader);
/// Allowed as soon as its pipelines are made.
V_API void v_gpu_shader_destroy(v_gpu *gpu, v_gpu_shader shader);

typedef enum v_stage { V_STAGE_VERTEX = 1, V_STAGE_FRAGMENT = 2, V_STAGE_COMPUTE = 4 } v_stage;

typedef enum v_binding_kind {
    V_BINDING_NONE = 0,       ///< Ends the list.
    V_BINDING_UNIFORM,        ///< uniform block
    V_BINDING_STORAGE,        ///< buffer block
    V_BINDING_SAMPLED,        ///< sampler2D and kin: texture and sampler together
    V_BINDING_STORAGE_TEXTURE ///< image2D and kin
} v_binding_kind;

typedef struct v_gpu_binding {
    v_binding_kind kind;
    uint32_t binding; ///< layout(binding = …)
    uint32_t count;   ///< Array size, default 1.
    uint32_t stages;  ///< v_stage bits; default: every stage of the pipeline.
} v_gpu_binding;

enum {
    V_MAX_SETS = 4,
    V_MAX_BINDINGS = 16,
    V_MAX_COLORS = 8,
    V_MAX_ATTRIBUTES = 12,
    V_MAX_STREAMS = 4,
    V_MAX_CONSTANTS = 8
};

/// What the pipeline's shaders can be given: descriptor sets, push constants, specialisation constants.
typedef struct v_gpu_interface {
    v_gpu_binding sets[V_MAX_SETS][V_MAX_BINDINGS];
    uint32_t push_bytes; ///< At most v_gpu_info.max_push_bytes (128 everywhere); visible to all stages.
    struct {
        uint32_t id, value;
    } constants[V_MAX_CONSTANTS]; ///< constant_id and its 32 bits.
    uint32_t constant_count;
} v_gpu_interface;

typedef struct v_gpu_attribute {
    uint32_t location, stream, offset_bytes;
    v_format format;
} v_gpu_attribute;

typedef struct v_gpu_stream {
    uint32_t stride_bytes;
    bool per_instance;
} v_gpu_stream;

typedef enum v_topology {
    V_TOPOLOGY_TRIANGLES = 0,
    V_TOPOLOGY_TRIANGLE_STRIP,
    V_TOPOLOGY_LINES,
    V_TOPOLOGY_POINTS
} v_topology;
typedef enum v_cull {
    V_CULL_NONE = 0,
    V_CULL_BACK,
    V_CULL_FRONT
} v_cull; ///< Front faces are counter-clockwise on the screen.
typedef enum v_blend { V_BLEND_NONE = 0, V_BLEND_ALPHA, V_BLEND_PREMULTIPLIED, V_BLEND_ADD } v_blend;

typedef struct v_gpu_graphics_desc {
    const char *name;
    v_gpu_shader vertex, fragment; ///< fragment null: depth only.
    v_gpu_interface interface;
    v_gpu_attribute attributes[V_MAX_ATTRIBUTES];
    uint32_t attribute_count;
    v_gpu_stream streams[V_MAX_STREAMS];
    v_topology topology;
    v_cull cull;
    v_format colors[V_MAX_COLORS];
    uint32_t color_count;
    v_blend blend[V_MAX_COLORS];
    v_format depth;          ///< Format of the depth attachment, NONE: the pass has none.
    v_compare depth_compare; ///< Reversed z (near = 1): V_COMPARE_GREATER_EQUAL.
    bool no_depth_write;
    bool depth_clamp; ///< Where the device can.
    float depth_bias, depth_bias_slope;
} v_gpu_graphics_desc;

typedef struct v_gpu_compute_desc {
    const char *name;
    v_gpu_shader shader;
    v_gpu_interface interface;
} v_gpu_compute_desc;

V_API v_status v_gpu_graphics_create(v_gpu *gpu, const v_gpu_graphics_desc *desc, v_gpu_pipeline *out_pipeline);
V_API v_status v_gpu_compute_create(v_gpu *gpu, const v_gpu_compute_desc *desc, v_gpu_pipeline *out_pipeline);
V_API void v_gpu_pipeline_destroy(v_gpu *gpu, v_gpu_pipeline pipeline);

// Frames.
// ----------------------------------------------------------------------------------------------------------------

/// Wait until a frame slot is free and start recording. One frame at a time.
V_API v_status v_gpu_frame_begin(v_gpu *gpu, v_cmd **out_cmd);
/// Submit the frame and present the windows that were acquired in it. The first error of any v_cmd_* call since
/// v_gpu_frame_begin is returned here and nothing is submitted then.
V_API v_status v_gpu_frame_end(v_gpu *gpu);
/// Wait until the GPU has finished the frame that v_gpu_frame_end submitted last.
V_API v_status v_gpu_frame_wait(v_gpu *gpu);

/// Memory for this frame's uniforms, instances, vertices or indices: mapped, filled by the caller at once, gone after
/// the frame. `mapped` is null when there is no memory (the frame then fails at its end).
typedef struct v_gpu_span {
    v_gpu_buffer buffer;
    uint64_t offset_bytes, size_bytes;
    void *mapped;
} v_gpu_span;
V_API v_gpu_span v_cmd_transient(v_cmd *cmd, uint64_t size_bytes);

// Commands. They return nothing: an invalid argument records nothing and fails the frame at v_gpu_frame_end with a
// message that names the call, the pass and the argument. Inside a graph pass the render area, viewport and scissor are
// set already (the whole target) and barriers are done: a callback binds and draws.

V_API void v_cmd_bind_pipeline(v_cmd *cmd, v_gpu_pipeline pipeline);

/// One descriptor: which fields count follows from the binding's kind.
typedef struct v_gpu_write {
    uint32_t binding, element;
    v_gpu_buffer buffer;
    uint64_t offset_bytes, size_bytes; ///< size 0: to the end.
    v_gpu_texture texture;
    v_gpu_sampler sampler;
    uint32_t mip, mip_count;     ///< count 0: all from `mip` on. Storage textures: one mip.
    uint32_t layer, layer_count; ///< count 0: all from `layer` on.
} v_gpu_write;

/// Make a set for this frame, fill it and bind it as set `set` of the bound pipeline. Every element of every binding
/// must be written.
V_API void v_cmd_bind_set(v_cmd *cmd, uint32_t set, const v_gpu_write *writes, uint32_t write_count);
V_API void v_cmd_push(v_cmd *cmd, const void *data, uint32_t size_bytes);
V_API void v_cmd_bind_vertices(v_cmd *cmd, uint32_t stream, v_gpu_buffer buffer, uint64_t offset_bytes);
/// 32-bit indices, or 16-bit ones.
V_API void v_cmd_bind_indices(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes, bool sixteen_bit);
V_API void v_cmd_viewport(v_cmd *cmd, float x_px, float y_px, float width_px, float height_px);
V_API void v_cmd_scissor(v_cmd *cmd, int32_t x_px, int32_t y_px, uint32_t width_px, uint32_t height_px);
V_API void v_cmd_draw(v_cmd *cmd, uint32_t vertex_count, uint32_t instance_count, uint32_t first_vertex,
                      uint32_t first_instance);
V_API void v_cmd_draw_indexed(v_cmd *cmd, uint32_t index_count, uint32_t instance_count, uint32_t first_index,
                              int32_t vertex_offset, uint32_t first_instance);
V_API void v_cmd_draw_indexed_indirect(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes, uint32_t draw_count);
V_API void v_cmd_dispatch(v_cmd *cmd, uint32_t groups_x, uint32_t groups_y, uint32_t groups_z);
V_API void v_cmd_dispatch_indirect(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes);
V_API void v_cmd_copy_buffer(v_cmd *cmd, v_gpu_buffer from, uint64_t from_bytes, v_gpu_buffer to, uint64_t to_bytes,
                             uint64_t size_bytes);
/// Tightly packed texels of one mip and layer.
V_API void v_cmd_copy_texture_to_buffer(v_cmd *cmd, v_gpu_texture from, uint32_t mip, uint32_t layer, v_gpu_buffer to,
                                        uint64_t to_bytes);
V_API void v_cmd_copy_buffer_to_texture(v_cmd *cmd, v_gpu_buffer from, uint64_t from_bytes, v_gpu_texture to,
                                        uint32_t mip, uint32_t layer);
/// Scale one mip and layer onto another, linearly when the format allows it.
V_API void v_cmd_blit(v_cmd *cmd, v_gpu_texture from, uint32_t from_mip, uint32_t from_layer, v_gpu_texture to,
                      uint32_t to_mip, uint32_t to_layer);
V_API void v_cmd_fill_buffer(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes, uint64_t size_bytes,
                             uint32_t value);
/// Clear a whole colour texture outside attachments (usage TRANSFER_WRITE).
V_API void v_cmd_clear_texture(v_cmd *cmd, v_gpu_texture texture, const float rgba[4]);
/// A named range for debuggers; nest freely, end each begin.
V_API void v_cmd_label_begin(v_cmd *cmd, const char *name);
V_API void v_cmd_label_end(v_cmd *cmd);
/// Record a GPU timestamp after the work so far; returns its slot, or UINT32_MAX when none is left or supported.
V_API uint32_t v_cmd_timestamp(v_cmd *cmd);
/// Timestamps of a finished frame (v_gpu_stats.frame when it was recorded) in nanoseconds. V_ERROR_NOT_FOUND when it
/// has not finished or its slot has been used again.
V_API v_status v_gpu_read_timestamps(v_gpu *gpu, uint64_t frame, uint32_t first_slot, uint32_t count, uint64_t *out_ns);

// Windows (E10). Main thread only.
// ----------------------------------------------------------------------------------------

typedef enum v_present_mode {
    V_PRESENT_FIFO = 0,
    V_PRESENT_MAILBOX,
    V_PRESENT_IMMEDIATE,
    V_PRESENT_FIFO_RELAXED
} v_present_mode;
V_API const char *v_present_mode_name(v_present_mode mode); ///< "FIFO".

/// What a user wants. AUTO: FIFO with vsync, else MAILBOX or IMMEDIATE, whichever there is.
typedef enum v_present_wish {
    V_PRESENT_WISH_AUTO = 0,
    V_PRESENT_WISH_FIFO,
    V_PRESENT_WISH_MAILBOX,
    V_PRESENT_WISH_IMMEDIATE
} v_present_wish;

/// Choose a present mode; `offered` has bit 1 << v_present_mode for each mode that the surface offers. A wish that is
/// not offered falls back to the nearest behaviour and last to FIFO, which every surface has. Pure.
V_API v_present_mode v_present_mode_choose(uint32_t offered, v_present_wish wish, bool vsync);

typedef struct v_window_desc {
    const char *title;            ///< Default "V Engine".
    uint32_t width_px, height_px; ///< Default 1280×720.
    v_present_wish present;
    bool no_vsync;
    bool fixed_size; ///< The user cannot resize it.
    bool hidden;
} v_window_desc;

/// Open a window with a swapchain for this device, which was made with .presentation. V_ERROR_NO_DEVICE: no display
/// (the message says what to do); V_ERROR_UNSUPPORTED: built without SDL2, or the device cannot present to it.
V_API v_status v_window_create(v_gpu *gpu, const v_window_desc *desc, v_window **out_window);
/// Waits for the GPU. Null is allowed.
V_API void v_window_destroy(v_window *window);

typedef enum v_window_event_kind {
    V_WINDOW_EVENT_NONE = 0,
    V_WINDOW_EVENT_CLOSE,
    V_WINDOW_EVENT_RESIZE,
    V_WINDOW_EVENT_FOCUS, ///< down: gained or lost.
    V_WINDOW_EVENT_KEY,
    V_WINDOW_EVENT_MOUSE_MOVE,
    V_WINDOW_EVENT_MOUSE_BUTTON,
    V_WINDOW_EVENT_MOUSE_WHEEL
} v_window_event_kind;

typedef struct v_window_event {
    v_window_event_kind kind;
    uint32_t
        scancode; ///< KEY: the USB HID usage of the physical key (SDL_Scancode). Button: 1 left, 2 middle, 3 right.
    bool down, repeat;
    float x, y, dx, dy;           ///< Mouse, pixels from the top left; wheel: dy notches.
    uint32_t width_px, height_px; ///< RESIZE.
    uint64_t time_ns;             ///< When it happened, on v_clock_ns's clock.
} v_window_event;

/// Take the next event of this window; false when there is none. Resizes are handled by the window itself as well.
V_API bool v_window_poll(v_window *window, v_window_event *out_event);
V_API void v_window_get_size(const v_window *window, uint32_t *out_width_px, uint32_t *out_height_px);
V_API void v_window_set_size(v_window *window, uint32_t width_px, uint32_t height_px);
/// Ask the system to minimise or to show it again; not every window manager obeys.
V_API void v_window_minimise(v_window *window);
V_API void v_window_restore(v_window *window);
V_API void v_window_set_title(v_window *window, const char *title);
/// Change vsync or mode; the swapchain is made anew at the next acquire.
V_API v_status v_window_set_present(v_window *window, v_present_wish wish, bool vsync);
V_API v_present_mode v_window_get_present_mode(const v_window *window);
V_API v_format v_window_get_format(const v_window *window);

/// The image to draw into in this frame (between v_gpu_frame_begin and v_gpu_frame_end, which presents it). The graph
/// must leave it in V_USAGE_PRESENT. A minimised window gives V_OK with a null texture: draw nothing. A swapchain that
/// is out of date is made anew here.
V_API v_status v_window_acquire(v_window *window, v_gpu_texture *out_texture);

V_EXTERN_C_END
#endif
