// Generates the triangle meshes of the four shapes at several levels of detail.
//
// Every vertex is core * extent + offset * radius: a scaled skeleton (a box's corners, a capsule's axis) swept by a
// sphere. One mesh thereby serves every size with exact normals, and a box keeps a bevel of constant width.
// Icosphere: recursive subdivision of the icosahedron. Rounded box: cube map lattice whose halves are pulled apart.
#include "render_internal.h"

#define BOX_LATTICE_MAX 8 // lattice lines per box edge at the finest level

// Growing lists during construction; both are sized exactly once by the builders below.
typedef struct mesh_builder {
    const v_allocator *allocator;
    render_mesh *mesh;
    uint32_t vertex_capacity, index_capacity;
} mesh_builder;

static v_status begin(mesh_builder *builder, const v_allocator *allocator, uint32_t vertices, uint32_t indices,
                      render_mesh *mesh)
{
    *builder = (mesh_builder){ allocator, mesh, vertices, indices };
    *mesh = (render_mesh){ .vertex_capacity = vertices, .index_capacity = indices };
    mesh->vertices = V_NEW_ARRAY(allocator, render_vertex, vertices);
    mesh->indices = V_NEW_ARRAY(allocator, uint16_t, indices);
    if (mesh->vertices == NULL || mesh->indices == NULL) {
        render_mesh_destroy(mesh, allocator);
        return V_ERROR_OUT_OF_MEMORY;
    }
    return V_OK;
}

static uint16_t add_vertex(mesh_builder *builder, v_vec3 core, v_vec3 offset, v_vec3 normal)
{
    render_mesh *mesh = builder->mesh;
    V_ASSERT(mesh->vertex_count < builder->vertex_capacity && mesh->vertex_count < UINT16_MAX);
    mesh->vertices[mesh->vertex_count] = (render_vertex){ core, offset, normal };
    return (uint16_t)mesh->vertex_count++;
}

// Counter-clockwise seen from outside.
static void add_triangle(mesh_builder *builder, uint16_t a, uint16_t b, uint16_t c)
{
    render_mesh *mesh = builder->mesh;
    V_ASSERT(mesh->index_count + 3 <= builder->index_capacity);
    mesh->indices[mesh->index_count++] = a;
    mesh->indices[mesh->index_count++] = b;
    mesh->indices[mesh->index_count++] = c;
}

static void add_quad(mesh_builder *builder, uint16_t a, uint16_t b, uint16_t c, uint16_t d)
{
    add_triangle(builder, a, b, c);
    add_triangle(builder, a, c, d);
}

void render_mesh_destroy(render_mesh *mesh, const v_allocator *allocator)
{
    V_DELETE_ARRAY(allocator, mesh->vertices, mesh->vertex_capacity);
    V_DELETE_ARRAY(allocator, mesh->indices, mesh->index_capacity);
    *mesh = (render_mesh){ 0 };
}

static v_vec3 component(v_vec3 v, int axis, float value)
{
    if (axis == 0) {
        v.x = value;
    } else if (axis == 1) {
        v.y = value;
    } else {
        v.z = value;
    }
    return v;
}

// Six faces of four own vertices, so that every face is flat; the offsets reach the same size as the bevelled box.
static v_status build_flat_box(const v_allocator *allocator, render_mesh *mesh)
{
    mesh_builder builder;
    V_TRY(begin(&builder, allocator, 24, 36, mesh));
    for (int axis = 0; axis < 3; axis++) {
        for (int side = -1; side <= 1; side += 2) {
            v_vec3 normal = component(v_vec3_make(0, 0, 0), axis, (float)side);
            uint16_t corner[4];
            for (int i = 0; i < 4; i++) {
                // Corners go round the face; the second side runs the other way so that both look outward.
                float u = (i == 1 || i == 2) ? 1.0f : -1.0f;
                float v = i >= 2 ? 1.0f : -1.0f;
                v_vec3 core = component(normal, (axis + 1) % 3, side > 0 ? u : v);
                core = component(core, (axis + 2) % 3, side > 0 ? v : u);
                corner[i] = add_vertex(&builder, core, core, normal);
            }
            add_quad(&builder, corner[0], corner[1], corner[2], corner[3]);
        }
    }
    return V_OK;
}

