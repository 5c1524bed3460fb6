// World normals, packed into 0..1.
#version 450

layout(location = 0) in vec3 in_normal;
layout(location = 0) out vec4 out_normal;

void main() { out_normal = vec4(normalize(in_normal) * 0.5 + 0.5, 1.0); }
