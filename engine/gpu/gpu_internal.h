// gpu_internal.h: what the files of the gpu module share: the device's state and the objects behind the public ids.
#ifndef V_GPU_INTERNAL_H
#define V_GPU_INTERNAL_H

#include "v/gpu.h"

#include "v/container.h"

#include <stdatomic.h>

#include <volk.h>

#include "gpu_table.h"
#include "memory/gpu_memory.h"

enum {
    GPU_MAX_FRAMES = 4,
    GPU_MAX_TIMESTAMPS = 512,
    GPU_NAME_BYTES = 48,
    GPU_MAX_SET_DESCRIPTORS = 64,
    GPU_TRANSIENT_CHUNK_BYTES = 1 << 20,
    GPU_STAGING_CHUNK_BYTES = 1 << 20
};

/// Instance-level functions of one instance. volk's globals belong to whichever instance was loaded last, so they are
/// not used beyond vkGetInstanceProcAddr.
typedef struct gpu_instance_api {
#define GPU_INSTANCE_FUNCTIONS(X)                                                                                      \
    X(vkDestroyInstance)                                                                                               \
    X(vkEnumeratePhysicalDevices)                                                                                      \
    X(vkGetPhysicalDeviceProperties2)                                                                                  \
    X(vkGetPhysicalDeviceFeatures2)                                                                                    \
    X(vkGetPhysicalDeviceMemoryProperties)                                                                             \
    X(vkGetPhysicalDeviceQueueFamilyProperties)                                                                        \
    X(vkGetPhysicalDeviceFormatProperties)                                                                             \
    X(vkGetPhysicalDeviceProperties)                                                                                   \
    X(vkEnumerateDeviceExtensionProperties)                                                                            \
    X(vkCreateDevice)
#define GPU_INSTANCE_OPTIONAL(X)                                                                                       \
    X(vkCreateDebugUtilsMessengerEXT)                                                                                  \
    X(vkDestroyDebugUtilsMessengerEXT)                                                                                 \
    X(vkSetDebugUtilsObjectNameEXT)                                                                                    \
    X(vkCmdBeginDebugUtilsLabelEXT)                                                                                    \
    X(vkCmdEndDebugUtilsLabelEXT)                                                                                      \
    X(vkDestroySurfaceKHR)                                                                                             \
    X(vkGetPhysicalDeviceSurfaceSupportKHR)                                                                            \
    X(vkGetPhysicalDeviceSurfaceCapabilitiesKHR)                                                                       \
    X(vkGetPhysicalDeviceSurfaceFormatsKHR)                                                                            \
    X(vkGetPhysicalDeviceSurfacePresentModesKHR)
#define GPU_DECLARE(name) PFN_##name name;
    GPU_INSTANCE_FUNCTIONS(GPU_DECLARE)
    GPU_INSTANCE_OPTIONAL(GPU_DECLARE)
#undef GPU_DECLARE
} gpu_instance_api;

typedef struct gpu_instance {
    const v_allocator *allocator;
    v_log *log;
    VkInstance handle;
    gpu_instance_api api;
    VkDebugUtilsMessengerEXT messenger;
    _Atomic uint64_t validation_messages;
    bool validation, debug_utils, surfaces;
} gpu_instance;

typedef struct gpu_instance_options {
    const v_allocator *allocator;
    v_log *log;
    bool validation, gpu_assisted, surfaces;
} gpu_instance_options;

/// How a whole resource was used last: what the next user has to wait for, and an image's layout.
typedef struct gpu_resource_state {
    uint64_t write_stages, write_access; ///< The latest write (or layout transition).
    uint64_t read_stages;                ///< Reads since then.
    uint64_t visible_usages;             ///< Bits 1 << v_usage that see that write already.
    int32_t layout;
    v_usage usage;
} gpu_resource_state;

typedef struct gpu_buffer {
    char name[GPU_NAME_BYTES];
    VkBuffer handle;
    gpu_allocation memory;
    uint64_t size_bytes;
    uint32_t usage;
    v_memory_kind kind;
    bool borrowed_memory; ///< The memory belongs to a graph's heap.
    gpu_resource_state state;
    gpu_resource_state state_before; ///< The frame used_frame.
    uint64_t used_frame;             ///< The frame whose recording touched it last.
} gpu_buffer;

