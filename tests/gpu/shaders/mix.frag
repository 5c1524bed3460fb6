#version 450
// A value that depends on the pixel, the input texture and a push constant: every step of a chain leaves its mark.
layout(set = 0, binding = 0) uniform sampler2D source;
layout(push_constant) uniform Push { uint step; } push;
layout(location = 0) out vec4 result;

void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    ivec2 size = textureSize(source, 0);
    uvec4 texel = uvec4(texelFetch(source, (p + ivec2(int(push.step), 1)) % size, 0) * 255.0 + 0.5);
    uvec4 mixed = (texel * 5u + uvec4(uint(p.x), uint(p.y), push.step, 7u)) & 255u;
    result = vec4(mixed) / 255.0;
}
