// Smooths the stairs of edges in the finished picture, then dithers it.
//
// Morphological antialiasing on brightness, after the idea of T. Lottes's FXAA: at a pixel with contrast, find whether
// the edge runs along the row or the column, walk both ways to where it ends, and read the picture as far across the
// edge as a straight line between those ends would have covered this pixel.
#version 450

layout(set = 0, binding = 1) uniform sampler2D picture; // brightness in a

layout(constant_id = 0) const int TARGET_ENCODES = 0; // 1: the target turns linear values into sRGB by itself

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color;

const float CONTRAST_LEAST = 0.03;    // below it an edge is not seen
const float CONTRAST_RELATIVE = 0.09; // and below this part of the local brightness
const int STEPS = 9;
const float POINT_STRENGTH = 0.55;    // how much single bright or dark pixels are softened

float bright_at(vec2 uv) { return textureLod(picture, uv, 0.0).a; }

float bright_of(ivec2 pixel) { return texelFetch(picture, clamp(pixel, ivec2(0), textureSize(picture, 0) - 1), 0).a; }

// Steps grow with the distance: exact near the pixel, where the result is most sensitive.
float stride(int i) { return i < 3 ? 1.0 : (i < 6 ? 2.0 : 4.0); }

// How far, in pixels, the edge goes on in one direction; `out_end` is the brightness difference where it ended.
float walk(vec2 from, vec2 along, float edge, float threshold, out float out_end)
{
    float distance_px = 0.0;
    float difference = 0.0;
    bool inside = true;
    for (int i = 0; i < STEPS && inside; i++) {
        distance_px += stride(i);
        difference = bright_at(from + along * distance_px) - edge;
        inside = abs(difference) < threshold;
    }
    out_end = difference;
    return distance_px;
}

// The offset across the edge, in uv, at which to read the pixel.
vec2 edge_offset(ivec2 pixel, vec2 uv, vec2 texel, float middle, float north, float south, float west, float east, float contrast)
{
    float nw = bright_of(pixel + ivec2(-1, -1)), ne = bright_of(pixel + ivec2(1, -1));
    float sw = bright_of(pixel + ivec2(-1, 1)), se = bright_of(pixel + ivec2(1, 1));
    float bends_down = abs(nw + sw - 2.0 * west) + 2.0 * abs(north + south - 2.0 * middle) + abs(ne + se - 2.0 * east);
    float bends_right = abs(nw + ne - 2.0 * north) + 2.0 * abs(west + east - 2.0 * middle) + abs(sw + se - 2.0 * south);
    bool is_row = bends_down >= bends_right;

    float before = is_row ? north : west, after = is_row ? south : east;
    float step_before = abs(before - middle), step_after = abs(after - middle);
    vec2 across = is_row ? vec2(0, texel.y) : vec2(texel.x, 0);
    vec2 along = is_row ? vec2(texel.x, 0) : vec2(0, texel.y);
    float other = step_before >= step_after ? before : after;
    across = step_before >= step_after ? -across : across;

    float edge = 0.5 * (middle + other);
    float threshold = 0.25 * max(step_before, step_after);
    float end_back, end_on;
    vec2 from = uv + 0.5 * across;
    float back_px = walk(from, -along, edge, threshold, end_back);
    float on_px = walk(from, along, edge, threshold, end_on);
    float nearest_px = min(back_px, on_px);
    float end = back_px < on_px ? end_back : end_on;
    // Only the half of the line whose end turns away from this pixel's side is covered by the other side.
    bool covered = (middle - edge < 0.0) != (end < 0.0);
    float line = covered ? 0.5 - nearest_px / (back_px + on_px) : 0.0;

    float around = (2.0 * (north + south + west + east) + nw + ne + sw + se) / 12.0;
    float lone = clamp(abs(around - middle) / contrast, 0.0, 1.0);
    lone = lone * lone * (3.0 - 2.0 * lone);
    return across * max(line, lone * lone * POINT_STRENGTH);
}

vec3 decode_srgb(vec3 encoded)
{
    return mix(encoded / 12.92, pow((encoded + 0.055) / 1.055, vec3(2.4)), step(0.04045, encoded));
}

void main()
{
    vec2 texel = 1.0 / vec2(textureSize(picture, 0));
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 here = texelFetch(picture, pixel, 0);
    float north = bright_of(pixel - ivec2(0, 1)), south = bright_of(pixel + ivec2(0, 1));
    float west = bright_of(pixel - ivec2(1, 0)), east = bright_of(pixel + ivec2(1, 0));
    float high = max(here.a, max(max(north, south), max(west, east)));
    float low = min(here.a, min(min(north, south), min(west, east)));
    vec3 color = here.rgb;
    if (high - low >= max(CONTRAST_LEAST, CONTRAST_RELATIVE * high)) {
        vec2 offset = edge_offset(pixel, in_uv, texel, here.a, north, south, west, east, high - low);
        color = textureLod(picture, in_uv + offset, 0.0).rgb;
    }
    // Half a step of ordered noise (J. Jimenez's interleaved gradient) hides the bands of dark gradients.
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    vec3 shown = clamp(color + (noise - 0.5) / 255.0, 0.0, 1.0);
    out_color = vec4(TARGET_ENCODES != 0 ? decode_srgb(shown) : shown, 1.0);
}
