// Vertices of the half-size geometry pass, which ambient occlusion reads.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"
#include "instance.glsl"

layout(location = 2) in vec3 vertex_normal;

layout(location = 0) out vec3 out_normal;

void main()
{
    Instance item = instances[gl_InstanceIndex];
    out_normal = rotate(item.rot, vertex_normal);
    gl_Position = frame.world_to_clip * vec4(instance_position(item), 1.0);
}
