// Places a mesh vertex of an instance in the world. Mirrors render_instance in render_internal.h.
struct Instance {
    vec4 pos_radius;
    vec4 rot;
    vec4 extent_checker;
    vec4 color_roughness;
    vec4 emissive_metallic;
};

layout(set = 0, binding = 1, std430) readonly buffer Instances { Instance instances[]; };

layout(location = 0) in vec3 vertex_core;
layout(location = 1) in vec3 vertex_offset;

vec3 rotate(vec4 q, vec3 v)
{
    vec3 t = 2.0 * cross(q.xyz, v);
    return v + q.w * t + cross(q.xyz, t);
}

vec3 instance_position(Instance item)
{
    vec3 local = vertex_core * item.extent_checker.xyz + vertex_offset * item.pos_radius.w;
    return item.pos_radius.xyz + rotate(item.rot, local);
}
