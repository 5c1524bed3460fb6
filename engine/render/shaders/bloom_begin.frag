// Quarter-size picture of what glows, weighed against fireflies.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(set = 0, binding = 1) uniform sampler2D lit_map;

layout(constant_id = 0) const int SCALE = 1; // lit pixels per picture pixel and edge

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color;

void main()
{
    ivec2 corner = ivec2(gl_FragCoord.xy) * (4 * SCALE);
    ivec2 last = ivec2(frame.lit_size.xy) - 1;
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int i = 0; i < 8; i++) {
        // Every second pixel of the 4x4 block, in a checker.
        ivec2 step = ivec2((i & 1) * 2 + ((i >> 1) & 1), i >> 1) * SCALE;
        vec3 color = texelFetch(lit_map, min(corner + step, last), 0).rgb;
        float weight = 1.0 / (1.0 + max(color.r, max(color.g, color.b)));
        sum += color * weight;
        weights += weight;
    }
    vec3 color = sum / weights * frame.sky_horizon.w;
    float bright = max(color.r, max(color.g, color.b));
    float excess = max(bright - 0.9, 0.0);
    out_color = vec4(color * (excess / max(bright, 1e-4)), 1.0);
}
