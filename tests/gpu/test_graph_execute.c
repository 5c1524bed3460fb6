// test_graph_execute.c: compiled graphs on a real device, with validation and synchronization checks.
#include "gpu_test.h"

#include "fill_comp.h"
#include "mix_frag.h"
#include "screen_vert.h"
#include "seed_frag.h"
#include "square_comp.h"

enum { EDGE = 64, CHAIN = 9 };

typedef struct scene {
    gpu_fixture base;
    v_gpu_pipeline seed, mix;
    v_gpu_sampler sampler;
    v_gpu_texture target;
} scene;

typedef struct step {
    scene *scene;
    v_graph_texture source;
    uint32_t number;
} step;

static void open_scene(scene *s)
{
    gpu_fixture_open(&s->base, false);
    v_gpu *gpu = s->base.gpu;
    v_gpu_shader vertex = GPU_SHADER(&s->base, screen_vert), seed = GPU_SHADER(&s->base, seed_frag),
                 mix = GPU_SHADER(&s->base, mix_frag);
    v_gpu_graphics_desc desc = { .name = "seed",
                                 .vertex = vertex,
                                 .fragment = seed,
                                 .interface.push_bytes = 4,
                                 .colors = { V_FORMAT_RGBA8_UNORM },
                                 .color_count = 1 };
    assert_ok(v_gpu_graphics_create(gpu, &desc, &s->seed));
    desc.name = "mix";
    desc.fragment = mix;
    desc.interface.sets[0][0] = (v_gpu_binding){ .kind = V_BINDING_SAMPLED, .stages = V_STAGE_FRAGMENT };
    assert_ok(v_gpu_graphics_create(gpu, &desc, &s->mix));
    assert_ok(v_gpu_sampler_create(gpu, &(v_gpu_sampler_desc){ .filter = V_FILTER_NEAREST }, &s->sampler));
    assert_ok(v_gpu_texture_create(gpu,
                                   &(v_gpu_texture_desc){ .name = "target",
                                                          .format = V_FORMAT_RGBA8_UNORM,
                                                          .width_px = EDGE,
                                                          .height_px = EDGE,
                                                          .usage = V_TEXTURE_TARGET },
                                   &s->target));
}

static void draw_seed(const v_pass_context *context, void *user)
{
    const step *st = user;
    v_cmd_bind_pipeline(context->cmd, st->scene->seed);
    v_cmd_push(context->cmd, &st->number, 4);
    v_cmd_draw(context->cmd, 3, 1, 0, 0);
}

static void draw_mix(const v_pass_context *context, void *user)
{
    const step *st = user;
    v_cmd_bind_pipeline(context->cmd, st->scene->mix);
    v_gpu_write write = { .texture = v_pass_get_texture(context, st->source), .sampler = st->scene->sampler };
    v_cmd_bind_set(context->cmd, 0, &write, 1);
    v_cmd_push(context->cmd, &st->number, 4);
    v_cmd_draw(context->cmd, 3, 1, 0, 0);
}

// seed -> mix -> mix … -> target, each step in its own transient.
static void declare_chain(scene *s, v_graph *graph, step *steps)
{
    v_graph_begin(graph);
    v_graph_texture current = { 0 };
    for (uint32_t i = 0; i < CHAIN; i++) {
        v_graph_texture next =
            i + 1 < CHAIN
                ? v_graph_create_texture(graph, &(v_graph_texture_desc){ .name = "link",
                                                                         .format = V_FORMAT_RGBA8_UNORM,
                                                                         .width_px = EDGE,
                                                                         .height_px = EDGE })
                : v_graph_import_texture(
                      graph, &(v_graph_import){ .name = "target", .texture = s->target, .no_contents = true });
        v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, i == 0 ? "seed" : "mix");
        steps[i] = (step){ s, current, i };
        if (i > 0) {
            v_pass_read(pass, current, V_USAGE_SAMPLED_FRAGMENT);
        }
        current = v_pass_color(pass, 0, next, NULL);
        v_pass_execute(pass, i == 0 ? draw_seed : draw_mix, &steps[i]);
    }
}

