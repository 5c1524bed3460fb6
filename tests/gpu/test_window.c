// test_window.c: windows under a virtual display: every present mode, resize, minimise, out-of-date, lost surfaces.
#include "gpu_test.h"

#include "window/window_internal.h"

#include <unistd.h>

typedef struct window_fixture {
    gpu_fixture base;
    v_window *window;
    v_graph *graph;
    uint32_t drawn;
} window_fixture;

static void open_window(window_fixture *f, const v_window_desc *desc)
{
    gpu_fixture_open(&f->base, true);
    f->drawn = 0;
    assert_ok(v_window_create(f->base.gpu, desc, &f->window));
    assert_ok(
        v_graph_create(&(v_graph_desc){ .gpu = f->base.gpu, .allocator = &f->base.counted.allocator }, &f->graph));
}

static void close_window(window_fixture *f)
{
    v_graph_destroy(f->graph);
    v_window_destroy(f->window);
    gpu_fixture_close(&f->base);
}

static void count_pass(const v_pass_context *context, void *user)
{
    window_fixture *f = user;
    assert_true(context->width_px > 0 && context->height_px > 0);
    f->drawn++;
}

// One frame: clear the window's image and present it. A minimised window gives a frame without passes.
static v_status present_frame(window_fixture *f)
{
    v_cmd *cmd = NULL;
    v_gpu_texture image = { 0 };
    V_TRY(v_gpu_frame_begin(f->base.gpu, &cmd));
    v_status status = v_window_acquire(f->window, &image);
    if (status == V_OK && image.generation != 0) {
        v_graph_begin(f->graph);
        v_graph_texture target = v_graph_import_texture(
            f->graph, &(v_graph_import){
                          .name = "window", .texture = image, .no_contents = true, .final_usage = V_USAGE_PRESENT });
        v_pass *pass = v_graph_add_pass(f->graph, V_PASS_GRAPHICS, "clear");
        v_pass_color(pass, 0, target, &(v_attachment){ .load = V_LOAD_CLEAR, .clear_color = { 1, 0, 0, 1 } });
        v_pass_execute(pass, count_pass, f);
        status = v_graph_compile(f->graph);
        if (status == V_OK) {
            status = v_graph_execute(f->graph, cmd);
        }
    }
    v_status ended = v_gpu_frame_end(f->base.gpu);
    return status != V_OK ? status : ended;
}

static void sixty_frames_are_presented_in_every_mode(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    assert_int_equal(v_window_get_present_mode(f.window), V_PRESENT_FIFO);
    const v_present_wish wishes[] = { V_PRESENT_WISH_FIFO, V_PRESENT_WISH_MAILBOX, V_PRESENT_WISH_IMMEDIATE };
    const v_present_mode modes[] = { V_PRESENT_FIFO, V_PRESENT_MAILBOX, V_PRESENT_IMMEDIATE };
    for (size_t m = 0; m < V_COUNT_OF(wishes); m++) {
        assert_ok(v_window_set_present(f.window, wishes[m], false));
        f.drawn = 0;
        for (uint32_t i = 0; i < 60; i++) {
            v_window_event event;
            while (v_window_poll(f.window, &event)) {
            }
            assert_ok(present_frame(&f));
        }
        assert_int_equal(f.drawn, 60);
        assert_int_equal(v_window_get_present_mode(f.window), modes[m]);
    }
    close_window(&f);
}

static void a_resized_window_gets_images_of_its_size(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    const uint32_t sizes[][2] = { { 100, 40 }, { 32, 200 }, { 64, 64 } };
    for (size_t s = 0; s < V_COUNT_OF(sizes); s++) {
        v_window_set_size(f.window, sizes[s][0], sizes[s][1]);
        for (uint32_t i = 0; i < 50 && (f.window->width_px != sizes[s][0] || f.window->height_px != sizes[s][1]); i++) {
            v_window_event event;
            while (v_window_poll(f.window, &event)) {
            }
            assert_ok(present_frame(&f));
        }
        assert_int_equal(f.window->width_px, sizes[s][0]);
        assert_int_equal(f.window->height_px, sizes[s][1]);
    }
    close_window(&f);
}

// A display without a window manager cannot minimise, so the surface says what it says of a minimised window.
static PFN_vkGetPhysicalDeviceSurfaceCapabilitiesKHR real_capabilities;
static bool minimised;

