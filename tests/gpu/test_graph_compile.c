// test_graph_compile.c: the graph's compile phases without a device: order, culling, barriers, memory, errors.
#include "gpu_test.h"

#include <vulkan/vulkan_core.h>

typedef struct fixture {
    v_counted_allocator counted;
    v_graph *graph;
} fixture;

static void open_graph(fixture *f, const v_graph_desc *extra)
{
    v_graph_desc desc = extra != NULL ? *extra : (v_graph_desc){ 0 };
    v_counted_allocator_init(&f->counted, NULL);
    desc.allocator = &f->counted.allocator;
    assert_ok(v_graph_create(&desc, &f->graph));
    v_graph_begin(f->graph);
}

static void close_graph(fixture *f)
{
    v_graph_destroy(f->graph);
    assert_int_equal(v_counted_allocator_read(&f->counted).live_bytes, 0);
}

static void nothing(const v_pass_context *context, void *user)
{
    (void)context;
    (void)user;
}

static v_pass *add(v_graph *graph, v_pass_kind kind, const char *name)
{
    v_pass *pass = v_graph_add_pass(graph, kind, name);
    v_pass_execute(pass, nothing, NULL);
    return pass;
}

static v_graph_texture texture(v_graph *graph, const char *name, v_format format, uint32_t edge_px)
{
    return v_graph_create_texture(
        graph, &(v_graph_texture_desc){ .name = name, .format = format, .width_px = edge_px, .height_px = edge_px });
}

static v_graph_texture output(v_graph *graph, v_usage final)
{
    return v_graph_import_texture(
        graph,
        &(v_graph_import){
            .name = "output", .format = V_FORMAT_RGBA8_UNORM, .width_px = 64, .height_px = 64, .final_usage = final });
}

static v_graph_barrier barrier_for(const v_graph *graph, const char *pass, const char *resource)
{
    v_graph_barrier barrier;
    uint32_t found = 0;
    v_graph_barrier result = { 0 };
    for (uint32_t i = 0; i < v_graph_get_stats(graph).barriers; i++) {
        assert_ok(v_graph_get_barrier(graph, i, &barrier));
        bool same_pass = pass == NULL ? barrier.pass == NULL : barrier.pass != NULL && strcmp(barrier.pass, pass) == 0;
        if (same_pass && strcmp(barrier.resource, resource) == 0) {
            result = barrier;
            found++;
        }
    }
    if (found != 1) {
        fail_msg("%u barriers of \"%s\" before \"%s\"", found, resource, pass != NULL ? pass : "the end");
    }
    return result;
}

static void assert_order(const v_graph *graph, const char *const *names, uint32_t count)
{
    v_graph_stats stats = v_graph_get_stats(graph);
    assert_int_equal(stats.passes - stats.culled_passes, count);
    for (uint32_t i = 0; i < count; i++) {
        v_graph_pass_info info;
        assert_ok(v_graph_get_pass(graph, i, &info));
        assert_string_equal(info.name, names[i]);
    }
}

