// Whole files, memory maps, paths and directories over POSIX.
#include "v/file.h"

#include "v/container.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static v_status fail_errno(const char *what, const char *path)
{
    int error = errno;
    return v_fail(error == ENOENT || error == ENOTDIR ? V_ERROR_NOT_FOUND : V_ERROR_IO, "%s: %s: %s", path, what,
                  strerror(error));
}

// Open a regular file for reading and tell its size.
static v_status open_regular(const char *path, int *out_descriptor, size_t *out_size_bytes)
{
    if (path == NULL || path[0] == '\0') {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "file path is empty");
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return fail_errno("cannot open", path);
    }
    struct stat info;
    if (fstat(descriptor, &info) != 0) {
        v_status status = fail_errno("cannot read", path);
        close(descriptor);
        return status;
    }
    if (!S_ISREG(info.st_mode)) {
        close(descriptor);
        return v_fail(V_ERROR_IO, "%s: is %s, not a file", path, S_ISDIR(info.st_mode) ? "a directory" : "a device");
    }
    *out_descriptor = descriptor;
    *out_size_bytes = (size_t)info.st_size;
    return V_OK;
}

static v_status read_all(int descriptor, const char *path, v_blob *blob)
{
    size_t done = 0;
    while (done < blob->size_bytes) {
        ssize_t got = read(descriptor, blob->data + done, blob->size_bytes - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno("cannot read", path);
        }
        if (got == 0) {
            return v_fail(V_ERROR_IO, "%s: became shorter while it was read", path);
        }
        done += (size_t)got;
    }
    return V_OK;
}

v_status v_file_read(const char *path, const v_allocator *allocator, size_t limit_bytes, v_blob *out_blob)
{
    if (out_blob == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_file_read: out_blob must not be null");
    }
    int descriptor;
    v_blob blob = { 0 };
    V_TRY(open_regular(path, &descriptor, &blob.size_bytes));
    size_t limit = limit_bytes != 0 ? limit_bytes : (size_t)1 << 30;
    v_status status = V_OK;
    if (blob.size_bytes > limit) {
        status = v_fail(V_ERROR_BAD_INPUT, "%s: %zu bytes, the limit is %zu", path, blob.size_bytes, limit);
    } else {
        blob.data = v_alloc(allocator, blob.size_bytes + 1, 1);
        status = blob.data != NULL ? read_all(descriptor, path, &blob) : V_ERROR_OUT_OF_MEMORY;
    }
    close(descriptor);
    if (status != V_OK) {
        v_blob_free(&blob, allocator);
        return status;
    }
    blob.data[blob.size_bytes] = 0;
    *out_blob = blob;
    return V_OK;
}

void v_blob_free(v_blob *blob, const v_allocator *allocator)
{
    if (blob == NULL) {
        return;
    }
    v_free(allocator, blob->data, blob->size_bytes + 1, 1);
    *blob = (v_blob){ 0 };
}

static v_status write_all(int descriptor, const char *path, const uint8_t *data, size_t size_bytes)
{
    while (size_bytes > 0) {
        ssize_t put = write(descriptor, data, size_bytes);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return fail_errno("cannot write", path);
        }
        data += put;
        size_bytes -= (size_t)put;
    }
    return fsync(descriptor) == 0 || errno == EINVAL ? V_OK : fail_errno("cannot write", path);
}

v_status v_file_write(const char *path, const void *data, size_t size_bytes)
{
    if (path == NULL || path[0] == '\0' || (data == NULL && size_bytes != 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_file_write: path and data must be given");
    }
    struct stat info;
    bool replace = stat(path, &info) != 0 || S_ISREG(info.st_mode);
    char temporary[4096];
    int length = replace ? snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path)
                         : snprintf(temporary, sizeof(temporary), "%s", path);
    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        return v_fail(V_ERROR_FULL, "file path of %zu bytes is too long", strlen(path));
    }
    // A pipe or device (/dev/stdout) cannot be replaced by a rename: write to it as it is.
    int descriptor = replace ? mkostemp(temporary, O_CLOEXEC) : open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fail_errno("cannot write", path);
    }
    v_status status = write_all(descriptor, path, data, size_bytes);
    if (replace) {
        (void)fchmod(descriptor, 0644);
    }
    if (close(descriptor) != 0 && status == V_OK) {
        status = fail_errno("cannot write", path);
    }
    if (replace && status == V_OK && rename(temporary, path) != 0) {
        status = fail_errno("cannot write", path);
    }
    if (replace && status != V_OK) {
        (void)unlink(temporary);
    }
    return status;
}

