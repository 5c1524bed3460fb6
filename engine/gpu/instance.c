// instance.c: the Vulkan instance, its validation layer and the messages that come from it.
#include "gpu_internal.h"

#include <string.h>

#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

static VkBool32 VKAPI_PTR on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                     VkDebugUtilsMessageTypeFlagsEXT types,
                                     const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    gpu_instance *instance = user;
    // The loader's and drivers' own GENERAL chatter (for instance drivers of absent hardware) is no finding.
    bool finding =
        (types & (VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT)) !=
            0 &&
        severity >= VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT;
    if (finding) {
        atomic_fetch_add(&instance->validation_messages, 1);
    }
    v_log_level level = !finding                                                    ? V_LOG_DEBUG
                        : severity >= VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT ? V_LOG_ERROR
                                                                                    : V_LOG_WARN;
    v_log_write(instance->log, level, "vulkan", "%s", data->pMessage != NULL ? data->pMessage : "");
    return VK_FALSE;
}

static v_status list_layers(const v_allocator *allocator, VkLayerProperties **out_layers, uint32_t *out_count)
{
    PFN_vkEnumerateInstanceLayerProperties list =
        (PFN_vkEnumerateInstanceLayerProperties)gpu_loader_get(NULL, "vkEnumerateInstanceLayerProperties");
    uint32_t count = 0;
    *out_layers = NULL;
    *out_count = 0;
    VkResult result = list(&count, NULL);
    if (result != VK_SUCCESS || count == 0) {
        return result == VK_SUCCESS ? V_OK : gpu_fail(NULL, result, "vkEnumerateInstanceLayerProperties");
    }
    VkLayerProperties *layers = V_NEW_ARRAY(allocator, VkLayerProperties, count);
    if (layers == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    uint32_t capacity = count;
    result = list(&count, layers);
    if (result < 0 || count < capacity) {
        // Layers went away between the two calls; keep the allocation's size known by treating it as none.
        V_DELETE_ARRAY(allocator, layers, capacity);
        return result < 0 ? gpu_fail(NULL, result, "vkEnumerateInstanceLayerProperties") : V_OK;
    }
    *out_layers = layers;
    *out_count = capacity;
    return V_OK;
}

bool gpu_layer_present(const v_allocator *allocator, const char *name)
{
    VkLayerProperties *layers;
    uint32_t count;
    bool found = false;
    if (list_layers(allocator, &layers, &count) == V_OK) {
        for (uint32_t i = 0; i < count; i++) {
            found = found || strcmp(layers[i].layerName, name) == 0;
        }
        V_DELETE_ARRAY(allocator, layers, count);
    }
    return found;
}

v_status gpu_layers_list(v_gpu_survey *survey, const v_allocator *allocator)
{
    VkLayerProperties *layers;
    uint32_t count;
    V_TRY(list_layers(allocator, &layers, &count));
    for (uint32_t i = 0; i < count && survey->layer_count < V_COUNT_OF(survey->layers); i++) {
        memcpy(survey->layers[survey->layer_count++], layers[i].layerName, sizeof(survey->layers[0]));
        survey->validation_present = survey->validation_present || strcmp(layers[i].layerName, VALIDATION_LAYER) == 0;
    }
    V_DELETE_ARRAY(allocator, layers, count);
    return V_OK;
}

static bool extension_offered(const VkExtensionProperties *offered, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(offered[i].extensionName, name) == 0) {
            return true;
        }
    }
    return false;
}

