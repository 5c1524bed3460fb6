#version 450
// Writes one mip of a storage texture.
layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 0, rgba8) uniform writeonly image2D target;
layout(push_constant) uniform Push { vec4 color; } push;

void main()
{
    ivec2 p = ivec2(gl_GlobalInvocationID.xy);
    if (all(lessThan(p, imageSize(target)))) {
        imageStore(target, p, push.color);
    }
}