typedef struct gpu_view {
    VkImageView handle;
    VkImageViewType type;
    uint32_t mip, mip_count, layer, layer_count;
} gpu_view;

typedef struct gpu_texture {
    char name[GPU_NAME_BYTES];
    VkImage handle;
    gpu_allocation memory;
    v_gpu_texture_desc desc; ///< Defaults filled in; its name points nowhere.
    V_ARRAY(gpu_view) views;
    bool borrowed_memory; ///< The memory belongs to a graph's heap.
    bool borrowed_image;  ///< The image belongs to a swapchain.
    gpu_resource_state state;
    gpu_resource_state state_before; ///< The frame used_frame.
    uint64_t used_frame;             ///< The frame whose recording touched it last.
} gpu_texture;

typedef struct gpu_sampler {
    VkSampler handle;
} gpu_sampler;

typedef struct gpu_shader {
    char name[GPU_NAME_BYTES];
    char entry[GPU_NAME_BYTES];
    VkShaderModule handle;
} gpu_shader;

typedef struct gpu_pipeline {
    char name[GPU_NAME_BYTES];
    VkPipeline handle;
    VkPipelineLayout layout;
    VkPipelineBindPoint point;
    v_gpu_interface interface;
    VkDescriptorSetLayout sets[V_MAX_SETS]; ///< Owned by the layout cache.
    uint32_t set_count;
    VkShaderStageFlags stages;
    v_format colors[V_MAX_COLORS];
    uint32_t color_count;
    v_format depth;
} gpu_pipeline;

typedef struct gpu_set_layout {
    uint64_t hash;
    v_gpu_binding bindings[V_MAX_BINDINGS];
    VkShaderStageFlags stages;
    VkDescriptorSetLayout handle;
} gpu_set_layout;

typedef struct gpu_descriptor_pool {
    VkDescriptorPool handle;
    uint32_t sets;
} gpu_descriptor_pool;

typedef enum gpu_garbage_kind {
    GPU_GARBAGE_BUFFER,
    GPU_GARBAGE_IMAGE,
    GPU_GARBAGE_VIEW,
    GPU_GARBAGE_SAMPLER,
    GPU_GARBAGE_PIPELINE,
    GPU_GARBAGE_PIPELINE_LAYOUT,
    GPU_GARBAGE_MEMORY
} gpu_garbage_kind;

/// A Vulkan object that waits for the GPU before it is destroyed.
typedef struct gpu_garbage {
    gpu_garbage_kind kind;
    uint64_t value; ///< Timeline value that must be reached.
    uint64_t handle;
    gpu_allocation memory;
} gpu_garbage;

typedef struct gpu_chunk {
    v_gpu_buffer buffer;
    uint64_t size_bytes;
    uint8_t *mapped;
} gpu_chunk;

struct v_cmd {
    v_gpu *gpu;
    VkCommandBuffer handle;
    v_status status; ///< The first error of this frame.
    char message[512];
    const char *pass;        ///< The graph pass that is recorded, for messages; null outside.
    bool rendering;          ///< Inside vkCmdBeginRendering.
    v_gpu_pipeline pipeline; ///< Bound; null: none.
    v_format colors[V_MAX_COLORS];
    uint32_t color_count;
    v_format depth;
};

typedef struct gpu_frame {
    v_cmd cmd;
    VkCommandPool pool;
    uint64_t frame; ///< Serial of the frame recorded here last.
    uint64_t value; ///< Timeline value that its submission signals.
    V_ARRAY(gpu_descriptor_pool) descriptor_pools;
    uint32_t descriptor_pool_index;
    V_ARRAY(gpu_chunk) chunks;
    uint32_t chunk_index;
    uint64_t chunk_used_bytes;
    VkQueryPool queries;
    uint32_t query_count;
} gpu_frame;

