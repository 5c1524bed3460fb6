// test_draw.c: drawing, compute and copies on a real device with validation.
#include "gpu_test.h"

#include "triangle_frag.h"
#include "triangle_vert.h"

enum { EDGE = 64 };

typedef struct draw_state {
    v_gpu_pipeline pipeline;
    uint32_t draws;
} draw_state;

static void draw_triangle(const v_pass_context *context, void *user)
{
    draw_state *state = user;
    v_cmd_bind_pipeline(context->cmd, state->pipeline);
    v_cmd_draw(context->cmd, 3, 1, 0, 0);
    state->draws++;
}

static v_gpu_pipeline make_triangle_pipeline(gpu_fixture *f, v_format format)
{
    v_gpu_shader vertex = GPU_SHADER(f, triangle_vert), fragment = GPU_SHADER(f, triangle_frag);
    v_gpu_pipeline pipeline = { 0 };
    assert_ok(v_gpu_graphics_create(
        f->gpu,
        &(v_gpu_graphics_desc){
            .name = "triangle", .vertex = vertex, .fragment = fragment, .colors = { format }, .color_count = 1 },
        &pipeline));
    v_gpu_shader_destroy(f->gpu, vertex);
    v_gpu_shader_destroy(f->gpu, fragment);
    return pipeline;
}

static void a_triangle_covers_its_half_of_the_target(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    draw_state state = { .pipeline = make_triangle_pipeline(&f, V_FORMAT_RGBA8_UNORM) };
    v_gpu_texture target = { 0 };
    assert_ok(v_gpu_texture_create(f.gpu,
                                   &(v_gpu_texture_desc){ .name = "target",
                                                          .format = V_FORMAT_RGBA8_UNORM,
                                                          .width_px = EDGE,
                                                          .height_px = EDGE,
                                                          .usage = V_TEXTURE_TARGET },
                                   &target));
    v_graph *graph = NULL;
    assert_ok(v_graph_create(&(v_graph_desc){ .gpu = f.gpu, .allocator = &f.counted.allocator }, &graph));
    for (uint32_t frame = 0; frame < 3; frame++) {
        v_graph_begin(graph);
        v_graph_texture handle =
            v_graph_import_texture(graph, &(v_graph_import){ .name = "target", .texture = target });
        v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "triangle");
        v_pass_color(pass, 0, handle, &(v_attachment){ .load = V_LOAD_CLEAR, .clear_color = { 0, 0, 1, 1 } });
        v_pass_execute(pass, draw_triangle, &state);
        assert_ok(v_graph_compile(graph));
        v_cmd *cmd = NULL;
        assert_ok(v_gpu_frame_begin(f.gpu, &cmd));
        assert_ok(v_graph_execute(graph, cmd));
        assert_ok(v_gpu_frame_end(f.gpu));
    }
    assert_int_equal(state.draws, 3);
    static uint8_t pixels[EDGE][EDGE][4];
    assert_ok(v_gpu_texture_read(f.gpu, target, 0, 0, pixels, sizeof(pixels)));
    for (uint32_t y = 0; y < EDGE; y++) {
        for (uint32_t x = 0; x < EDGE; x++) {
            if (x == y) {
                continue; // on the edge
            }
            const uint8_t red[4] = { 255, 0, 0, 255 }, blue[4] = { 0, 0, 255, 255 };
            assert_memory_equal(pixels[y][x], x < y ? red : blue, 4);
        }
    }
    v_graph_pass_info info;
    assert_ok(v_graph_get_pass(graph, 0, &info));
    assert_string_equal(info.name, "triangle");
    assert_true(info.gpu_ns > 0);
    v_graph_destroy(graph);
    gpu_fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_triangle_covers_its_half_of_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
