// The generated meshes are closed surfaces with outward unit normals, and stand at the size that an item asks for.
#include "render_internal.h"

#include "test_render.h"

#define CLOSED_COUNT ((int)RENDER_MESH_PLANE)

static v_vec3 corner(const render_mesh *mesh, uint32_t index, v_vec3 extent_m, float radius_m)
{
    const render_vertex *vertex = &mesh->vertices[mesh->indices[index]];
    return v_vec3_mul_add(v_vec3_mul(vertex->core, extent_m), vertex->offset, radius_m);
}

static v_vec3 extent_for(int id)
{
    if (id <= RENDER_MESH_BOX_FLAT) {
        return v_vec3_make(0.8f, 0.5f, 0.3f);
    }
    return id >= RENDER_MESH_CAPSULE_FINE ? v_vec3_make(0, 0.7f, 0) : v_vec3_make(0, 0, 0);
}

static render_mesh build(int id)
{
    render_mesh mesh;
    assert_int_equal(render_mesh_build((render_mesh_id)id, v_allocator_default(), &mesh), V_OK);
    assert_true(mesh.index_count > 0 && mesh.index_count % 3 == 0);
    assert_int_equal(mesh.index_count, mesh.index_capacity);
    assert_int_equal(mesh.vertex_count, mesh.vertex_capacity);
    for (uint32_t i = 0; i < mesh.index_count; i++) {
        assert_true(mesh.indices[i] < mesh.vertex_count);
    }
    return mesh;
}

// Edges are matched by where their ends stand, because a flat box has several vertices at one corner.
static bool same_place(v_vec3 a, v_vec3 b)
{
    return v_vec3_distance(a, b) < 1e-5f;
}

static void meshes_are_closed_and_every_edge_has_two_sides(void **state)
{
    (void)state;
    for (int id = 0; id < CLOSED_COUNT; id++) {
        if (id == RENDER_MESH_SPHERE_FINE || id == RENDER_MESH_CAPSULE_FINE) {
            continue; // the same builders at a higher count; the matching below is quadratic
        }
        render_mesh mesh = build(id);
        v_vec3 extent = extent_for(id);
        for (uint32_t i = 0; i < mesh.index_count; i++) {
            v_vec3 from = corner(&mesh, i, extent, 0.2f);
            v_vec3 to = corner(&mesh, i - i % 3 + (i + 1) % 3, extent, 0.2f);
            int opposite = 0, same = 0;
            for (uint32_t j = 0; j < mesh.index_count; j++) {
                v_vec3 other_from = corner(&mesh, j, extent, 0.2f);
                v_vec3 other_to = corner(&mesh, j - j % 3 + (j + 1) % 3, extent, 0.2f);
                opposite += same_place(from, other_to) && same_place(to, other_from);
                same += same_place(from, other_from) && same_place(to, other_to);
            }
            assert_int_equal(opposite, 1);
            assert_int_equal(same, 1);
        }
        render_mesh_destroy(&mesh, v_allocator_default());
    }
}

static void triangles_wind_outward_and_enclose_the_shape_volume(void **state)
{
    (void)state;
    const float radius = 0.2f;
    for (int id = 0; id < CLOSED_COUNT; id++) {
        render_mesh mesh = build(id);
        v_vec3 extent = extent_for(id);
        double volume = 0;
        for (uint32_t i = 0; i < mesh.index_count; i += 3) {
            v_vec3 a = corner(&mesh, i, extent, radius), b = corner(&mesh, i + 1, extent, radius);
            v_vec3 c = corner(&mesh, i + 2, extent, radius);
            v_vec3 face = v_vec3_cross(v_vec3_sub(b, a), v_vec3_sub(c, a));
            v_vec3 normal = mesh.vertices[mesh.indices[i]].normal;
            assert_true(v_vec3_dot(face, normal) > 0);
            volume += (double)v_vec3_dot(a, v_vec3_cross(b, c)) / 6.0;
        }
        double r = radius, ball = 4.0 / 3.0 * 3.14159265 * r * r * r;
        double x = extent.x, y = extent.y, z = extent.z;
        double expected = ball;
        if (id == RENDER_MESH_BOX_FLAT) {
            expected = 8 * (x + r) * (y + r) * (z + r);
        } else if (id < RENDER_MESH_BOX_FLAT) { // Steiner's formula for a box swept by a ball
            expected = 8 * x * y * z + 8 * (x * y + y * z + z * x) * r + 2 * 3.14159265 * (x + y + z) * r * r + ball;
        } else if (id >= RENDER_MESH_CAPSULE_FINE) {
            expected = ball + 3.14159265 * r * r * 2 * y;
        }
        assert_true(volume > expected * 0.93 && volume < expected * 1.0001);
        render_mesh_destroy(&mesh, v_allocator_default());
    }
}

