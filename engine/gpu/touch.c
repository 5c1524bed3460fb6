// touch.c: remembering how a frame found its resources, so that a frame that is not submitted leaves no trace.
#include "gpu_internal.h"

void gpu_touch_buffer(v_gpu *gpu, gpu_buffer *buffer)
{
    if (buffer->used_frame != gpu->frame) {
        buffer->used_frame = gpu->frame;
        buffer->state_before = buffer->state;
    }
}

void gpu_touch_texture(v_gpu *gpu, gpu_texture *texture)
{
    if (texture->used_frame != gpu->frame) {
        texture->used_frame = gpu->frame;
        texture->state_before = texture->state;
    }
}

void gpu_restore_states(v_gpu *gpu)
{
    uint32_t generation;
    for (uint32_t i = 0; gpu_table_next(&gpu->buffers, i, &i, &generation); i++) {
        gpu_buffer *buffer = gpu_table_get(&gpu->buffers, i, generation);
        if (buffer->used_frame == gpu->frame) {
            buffer->state = buffer->state_before;
        }
    }
    for (uint32_t i = 0; gpu_table_next(&gpu->textures, i, &i, &generation); i++) {
        gpu_texture *texture = gpu_table_get(&gpu->textures, i, generation);
        if (texture->used_frame == gpu->frame) {
            texture->state = texture->state_before;
        }
    }
}
