// Quarter-size picture of what glows: the lit target's first samples, weighed against fireflies.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(set = 0, binding = 1) uniform sampler2DMS lit_map;

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color;

void main()
{
    ivec2 corner = ivec2(gl_FragCoord.xy) * 4;
    ivec2 last = ivec2(frame.target.xy) - 1;
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int i = 0; i < 8; i++) {
        // Every second pixel of the 4x4 block, in a checker, with a sample position that alternates too.
        ivec2 step = ivec2((i & 1) * 2 + ((i >> 1) & 1), i >> 1);
        vec3 color = texelFetch(lit_map, min(corner + step, last), i & 3).rgb;
        float weight = 1.0 / (1.0 + max(color.r, max(color.g, color.b)));
        sum += color * weight;
        weights += weight;
    }
    vec3 color = sum / weights * frame.sky_horizon.w;
    float bright = max(color.r, max(color.g, color.b));
    float excess = max(bright - 0.9, 0.0);
    out_color = vec4(color * (excess / max(bright, 1e-4)), 1.0);
}