/// Copies that were asked for and go to the queue before the next frame's commands.
typedef struct gpu_upload_batch {
    VkCommandPool pool;
    VkCommandBuffer handle;
    uint64_t value;
    V_ARRAY(gpu_chunk) chunks;
    uint64_t chunk_used_bytes; ///< Of the last chunk.
} gpu_upload_batch;

struct v_gpu {
    const v_allocator *allocator;
    v_log *log;
    gpu_instance instance;
    VkPhysicalDevice physical;
    VkPhysicalDeviceLimits limits;
    VkPhysicalDeviceFeatures features; ///< Enabled.
    v_gpu_info info;
    VkDevice device;
    struct VolkDeviceTable vk;
    uint32_t queue_family;
    VkQueue queue;
    bool presentation, lost;

    gpu_memory *memory;
    VkPipelineCache pipeline_cache;
    VkSemaphore timeline;
    uint64_t submitted_value, finished_value;

    gpu_table buffers, textures, samplers, shaders, pipelines;
    V_ARRAY(gpu_set_layout) set_layouts;
    V_ARRAY(gpu_garbage) garbage;

    gpu_frame frames[GPU_MAX_FRAMES];
    uint32_t frame_count, frame_slot;
    uint64_t frame;
    bool recording;
    uint32_t draws, dispatches;
    struct v_window *acquired[8];
    uint32_t acquired_count;

    V_ARRAY(gpu_upload_batch) uploads;
    uint32_t upload_open; ///< 1 + index of the batch that is recorded; 0: none.
    uint32_t transient_serial;
};

// loader.c
v_status gpu_loader_open(void);
PFN_vkVoidFunction gpu_loader_get(VkInstance instance, const char *name);
void gpu_loader_device_table(VkInstance instance, VkDevice device, struct VolkDeviceTable *out_table);

// instance.c
v_status gpu_instance_init(gpu_instance *instance, const gpu_instance_options *options);
void gpu_instance_finish(gpu_instance *instance);
bool gpu_layer_present(const v_allocator *allocator, const char *name);
v_status gpu_layers_list(v_gpu_survey *survey, const v_allocator *allocator);

// device_choice.c
v_status gpu_describe(const gpu_instance *instance, VkPhysicalDevice device, bool presentation, v_gpu_info *out_info,
                      uint32_t *out_queue_family);
v_status gpu_choose(v_gpu *gpu, const v_gpu_desc *desc);

// names.c
v_status gpu_fail(v_gpu *gpu, VkResult result, const char *call);
const char *gpu_result_name(VkResult result);
void gpu_set_name(v_gpu *gpu, VkObjectType type, uint64_t handle, const char *name);
void gpu_copy_name(char out[GPU_NAME_BYTES], const char *name, const char *fallback);

// formats.c
VkFormat gpu_format(v_format format);
VkImageAspectFlags gpu_format_aspect(v_format format);

// resources
v_status gpu_check(const v_gpu *gpu, const char *call);
gpu_buffer *gpu_get_buffer(const v_gpu *gpu, v_gpu_buffer buffer);
gpu_texture *gpu_get_texture(const v_gpu *gpu, v_gpu_texture texture);
gpu_sampler *gpu_get_sampler(const v_gpu *gpu, v_gpu_sampler sampler);
gpu_shader *gpu_get_shader(const v_gpu *gpu, v_gpu_shader shader);
gpu_pipeline *gpu_get_pipeline(const v_gpu *gpu, v_gpu_pipeline pipeline);

/// Fill in defaults and check against the device.
v_status gpu_texture_resolve(const v_gpu *gpu, const v_gpu_texture_desc *desc, v_gpu_texture_desc *out_desc);
void gpu_texture_image_info(const v_gpu_texture_desc *desc, VkImageCreateInfo *out_info);
void gpu_buffer_info(uint64_t size_bytes, uint32_t usage, VkBufferCreateInfo *out_info);
/// Place a texture or buffer into memory that somebody else owns.
v_status gpu_texture_create_placed(v_gpu *gpu, const v_gpu_texture_desc *desc, const gpu_allocation *heap,
                                   uint64_t offset_bytes, v_gpu_texture *out_texture);
