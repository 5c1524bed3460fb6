// The sky behind everything: gradient, sun disc and its glow, a faint band of nebula, stars that drift with time.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color;

uvec3 mix_bits(uvec3 v)
{
    // M. Jarzynski, M. Olano, Hash Functions for GPU Rendering (2020): pcg3d.
    v = v * 1664525u + 1013904223u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v ^= v >> 16u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    return v;
}

vec3 random3(ivec3 cell) { return vec3(mix_bits(uvec3(cell) + 0x9e3779b9u) >> 8u) * (1.0 / 16777216.0); }

// A cube face and the place on it, so that cells of the sky are nearly square.
vec3 cube_place(vec3 d)
{
    vec3 size = abs(d);
    if (size.x >= max(size.y, size.z)) {
        return vec3(d.yz / size.x, d.x > 0.0 ? 0.0 : 1.0);
    }
    if (size.y >= size.z) {
        return vec3(d.xz / size.y, d.y > 0.0 ? 2.0 : 3.0);
    }
    return vec3(d.xy / size.z, d.z > 0.0 ? 4.0 : 5.0);
}

// One layer of stars: at most one per cell, as wide as a pixel so that none flickers, and as much dimmer in a coarse
// picture as a pixel is larger.
vec3 stars(vec3 direction, float cells, float share, float pixel)
{
    vec3 face = cube_place(direction);
    vec2 at = (face.xy * 0.5 + 0.5) * cells;
    ivec2 cell = ivec2(floor(at));
    vec3 dice = random3(ivec3(cell, int(face.z) * 64 + int(cells)));
    vec3 more = random3(ivec3(cell.yx, int(face.z) * 64 + int(cells) + 7));
    vec2 middle = vec2(cell) + 0.2 + 0.6 * dice.xy;
    float away = length(at - middle) / (0.5 * cells) / pixel;
    float glow = exp(-away * away * 1.1);
    float magnitude = more.x * more.x * more.x;
    vec3 tint = mix(vec3(1.0, 0.78, 0.56), vec3(0.62, 0.78, 1.0), more.y);
    float light = (0.06 + 1.5 * magnitude) * min(1.0, 1e-6 / (pixel * pixel));
    return dice.z < share ? tint * (glow * light) : vec3(0.0);
}

float smooth_noise(vec3 p)
{
    ivec3 cell = ivec3(floor(p));
    vec3 f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    float sum = 0.0;
    for (int i = 0; i < 8; i++) {
        ivec3 corner = ivec3(i & 1, (i >> 1) & 1, i >> 2);
        vec3 near = mix(1.0 - f, f, vec3(corner));
        sum += random3(cell + corner).x * near.x * near.y * near.z;
    }
    return sum;
}

void main()
{
    vec3 ray = view_ray(gl_FragCoord.xy * frame.lit_size.zw);
    float pixel = frame.camera_up.w * frame.half_size.w / length(ray); // of the picture, whatever the supersampling
    vec3 direction = normalize(ray);
    vec3 color = sky_gradient(direction, 0.0);

    // The ship drifts: the stars turn slowly round a tilted axis.
    float angle = frame.camera_pos.w * 0.004;
    vec3 axis = normalize(vec3(0.35, 1.0, 0.2));
    vec3 drift = direction * cos(angle) + cross(axis, direction) * sin(angle) +
                 axis * dot(axis, direction) * (1.0 - cos(angle));
    float night = 1.0 - clamp(dot(color, vec3(0.2126, 0.7152, 0.0722)) * 2.2, 0.0, 1.0);
    float clear = night * smoothstep(0.0, 0.2, abs(direction.y));
    float dust = smooth_noise(drift * 3.0) * 0.6 + smooth_noise(drift * 7.0) * 0.4;
    float band = exp(-12.0 * pow(dot(drift, normalize(vec3(0.5, 0.62, -0.6))) + 0.15 * (dust - 0.5), 2.0));
    color += clear * band * dust * dust * vec3(0.050, 0.040, 0.085);
    color += clear * (0.5 + band) * (stars(drift, 60.0, 0.45, pixel) + 0.5 * stars(drift, 130.0, 0.5, pixel));

    if (frame.sun_toward.w > 0.0) {
        float toward = dot(direction, frame.sun_toward.xyz);
        float angle_to_sun = acos(clamp(toward, -1.0, 1.0));
        float disc = 1.0 - smoothstep(0.018, 0.018 + 1.5 * pixel, angle_to_sun);
        float glow = 0.5 * exp(-angle_to_sun * 14.0) + 0.06 * exp(-angle_to_sun * 3.0);
        color += frame.sun_color.rgb * (disc * 12.0 + glow);
    }
    out_color = vec4(color, 1.0);
}
