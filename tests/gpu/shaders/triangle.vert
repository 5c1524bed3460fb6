#version 450
// A triangle that covers the lower left half of the target.
layout(location = 0) out vec3 color;

void main()
{
    vec2 corners[3] = vec2[](vec2(-1.0, -1.0), vec2(-1.0, 1.0), vec2(1.0, 1.0));
    vec3 colors[3] = vec3[](vec3(1.0, 0.0, 0.0), vec3(1.0, 0.0, 0.0), vec3(1.0, 0.0, 0.0));
    gl_Position = vec4(corners[gl_VertexIndex], 0.5, 1.0);
    color = colors[gl_VertexIndex];
}
