// Depth of the casters as the sun sees them.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "frame.glsl"
#include "instance.glsl"

void main()
{
    vec4 at = vec4(instance_position(instances[gl_InstanceIndex]), 1.0);
    // Casters nearer to the light than the map begins are flattened onto its near side; they still cast.
    float depth = max(dot(frame.shadow_rows[2], at), 0.0);
    gl_Position = vec4(dot(frame.shadow_rows[0], at), dot(frame.shadow_rows[1], at), depth, 1.0);
}
