// Halves a picture with a 4x4 tent: four bilinear reads.
#version 450

layout(set = 0, binding = 1) uniform sampler2D source;

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color;

void main()
{
    vec2 texel = 1.0 / vec2(textureSize(source, 0));
    vec3 sum = texture(source, in_uv + texel * vec2(-1.0, -1.0)).rgb + texture(source, in_uv + texel * vec2(1.0, -1.0)).rgb +
               texture(source, in_uv + texel * vec2(-1.0, 1.0)).rgb + texture(source, in_uv + texel * vec2(1.0, 1.0)).rgb;
    out_color = vec4(0.25 * sum, 1.0);
}
