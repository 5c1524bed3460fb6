// vengine doctor: what this machine has, what is missing, and the command that fixes it.
#include "vengine.h"

#include "v/app.h"
#include "v/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifdef V_WITH_GPU
#include "v/gpu.h"
#endif
#ifdef V_WITH_PLATFORM
#include <SDL.h>
#endif

typedef struct doctor_findings {
    bool no_device;
} doctor_findings;

static void say(const char *mark, const char *what, const char *value)
{
    printf("%-8s %-12s %s\n", mark, what, value);
}

// The value behind "key" and a colon in a /proc file, or "unknown".
static void proc_value(const char *path, const char *key, char *out, size_t capacity)
{
    char line[512];
    FILE *file = fopen(path, "r");
    snprintf(out, capacity, "unknown");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        char *colon = strchr(line, ':');
        if (strncmp(line, key, strlen(key)) == 0 && colon != NULL) {
            char *value = colon + 1 + strspn(colon + 1, " \t");
            value[strcspn(value, "\n")] = '\0';
            snprintf(out, capacity, "%s", value);
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void check_machine(void)
{
    char model[256], memory[64], text[512];
    struct utsname name;
    proc_value("/proc/cpuinfo", "model name", model, sizeof(model));
    snprintf(text, sizeof(text), "%s, %u processors", model, v_processor_count());
    say("ok", "CPU", text);
    proc_value("/proc/meminfo", "MemTotal", memory, sizeof(memory));
    snprintf(text, sizeof(text), "%.1f GiB", strtod(memory, NULL) / (1024.0 * 1024.0));
    say("ok", "memory", text);
    if (uname(&name) == 0) {
        snprintf(text, sizeof(text), "%s %s %s", name.sysname, name.release, name.machine);
        say("ok", "system", text);
    }
}

#ifdef V_WITH_GPU
static void print_device(const v_gpu_info *info)
{
    uint64_t local_bytes = 0;
    for (uint32_t i = 0; i < info->heap_count; i++) {
        local_bytes += info->heaps[i].device_local ? info->heaps[i].size_bytes : 0;
    }
    printf("%-8s %-12s %s (%s), Vulkan %s, %s %s, %.1f GiB device memory%s%s\n", info->refusal[0] == '\0' ? "ok" : "no",
           "GPU", info->name, v_gpu_type_name(info->type), info->api_version, info->driver_name, info->driver_info,
           (double)local_bytes / (1024.0 * 1024.0 * 1024.0), info->refusal[0] != '\0' ? "; not usable: " : "",
           info->refusal);
}

static void print_layers(const v_gpu_survey *survey)
{
    char text[1024] = "";
    for (uint32_t i = 0, used = 0; i < survey->layer_count && used < sizeof(text); i++) {
        used += (uint32_t)snprintf(text + used, sizeof(text) - used, "%s%s", i != 0 ? ", " : "", survey->layers[i]);
    }
    say(survey->validation_present ? "ok" : "optional", "layers",
        survey->validation_present ? text : "no validation layer; apt-get install vulkan-validationlayers");
}

static void check_vulkan(doctor_findings *findings)
{
    v_gpu_survey *survey = V_NEW(NULL, v_gpu_survey);
    if (survey == NULL || v_gpu_enumerate(NULL, survey) != V_OK) {
        say("missing", "Vulkan", "no loader; apt-get install libvulkan1 mesa-vulkan-drivers");
        findings->no_device = true;
    } else {
        uint32_t usable = 0;
        say("ok", "Vulkan", survey->loader_version);
        for (uint32_t i = 0; i < survey->device_count; i++) {
            print_device(&survey->devices[i]);
            usable += survey->devices[i].refusal[0] == '\0' ? 1 : 0;
        }
        if (usable == 0) {
            say("missing", "GPU", "no usable device; apt-get install mesa-vulkan-drivers (a CPU driver)");
            findings->no_device = true;
        }
        print_layers(survey);
    }
    if (survey != NULL) {
        V_DELETE(NULL, survey);
    }
}
#else
static void check_vulkan(doctor_findings *findings)
{
    (void)findings;
    say("no", "Vulkan", "this vengine was built without it: headless runs without pictures only");
}
#endif

static void check_display(void)
{
    const char *display = getenv("WAYLAND_DISPLAY") != NULL ? getenv("WAYLAND_DISPLAY") : getenv("DISPLAY");
#ifdef V_WITH_PLATFORM
    char text[512] = "";
    size_t used = 0;
    for (int i = 0; i < SDL_GetNumVideoDrivers() && used < sizeof(text); i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i != 0 ? ", " : "", SDL_GetVideoDriver(i));
    }
    say("ok", "SDL video", text);
#else
    say("no", "SDL video", "this vengine was built without windows");
#endif
    say(display != NULL ? "ok" : "optional", "display",
        display != NULL ? display : "none: runs are headless (for a virtual one: apt-get install xvfb)");
}

static bool program_exists(const char *name)
{
    const char *path = getenv("PATH");
    char full[4096];
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");
        snprintf(full, sizeof(full), "%.*s/%s", (int)length, path, name);
        if (access(full, X_OK) == 0) {
            return true;
        }
        path += length + (path[length] == ':' ? 1 : 0);
    }
    return false;
}

int command_doctor(int argc, char **argv)
{
    if (argc > 0) {
        fprintf(stderr, "vengine doctor: unexpected word \"%s\"\n", argv[0]);
        return V_EXIT_USAGE;
    }
    doctor_findings findings = { 0 };
    printf("vengine %s\n", v_version());
    check_machine();
    check_vulkan(&findings);
    check_display();
    bool ffmpeg = program_exists("ffmpeg");
    say(ffmpeg ? "ok" : "optional", "ffmpeg", ffmpeg ? "found" : "videos as .y4m only; apt-get install ffmpeg");
    bool glslang = program_exists("glslangValidator");
    say(glslang ? "ok" : "optional", "glslang",
        glslang ? "found" : "needed to build, not to run; apt-get install glslang-tools");
    printf("%s\n", findings.no_device ? "pictures and windows are not possible here; headless runs are"
                                      : "everything a run needs is here");
    return findings.no_device ? V_EXIT_NO_DEVICE : V_EXIT_OK;
}
