// Vertices of the lit pass.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"
#include "instance.glsl"

layout(location = 2) in vec3 vertex_normal;

layout(location = 0) out vec3 out_pos;
layout(location = 1) out vec3 out_normal;
layout(location = 2) flat out vec4 out_color_roughness;
layout(location = 3) flat out vec4 out_emissive_metallic;
layout(location = 4) flat out float out_checker;

void main()
{
    Instance item = instances[gl_InstanceIndex];
    vec3 pos = instance_position(item);
    out_pos = pos;
    out_normal = rotate(item.rot, vertex_normal);
    out_color_roughness = item.color_roughness;
    out_emissive_metallic = item.emissive_metallic;
    out_checker = item.extent_checker.w;
    gl_Position = frame.world_to_clip * vec4(pos, 1.0);
}