// What the shaders compute, on the CPU.
static void model_chain(uint8_t image[EDGE][EDGE][4])
{
    static uint8_t previous[EDGE][EDGE][4];
    for (uint32_t i = 0; i < CHAIN; i++) {
        memcpy(previous, image, sizeof(previous));
        for (uint32_t y = 0; y < EDGE; y++) {
            for (uint32_t x = 0; x < EDGE; x++) {
                const uint8_t *from = previous[(y + 1) % EDGE][(x + i) % EDGE];
                const uint32_t add[4] = { x, y, i, 7 }, seed[4] = { x * 3, y * 5, x ^ y, 255 };
                for (uint32_t c = 0; c < 4; c++) {
                    image[y][x][c] = (uint8_t)(i == 0 ? seed[c] : from[c] * 5u + add[c]);
                }
            }
        }
    }
}

static void aliased_transients_give_the_same_image_as_separate_ones(void **unused)
{
    (void)unused;
    scene s;
    open_scene(&s);
    static uint8_t expected[EDGE][EDGE][4], image[EDGE][EDGE][4];
    memset(expected, 0, sizeof(expected));
    model_chain(expected);
    uint64_t heap_bytes[2];
    for (uint32_t off = 0; off < 2; off++) {
        v_graph *graph = NULL;
        step steps[CHAIN];
        assert_ok(v_graph_create(
            &(v_graph_desc){ .gpu = s.base.gpu, .allocator = &s.base.counted.allocator, .no_aliasing = off == 1 },
            &graph));
        for (uint32_t frame = 0; frame < 4; frame++) { // frames overlap on the GPU and share the transients
            v_cmd *cmd = NULL;
            declare_chain(&s, graph, steps);
            assert_ok(v_graph_compile(graph));
            assert_ok(v_gpu_frame_begin(s.base.gpu, &cmd));
            assert_ok(v_graph_execute(graph, cmd));
            assert_ok(v_gpu_frame_end(s.base.gpu));
        }
        assert_ok(v_gpu_texture_read(s.base.gpu, s.target, 0, 0, image, sizeof(image)));
        assert_memory_equal(image, expected, sizeof(image));
        heap_bytes[off] = v_graph_get_stats(graph).heap_bytes;
        v_graph_destroy(graph);
    }
    assert_true(heap_bytes[0] * 4 == heap_bytes[1]); // two of eight links live at a time
    gpu_fixture_close(&s.base);
}

static void a_steady_frame_allocates_nothing(void **unused)
{
    (void)unused;
    scene s;
    open_scene(&s);
    v_graph *graph = NULL;
    step steps[CHAIN];
    assert_ok(v_graph_create(&(v_graph_desc){ .gpu = s.base.gpu, .allocator = &s.base.counted.allocator }, &graph));
    uint64_t allocations = 0, device_allocations = 0, compiles = 0;
    for (uint32_t frame = 0; frame < 20; frame++) {
        v_cmd *cmd = NULL;
        declare_chain(&s, graph, steps);
        assert_ok(v_graph_compile(graph));
        assert_ok(v_gpu_frame_begin(s.base.gpu, &cmd));
        assert_ok(v_graph_execute(graph, cmd));
        assert_ok(v_gpu_frame_end(s.base.gpu));
        if (frame == 7) {
            allocations = v_counted_allocator_read(&s.base.counted).alloc_count;
            device_allocations = v_gpu_get_stats(s.base.gpu).device_allocations;
            compiles = v_graph_get_stats(graph).compiles;
        }
    }
    assert_int_equal(v_counted_allocator_read(&s.base.counted).alloc_count, allocations);
    assert_int_equal(v_gpu_get_stats(s.base.gpu).device_allocations, device_allocations);
    assert_int_equal(v_graph_get_stats(graph).compiles, compiles);
    v_graph_destroy(graph);
    gpu_fixture_close(&s.base);
}

