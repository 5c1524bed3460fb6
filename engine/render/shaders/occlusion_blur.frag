// Averages the 4x4 pattern of the occlusion pass over pixels of the same surface.
//
// The inverse of depth is linear across a plane's picture, so a neighbour belongs to the surface when its inverse depth
// is what the slope at this pixel foretells, however steeply the plane is seen.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(set = 0, binding = 1) uniform sampler2D occlusion_map;

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec2 out_occlusion;

const float TOLERANCE = 0.03; // of the inverse depth

vec2 fetch(ivec2 pixel)
{
    ivec2 last = ivec2(frame.half_size.xy) - 1;
    vec2 value = texelFetch(occlusion_map, clamp(pixel, ivec2(0), last), 0).xy;
    return vec2(value.x, 1.0 / value.y);
}

// The gentler of the two slopes: the other one may cross an edge.
float gentler(float before, float after) { return abs(before) < abs(after) ? before : after; }

void main()
{
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    float here = fetch(pixel).y;
    float slope_x = gentler(here - fetch(pixel - ivec2(1, 0)).y, fetch(pixel + ivec2(1, 0)).y - here);
    float slope_y = gentler(here - fetch(pixel - ivec2(0, 1)).y, fetch(pixel + ivec2(0, 1)).y - here);
    float sum = 0.0, weights = 0.0;
    for (int y = -2; y < 2; y++) {
        for (int x = -2; x < 2; x++) {
            vec2 value = fetch(pixel + ivec2(x, y));
            float foretold = here + slope_x * float(x) + slope_y * float(y);
            float weight = clamp(1.5 - abs(value.y - foretold) / (TOLERANCE * here), 0.001, 1.0);
            sum += value.x * weight;
            weights += weight;
        }
    }
    out_occlusion = vec2(sum / weights, 1.0 / here);
}
