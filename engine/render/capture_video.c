// Video (E24): YUV4MPEG2 written here, every other container by the ffmpeg program fed with raw frames.
//
// YUV4MPEG2 is a text header and planar frames, which any player and encoder reads. Colours follow ITU-R BT.601 with
// the studio range (Y 16..235, chroma 16..240) in 16.16 fixed point, so that the bytes are the same on every CPU.
#include "render_internal.h"

#include "v/file.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct v_video {
    const v_allocator *allocator;
    char path[RENDER_PATH_MAX];
    uint32_t width_px, height_px;
    v_status status; // of the first failure; later calls repeat it
    FILE *file;      // YUV4MPEG2
    uint8_t *planes; // one frame, Y then Cb then Cr
    size_t planes_bytes;
    pid_t encoder; // ffmpeg, 0 when there is none
    int pipe;      // its stdin
};

static size_t chroma_size(uint32_t luma_px)
{
    return (luma_px + 1) / 2;
}

static v_status fail_write(v_video *video, int error)
{
    video->status = v_fail(V_ERROR_IO, "v_video: writing %s failed: %s", video->path, strerror(error));
    return video->status;
}

static v_status open_y4m(v_video *video, uint32_t fps)
{
    size_t luma = (size_t)video->width_px * video->height_px;
    video->planes_bytes = luma + 2 * chroma_size(video->width_px) * chroma_size(video->height_px);
    video->planes = v_alloc(video->allocator, video->planes_bytes, 16);
    if (video->planes == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    video->file = fopen(video->path, "wbe");
    if (video->file == NULL) {
        return v_fail(errno == ENOENT ? V_ERROR_NOT_FOUND : V_ERROR_IO, "v_video_create: cannot write %s: %s",
                      video->path, strerror(errno));
    }
    if (fprintf(video->file, "YUV4MPEG2 W%u H%u F%u:1 Ip A1:1 C420jpeg\n", video->width_px, video->height_px, fps) <
        0) {
        return fail_write(video, errno);
    }
    return V_OK;
}

// A socket pair instead of a pipe: send() can be told not to raise SIGPIPE, so a dead encoder is an error and no
// signal disposition of the host program is touched.
static v_status open_ffmpeg(v_video *video, uint32_t fps)
{
    char size[32], rate[16], output[RENDER_PATH_MAX + 8];
    snprintf(size, sizeof size, "%ux%u", video->width_px, video->height_px);
    snprintf(rate, sizeof rate, "%u", fps);
    snprintf(output, sizeof output, "file:%s", video->path); // so that no path is taken for an option or a protocol
    // The pixel format and even size that players expect; yuv420p is also what GIF and PNG encoders convert from.
    const char *const arguments[] = {
        "ffmpeg",   "-hide_banner", "-loglevel", "error",     "-y",   "-f",
        "rawvideo", "-pix_fmt",     "rgba",      "-s",        size,   "-r",
        rate,       "-i",           "pipe:0",    "-an",       "-vf",  "pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p",
        "-fflags",  "+bitexact",    "-flags:v",  "+bitexact", output, NULL,
    };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return v_fail(V_ERROR_IO, "v_video_create: no socket pair for ffmpeg: %s", strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    pid_t child = 0;
    int error = posix_spawnp(&child, "ffmpeg", &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        if (error == ENOENT) {
            return v_fail(V_ERROR_UNSUPPORTED,
                          "v_video_create: %s needs the ffmpeg program: install the package ffmpeg, or write a .y4m",
                          video->path);
        }
        return v_fail(V_ERROR_IO, "v_video_create: cannot start ffmpeg for %s: %s", video->path, strerror(error));
    }
    video->encoder = child;
    video->pipe = ends[0];
    return V_OK;
}

v_status v_video_create(const v_allocator *allocator, const char *path, uint32_t width_px, uint32_t height_px,
                        uint32_t fps, v_video **out_video)
{
    if (out_video == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_video_create: out_video is null");
    }
    *out_video = NULL;
    if (path == NULL || path[0] == '\0' || strlen(path) >= RENDER_PATH_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_video_create: path is empty or longer than %d bytes",
                      RENDER_PATH_MAX - 1);
    }
    V_TRY(render_check_picture("v_video_create", path, width_px, height_px));
    if (fps == 0 || fps > 1000) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_video_create: fps is %u; it must be 1..1000", fps);
    }
    const v_allocator *memory = allocator != NULL ? allocator : v_allocator_default();
    v_video *video = V_NEW(memory, v_video);
    if (video == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    video->allocator = memory;
    video->width_px = width_px;
    video->height_px = height_px;
    video->pipe = -1;
    memcpy(video->path, path, strlen(path) + 1);
    bool y4m = strcasecmp(v_path_extension(path), ".y4m") == 0;
    v_status status = y4m ? open_y4m(video, fps) : open_ffmpeg(video, fps);
    if (status != V_OK) {
        (void)v_video_destroy(video);
        return status;
    }
    *out_video = video;
    return V_OK;
}

// 16.16 fixed point of the BT.601 matrix, scaled to the studio range. The offset carries the rounding half.
static uint8_t luma_of(uint32_t r, uint32_t g, uint32_t b)
{
    return (uint8_t)((16829u * r + 33039u * g + 6416u * b + (16u << 16) + 32768u) >> 16);
}

// Sums over `count` pixels (1, 2 or 4) give the averaged chroma.
static uint8_t chroma_of(int32_t r, int32_t g, int32_t b, const int32_t weight[3], int32_t count)
{
    int32_t sum = (weight[0] * r + weight[1] * g + weight[2] * b) / count;
    return (uint8_t)((sum + (128 << 16) + 32768) >> 16);
}

static void convert_chroma_row(const v_video *video, const uint8_t *pixels, uint32_t row, uint8_t *cb, uint8_t *cr)
{
    static const int32_t blue[3] = { -9714, -19070, 28784 }, red[3] = { 28784, -24103, -4681 };
    uint32_t width = video->width_px;
    const uint8_t *top = pixels + (size_t)(2 * row) * width * 4;
    bool two_rows = 2 * row + 1 < video->height_px;
    for (uint32_t x = 0; x < width; x += 2) {
        int32_t sum[3] = { 0, 0, 0 }, count = 0;
        for (uint32_t dy = 0; dy < (two_rows ? 2u : 1u); dy++) {
            for (uint32_t dx = 0; dx < (x + 1 < width ? 2u : 1u); dx++) {
                const uint8_t *pixel = top + ((size_t)dy * width + x + dx) * 4;
                for (int i = 0; i < 3; i++) {
                    sum[i] += pixel[i];
                }
                count++;
            }
        }
        cb[x / 2] = chroma_of(sum[0], sum[1], sum[2], blue, count);
        cr[x / 2] = chroma_of(sum[0], sum[1], sum[2], red, count);
    }
}

static v_status write_y4m(v_video *video, const uint8_t *pixels)
{
    size_t luma = (size_t)video->width_px * video->height_px;
    size_t chroma_width = chroma_size(video->width_px), chroma_height = chroma_size(video->height_px);
    uint8_t *cb = video->planes + luma, *cr = cb + chroma_width * chroma_height;
    for (size_t i = 0; i < luma; i++) {
        video->planes[i] = luma_of(pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]);
    }
    for (uint32_t row = 0; row < chroma_height; row++) {
        convert_chroma_row(video, pixels, row, cb + row * chroma_width, cr + row * chroma_width);
    }
    if (fputs("FRAME\n", video->file) < 0 ||
        fwrite(video->planes, 1, video->planes_bytes, video->file) != video->planes_bytes) {
        return fail_write(video, errno);
    }
    return V_OK;
}