v_status gpu_buffer_create_placed(v_gpu *gpu, const v_gpu_buffer_desc *desc, const gpu_allocation *heap,
                                  uint64_t offset_bytes, v_gpu_buffer *out_buffer);
/// A texture over an image of a swapchain.
v_status gpu_texture_wrap(v_gpu *gpu, const v_gpu_texture_desc *desc, VkImage image, v_gpu_texture *out_texture);
v_status gpu_texture_view(v_gpu *gpu, gpu_texture *texture, VkImageViewType type, uint32_t mip, uint32_t mip_count,
                          uint32_t layer, uint32_t layer_count, VkImageView *out_view);
VkImageViewType gpu_texture_view_type(const v_gpu_texture_desc *desc, uint32_t layer_count);
VkCompareOp gpu_compare_op(v_compare compare);
VkImageLayout gpu_sampled_layout(v_format format);

// descriptors/
v_status gpu_set_layout_get(v_gpu *gpu, const v_gpu_binding *bindings, VkShaderStageFlags stages,
                            VkDescriptorSetLayout *out_layout);
void gpu_set_layouts_finish(v_gpu *gpu);
v_status gpu_set_allocate(v_gpu *gpu, VkDescriptorSetLayout layout, VkDescriptorSet *out_set);

// frame.c
v_status gpu_frames_init(v_gpu *gpu, uint32_t count);
void gpu_frames_finish(v_gpu *gpu);
v_status gpu_wait_value(v_gpu *gpu, uint64_t value);
v_status gpu_submit(v_gpu *gpu, const VkCommandBufferSubmitInfo *commands, uint32_t command_count,
                    const VkSemaphoreSubmitInfo *waits, uint32_t wait_count, const VkSemaphoreSubmitInfo *signals,
                    uint32_t signal_count, uint64_t *out_value);

// garbage.c
void gpu_discard(v_gpu *gpu, gpu_garbage_kind kind, uint64_t handle, const gpu_allocation *memory);
void gpu_collect(v_gpu *gpu, bool everything);

// upload.c
/// The open batch's command buffer, begun; makes one when there is none.
v_status gpu_upload_begin(v_gpu *gpu, VkCommandBuffer *out_commands);
/// Close the open batch for submission; false when there is none.
bool gpu_upload_close(v_gpu *gpu, VkCommandBuffer *out_commands, gpu_upload_batch **out_batch);
v_status gpu_upload_flush(v_gpu *gpu);
void gpu_uploads_finish(v_gpu *gpu);

// touch.c
void gpu_touch_buffer(v_gpu *gpu, gpu_buffer *buffer);
void gpu_touch_texture(v_gpu *gpu, gpu_texture *texture);
/// The frame is dropped: what it touched is as it was before.
void gpu_restore_states(v_gpu *gpu);

// cmd.c
/// False when nothing may be recorded (any more).
bool gpu_cmd_usable(v_cmd *cmd, const char *call);
/// Null, with the frame failed, when the id or the range is wrong.
gpu_buffer *gpu_cmd_buffer(v_cmd *cmd, const char *call, v_gpu_buffer buffer, uint64_t offset_bytes,
                           uint64_t size_bytes);
gpu_texture *gpu_cmd_texture(v_cmd *cmd, const char *call, v_gpu_texture texture, uint32_t mip, uint32_t layer);
void gpu_cmd_fail(v_cmd *cmd, v_status status, const char *format, ...) V_PRINTF(3, 4);

/// Where one mip of one layer lies, and its tightly packed size.
void gpu_texture_part(const gpu_texture *texture, uint32_t mip, uint32_t layer, VkBufferImageCopy *out_region,
                      uint64_t *out_bytes);

// window/swapchain.c, or window_none.c
/// The acquired image is ready to be presented.
v_status gpu_window_check(struct v_window *window);
void gpu_window_submit_info(struct v_window *window, VkSemaphoreSubmitInfo *out_wait,
                            VkSemaphoreSubmitInfo *out_signal);
v_status gpu_window_present(struct v_window *window);
/// The frame failed: the acquired image will not be presented.
void gpu_window_abandon(struct v_window *window);

#endif