// shadow -> lighting -> tone, plus a pass whose result nobody uses.
static void declare_frame(v_graph *graph, bool backwards)
{
    v_pass *passes[4];
    const char *names[] = { "shadow", "lighting", "tone", "unused" };
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t k = backwards ? 3 - i : i;
        passes[k] = add(graph, V_PASS_GRAPHICS, names[k]);
    }
    v_graph_texture shadow = texture(graph, "shadow map", V_FORMAT_D32_FLOAT, 128);
    v_graph_texture hdr = texture(graph, "hdr", V_FORMAT_RGBA16_FLOAT, 64);
    v_graph_texture depth = texture(graph, "depth", V_FORMAT_D32_FLOAT, 64);
    v_graph_texture wasted = texture(graph, "wasted", V_FORMAT_RGBA8_UNORM, 64);
    v_graph_texture target = output(graph, V_USAGE_TRANSFER_READ);
    shadow = v_pass_depth(passes[0], shadow, &(v_attachment){ .load = V_LOAD_CLEAR });
    v_pass_read(passes[1], shadow, V_USAGE_SAMPLED_FRAGMENT);
    hdr = v_pass_color(passes[1], 0, hdr, NULL);
    v_pass_depth(passes[1], depth, &(v_attachment){ .load = V_LOAD_CLEAR });
    v_pass_read(passes[2], hdr, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_color(passes[2], 0, target, NULL);
    v_pass_read(passes[3], hdr, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_color(passes[3], 0, wasted, NULL);
}

static void passes_run_in_the_order_of_their_data_whatever_the_declaration(void **unused)
{
    (void)unused;
    const char *const order[] = { "shadow", "lighting", "tone" };
    for (uint32_t i = 0; i < 2; i++) {
        fixture f;
        open_graph(&f, NULL);
        declare_frame(f.graph, i == 1);
        assert_ok(v_graph_compile(f.graph));
        assert_order(f.graph, order, 3);
        assert_int_equal(v_graph_get_stats(f.graph).culled_passes, 1);
        close_graph(&f);
    }
}

static void independent_passes_keep_the_order_of_their_declaration(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    const char *const names[] = { "d", "b", "a", "c" };
    for (uint32_t i = 0; i < 4; i++) {
        v_pass_side_effect(add(f.graph, V_PASS_COMPUTE, names[i]));
    }
    assert_ok(v_graph_compile(f.graph));
    assert_order(f.graph, names, 4);
    close_graph(&f);
}

static void unused_passes_are_culled_with_what_feeds_only_them(void **unused)
{
    (void)unused;
    for (uint32_t keep = 0; keep < 2; keep++) {
        fixture f;
        open_graph(&f, &(v_graph_desc){ .no_culling = keep == 1 });
        v_graph_texture a = texture(f.graph, "a", V_FORMAT_RGBA8_UNORM, 64),
                        b = texture(f.graph, "b", V_FORMAT_RGBA8_UNORM, 64);
        a = v_pass_color(add(f.graph, V_PASS_GRAPHICS, "first"), 0, a, NULL);
        v_pass *second = add(f.graph, V_PASS_GRAPHICS, "second");
        v_pass_read(second, a, V_USAGE_SAMPLED_FRAGMENT);
        v_pass_color(second, 0, b, NULL);
        v_pass_color(add(f.graph, V_PASS_GRAPHICS, "result"), 0, output(f.graph, V_USAGE_NONE), NULL);
        v_pass_side_effect(add(f.graph, V_PASS_TRANSFER, "effect"));
        assert_ok(v_graph_compile(f.graph));
        assert_int_equal(v_graph_get_stats(f.graph).culled_passes, keep == 1 ? 0 : 2);
        v_graph_resource_info info;
        assert_ok(v_graph_get_resource(f.graph, 0, &info));
        assert_int_equal(info.used, keep == 1);
        close_graph(&f);
    }
}

// "look" must run before "result" overwrites what it reads, but nobody uses what it makes.
static void an_order_alone_keeps_no_pass(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_texture out = output(f.graph, V_USAGE_NONE);
    v_pass *look = add(f.graph, V_PASS_GRAPHICS, "look");
    v_pass_read(look, out, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_color(look, 0, texture(f.graph, "seen", V_FORMAT_RGBA8_UNORM, 64), NULL);
    v_pass_color(add(f.graph, V_PASS_GRAPHICS, "result"), 0, out, NULL);
    assert_ok(v_graph_compile(f.graph));
    const char *const order[] = { "result" };
    assert_order(f.graph, order, 1);
    close_graph(&f);
}

static void the_cycle_that_was_found_is_named(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_texture x = texture(f.graph, "x", V_FORMAT_RGBA8_UNORM, 64),
                    y = texture(f.graph, "y", V_FORMAT_RGBA8_UNORM, 64);
    v_pass_side_effect(add(f.graph, V_PASS_COMPUTE, "innocent"));
    v_pass *ping = add(f.graph, V_PASS_GRAPHICS, "ping"), *pong = add(f.graph, V_PASS_GRAPHICS, "pong");
    x = v_pass_color(ping, 0, x, NULL);
    y = v_pass_color(pong, 0, y, NULL);
    v_pass_read(ping, y, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_read(pong, x, V_USAGE_SAMPLED_FRAGMENT);
    assert_fails(v_graph_compile(f.graph), V_ERROR_INVALID_ARGUMENT, "\"ping\" -(x)-> \"pong\" -(y)-> \"ping\"");
    assert_null(strstr(v_status_message(), "innocent"));
    close_graph(&f);
}

static void a_write_is_followed_by_one_barrier_for_all_its_readers(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_texture a = texture(f.graph, "a", V_FORMAT_RGBA8_UNORM, 64), out = output(f.graph, V_USAGE_NONE);
    a = v_pass_color(add(f.graph, V_PASS_GRAPHICS, "write"), 0, a, NULL);
    v_pass *first = add(f.graph, V_PASS_GRAPHICS, "fragment");
    v_pass_read(first, a, V_USAGE_SAMPLED_FRAGMENT);
    out = v_pass_color(first, 0, out, NULL);
    v_pass *second = add(f.graph, V_PASS_COMPUTE, "compute");
    v_pass_read(second, a, V_USAGE_SAMPLED_COMPUTE);
    v_pass_side_effect(second);
    assert_ok(v_graph_compile(f.graph));
    v_graph_barrier b = barrier_for(f.graph, "fragment", "a");
    assert_int_equal(b.from_stages, VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT);
    assert_int_equal(b.from_access, VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT);
    assert_int_equal(b.to_stages, VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT | VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT);
    assert_int_equal(b.to_access, VK_ACCESS_2_SHADER_SAMPLED_READ_BIT);
    assert_int_equal(b.from_layout, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
    assert_int_equal(b.to_layout, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
    for (uint32_t i = 0; i < 3; i++) {
        v_graph_pass_info info;
        assert_ok(v_graph_get_pass(f.graph, i, &info));
        assert_true(strcmp(info.name, "compute") != 0 || info.barrier_count == 0); // the second reader adds none
    }
    close_graph(&f);
}

static void a_write_after_reads_waits_without_flushing(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_buffer b = v_graph_create_buffer(f.graph, &(v_graph_buffer_desc){ .name = "b", .size_bytes = 64 });
    v_graph_buffer out = v_graph_import_buffer(f.graph, &(v_graph_import){ .name = "out", .size_bytes = 64 });
    b = v_pass_write_buffer(add(f.graph, V_PASS_COMPUTE, "make"), b, V_USAGE_STORAGE_WRITE_COMPUTE);
    v_pass *reader = add(f.graph, V_PASS_TRANSFER, "read");
    v_pass_read_buffer(reader, b, V_USAGE_TRANSFER_READ);
    out = v_pass_write_buffer(reader, out, V_USAGE_TRANSFER_WRITE);
    v_pass *again = add(f.graph, V_PASS_COMPUTE, "again");
    b = v_pass_write_buffer(again, b, V_USAGE_STORAGE_WRITE_COMPUTE);
    v_pass_side_effect(again);
    assert_ok(v_graph_compile(f.graph));
    v_graph_barrier raw = barrier_for(f.graph, "read", "b"), war = barrier_for(f.graph, "again", "b");
    assert_int_equal(raw.from_stages, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT);
    assert_int_equal(raw.from_access, VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT);
    assert_int_equal(raw.to_access, VK_ACCESS_2_TRANSFER_READ_BIT);
    assert_int_equal(war.from_stages, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT);
    assert_int_equal(war.from_access, 0);
    assert_int_equal(war.to_stages, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT);
    close_graph(&f);
}

static void consecutive_storage_writes_are_ordered_and_flushed(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_buffer b = v_graph_import_buffer(f.graph, &(v_graph_import){ .name = "b", .size_bytes = 64 });
    b = v_pass_write_buffer(add(f.graph, V_PASS_COMPUTE, "one"), b, V_USAGE_STORAGE_WRITE_COMPUTE);
    b = v_pass_write_buffer(add(f.graph, V_PASS_COMPUTE, "two"), b, V_USAGE_STORAGE_WRITE_COMPUTE);
    assert_ok(v_graph_compile(f.graph));
    v_graph_barrier waw = barrier_for(f.graph, "two", "b");
    assert_int_equal(waw.from_access, VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT);
    assert_int_equal(waw.to_access, VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT);
    assert_int_equal(v_graph_get_stats(f.graph).barriers, 1);
    close_graph(&f);
}

static void mips_have_barriers_of_their_own(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_texture pyramid = v_graph_create_texture(f.graph, &(v_graph_texture_desc){ .name = "pyramid",
                                                                                       .format = V_FORMAT_RGBA8_UNORM,
                                                                                       .width_px = 64,
                                                                                       .height_px = 64,
                                                                                       .mip_count = 4,
                                                                                       .layer_count = 2 });
    const char *const names[] = { "mip 0", "mip 1", "mip 2", "mip 3" };
    for (uint32_t mip = 0; mip < 4; mip++) {
        v_pass *pass = add(f.graph, V_PASS_COMPUTE, names[mip]);
        if (mip > 0) {
            v_pass_read_part(pass, pyramid, V_USAGE_SAMPLED_COMPUTE, (v_subresource){ .mip = mip - 1, .mip_count = 1 });
        }
        pyramid = v_pass_write_part(pass, pyramid, V_USAGE_STORAGE_WRITE_COMPUTE,
                                    (v_subresource){ .mip = mip, .mip_count = 1 });
    }
    v_pass *use = add(f.graph, V_PASS_GRAPHICS, "use");
    v_pass_read(use, pyramid, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_color(use, 0, output(f.graph, V_USAGE_NONE), NULL);
    assert_ok(v_graph_compile(f.graph));
    v_graph_pass_info info;
    assert_ok(v_graph_get_pass(f.graph, 1, &info));
    assert_int_equal(info.barrier_count, 2); // mip 0 to sampled, mip 1 to storage
    v_graph_barrier b;
    bool seen = false;
    for (uint32_t i = info.first_barrier; i < info.first_barrier + 2; i++) {
        assert_ok(v_graph_get_barrier(f.graph, i, &b));
        assert_int_equal(b.part.mip_count, 1);
        assert_int_equal(b.part.layer_count, 2); // both layers in one barrier
        if (b.part.mip == 0) {
            seen = true;
            assert_int_equal(b.to_layout, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
        }
    }
    assert_true(seen);
    // The last reader finds mips 0..2 readable already and moves mip 3 alone.
    b = barrier_for(f.graph, "use", "pyramid");
    assert_int_equal(b.part.mip, 3);
    assert_int_equal(b.part.mip_count, 1);
    close_graph(&f);
}

static void imports_begin_and_end_where_the_outside_wants_them(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    v_graph_texture t = v_graph_import_texture(f.graph, &(v_graph_import){ .name = "window",
                                                                           .format = V_FORMAT_BGRA8_SRGB,
                                                                           .width_px = 64,
                                                                           .height_px = 64,
                                                                           .initial_usage = V_USAGE_PRESENT,
                                                                           .no_contents = true,
                                                                           .final_usage = V_USAGE_PRESENT });
    v_pass_color(add(f.graph, V_PASS_GRAPHICS, "draw"), 0, t, NULL);
    assert_ok(v_graph_compile(f.graph));
    v_graph_barrier first = barrier_for(f.graph, "draw", "window"), last = barrier_for(f.graph, NULL, "window");
    assert_int_equal(first.from_layout, VK_IMAGE_LAYOUT_UNDEFINED); // the old contents may go
    assert_int_equal(last.from_layout, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
    assert_int_equal(last.to_layout, VK_IMAGE_LAYOUT_PRESENT_SRC_KHR);
    assert_int_equal(last.from_access, VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT);
    v_graph_attachment_info ops;
    assert_ok(v_graph_get_color(f.graph, 0, 0, &ops));
    assert_int_equal(ops.load, V_LOAD_DISCARD);
    assert_true(ops.store);
    close_graph(&f);
}

static void load_and_store_follow_from_what_is_there_and_what_is_wanted(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    declare_frame(f.graph, false);
    assert_ok(v_graph_compile(f.graph));
    v_graph_attachment_info ops;
    assert_ok(v_graph_get_depth(f.graph, 0, &ops)); // shadow map: cleared, read later
    assert_int_equal(ops.load, V_LOAD_CLEAR);
    assert_true(ops.store);
    assert_ok(v_graph_get_depth(f.graph, 1, &ops)); // scene depth: nobody reads it
    assert_int_equal(ops.load, V_LOAD_CLEAR);
    assert_false(ops.store);
    assert_ok(v_graph_get_color(f.graph, 1, 0, &ops)); // hdr: nothing to keep
    assert_int_equal(ops.load, V_LOAD_DISCARD);
    assert_true(ops.store);
    v_graph_begin(f.graph);
    v_graph_texture a = texture(f.graph, "a", V_FORMAT_RGBA8_UNORM, 64);
    v_graph_texture keep = v_graph_import_texture(f.graph, &(v_graph_import){ .name = "keep",
                                                                              .format = V_FORMAT_RGBA8_UNORM,
                                                                              .width_px = 64,
                                                                              .height_px = 64,
                                                                              .initial_usage = V_USAGE_COLOR });
    a = v_pass_color(add(f.graph, V_PASS_GRAPHICS, "one"), 0, a, &(v_attachment){ .load = V_LOAD_CLEAR });
    v_pass *two = add(f.graph, V_PASS_GRAPHICS, "two");
    a = v_pass_color(two, 0, a, NULL);
    v_pass_color(two, 1, keep, NULL);
    assert_ok(v_graph_compile(f.graph));
    assert_ok(v_graph_get_color(f.graph, 1, 0, &ops));
    assert_int_equal(ops.load, V_LOAD_KEEP); // what the first pass drew
    assert_false(ops.store);
    assert_ok(v_graph_get_color(f.graph, 1, 1, &ops));
    assert_int_equal(ops.load, V_LOAD_KEEP);
    assert_true(ops.store);
    assert_fails(v_graph_get_color(f.graph, 1, 2, &ops), V_ERROR_NOT_FOUND, "two");
    close_graph(&f);
}

static void transients_whose_lives_do_not_meet_share_memory(void **unused)
{
    (void)unused;
    for (uint32_t off = 0; off < 2; off++) {
        fixture f;
        open_graph(&f, &(v_graph_desc){ .no_aliasing = off == 1 });
        enum { CHAIN = 8 };
        v_graph_texture t = texture(f.graph, "t0", V_FORMAT_RGBA8_UNORM, 128);
        t = v_pass_color(add(f.graph, V_PASS_GRAPHICS, "p0"), 0, t, NULL);
        for (uint32_t i = 1; i < CHAIN; i++) {
            char name[16];
            snprintf(name, sizeof(name), "t%u", i);
            v_graph_texture next = texture(f.graph, name, V_FORMAT_RGBA8_UNORM, 128);
            v_pass *pass = add(f.graph, V_PASS_GRAPHICS, name);
            v_pass_read(pass, t, V_USAGE_SAMPLED_FRAGMENT);
            t = v_pass_color(pass, 0, next, NULL);
        }
        v_pass *last = add(f.graph, V_PASS_GRAPHICS, "last");
        v_pass_read(last, t, V_USAGE_SAMPLED_FRAGMENT);
        v_pass_color(last, 0, output(f.graph, V_USAGE_NONE), NULL);
        assert_ok(v_graph_compile(f.graph));
        v_graph_stats stats = v_graph_get_stats(f.graph);
        assert_int_equal(stats.transient_bytes, CHAIN * 65536);
        assert_int_equal(stats.max_live_bytes, 2 * 65536);
        assert_int_equal(stats.heap_bytes, (off == 1 ? CHAIN : 2) * 65536);
        v_graph_barrier b = barrier_for(f.graph, "t2", "t2");
        assert_int_equal(b.aliasing, off == 0);
        if (off == 0) {
            // It takes t0's bytes over: wait for t0's writer and reader as well as for its own kind.
            assert_int_equal(b.from_stages,
                             VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT | VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT);
            assert_int_equal(b.from_layout, VK_IMAGE_LAYOUT_UNDEFINED);
        }
        close_graph(&f);
    }
}

// Seeded graphs: whatever they look like, live ranges never share bytes and the heap covers them.
static void no_two_live_transients_share_bytes(void **unused)
{
    (void)unused;
    uint32_t state = 12345;
    uint64_t heap = 0, bound = 0;
    for (uint32_t round = 0; round < 300; round++) {
        fixture f;
        open_graph(&f, NULL);
        v_graph_texture live[24];
        uint32_t live_count = 0, pass_count = 2 + round % 30;
        for (uint32_t p = 0; p < pass_count; p++) {
            char name[16];
            snprintf(name, sizeof(name), "p%u", p);
            v_pass *pass = add(f.graph, V_PASS_GRAPHICS, name);
            v_pass_side_effect(pass);
            for (uint32_t r = 0; r < 2 && live_count > 0; r++) {
                state = state * 1664525u + 1013904223u;
                v_pass_read(pass, live[(state >> 16) % live_count], V_USAGE_SAMPLED_FRAGMENT);
            }
            state = state * 1664525u + 1013904223u;
            v_graph_texture t =
                v_pass_color(pass, 0, texture(f.graph, name, V_FORMAT_RGBA8_UNORM, 32u << ((state >> 20) % 5)), NULL);
            if (live_count < 24) {
                live[live_count++] = t;
            } else {
                live[(state >> 8) % 24] = t;
            }
        }
        assert_ok(v_graph_compile(f.graph));
        v_graph_stats stats = v_graph_get_stats(f.graph);
        heap += stats.heap_bytes;
        bound += stats.max_live_bytes;
        assert_true(stats.heap_bytes >= stats.max_live_bytes && stats.heap_bytes <= stats.transient_bytes);
        v_graph_resource_info a, b;
        for (uint32_t i = 0; i < stats.resources; i++) {
            assert_ok(v_graph_get_resource(f.graph, i, &a));
            assert_true(a.offset_bytes % 65536 == 0 && a.offset_bytes + a.size_bytes <= stats.heap_bytes);
            for (uint32_t k = 0; k < i; k++) {
                assert_ok(v_graph_get_resource(f.graph, k, &b));
                bool alive_together = a.first_pass <= b.last_pass && b.first_pass <= a.last_pass;
                bool share =
                    a.offset_bytes < b.offset_bytes + b.size_bytes && b.offset_bytes < a.offset_bytes + a.size_bytes;
                assert_false(alive_together && share);
            }
        }
        close_graph(&f);
    }
    assert_true((double)heap <= (double)bound * 1.05); // a few percent above the lower bound over all of them
}

static void an_equal_declaration_is_not_compiled_again(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, NULL);
    uint64_t allocations = 0;
    for (uint32_t i = 0; i < 5; i++) {
        v_graph_begin(f.graph);
        declare_frame(f.graph, false);
        assert_ok(v_graph_compile(f.graph));
        if (i == 1) {
            allocations = v_counted_allocator_read(&f.counted).alloc_count;
        }
    }
    assert_int_equal(v_graph_get_stats(f.graph).compiles, 1);
    assert_int_equal(v_graph_get_stats(f.graph).cache_hits, 4);
    assert_int_equal(v_counted_allocator_read(&f.counted).alloc_count, allocations); // and allocates nothing
    v_graph_begin(f.graph);
    declare_frame(f.graph, true);
    assert_ok(v_graph_compile(f.graph));
    assert_int_equal(v_graph_get_stats(f.graph).compiles, 2);
    close_graph(&f);
}

static void refused_with(fixture *f, v_status status, const char *first, const char *second)
{
    assert_fails(v_graph_compile(f->graph), status, first);
    assert_fails(v_graph_compile(f->graph), status, second);
    v_graph_begin(f->graph);
    assert_ok(v_graph_compile(f->graph)); // the error ends with its declaration
    v_graph_begin(f->graph);
}

static void invalid_graphs_are_refused_naming_pass_and_resource(void **unused)
{
    (void)unused;
    const v_status bad = V_ERROR_INVALID_ARGUMENT;
    fixture f, other;
    open_graph(&f, NULL);
    open_graph(&other, NULL);
    v_graph *g = f.graph;
    // Read before write.
    v_pass_read(add(g, V_PASS_GRAPHICS, "early"), texture(g, "map", V_FORMAT_R8_UNORM, 4), V_USAGE_SAMPLED_FRAGMENT);
    refused_with(&f, bad, "early", "map");
    // Two writers without order.
    v_graph_texture t = texture(g, "both", V_FORMAT_R8_UNORM, 4);
    v_pass_color(add(g, V_PASS_GRAPHICS, "left"), 0, t, NULL);
    v_pass_color(add(g, V_PASS_GRAPHICS, "right"), 0, t, NULL);
    refused_with(&f, bad, "\"left\" and \"right\"", "both");
    // Missing callback.
    v_pass_side_effect(v_graph_add_pass(g, V_PASS_COMPUTE, "mute"));
    refused_with(&f, bad, "mute", "v_pass_execute");
    // Stale handle and stale pass.
    t = texture(g, "old", V_FORMAT_R8_UNORM, 4);
    v_pass *stale = add(g, V_PASS_GRAPHICS, "stale");
    v_graph_begin(g);
    v_pass_color(add(g, V_PASS_GRAPHICS, "new"), 0, t, NULL);
    refused_with(&f, V_ERROR_STALE, "new", "earlier declaration");
    v_pass_side_effect(stale);
    refused_with(&f, V_ERROR_STALE, "stale", "earlier declaration");
    // Foreign and null handles.
    v_pass_color(add(g, V_PASS_GRAPHICS, "mine"), 0, texture(other.graph, "theirs", V_FORMAT_R8_UNORM, 4), NULL);
    refused_with(&f, bad, "mine", "another graph");
    v_pass_read(add(g, V_PASS_GRAPHICS, "empty"), (v_graph_texture){ 0 }, V_USAGE_SAMPLED_FRAGMENT);
    refused_with(&f, bad, "empty", "null");
    // Format and usage.
    v_pass_color(add(g, V_PASS_GRAPHICS, "paint"), 0, texture(g, "z", V_FORMAT_D32_FLOAT, 4), NULL);
    refused_with(&f, bad, "paint", "D32_FLOAT");
    v_pass_depth(add(g, V_PASS_GRAPHICS, "test"), texture(g, "rgba", V_FORMAT_RGBA8_UNORM, 4), NULL);
    refused_with(&f, bad, "test", "RGBA8_UNORM");
    v_pass_write(add(g, V_PASS_COMPUTE, "wrong"), texture(g, "w", V_FORMAT_RGBA8_UNORM, 4), V_USAGE_SAMPLED_COMPUTE);
    refused_with(&f, bad, "wrong", "SAMPLED_COMPUTE");
    v_pass_write(add(g, V_PASS_GRAPHICS, "kind"), texture(g, "w", V_FORMAT_RGBA8_UNORM, 4),
                 V_USAGE_STORAGE_WRITE_COMPUTE);
    refused_with(&f, bad, "kind", "graphics pass");
    v_pass_write_buffer(add(g, V_PASS_GRAPHICS, "buf"),
                        v_graph_create_buffer(g, &(v_graph_buffer_desc){ .name = "bytes", .size_bytes = 4 }),
                        V_USAGE_COLOR);
    refused_with(&f, bad, "buf", "bytes");
    // Parts, sizes, slots.
    v_pass_write_part(add(g, V_PASS_COMPUTE, "deep"), texture(g, "flat", V_FORMAT_RGBA8_UNORM, 4),
                      V_USAGE_STORAGE_WRITE_COMPUTE, (v_subresource){ .mip = 3 });
    refused_with(&f, bad, "deep", "flat");
    texture(g, "huge", V_FORMAT_RGBA8_UNORM, 100000);
    refused_with(&f, bad, "huge", "100000");
    v_pass *pass = add(g, V_PASS_GRAPHICS, "sizes");
    v_pass_color(pass, 0, texture(g, "small", V_FORMAT_RGBA8_UNORM, 4), NULL);
    v_pass_color(pass, 1, texture(g, "large", V_FORMAT_RGBA8_UNORM, 8), NULL);
    v_pass_side_effect(pass);
    refused_with(&f, bad, "small", "large");
    pass = add(g, V_PASS_GRAPHICS, "slots");
    v_pass_color(pass, 0, texture(g, "a", V_FORMAT_RGBA8_UNORM, 4), NULL);
    v_pass_color(pass, 0, texture(g, "b", V_FORMAT_RGBA8_UNORM, 4), NULL);
    refused_with(&f, bad, "slots", "twice");
    // A feedback loop: reading what the pass draws to.
    t = texture(g, "loop", V_FORMAT_RGBA8_UNORM, 4);
    t = v_pass_color(add(g, V_PASS_GRAPHICS, "before"), 0, t, NULL);
    pass = add(g, V_PASS_GRAPHICS, "feedback");
    v_pass_read(pass, t, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_color(pass, 0, t, NULL);
    v_pass_side_effect(pass);
    refused_with(&f, bad, "feedback", "loop");
    // Keeping what nobody wrote.
    v_pass_color(add(g, V_PASS_GRAPHICS, "keeper"), 0, texture(g, "k", V_FORMAT_RGBA8_UNORM, 4),
                 &(v_attachment){ .load = V_LOAD_KEEP });
    refused_with(&f, bad, "keeper", "\"k\"");
    close_graph(&f);
    close_graph(&other);
}

static void null_arguments_are_refused(void **unused)
{
    (void)unused;
    fixture f;
    v_graph *none = NULL;
    assert_fails(v_graph_create(NULL, &none), V_ERROR_INVALID_ARGUMENT, "desc");
    assert_fails(v_graph_compile(NULL), V_ERROR_INVALID_ARGUMENT, "graph");
    assert_null(v_graph_add_pass(NULL, V_PASS_COMPUTE, "x"));
    v_pass_side_effect(NULL);
    v_graph_begin(NULL);
    v_graph_destroy(NULL);
    v_counted_allocator_init(&f.counted, NULL);
    assert_ok(v_graph_create(&(v_graph_desc){ .allocator = &f.counted.allocator }, &f.graph));
    assert_fails(v_graph_compile(f.graph), V_ERROR_STATE, "v_graph_begin");
    v_pass_side_effect(v_graph_add_pass(f.graph, V_PASS_COMPUTE, "before begin"));
    v_graph_begin(f.graph);
    v_graph_create_texture(f.graph, NULL);
    assert_fails(v_graph_compile(f.graph), V_ERROR_INVALID_ARGUMENT, "descriptor");
    v_graph_pass_info info;
    assert_fails(v_graph_get_pass(f.graph, 0, &info), V_ERROR_STATE, "not compiled");
    close_graph(&f);
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void the_graph_is_drawn_with_all_its_nodes_and_uses(void **unused)
{
    (void)unused;
    fixture f;
    open_graph(&f, &(v_graph_desc){ .name = "a \"quoted\" frame" });
    declare_frame(f.graph, false);
    assert_ok(v_graph_compile(f.graph));
    char *text = NULL;
    assert_ok(v_graph_dot(f.graph, &text));
    assert_non_null(strstr(text, "digraph \"a \\\"quoted\\\" frame\" {"));
    assert_int_equal(count_of(text, "shape=box"), 4);
    assert_int_equal(count_of(text, "style=dashed"), 1);
    assert_int_equal(count_of(text, "shape=ellipse"), 5);
    assert_int_equal(count_of(text, " -> "), 8);
    assert_int_equal(count_of(text, "{"), count_of(text, "}"));
    v_free(&f.counted.allocator, text, strlen(text) + 1, 1);
    close_graph(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_run_in_the_order_of_their_data_whatever_the_declaration),
        cmocka_unit_test(independent_passes_keep_the_order_of_their_declaration),
        cmocka_unit_test(unused_passes_are_culled_with_what_feeds_only_them),
        cmocka_unit_test(an_order_alone_keeps_no_pass),
        cmocka_unit_test(the_cycle_that_was_found_is_named),
        cmocka_unit_test(a_write_is_followed_by_one_barrier_for_all_its_readers),
        cmocka_unit_test(a_write_after_reads_waits_without_flushing),
        cmocka_unit_test(consecutive_storage_writes_are_ordered_and_flushed),
        cmocka_unit_test(mips_have_barriers_of_their_own),
        cmocka_unit_test(imports_begin_and_end_where_the_outside_wants_them),
        cmocka_unit_test(load_and_store_follow_from_what_is_there_and_what_is_wanted),
        cmocka_unit_test(transients_whose_lives_do_not_meet_share_memory),
        cmocka_unit_test(no_two_live_transients_share_bytes),
        cmocka_unit_test(an_equal_declaration_is_not_compiled_again),
        cmocka_unit_test(invalid_graphs_are_refused_naming_pass_and_resource),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(the_graph_is_drawn_with_all_its_nodes_and_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
