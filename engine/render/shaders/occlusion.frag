// Ambient occlusion at half size: how much of the sky above a point its surroundings hide.
//
// Sampling after M. McGuire, M. Mara, D. Luebke, Scalable Ambient Obscurance (2012): neighbours on a spiral, turned by a
// 4x4 pattern that the following 4x4 blur averages out, so that nothing of it remains as noise. Each hides as much as it
// rises above the tangent plane, less the farther away it is.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(set = 0, binding = 1) uniform sampler2D depth_map;
layout(set = 0, binding = 2) uniform sampler2D normal_map;

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec2 out_occlusion; // openness, view depth

const int TAPS = 9;
const float TURNS = 4.0;
const float RADIUS_M = 1.1;
const float STRENGTH = 2.8;
const float RISE_LEAST = 0.06; // slopes below it are the surface's own
const float OPEN_LEAST = 0.06; // some light finds its way everywhere

vec3 place_at(ivec2 pixel, out float depth)
{
    depth = view_depth(texelFetch(depth_map, pixel, 0).x);
    return view_ray((vec2(pixel) + 0.5) * frame.half_size.zw) * depth;
}

void main()
{
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    float depth;
    vec3 place = place_at(pixel, depth);
    vec3 normal = texelFetch(normal_map, pixel, 0).xyz * 2.0 - 1.0;
    float radius_px = RADIUS_M / (frame.camera_up.w * depth) * 0.5 * frame.half_size.y;
    radius_px = min(radius_px, 0.15 * frame.half_size.y);
    int pattern = ((pixel.x & 3) * 4 + (pixel.y & 3)) ^ ((pixel.x & 1) << 3);
    float turn = float(pattern) * (2.0 * PI / 16.0);
    float start = float((pattern * 7) & 15) / 16.0;
    ivec2 last = ivec2(frame.half_size.xy) - 1;
    float sum = 0.0;
    for (int i = 0; i < TAPS; i++) {
        float part = (float(i) + start) / float(TAPS);
        float angle = part * (TURNS * 2.0 * PI) + turn;
        vec2 away = vec2(cos(angle), sin(angle)) * (part * radius_px + 1.0);
        ivec2 other = clamp(pixel + ivec2(round(away)), ivec2(0), last);
        float other_depth;
        vec3 toward = place_at(other, other_depth) - place;
        float distance2 = dot(toward, toward);
        float rise = dot(toward, normal) * inversesqrt(distance2 + 1e-6) - RISE_LEAST;
        float near = max(1.0 - distance2 / (RADIUS_M * RADIUS_M), 0.0);
        sum += max(rise, 0.0) * near * near;
    }
    float open = max(1.0 - sum * (STRENGTH / float(TAPS)), OPEN_LEAST);
    // Too far away for the radius to span pixels: nothing to see, and nothing to shimmer.
    out_occlusion = vec2(mix(1.0, open, clamp(radius_px - 1.0, 0.0, 1.0)), depth);
}