static v_status send_ffmpeg(v_video *video, const uint8_t *pixels)
{
    size_t left = (size_t)video->width_px * video->height_px * 4;
    while (left > 0) {
        ssize_t sent = send(video->pipe, pixels, left, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            video->status = v_fail(
                V_ERROR_IO, "v_video_frame: ffmpeg stopped while writing %s; its reason is on stderr", video->path);
            return video->status;
        }
        pixels += sent;
        left -= (size_t)sent;
    }
    return V_OK;
}

v_status v_video_frame(v_video *video, const void *pixels)
{
    if (video == NULL || pixels == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_video_frame: %s is null", video == NULL ? "video" : "pixels");
    }
    if (video->status != V_OK) {
        return v_fail(video->status, "v_video_frame: %s already failed", video->path);
    }
    return video->file != NULL ? write_y4m(video, pixels) : send_ffmpeg(video, pixels);
}

static v_status finish_ffmpeg(v_video *video)
{
    close(video->pipe); // end of input: the encoder finishes its file
    int result = 0;
    pid_t ended;
    do {
        ended = waitpid(video->encoder, &result, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended < 0) {
        // A host that ignores SIGCHLD has reaped it; the file is then all there is to go by.
        return v_file_exists(video->path) ? V_OK
                                          : v_fail(V_ERROR_IO, "v_video_destroy: ffmpeg left no %s", video->path);
    }
    if (WIFEXITED(result) && WEXITSTATUS(result) == 0) {
        return V_OK;
    }
    return v_fail(V_ERROR_IO, "v_video_destroy: ffmpeg failed to write %s (%s %d); its reason is on stderr",
                  video->path, WIFSIGNALED(result) ? "signal" : "exit code",
                  WIFSIGNALED(result) ? WTERMSIG(result) : WEXITSTATUS(result));
}

v_status v_video_destroy(v_video *video)
{
    if (video == NULL) {
        return V_OK;
    }
    v_status status = video->status;
    if (video->file != NULL && fclose(video->file) != 0 && status == V_OK) {
        status = fail_write(video, errno);
    }
    if (video->encoder != 0) {
        v_status finished = finish_ffmpeg(video);
        status = status != V_OK ? status : finished;
    }
    v_free(video->allocator, video->planes, video->planes_bytes, 16);
    V_DELETE(video->allocator, video);
    return status;
}
