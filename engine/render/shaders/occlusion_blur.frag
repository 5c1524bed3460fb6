// Averages the 4x4 pattern of the occlusion pass over pixels of like depth.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(set = 0, binding = 1) uniform sampler2D occlusion_map;

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec2 out_occlusion;

void main()
{
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    ivec2 last = ivec2(frame.half_size.xy) - 1;
    float depth = texelFetch(occlusion_map, pixel, 0).y;
    float sum = 0.0, weights = 0.0;
    for (int y = -2; y < 2; y++) {
        for (int x = -2; x < 2; x++) {
            vec2 value = texelFetch(occlusion_map, clamp(pixel + ivec2(x, y), ivec2(0), last), 0).xy;
            float weight = clamp(1.0 - abs(value.y - depth) / (0.06 * depth), 0.001, 1.0);
            sum += value.x * weight;
            weights += weight;
        }
    }
    out_occlusion = vec2(sum / weights, depth);
}