static VkResult VKAPI_CALL capabilities(VkPhysicalDevice device, VkSurfaceKHR surface, VkSurfaceCapabilitiesKHR *out)
{
    VkResult result = real_capabilities(device, surface, out);
    if (minimised) {
        out->currentExtent = out->minImageExtent = out->maxImageExtent = (VkExtent2D){ 0, 0 };
    }
    return result;
}

static void a_minimised_window_draws_nothing_and_comes_back(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    real_capabilities = f.base.gpu->instance.api.vkGetPhysicalDeviceSurfaceCapabilitiesKHR;
    f.base.gpu->instance.api.vkGetPhysicalDeviceSurfaceCapabilitiesKHR = capabilities;
    assert_ok(present_frame(&f));
    minimised = true;
    f.window->outdated = true;
    v_window_minimise(f.window);
    f.drawn = 0;
    for (uint32_t i = 0; i < 5; i++) {
        assert_ok(present_frame(&f));
    }
    assert_int_equal(f.drawn, 0);
    minimised = false;
    v_window_restore(f.window);
    for (uint32_t i = 0; i < 5; i++) {
        v_window_event event;
        while (v_window_poll(f.window, &event)) {
        }
        assert_ok(present_frame(&f));
    }
    assert_int_equal(f.drawn, 5);
    close_window(&f);
}

static PFN_vkAcquireNextImageKHR real_acquire;
static PFN_vkQueuePresentKHR real_present;
static VkResult next_acquire, next_present;
static uint32_t acquires;

static VkResult VKAPI_CALL acquire(VkDevice device, VkSwapchainKHR swapchain, uint64_t timeout, VkSemaphore semaphore,
                                   VkFence fence, uint32_t *image)
{
    VkResult result = next_acquire;
    next_acquire = VK_SUCCESS;
    acquires++;
    if (result < 0 || result == VK_TIMEOUT) {
        return result;
    }
    VkResult real = real_acquire(device, swapchain, timeout, semaphore, fence, image);
    return real == VK_SUCCESS ? result : real;
}

static VkResult VKAPI_CALL present(VkQueue queue, const VkPresentInfoKHR *info)
{
    VkResult real = real_present(queue, info), result = next_present;
    next_present = VK_SUCCESS;
    return real == VK_SUCCESS ? result : real;
}

static void inject(window_fixture *f)
{
    real_acquire = f->base.gpu->vk.vkAcquireNextImageKHR;
    real_present = f->base.gpu->vk.vkQueuePresentKHR;
    f->base.gpu->vk.vkAcquireNextImageKHR = acquire;
    f->base.gpu->vk.vkQueuePresentKHR = present;
    next_acquire = next_present = VK_SUCCESS;
    acquires = 0;
}

static void an_outdated_swapchain_is_made_anew(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    inject(&f);
    const VkResult acquired[] = { VK_ERROR_OUT_OF_DATE_KHR, VK_SUBOPTIMAL_KHR, VK_ERROR_SURFACE_LOST_KHR };
    const uint32_t tries[] = { 2, 1, 2 };
    for (size_t i = 0; i < V_COUNT_OF(acquired); i++) {
        next_acquire = acquired[i];
        f.drawn = acquires = 0;
        assert_ok(present_frame(&f));
        assert_int_equal(f.drawn, 1);
        assert_int_equal(acquires, tries[i]);
        assert_int_equal(f.window->outdated, acquired[i] == VK_SUBOPTIMAL_KHR);
    }
    const VkResult presented[] = { VK_ERROR_OUT_OF_DATE_KHR, VK_SUBOPTIMAL_KHR, VK_ERROR_SURFACE_LOST_KHR };
    for (size_t i = 0; i < V_COUNT_OF(presented); i++) {
        next_present = presented[i];
        assert_ok(present_frame(&f));
        assert_true(f.window->outdated);
        assert_ok(present_frame(&f));
        assert_false(f.window->outdated);
    }
    next_acquire = VK_TIMEOUT;
    f.drawn = 0;
    assert_ok(present_frame(&f)); // as if minimised
    assert_int_equal(f.drawn, 0);
    close_window(&f);
}

