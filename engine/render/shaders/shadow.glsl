// Reads the sun's shadow map with a 5x5 tent in nine bilinear comparisons (I. Castano, Shadow Mapping Summary, 2013).
layout(set = 0, binding = 2) uniform sampler2DShadow shadow_map;

// 1 in the light, 0 in shadow.
float shadow_light(vec3 pos, vec3 normal, float view_depth_m)
{
    float texel_m = frame.shadow.x, texel_uv = frame.shadow.y, reach_m = frame.shadow.z, depth_m = frame.shadow.w;
    float slope = clamp(dot(normal, frame.sun_toward.xyz), 0.0, 1.0);
    // The receiver is lifted off its own surface by what the kernel can span there: along the normal for slanted light.
    vec3 lifted = pos + normal * (texel_m * (0.6 + 2.6 * sqrt(1.0 - slope * slope)));
    vec4 at = vec4(lifted, 1.0);
    vec3 place = vec3(dot(frame.shadow_rows[0], at), dot(frame.shadow_rows[1], at), dot(frame.shadow_rows[2], at));
    float depth = clamp(place.z - 1.2 * texel_m / depth_m, 0.0, 1.0);
    vec2 texel = (place.xy * 0.5 + 0.5) / texel_uv;

    vec2 base = floor(texel + 0.5);
    vec2 st = texel + 0.5 - base;
    base = (base - 0.5) * texel_uv;
    vec3 weight_u = vec3(4.0 - 3.0 * st.x, 7.0, 1.0 + 3.0 * st.x);
    vec3 weight_v = vec3(4.0 - 3.0 * st.y, 7.0, 1.0 + 3.0 * st.y);
    vec3 u = vec3((3.0 - 2.0 * st.x) / weight_u.x - 2.0, (3.0 + st.x) / 7.0, st.x / weight_u.z + 2.0) * texel_uv;
    vec3 v = vec3((3.0 - 2.0 * st.y) / weight_v.x - 2.0, (3.0 + st.y) / 7.0, st.y / weight_v.z + 2.0) * texel_uv;
    float sum = 0.0;
    for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 3; column++) {
            vec3 where = vec3(base + vec2(u[column], v[row]), depth);
            sum += weight_u[column] * weight_v[row] * texture(shadow_map, where);
        }
    }
    float light = sum / 144.0;
    // Beyond the square nothing casts; beyond the reach shadows have faded.
    float outside = step(1.0, max(abs(place.x), abs(place.y)));
    float far = smoothstep(0.8 * reach_m, reach_m, view_depth_m);
    return mix(light, 1.0, max(outside, far));
}
