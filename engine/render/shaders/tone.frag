// From scene radiance to the picture: resolve supersamples, add the glow, expose, tone curve, sRGB.
//
// Tone curve: S. Hill's fit of the ACES reference and output transforms. Samples are resolved after a reversible
// compression (B. Karis, High Quality Temporal Supersampling, 2014), so that edges against bright light stay smooth.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(set = 0, binding = 1) uniform sampler2D lit_map;
layout(set = 0, binding = 2) uniform sampler2D glow_map;

layout(constant_id = 0) const int SCALE = 1; // lit pixels per picture pixel and edge

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color; // sRGB-encoded, brightness in a

vec3 resolve(ivec2 pixel)
{
    if (SCALE == 1) {
        return texelFetch(lit_map, pixel, 0).rgb * frame.sky_horizon.w;
    }
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int i = 0; i < SCALE * SCALE; i++) {
        vec3 color = texelFetch(lit_map, pixel * SCALE + ivec2(i % SCALE, i / SCALE), 0).rgb * frame.sky_horizon.w;
        float weight = 1.0 / (1.0 + max(color.r, max(color.g, color.b)));
        sum += color * weight;
        weights += weight;
    }
    return sum / weights;
}

vec3 tone(vec3 color)
{
    const mat3 to_working = mat3(0.59719, 0.07600, 0.02840, 0.35458, 0.90834, 0.13383, 0.04823, 0.01566, 0.83777);
    const mat3 to_display =
        mat3(1.60475, -0.10208, -0.00327, -0.53108, 1.10813, -0.07276, -0.07367, -0.00605, 1.07602);
    vec3 v = to_working * color;
    vec3 a = v * (v + 0.0245786) - 0.000090537;
    vec3 b = v * (0.983729 * v + 0.4329510) + 0.238081;
    return clamp(to_display * (a / b), 0.0, 1.0);
}

vec3 encode_srgb(vec3 linear)
{
    return mix(12.92 * linear, 1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, linear));
}

void main()
{
    vec3 color = resolve(ivec2(gl_FragCoord.xy)) + 0.10 * texture(glow_map, in_uv).rgb;
    vec3 encoded = encode_srgb(tone(color));
    out_color = vec4(encoded, dot(encoded, vec3(0.299, 0.587, 0.114)));
}