// The lattice of a box: `lines` lines per edge; the first half belongs to core -1, the second to core +1.
typedef struct box_lattice {
    mesh_builder *builder;
    int lines;
    uint16_t index[BOX_LATTICE_MAX][BOX_LATTICE_MAX][BOX_LATTICE_MAX]; // vertex + 1; 0: not made yet
} box_lattice;

// Slope of a lattice line on the cube map: -1 at the edge, 0 where the flat face begins, +1 at the other edge.
static float lattice_slope(int line, int lines)
{
    int segments = lines / 2 - 1;
    float turn = line <= segments ? (float)(line - segments) : (float)(line - segments - 1);
    return v_tan(turn / (float)segments * (V_PI / 4.0f));
}

static uint16_t lattice_vertex(box_lattice *lattice, const int line[3])
{
    uint16_t *slot = &lattice->index[line[0]][line[1]][line[2]];
    if (*slot == 0) {
        float core[3], slope[3];
        for (int axis = 0; axis < 3; axis++) {
            core[axis] = line[axis] < lattice->lines / 2 ? -1.0f : 1.0f;
            slope[axis] = lattice_slope(line[axis], lattice->lines);
        }
        v_vec3 normal = v_vec3_normalize_or(v_vec3_make(slope[0], slope[1], slope[2]), v_vec3_make(0, 1, 0));
        *slot = (uint16_t)(add_vertex(lattice->builder, v_vec3_make(core[0], core[1], core[2]), normal, normal) + 1);
    }
    return (uint16_t)(*slot - 1);
}

static v_status build_round_box(const v_allocator *allocator, int segments, render_mesh *mesh)
{
    int lines = 2 * (segments + 1);
    uint32_t quads = 6u * (uint32_t)((lines - 1) * (lines - 1));
    mesh_builder builder;
    V_TRY(begin(&builder, allocator, quads + 2, quads * 6, mesh));
    box_lattice lattice = { .builder = &builder, .lines = lines };
    for (int axis = 0; axis < 3; axis++) {
        int u = (axis + 1) % 3, v = (axis + 2) % 3;
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < (lines - 1) * (lines - 1); i++) {
                uint16_t corner[4];
                for (int c = 0; c < 4; c++) {
                    int line[3];
                    line[axis] = side * (lines - 1);
                    line[u] = i % (lines - 1) + (c == 1 || c == 2);
                    line[v] = i / (lines - 1) + (c >= 2);
                    corner[c] = lattice_vertex(&lattice, line);
                }
                if (side == 1) {
                    add_quad(&builder, corner[0], corner[1], corner[2], corner[3]);
                } else {
                    add_quad(&builder, corner[3], corner[2], corner[1], corner[0]);
                }
            }
        }
    }
    return V_OK;
}

// The vertex halfway between two, made once per edge. `edges` remembers the pairs; linear search is enough for a mesh
// of this size because it runs once per renderer.
typedef struct sphere_edge {
    uint16_t low, high, middle;
} sphere_edge;

typedef struct sphere_edges {
    sphere_edge *list;
    uint32_t count;
} sphere_edges;

static uint16_t edge_middle(mesh_builder *builder, sphere_edges *edges, uint16_t a, uint16_t b)
{
    uint16_t low = a < b ? a : b, high = a < b ? b : a;
    for (uint32_t i = edges->count; i-- > 0;) {
        if (edges->list[i].low == low && edges->list[i].high == high) {
            return edges->list[i].middle;
        }
    }
    const render_vertex *vertices = builder->mesh->vertices;
    v_vec3 sum = v_vec3_add(vertices[low].normal, vertices[high].normal);
    v_vec3 normal = v_vec3_normalize_or(sum, v_vec3_make(0, 1, 0));
    uint16_t middle = add_vertex(builder, v_vec3_make(0, 0, 0), normal, normal);
    edges->list[edges->count++] = (sphere_edge){ low, high, middle };
    return middle;
}