typedef struct squares {
    v_gpu_pipeline pipeline;
    v_graph_buffer source, target, staging;
    uint32_t count;
} squares;

static void dispatch_squares(const v_pass_context *context, void *user)
{
    const squares *s = user;
    v_cmd_bind_pipeline(context->cmd, s->pipeline);
    v_gpu_write writes[] = { { .binding = 0, .buffer = v_pass_get_buffer(context, s->source) },
                             { .binding = 1, .buffer = v_pass_get_buffer(context, s->target) } };
    v_cmd_bind_set(context->cmd, 0, writes, 2);
    v_cmd_push(context->cmd, &s->count, 4);
    v_cmd_dispatch(context->cmd, (s->count + 63) / 64, 1, 1);
}

static void copy_squares(const v_pass_context *context, void *user)
{
    const squares *s = user;
    v_cmd_copy_buffer(context->cmd, v_pass_get_buffer(context, s->target), 0, v_pass_get_buffer(context, s->staging), 0,
                      s->count * 4);
}

static void compute_results_reach_the_cpu(void **unused)
{
    (void)unused;
    enum { COUNT = 1000 };
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_gpu_shader shader = GPU_SHADER(&f, square_comp);
    squares s = { .count = COUNT };
    v_gpu_compute_desc desc = { .name = "square",
                                .shader = shader,
                                .interface = { .push_bytes = 4, .constants = { { 3, 17 } }, .constant_count = 1 } };
    desc.interface.sets[0][0] = (v_gpu_binding){ .kind = V_BINDING_STORAGE, .binding = 0 };
    desc.interface.sets[0][1] = (v_gpu_binding){ .kind = V_BINDING_STORAGE, .binding = 1 };
    assert_ok(v_gpu_compute_create(f.gpu, &desc, &s.pipeline));
    v_gpu_buffer source = { 0 }, staging = { 0 };
    assert_ok(v_gpu_buffer_create(
        f.gpu, &(v_gpu_buffer_desc){ .name = "source", .size_bytes = COUNT * 4, .usage = V_BUFFER_STORAGE }, &source));
    assert_ok(v_gpu_buffer_create(
        f.gpu, &(v_gpu_buffer_desc){ .name = "staging", .size_bytes = COUNT * 4, .memory = V_MEMORY_READBACK },
        &staging));
    v_graph *graph = NULL;
    assert_ok(v_graph_create(&(v_graph_desc){ .gpu = f.gpu, .allocator = &f.counted.allocator }, &graph));
    for (uint32_t frame = 0; frame < 4; frame++) {
        uint32_t data[COUNT];
        for (uint32_t i = 0; i < COUNT; i++) {
            data[i] = i + frame * 1000;
        }
        v_graph_begin(graph);
        s.source = v_graph_import_buffer(graph, &(v_graph_import){ .name = "source", .buffer = source });
        s.staging = v_graph_import_buffer(
            graph, &(v_graph_import){ .name = "staging", .buffer = staging, .final_usage = V_USAGE_HOST_READ });
        s.target = v_graph_create_buffer(graph, &(v_graph_buffer_desc){ .name = "squares", .size_bytes = COUNT * 4 });
        v_pass *pass = v_graph_add_pass(graph, V_PASS_COMPUTE, "square");
        v_pass_read_buffer(pass, s.source, V_USAGE_STORAGE_READ_COMPUTE);
        s.target = v_pass_write_buffer(pass, s.target, V_USAGE_STORAGE_WRITE_COMPUTE);
        v_pass_execute(pass, dispatch_squares, &s);
        pass = v_graph_add_pass(graph, V_PASS_TRANSFER, "copy out");
        v_pass_read_buffer(pass, s.target, V_USAGE_TRANSFER_READ);
        s.staging = v_pass_write_buffer(pass, s.staging, V_USAGE_TRANSFER_WRITE);
        v_pass_execute(pass, copy_squares, &s);
        v_cmd *cmd = NULL;
        assert_ok(v_gpu_buffer_write(f.gpu, source, 0, data, sizeof(data)));
        assert_ok(v_graph_compile(graph));
        assert_ok(v_gpu_frame_begin(f.gpu, &cmd));
        assert_ok(v_graph_execute(graph, cmd));
        assert_fails(v_gpu_buffer_write(f.gpu, source, 0, data, 4), V_ERROR_STATE, "source"); // this frame reads it
        assert_ok(v_gpu_frame_end(f.gpu));
        assert_ok(v_gpu_frame_wait(f.gpu));
        const uint32_t *result = v_gpu_buffer_map(f.gpu, staging);
        for (uint32_t i = 0; i < COUNT; i++) {
            assert_int_equal(result[i], data[i] * data[i] + 17);
        }
    }
    v_graph_destroy(graph);
    gpu_fixture_close(&f);
}