static void normals_are_unit_and_point_outward(void **state)
{
    (void)state;
    for (int id = 0; id < RENDER_MESH_COUNT; id++) {
        render_mesh mesh = build(id);
        for (uint32_t i = 0; i < mesh.vertex_count; i++) {
            const render_vertex *vertex = &mesh.vertices[i];
            assert_true(fabsf(v_vec3_length(vertex->normal) - 1.0f) < 1e-5f);
            if (id != RENDER_MESH_PLANE) {
                v_vec3 place = v_vec3_add(vertex->core, vertex->offset);
                assert_true(v_vec3_dot(place, vertex->normal) > 0);
            }
        }
        render_mesh_destroy(&mesh, v_allocator_default());
    }
}

static void bevelled_boxes_keep_their_size(void **state)
{
    (void)state;
    v_scene_item item = { .mesh = V_MESH_BOX, .size_m = { 1.5f, 0.4f, 0.7f } };
    render_shape shape = render_item_shape(&item);
    assert_true(shape.radius_m > 0);
    for (int id = RENDER_MESH_BOX_FINE; id <= RENDER_MESH_BOX_FLAT; id++) {
        render_mesh mesh = build(id);
        v_vec3 high = v_vec3_make(-9, -9, -9);
        for (uint32_t i = 0; i < mesh.index_count; i++) {
            high = v_vec3_max(high, corner(&mesh, i, shape.extent_m, shape.radius_m));
        }
        assert_true(v_vec3_distance(high, item.size_m) < 1e-5f);
        render_mesh_destroy(&mesh, v_allocator_default());
    }
}

static void the_plane_has_a_top_and_an_underside(void **state)
{
    (void)state;
    render_mesh mesh = build(RENDER_MESH_PLANE);
    int up = 0, down = 0;
    for (uint32_t i = 0; i < mesh.index_count; i += 3) {
        v_vec3 a = corner(&mesh, i, v_vec3_make(2, 0, 3), 0), b = corner(&mesh, i + 1, v_vec3_make(2, 0, 3), 0);
        v_vec3 c = corner(&mesh, i + 2, v_vec3_make(2, 0, 3), 0);
        v_vec3 face = v_vec3_cross(v_vec3_sub(b, a), v_vec3_sub(c, a));
        assert_true(v_vec3_dot(face, mesh.vertices[mesh.indices[i]].normal) > 0);
        assert_true(fabsf(fabsf(face.y) - 24.0f) < 1e-4f); // each half of the 4 x 6 rectangle, doubled
        up += face.y > 0;
        down += face.y < 0;
    }
    assert_int_equal(up, 2);
    assert_int_equal(down, 2);
    render_mesh_destroy(&mesh, v_allocator_default());
}

static void mesh_building_survives_an_allocator_without_memory(void **state)
{
    (void)state;
    for (int id = 0; id < RENDER_MESH_COUNT; id++) {
        for (uint32_t budget = 0; budget < 6; budget++) {
            test_short_allocator few;
            test_short_allocator_init(&few, budget);
            render_mesh mesh = { 0 };
            v_status status = render_mesh_build((render_mesh_id)id, &few.allocator, &mesh);
            assert_true(status == V_OK || status == V_ERROR_OUT_OF_MEMORY);
            render_mesh_destroy(&mesh, &few.allocator);
            assert_int_equal(few.live, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meshes_are_closed_and_every_edge_has_two_sides),
        cmocka_unit_test(triangles_wind_outward_and_enclose_the_shape_volume),
        cmocka_unit_test(normals_are_unit_and_point_outward),
        cmocka_unit_test(bevelled_boxes_keep_their_size),
        cmocka_unit_test(the_plane_has_a_top_and_an_underside),
        cmocka_unit_test(mesh_building_survives_an_allocator_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
