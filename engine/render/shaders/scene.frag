// Lights a surface: GGX specular and Lambert diffuse from the sun, the lights and the sky.
//
// Microfacet model: B. Karis, Real Shading in Unreal Engine 4 (2013), with E. Heitz's height-correlated Smith term in
// E. Hammon's approximation. Sky reflection: the analytic environment BRDF of B. Karis, Physically Based Shading on
// Mobile (2014). Normal variance widens roughness: Y. Tokuyoshi and A. Kaplanyan, Improved Geometric Specular
// Antialiasing (2019). Checker: I. Quilez's box-filtered pattern.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"
#include "shadow.glsl"

layout(set = 0, binding = 3) uniform sampler2D occlusion_map; // occlusion, view depth; half size

layout(location = 0) in vec3 in_pos;
layout(location = 1) in vec3 in_normal;
layout(location = 2) flat in vec4 in_color_roughness;
layout(location = 3) flat in vec4 in_emissive_metallic;
layout(location = 4) flat in float in_checker;

layout(location = 0) out vec4 out_color;

struct Surface {
    vec3 pos, normal, view; // view: toward the eye
    vec3 diffuse, specular; // albedo, reflectance at normal incidence
    float alpha, n_dot_v;
};

vec3 lit_by(Surface s, vec3 toward, vec3 irradiance)
{
    float n_dot_l = dot(s.normal, toward);
    vec3 halfway = normalize(toward + s.view);
    float n_dot_h = clamp(dot(s.normal, halfway), 0.0, 1.0);
    float l_dot_h = clamp(dot(toward, halfway), 0.0, 1.0);
    float lit = clamp(n_dot_l, 0.0, 1.0);
    float a2 = s.alpha * s.alpha;
    float d = n_dot_h * n_dot_h * (a2 - 1.0) + 1.0;
    float distribution = a2 / (d * d); // times 1 / pi, which `irradiance` already lacks
    float visibility = 0.5 / mix(2.0 * lit * s.n_dot_v, lit + s.n_dot_v, s.alpha);
    float grazing = 1.0 - l_dot_h, grazing2 = grazing * grazing;
    vec3 fresnel = s.specular + (1.0 - s.specular) * (grazing2 * grazing2 * grazing);
    // A firefly cap: no highlight may outshine what the tone curve and the bloom can show cleanly.
    vec3 shine = min(fresnel * (distribution * visibility), vec3(60.0));
    return (s.diffuse * (1.0 - fresnel) + shine) * irradiance * lit;
}

vec3 lit_by_lights(Surface s)
{
    vec3 sum = vec3(0.0);
    int count = int(frame.sky_ground.w);
    for (int i = 0; i < count; i++) {
        vec4 place = frame.lights[i].place;
        vec3 toward = place.xyz;
        float reach = 1.0;
        if (place.w > 0.0) {
            toward -= s.pos;
            float distance2 = dot(toward, toward);
            float fraction2 = distance2 / (place.w * place.w);
            float window = clamp(1.0 - fraction2 * fraction2, 0.0, 1.0);
            reach = window * window / max(distance2, 0.01);
            toward *= inversesqrt(max(distance2, 1e-8));
        }
        sum += lit_by(s, toward, frame.lights[i].color.rgb * reach);
    }
    return sum;
}

// What a grey ground far below would send up: the sky's ground colour, and the sun that it reflects.
vec3 ground_light() { return frame.sky_ground.rgb + frame.sun_color.rgb * (0.10 * max(frame.sun_toward.y, 0.0)); }

// Irradiance over pi from the sky's two hemispheres.
vec3 sky_diffuse(vec3 normal)
{
    vec3 above = mix(frame.sky_horizon.rgb, frame.sky_zenith.rgb, 0.45);
    float up = normal.y * 0.5 + 0.5;
    return mix(ground_light(), above, up * up * (3.0 - 2.0 * up));
}

