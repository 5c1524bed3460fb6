#version 450
// Squares each number of a buffer and adds a specialisation constant.
layout(local_size_x = 64) in;
layout(constant_id = 3) const uint BIAS = 0u;
layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) writeonly buffer Target { uint target[]; };
layout(push_constant) uniform Push { uint count; } push;

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count) {
        target[i] = source[i] * source[i] + BIAS;
    }
}