typedef struct fills {
    v_gpu_pipeline pipeline;
    v_graph_texture texture;
    uint32_t mip;
} fills;

static void dispatch_fill(const v_pass_context *context, void *user)
{
    const fills *s = user;
    const float color[4] = { (float)(s->mip + 1) / 255.0f, 0.0f, 1.0f, 1.0f };
    v_cmd_bind_pipeline(context->cmd, s->pipeline);
    v_gpu_write write = { .texture = v_pass_get_texture(context, s->texture), .mip = s->mip };
    v_cmd_bind_set(context->cmd, 0, &write, 1);
    v_cmd_push(context->cmd, color, sizeof(color));
    v_cmd_dispatch(context->cmd, 2, 2, 1);
}

static void an_import_left_in_several_states_is_brought_together(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_gpu_shader shader = GPU_SHADER(&f, fill_comp);
    v_gpu_pipeline pipeline = { 0 };
    v_gpu_compute_desc desc = { .name = "fill", .shader = shader, .interface.push_bytes = 16 };
    desc.interface.sets[0][0] = (v_gpu_binding){ .kind = V_BINDING_STORAGE_TEXTURE };
    assert_ok(v_gpu_compute_create(f.gpu, &desc, &pipeline));
    v_gpu_texture texture = { 0 };
    assert_ok(v_gpu_texture_create(f.gpu,
                                   &(v_gpu_texture_desc){ .name = "mips",
                                                          .format = V_FORMAT_RGBA8_UNORM,
                                                          .width_px = 16,
                                                          .height_px = 16,
                                                          .mip_count = 3,
                                                          .usage = V_TEXTURE_STORAGE | V_TEXTURE_SAMPLED },
                                   &texture));
    static uint8_t zero[16 * 16 * 4];
    for (uint32_t mip = 0; mip < 3; mip++) {
        assert_ok(v_gpu_texture_write(f.gpu, texture, mip, 0, zero, (size_t)(16u >> mip) * (16u >> mip) * 4));
    }
    v_graph *graph = NULL;
    assert_ok(v_graph_create(&(v_graph_desc){ .gpu = f.gpu, .allocator = &f.counted.allocator }, &graph));
    for (uint32_t frame = 0; frame < 3; frame++) { // frame n writes mip n alone
        v_graph_begin(graph);
        fills s = { pipeline, v_graph_import_texture(graph, &(v_graph_import){ .name = "mips", .texture = texture }),
                    frame };
        v_pass *pass = v_graph_add_pass(graph, V_PASS_COMPUTE, "fill");
        v_pass_write_part(pass, s.texture, V_USAGE_STORAGE_WRITE_COMPUTE,
                          (v_subresource){ .mip = frame, .mip_count = 1 });
        v_pass_execute(pass, dispatch_fill, &s);
        v_cmd *cmd = NULL;
        assert_ok(v_graph_compile(graph));
        assert_ok(v_gpu_frame_begin(f.gpu, &cmd));
        assert_ok(v_graph_execute(graph, cmd));
        assert_ok(v_gpu_frame_end(f.gpu));
    }
    for (uint32_t mip = 0; mip < 3; mip++) {
        uint8_t texels[16 * 16 * 4];
        size_t size = (size_t)(16u >> mip) * (16u >> mip) * 4;
        assert_ok(v_gpu_texture_read(f.gpu, texture, mip, 0, texels, size));
        const uint8_t expected[4] = { (uint8_t)(mip + 1), 0, 255, 255 };
        for (size_t i = 0; i < size; i += 4) {
            assert_memory_equal(texels + i, expected, 4);
        }
    }
    v_graph_destroy(graph);
    gpu_fixture_close(&f);
}