// Fills `names` with what is wanted and offered; surfaces and debug utils are noted in the instance.
static v_status choose_extensions(gpu_instance *instance, const gpu_instance_options *options, const char **names,
                                  uint32_t *out_count)
{
    static const char *const surface_names[] = { "VK_KHR_surface", "VK_KHR_xlib_surface", "VK_KHR_xcb_surface",
                                                 "VK_KHR_wayland_surface" };
    PFN_vkEnumerateInstanceExtensionProperties list =
        (PFN_vkEnumerateInstanceExtensionProperties)gpu_loader_get(NULL, "vkEnumerateInstanceExtensionProperties");
    uint32_t count = 0;
    VkResult result = list(NULL, &count, NULL);
    if (result != VK_SUCCESS) {
        return gpu_fail(NULL, result, "vkEnumerateInstanceExtensionProperties");
    }
    uint32_t capacity = count;
    VkExtensionProperties *offered = count > 0 ? V_NEW_ARRAY(options->allocator, VkExtensionProperties, count) : NULL;
    if (count > 0 && offered == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    result = count > 0 ? list(NULL, &count, offered) : VK_SUCCESS;
    *out_count = 0;
    if (result >= 0) {
        for (size_t i = 0; options->surfaces && i < V_COUNT_OF(surface_names); i++) {
            if (extension_offered(offered, count, surface_names[i])) {
                names[(*out_count)++] = surface_names[i];
                instance->surfaces = true;
            }
        }
        // Debug utils come from the loader as well as from the layer.
        if (instance->validation) {
            names[(*out_count)++] = "VK_EXT_debug_utils";
            instance->debug_utils = true;
        }
    }
    V_DELETE_ARRAY(options->allocator, offered, capacity);
    return result >= 0 ? V_OK : gpu_fail(NULL, result, "vkEnumerateInstanceExtensionProperties");
}

static VkDebugUtilsMessengerCreateInfoEXT messenger_info(gpu_instance *instance)
{
    return (VkDebugUtilsMessengerCreateInfoEXT){
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = instance,
    };
}

static v_status load_functions(gpu_instance *instance)
{
#define LOAD(name) instance->api.name = (PFN_##name)gpu_loader_get(instance->handle, #name);
    GPU_INSTANCE_FUNCTIONS(LOAD)
    GPU_INSTANCE_OPTIONAL(LOAD)
#undef LOAD
#define CHECK(name)                                                                                                    \
    if (instance->api.name == NULL) {                                                                                  \
        return v_fail(V_ERROR_NO_DEVICE, "the Vulkan loader has no " #name);                                           \
    }
    GPU_INSTANCE_FUNCTIONS(CHECK)
#undef CHECK
    return V_OK;
}

static v_status create_handle(gpu_instance *instance, const gpu_instance_options *options)
{
    const char *extensions[8];
    uint32_t extension_count;
    V_TRY(choose_extensions(instance, options, extensions, &extension_count));
    const VkValidationFeatureEnableEXT enables[] = { VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT,
                                                     VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT };
    VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info(instance);
    VkValidationFeaturesEXT features = { .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
                                         .pNext = &messenger,
                                         .enabledValidationFeatureCount = options->gpu_assisted ? 2 : 1,
                                         .pEnabledValidationFeatures = enables };
    const char *layer = VALIDATION_LAYER;
    VkApplicationInfo application = { .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                      .pEngineName = "V Engine",
                                      .engineVersion =
                                          VK_MAKE_VERSION(V_VERSION_MAJOR, V_VERSION_MINOR, V_VERSION_PATCH),
                                      .apiVersion = VK_API_VERSION_1_3 };
    VkInstanceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                  .pNext = instance->validation ? &features : NULL,
                                  .pApplicationInfo = &application,
                                  .enabledLayerCount = instance->validation ? 1 : 0,
                                  .ppEnabledLayerNames = &layer,
                                  .enabledExtensionCount = extension_count,
                                  .ppEnabledExtensionNames = extensions };
    PFN_vkCreateInstance create = (PFN_vkCreateInstance)gpu_loader_get(NULL, "vkCreateInstance");
    VkResult result = create(&info, NULL, &instance->handle);
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
        return v_fail(V_ERROR_NO_DEVICE, "no Vulkan driver is installed: install mesa-vulkan-drivers (it has one for "
                                         "the CPU) or the GPU maker's driver");
    }
    return result == VK_SUCCESS ? V_OK : gpu_fail(NULL, result, "vkCreateInstance");
}

v_status gpu_instance_init(gpu_instance *instance, const gpu_instance_options *options)
{
    memset(instance, 0, sizeof(*instance));
    instance->allocator = options->allocator;
    instance->log = options->log;
    V_TRY(gpu_loader_open());
    instance->validation = options->validation && gpu_layer_present(options->allocator, VALIDATION_LAYER);
    if (options->validation && !instance->validation) {
        V_LOG_WARN(options->log, "gpu", "%s is not installed: running without validation (vulkan-validationlayers)",
                   VALIDATION_LAYER);
    }
    v_status status = create_handle(instance, options);
    if (status == V_OK) {
        status = load_functions(instance);
    }
    if (status == V_OK && instance->validation && instance->api.vkCreateDebugUtilsMessengerEXT != NULL) {
        VkDebugUtilsMessengerCreateInfoEXT info = messenger_info(instance);
        VkResult result =
            instance->api.vkCreateDebugUtilsMessengerEXT(instance->handle, &info, NULL, &instance->messenger);
        status = result == VK_SUCCESS ? V_OK : gpu_fail(NULL, result, "vkCreateDebugUtilsMessengerEXT");
    }
    if (status != V_OK) {
        gpu_instance_finish(instance);
    }
    return status;
}

void gpu_instance_finish(gpu_instance *instance)
{
    if (instance->messenger != VK_NULL_HANDLE) {
        instance->api.vkDestroyDebugUtilsMessengerEXT(instance->handle, instance->messenger, NULL);
    }
    if (instance->handle != NULL && instance->api.vkDestroyInstance != NULL) {
        instance->api.vkDestroyInstance(instance->handle, NULL);
    }
    instance->messenger = VK_NULL_HANDLE;
    instance->handle = NULL;
}
