#version 450
// One triangle that covers the whole target.
void main()
{
    vec2 p = vec2(gl_VertexIndex == 1 ? 3.0 : -1.0, gl_VertexIndex == 2 ? 3.0 : -1.0);
    gl_Position = vec4(p, 0.5, 1.0);
}