static void a_device_lost_at_present_ends_cleanly(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    inject(&f);
    next_present = VK_ERROR_DEVICE_LOST;
    assert_fails(present_frame(&f), V_ERROR_DEVICE_LOST, "vkQueuePresentKHR");
    assert_fails(present_frame(&f), V_ERROR_DEVICE_LOST, "earlier");
    v_graph_destroy(f.graph);
    v_window_destroy(f.window);
    v_gpu_destroy(f.base.gpu);
    v_log_destroy(f.base.log);
    assert_int_equal(v_counted_allocator_read(&f.base.counted).live_bytes, 0);
}

static void an_image_that_is_not_drawn_is_an_error_and_the_next_frame_works(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    v_cmd *cmd = NULL;
    v_gpu_texture image = { 0 };
    assert_fails(v_window_acquire(f.window, &image), V_ERROR_STATE, "v_gpu_frame_begin");
    assert_ok(v_gpu_frame_begin(f.base.gpu, &cmd));
    assert_ok(v_window_acquire(f.window, &image));
    assert_fails(v_window_acquire(f.window, &image), V_ERROR_STATE, "already");
    assert_fails(v_gpu_frame_end(f.base.gpu), V_ERROR_STATE, "V_USAGE_PRESENT");
    assert_ok(present_frame(&f));
    close_window(&f);
}

static void a_window_needs_a_device_for_presentation(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_window *window = NULL;
    assert_fails(v_window_create(f.gpu, &(v_window_desc){ 0 }, &window), V_ERROR_STATE, ".presentation");
    assert_null(window);
    gpu_fixture_close(&f);
}

static void two_windows_are_presented_in_one_frame(void **unused)
{
    (void)unused;
    window_fixture f;
    open_window(&f, &(v_window_desc){ .width_px = 64, .height_px = 64 });
    v_window *second = NULL;
    assert_ok(
        v_window_create(f.base.gpu, &(v_window_desc){ .width_px = 48, .height_px = 32, .no_vsync = true }, &second));
    for (uint32_t i = 0; i < 5; i++) {
        v_cmd *cmd = NULL;
        v_gpu_texture images[2] = { 0 };
        v_window *windows[2] = { f.window, second };
        assert_ok(v_gpu_frame_begin(f.base.gpu, &cmd));
        v_graph_begin(f.graph);
        for (uint32_t w = 0; w < 2; w++) {
            assert_ok(v_window_acquire(windows[w], &images[w]));
            v_graph_texture target = v_graph_import_texture(
                f.graph,
                &(v_graph_import){
                    .name = "window", .texture = images[w], .no_contents = true, .final_usage = V_USAGE_PRESENT });
            v_pass *pass = v_graph_add_pass(f.graph, V_PASS_GRAPHICS, "clear");
            v_pass_color(pass, 0, target, &(v_attachment){ .load = V_LOAD_CLEAR });
            v_pass_execute(pass, count_pass, &f);
        }
        assert_ok(v_graph_compile(f.graph));
        assert_ok(v_graph_execute(f.graph, cmd));
        assert_ok(v_gpu_frame_end(f.base.gpu));
    }
    assert_int_equal(f.drawn, 10);
    v_window_destroy(second);
    close_window(&f);
}

int main(int argument_count, char **arguments)
{
    (void)argument_count;
    // Its own display, so that the test says the same on a desktop, on a server and in CI.
    if (getenv("V_TEST_DISPLAY") == NULL) {
        setenv("V_TEST_DISPLAY", "1", 1);
        unsetenv("WAYLAND_DISPLAY");
        setenv("SDL_VIDEODRIVER", "x11", 1);
        setenv("XDG_RUNTIME_DIR", "/tmp", 0);
        char *command[] = { "xvfb-run", "-a", "-s", "-screen 0 640x480x24", arguments[0], NULL };
        execvp(command[0], command);
        fprintf(stderr, "xvfb-run cannot be started: install xvfb and xauth\n");
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_frames_are_presented_in_every_mode),
        cmocka_unit_test(a_resized_window_gets_images_of_its_size),
        cmocka_unit_test(a_minimised_window_draws_nothing_and_comes_back),
        cmocka_unit_test(an_outdated_swapchain_is_made_anew),
        cmocka_unit_test(a_device_lost_at_present_ends_cleanly),
        cmocka_unit_test(an_image_that_is_not_drawn_is_an_error_and_the_next_frame_works),
        cmocka_unit_test(a_window_needs_a_device_for_presentation),
        cmocka_unit_test(two_windows_are_presented_in_one_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