static void bind_wrong_set(const v_pass_context *context, void *user)
{
    const step *st = user;
    v_cmd_bind_pipeline(context->cmd, st->scene->mix);
    v_cmd_bind_set(context->cmd, 0, NULL, 0);
}

static void bind_wrong_pipeline(const v_pass_context *context, void *user)
{
    const step *st = user;
    v_cmd_bind_pipeline(context->cmd, st->scene->seed);
    v_cmd_push(context->cmd, &st->number, 4);
    v_cmd_draw(context->cmd, 3, 1, 0, 0);
}

static void a_wrong_command_fails_its_frame_and_leaves_no_trace(void **unused)
{
    (void)unused;
    scene s;
    open_scene(&s);
    v_gpu_texture half = { 0 };
    assert_ok(v_gpu_texture_create(s.base.gpu,
                                   &(v_gpu_texture_desc){ .name = "half",
                                                          .format = V_FORMAT_RGBA16_FLOAT,
                                                          .width_px = EDGE,
                                                          .height_px = EDGE,
                                                          .usage = V_TEXTURE_TARGET },
                                   &half));
    v_graph *graph = NULL;
    assert_ok(v_graph_create(&(v_graph_desc){ .gpu = s.base.gpu, .allocator = &s.base.counted.allocator }, &graph));
    step st = { .scene = &s };
    void (*const callbacks[])(const v_pass_context *, void *) = { bind_wrong_set, bind_wrong_pipeline, draw_seed };
    const char *const messages[] = { "set 0, binding 0", "RGBA16_FLOAT", NULL };
    const v_gpu_texture targets[] = { s.target, half, s.target };
    for (uint32_t i = 0; i < 3; i++) {
        v_cmd *cmd = NULL;
        v_graph_begin(graph);
        v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "suspect");
        v_pass_color(pass, 0, v_graph_import_texture(graph, &(v_graph_import){ .name = "t", .texture = targets[i] }),
                     NULL);
        v_pass_execute(pass, callbacks[i], &st);
        assert_ok(v_graph_compile(graph));
        assert_ok(v_gpu_frame_begin(s.base.gpu, &cmd));
        assert_ok(v_graph_execute(graph, cmd));
        if (messages[i] != NULL) {
            assert_fails(v_gpu_frame_end(s.base.gpu), V_ERROR_INVALID_ARGUMENT, messages[i]);
            assert_non_null(strstr(v_status_message(), "pass \"suspect\""));
        } else {
            assert_ok(v_gpu_frame_end(s.base.gpu)); // with the layout that the dropped frames did not change
        }
    }
    v_graph_destroy(graph);
    gpu_fixture_close(&s.base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliased_transients_give_the_same_image_as_separate_ones),
        cmocka_unit_test(a_steady_frame_allocates_nothing),
        cmocka_unit_test(compute_results_reach_the_cpu),
        cmocka_unit_test(an_import_left_in_several_states_is_brought_together),
        cmocka_unit_test(a_wrong_command_fails_its_frame_and_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
