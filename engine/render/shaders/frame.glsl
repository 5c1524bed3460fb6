// What every shader of a frame shares. Mirrors render_frame in render_internal.h, field for field.
#define LIGHTS_MAX 16
const float PI = 3.14159265359;

struct Light {
    vec4 place; // point: position, range; directional: the way toward the light, 0
    vec4 color; // linear, intensity included
};

layout(set = 0, binding = 0, std140) uniform Frame {
    mat4 world_to_clip;
    vec4 shadow_rows[3];    // world to shadow map: x, y in -1..1, depth in 0..1
    vec4 camera_pos;        // w: scene time in s
    vec4 camera_right;      // w: slope of the right edge of view
    vec4 camera_up;         // w: slope of the upper edge of view
    vec4 camera_forward;    // w: near distance
    vec4 sky_zenith;        // w: far distance
    vec4 sky_horizon;       // w: exposure
    vec4 sky_ground;        // w: count of `lights`, as a float
    vec4 sun_toward;        // w: 1 with a sun
    vec4 sun_color;         // w: 1 when it casts shadows
    vec4 shadow;            // texel in m, 1 / map size in px, reach in m, map depth in m
    vec4 lit_size;          // of the lit picture: width, height in px and their inverses
    vec4 half_size;         // the same of the occlusion images
    Light lights[LIGHTS_MAX];
} frame;

// Distance along the view of a reversed depth value.
float view_depth(float depth)
{
    float near_m = frame.camera_forward.w, far_m = frame.sky_zenith.w;
    return near_m * far_m / (near_m + depth * (far_m - near_m));
}

// The way from the eye through a point of the picture (0..1, top left first); its length along the view is 1.
vec3 view_ray(vec2 uv)
{
    vec2 slope = (uv * 2.0 - 1.0) * vec2(frame.camera_right.w, -frame.camera_up.w);
    return frame.camera_forward.xyz + frame.camera_right.xyz * slope.x + frame.camera_up.xyz * slope.y;
}

// Smooth sky radiance in a direction: a bright band at the horizon that fades to the zenith above and to the ground's
// colour below. `blur` (0..1) widens the band, as a rough mirror would.
vec3 sky_gradient(vec3 direction, float blur)
{
    float height = direction.y;
    float fade = 1.0 - exp(-abs(height) * (height > 0.0 ? mix(6.5, 1.6, blur) : mix(9.0, 2.5, blur)));
    return mix(frame.sky_horizon.rgb, height > 0.0 ? frame.sky_zenith.rgb : frame.sky_ground.rgb, fade);
}