static void add_icosahedron(mesh_builder *builder)
{
    static const uint16_t triangles[20][3] = {
        { 0, 11, 5 },  { 0, 5, 1 },  { 0, 1, 7 },  { 0, 7, 10 }, { 0, 10, 11 }, { 1, 5, 9 }, { 5, 11, 4 },
        { 11, 10, 2 }, { 10, 7, 6 }, { 7, 1, 8 },  { 3, 9, 4 },  { 3, 4, 2 },   { 3, 2, 6 }, { 3, 6, 8 },
        { 3, 8, 9 },   { 4, 9, 5 },  { 2, 4, 11 }, { 6, 2, 10 }, { 8, 6, 7 },   { 9, 8, 1 },
    };
    const float golden = 1.6180339887f;
    for (int plane = 0; plane < 3; plane++) {
        for (int i = 0; i < 4; i++) {
            float one = i % 2 == 0 ? -1.0f : 1.0f;
            float tall = i < 2 ? golden : -golden;
            v_vec3 corner = plane == 0   ? v_vec3_make(one, tall, 0)
                            : plane == 1 ? v_vec3_make(0, one, tall)
                                         : v_vec3_make(tall, 0, one);
            v_vec3 normal = v_vec3_normalize_or(corner, v_vec3_make(0, 1, 0));
            add_vertex(builder, v_vec3_make(0, 0, 0), normal, normal);
        }
    }
    for (size_t i = 0; i < V_COUNT_OF(triangles); i++) {
        add_triangle(builder, triangles[i][0], triangles[i][1], triangles[i][2]);
    }
}

static v_status build_sphere(const v_allocator *allocator, int levels, render_mesh *mesh)
{
    uint32_t triangles = 20u << (2 * levels);
    mesh_builder builder;
    V_TRY(begin(&builder, allocator, triangles / 2 + 2, triangles * 3, mesh));
    uint32_t edge_capacity = triangles * 3 / 2;
    sphere_edges edges = { V_NEW_ARRAY(allocator, sphere_edge, edge_capacity), 0 };
    uint16_t *coarse = V_NEW_ARRAY(allocator, uint16_t, triangles * 3);
    v_status status = edges.list != NULL && coarse != NULL ? V_OK : V_ERROR_OUT_OF_MEMORY;
    if (status == V_OK) {
        add_icosahedron(&builder);
        for (int level = 0; level < levels; level++) {
            uint32_t index_count = mesh->index_count;
            for (uint32_t i = 0; i < index_count; i++) {
                coarse[i] = mesh->indices[i];
            }
            mesh->index_count = 0;
            edges.count = 0;
            for (uint32_t i = 0; i < index_count; i += 3) {
                uint16_t a = coarse[i], b = coarse[i + 1], c = coarse[i + 2];
                uint16_t ab = edge_middle(&builder, &edges, a, b);
                uint16_t bc = edge_middle(&builder, &edges, b, c);
                uint16_t ca = edge_middle(&builder, &edges, c, a);
                add_triangle(&builder, a, ab, ca);
                add_triangle(&builder, b, bc, ab);
                add_triangle(&builder, c, ca, bc);
                add_triangle(&builder, ab, bc, ca);
            }
        }
    }
    V_DELETE_ARRAY(allocator, edges.list, edge_capacity);
    V_DELETE_ARRAY(allocator, coarse, triangles * 3);
    if (status != V_OK) {
        render_mesh_destroy(mesh, allocator);
    }
    return status;
}