bool v_file_exists(const char *path)
{
    struct stat info;
    return path != NULL && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool v_directory_exists(const char *path)
{
    struct stat info;
    return path != NULL && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

uint64_t v_file_time_ns(const char *path)
{
    struct stat info;
    if (path == NULL || stat(path, &info) != 0) {
        return 0;
    }
    return (uint64_t)info.st_mtim.tv_sec * 1000000000u + (uint64_t)info.st_mtim.tv_nsec;
}

v_status v_directory_create(const char *path)
{
    char partial[4096];
    size_t length = path != NULL ? strlen(path) : 0;
    if (length == 0 || length >= sizeof(partial)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "directory path of %zu bytes", length);
    }
    memcpy(partial, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (partial[i] != '/' && partial[i] != '\0') {
            continue;
        }
        partial[i] = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST) {
            return fail_errno("cannot make the directory", partial);
        }
        partial[i] = i < length ? '/' : '\0';
    }
    return v_directory_exists(path) ? V_OK : v_fail(V_ERROR_IO, "%s: exists and is no directory", path);
}

typedef V_ARRAY(char *) name_array;

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), suffix_length = suffix != NULL ? strlen(suffix) : 0;
    return length >= suffix_length &&
           memcmp(name + length - suffix_length, suffix != NULL ? suffix : "", suffix_length) == 0;
}

static v_status collect_names(DIR *directory, const char *path, const char *suffix, v_arena *arena, name_array *names,
                              const v_allocator *allocator)
{
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char full[4096];
        if (!has_suffix(entry->d_name, suffix) || v_path_join(full, sizeof(full), path, entry->d_name) != V_OK ||
            !v_file_exists(full)) {
            continue;
        }
        char *name = v_arena_strdup(arena, entry->d_name);
        if (name == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
        V_TRY(V_ARRAY_PUSH(names, allocator, name));
    }
    return V_OK;
}

v_status v_directory_list(const char *path, const char *suffix, const v_allocator *allocator,
                          void (*each)(void *user, const char *name), void *user)
{
    if (path == NULL || each == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_directory_list: path and each must not be null");
    }
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return fail_errno("cannot list the directory", path);
    }
    v_arena arena = { .allocator = allocator };
    name_array names = { 0 };
    v_status status = collect_names(directory, path, suffix, &arena, &names, allocator);
    closedir(directory);
    if (status == V_OK && names.count != 0) {
        qsort(names.items, names.count, sizeof(names.items[0]), compare_names);
        for (uint32_t i = 0; i < names.count; i++) {
            each(user, names.items[i]);
        }
    }
    V_ARRAY_DESTROY(&names, allocator);
    v_arena_destroy(&arena);
    return status;
}

v_status v_file_map_open(const char *path, v_file_map *out_map)
{
    if (out_map == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_file_map_open: out_map must not be null");
    }
    int descriptor;
    size_t size_bytes;
    V_TRY(open_regular(path, &descriptor, &size_bytes));
    void *data = NULL;
    v_status status = V_OK;
    if (size_bytes != 0) {
        data = mmap(NULL, size_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (data == MAP_FAILED) {
            status = fail_errno("cannot map", path);
        }
    }
    close(descriptor);
    if (status == V_OK) {
        *out_map = (v_file_map){ .data = data, .size_bytes = size_bytes };
    }
    return status;
}

void v_file_map_close(v_file_map *map)
{
    if (map != NULL && map->data != NULL) {
        (void)munmap((void *)(uintptr_t)map->data, map->size_bytes);
        *map = (v_file_map){ 0 };
    }
}

v_status v_path_join(char *out, size_t capacity, const char *directory, const char *name)
{
    if (out == NULL || capacity == 0 || name == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_path_join: out and name must not be null, capacity is %zu",
                      capacity);
    }
    bool alone = name[0] == '/' || directory == NULL || directory[0] == '\0';
    const char *separator = alone || directory[strlen(directory) - 1] == '/' ? "" : "/";
    int length = snprintf(out, capacity, "%s%s%s", alone ? "" : directory, separator, name);
    return length >= 0 && (size_t)length < capacity
               ? V_OK
               : v_fail(V_ERROR_FULL, "path of %d bytes is too long, %zu fit", length, capacity - 1);
}

v_status v_path_directory(char *out, size_t capacity, const char *path)
{
    if (out == NULL || capacity == 0 || path == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_path_directory: out and path must not be null, capacity is %zu",
                      capacity);
    }
    const char *slash = strrchr(path, '/');
    int length = slash == NULL   ? snprintf(out, capacity, ".")
                 : slash == path ? snprintf(out, capacity, "/")
                                 : snprintf(out, capacity, "%.*s", (int)(slash - path), path);
    return length >= 0 && (size_t)length < capacity ? V_OK : v_fail(V_ERROR_FULL, "path is too long: %s", path);
}

const char *v_path_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return slash != NULL ? slash + 1 : path != NULL ? path : "";
}

const char *v_path_extension(const char *path)
{
    const char *name = v_path_name(path);
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot : name + strlen(name);
}

v_status v_path_program(char *out, size_t capacity)
{
    if (out == NULL || capacity == 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_path_program: out must not be null, capacity is %zu", capacity);
    }
    ssize_t length = readlink("/proc/self/exe", out, capacity);
    if (length < 0) {
        return fail_errno("cannot read", "/proc/self/exe");
    }
    if ((size_t)length >= capacity) {
        return v_fail(V_ERROR_FULL, "the program's path is longer than %zu bytes", capacity - 1);
    }
    out[length] = '\0';
    return V_OK;
}
