// Doubles the wide glow with a tent and adds it to the narrower one.
#version 450

layout(set = 0, binding = 1) uniform sampler2D wide;
layout(set = 0, binding = 2) uniform sampler2D narrow;

layout(location = 0) in vec2 in_uv;
layout(location = 0) out vec4 out_color;

void main()
{
    vec2 texel = 1.0 / vec2(textureSize(wide, 0));
    vec3 sum = texture(wide, in_uv + texel * vec2(-0.5, -0.5)).rgb + texture(wide, in_uv + texel * vec2(0.5, -0.5)).rgb +
               texture(wide, in_uv + texel * vec2(-0.5, 0.5)).rgb + texture(wide, in_uv + texel * vec2(0.5, 0.5)).rgb;
    out_color = vec4(0.25 * sum + texture(narrow, in_uv).rgb, 1.0);
}