// Two hemispheres of `rings` rings each whose equators are pulled apart along y; poles are fans.
static v_status build_capsule(const v_allocator *allocator, int segments, int rings, render_mesh *mesh)
{
    uint32_t loops = 2u * (uint32_t)rings; // rings per hemisphere, its equator included, its pole not
    uint32_t around = (uint32_t)segments;
    mesh_builder builder;
    V_TRY(begin(&builder, allocator, loops * around + 2, 6 * around * loops, mesh));
    v_vec3 down = v_vec3_make(0, -1, 0), up = v_vec3_make(0, 1, 0);
    uint16_t south = add_vertex(&builder, down, down, down);
    uint16_t north = add_vertex(&builder, up, up, up);
    for (uint32_t loop = 0; loop < loops; loop++) {
        bool lower = loop < loops / 2;
        int step = lower ? (int)loop + 1 - rings : (int)loop - rings; // -(rings-1) .. 0, 0 .. rings-1
        float latitude = (float)step / (float)rings * (V_PI / 2.0f);
        for (uint32_t i = 0; i < around; i++) {
            float longitude = (float)i / (float)around * (2.0f * V_PI);
            v_vec3 normal =
                v_vec3_make(v_cos(latitude) * v_cos(longitude), v_sin(latitude), -v_cos(latitude) * v_sin(longitude));
            normal = v_vec3_normalize_or(normal, up);
            add_vertex(&builder, lower ? down : up, normal, normal);
        }
    }
    for (uint32_t i = 0; i < around; i++) {
        uint32_t next = (i + 1) % around;
        uint32_t last = 2 + (loops - 1) * around;
        add_triangle(&builder, south, (uint16_t)(2 + next), (uint16_t)(2 + i));
        add_triangle(&builder, north, (uint16_t)(last + i), (uint16_t)(last + next));
        for (uint32_t loop = 0; loop + 1 < loops; loop++) {
            uint32_t low = 2 + loop * around, high = low + around;
            add_quad(&builder, (uint16_t)(low + i), (uint16_t)(low + next), (uint16_t)(high + next),
                     (uint16_t)(high + i));
        }
    }
    return V_OK;
}

// A square with a top and an underside: thin, but visible from both.
static v_status build_plane(const v_allocator *allocator, render_mesh *mesh)
{
    mesh_builder builder;
    V_TRY(begin(&builder, allocator, 8, 12, mesh));
    for (int side = 1; side >= -1; side -= 2) {
        uint16_t corner[4];
        for (int i = 0; i < 4; i++) {
            float x = (i == 1 || i == 2) ? 1.0f : -1.0f;
            float z = i >= 2 ? -(float)side : (float)side;
            corner[i] =
                add_vertex(&builder, v_vec3_make(x, 0, z), v_vec3_make(0, 0, 0), v_vec3_make(0, (float)side, 0));
        }
        add_quad(&builder, corner[0], corner[1], corner[2], corner[3]);
    }
    return V_OK;
}

v_status render_mesh_build(render_mesh_id id, const v_allocator *allocator, render_mesh *out_mesh)
{
    switch (id) {
    case RENDER_MESH_BOX_FINE:
        return build_round_box(allocator, 3, out_mesh);
    case RENDER_MESH_BOX_COARSE:
        return build_round_box(allocator, 1, out_mesh);
    case RENDER_MESH_BOX_FLAT:
        return build_flat_box(allocator, out_mesh);
    case RENDER_MESH_SPHERE_FINE:
        return build_sphere(allocator, 4, out_mesh);
    case RENDER_MESH_SPHERE_MEDIUM:
        return build_sphere(allocator, 3, out_mesh);
    case RENDER_MESH_SPHERE_COARSE:
        return build_sphere(allocator, 2, out_mesh);
    case RENDER_MESH_CAPSULE_FINE:
        return build_capsule(allocator, 48, 12, out_mesh);
    case RENDER_MESH_CAPSULE_COARSE:
        return build_capsule(allocator, 20, 5, out_mesh);
    case RENDER_MESH_PLANE:
        return build_plane(allocator, out_mesh);
    case RENDER_MESH_COUNT:
        break;
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "render_mesh_build: no mesh has id %d", (int)id);
}
