#version 450
// The first value of a chain: it depends on the pixel and a push constant.
layout(push_constant) uniform Push { uint step; } push;
layout(location = 0) out vec4 result;

void main()
{
    uvec2 p = uvec2(gl_FragCoord.xy);
    result = vec4(uvec4(p.x * 3u + push.step, p.y * 5u, p.x ^ p.y, 255u) & 255u) / 255.0;
}