vec3 lit_by_sky(Surface s, float roughness, float open)
{
    vec3 mirrored = reflect(-s.view, s.normal);
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a004 = min(r.x * r.x, exp2(-9.28 * s.n_dot_v)) * r.x + r.y;
    vec2 scale_bias = vec2(-1.04, 1.04) * a004 + r.zw;
    vec3 reflectance = s.specular * scale_bias.x + scale_bias.y;
    float open_specular = clamp(pow(s.n_dot_v + open, exp2(-16.0 * roughness - 1.0)) - 1.0 + open, 0.0, 1.0);
    vec3 seen = sky_gradient(mirrored, roughness);
    seen = mix(seen, ground_light(), smoothstep(0.0, 0.25 + 0.5 * roughness, -mirrored.y));
    return s.diffuse * sky_diffuse(s.normal) * open + reflectance * seen * open_specular;
}

// How far the sky is open at this pixel: the four nearest low-resolution values, weighed by how near their depth is.
float openness(float depth)
{
    vec2 at = gl_FragCoord.xy * frame.lit_size.zw * frame.half_size.xy - 0.5;
    ivec2 corner = ivec2(floor(at));
    vec2 part = at - vec2(corner);
    ivec2 last = ivec2(frame.half_size.xy) - 1;
    float sum = 0.0, weights = 0.0;
    for (int i = 0; i < 4; i++) {
        ivec2 step = ivec2(i & 1, i >> 1);
        vec2 value = texelFetch(occlusion_map, clamp(corner + step, ivec2(0), last), 0).xy;
        vec2 near = mix(1.0 - part, part, vec2(step));
        float weight = (near.x * near.y + 0.01) / (abs(value.y - depth) / depth + 0.01);
        sum += value.x * weight;
        weights += weight;
    }
    return sum / weights;
}

// Coverage of odd cells, averaged over the pixel, on the plane that the surface faces most.
float checker(vec3 pos, vec3 normal, float cell)
{
    vec3 facing = abs(normal);
    vec2 p = facing.y >= max(facing.x, facing.z) ? pos.xz : (facing.x >= facing.z ? pos.yz : pos.xy);
    p /= cell;
    vec2 width = max(fwidth(p), 1e-4) + 0.002;
    vec2 wave = 2.0 * (abs(fract((p - 0.5 * width) * 0.5) - 0.5) - abs(fract((p + 0.5 * width) * 0.5) - 0.5)) / width;
    return 0.5 - 0.5 * wave.x * wave.y;
}

void main()
{
    vec3 to_eye = frame.camera_pos.xyz - in_pos;
    float depth = 1.0 / gl_FragCoord.w;
    Surface s;
    s.pos = in_pos;
    s.normal = normalize(in_normal);
    s.view = normalize(to_eye);
    s.n_dot_v = clamp(abs(dot(s.normal, s.view)), 0.02, 1.0);

    vec3 color = in_color_roughness.rgb;
    float metallic = in_emissive_metallic.w;
    if (in_checker > 0.0) {
        color *= mix(1.0, 0.62, checker(in_pos, s.normal, in_checker));
    }
    vec3 turn_x = dFdx(s.normal), turn_y = dFdy(s.normal);
    float variance = 0.25 * (dot(turn_x, turn_x) + dot(turn_y, turn_y));
    float alpha = in_color_roughness.w * in_color_roughness.w;
    s.alpha = sqrt(clamp(alpha * alpha + min(2.0 * variance, 0.18), 0.002, 1.0));
    s.diffuse = color * (1.0 - metallic);
    s.specular = mix(vec3(0.04), color, metallic);

    float open = openness(depth);
    vec3 radiance = in_emissive_metallic.rgb + lit_by_sky(s, sqrt(s.alpha), open) + lit_by_lights(s);
    if (frame.sun_toward.w > 0.0) {
        float sunlight = frame.sun_color.w > 0.0 ? shadow_light(in_pos, s.normal, depth) : 1.0;
        // Crevices keep a little of their dark in the sun as well, which grounds contacts.
        sunlight *= mix(1.0, open, 0.35);
        radiance += lit_by(s, frame.sun_toward.xyz, frame.sun_color.rgb * sunlight);
    }
    out_color = vec4(radiance, 1.0);
}
