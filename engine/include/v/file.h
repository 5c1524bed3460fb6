// v/file.h: whole files, memory maps, paths, directories. Floor 0. Paths are UTF-8 with '/'.
#ifndef V_FILE_H
#define V_FILE_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

/// Bytes that the holder frees with v_blob_free (same allocator). A terminating NUL beyond size_bytes is always there.
typedef struct v_blob {
    uint8_t *data;
    size_t size_bytes;
} v_blob;

/// Read a whole file. Refuses directories and files above `limit_bytes` (0: 1 GiB) by name.
V_API v_status v_file_read(const char *path, const v_allocator *allocator, size_t limit_bytes, v_blob *out_blob);
V_API void v_blob_free(v_blob *blob, const v_allocator *allocator);
/// Write a whole file so that a reader sees the old one or the new one, never half: temporary file, fsync, rename. A
/// device or pipe is written to as it is.
V_API v_status v_file_write(const char *path, const void *data, size_t size_bytes);
V_API bool v_file_exists(const char *path);
V_API bool v_directory_exists(const char *path);
/// Modification time in nanoseconds since 1970, 0 when there is no such file. For hot reload only.
V_API uint64_t v_file_time_ns(const char *path);
/// Make the directory and its missing parents.
V_API v_status v_directory_create(const char *path);
/// Regular files in a directory whose names end in `suffix` (null: all), sorted by bytes: called once each.
V_API v_status v_directory_list(const char *path, const char *suffix, const v_allocator *allocator,
                                void (*each)(void *user, const char *name), void *user);

/// A read-only map of a whole file; an empty file gives size 0 and null data.
typedef struct v_file_map {
    const uint8_t *data;
    size_t size_bytes;
} v_file_map;
V_API v_status v_file_map_open(const char *path, v_file_map *out_map);
V_API void v_file_map_close(v_file_map *map);

/// "directory/name" into out (capacity bytes, NUL included). An absolute `name` stands alone. V_ERROR_FULL when cut.
V_API v_status v_path_join(char *out, size_t capacity, const char *directory, const char *name);
/// Everything before the last '/', "." when there is none.
V_API v_status v_path_directory(char *out, size_t capacity, const char *path);
/// The part after the last '/'. Borrowed from `path`.
V_API const char *v_path_name(const char *path);
/// The last extension with its dot, "" when there is none. Borrowed.
V_API const char *v_path_extension(const char *path);
/// The absolute path of the running program.
V_API v_status v_path_program(char *out, size_t capacity);

V_EXTERN_C_END
#endif
