// Files, directories, paths, streams (E07).
#include "v_test.h"

#include "v/file.h"
#include "v/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof(directory), "/tmp/v_test_file_XXXXXX");
    return mkdtemp(directory) != NULL ? 0 : 1;
}

static int remove_directory(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}

static const char *in_directory(const char *name)
{
    static char path[256];
    assert_ok(v_path_join(path, sizeof(path), directory, name));
    return path;
}

static void written_file_reads_back_whole(void **state)
{
    (void)state;
    v_blob blob;
    assert_ok(v_file_write(in_directory("a.bin"), "one\0two", 7));
    assert_ok(v_file_read(in_directory("a.bin"), NULL, 0, &blob));
    assert_int_equal(blob.size_bytes, 7);
    assert_memory_equal(blob.data, "one\0two", 8);
    v_blob_free(&blob, NULL);
    assert_ok(v_file_write(in_directory("a.bin"), NULL, 0));
    assert_ok(v_file_read(in_directory("a.bin"), NULL, 0, &blob));
    assert_int_equal(blob.size_bytes, 0);
    v_blob_free(&blob, NULL);
    v_file_map map;
    assert_ok(v_file_map_open(in_directory("a.bin"), &map));
    assert_int_equal(map.size_bytes, 0);
    v_file_map_close(&map);
    assert_ok(v_file_write(in_directory("a.bin"), "mapped", 6));
    assert_ok(v_file_map_open(in_directory("a.bin"), &map));
    assert_memory_equal(map.data, "mapped", 6);
    v_file_map_close(&map);
    assert_true(v_file_time_ns(in_directory("a.bin")) > 0);
}

static void bad_files_are_refused_by_name(void **state)
{
    (void)state;
    v_blob blob;
    v_file_map map;
    assert_fails(v_file_read(in_directory("none"), NULL, 0, &blob), V_ERROR_NOT_FOUND, "none: cannot open");
    assert_fails(v_file_read(directory, NULL, 0, &blob), V_ERROR_IO, "is a directory");
    assert_fails(v_file_map_open(in_directory("none"), &map), V_ERROR_NOT_FOUND, "none");
    assert_ok(v_file_write(in_directory("big"), "0123456789", 10));
    assert_fails(v_file_read(in_directory("big"), NULL, 9, &blob), V_ERROR_BAD_INPUT, "limit is 9");
    assert_fails(v_file_read("", NULL, 0, &blob), V_ERROR_INVALID_ARGUMENT, "empty");
    assert_fails(v_file_write(in_directory("none/x"), "x", 1), V_ERROR_NOT_FOUND, "cannot write");
    assert_fails(v_directory_create(in_directory("big/x")), V_ERROR_NOT_FOUND, "cannot make");
}

typedef struct listing {
    char text[256];
} listing;

static void add_name(void *user, const char *name)
{
    listing *list = user;
    strcat(list->text, name);
    strcat(list->text, ";");
}

static void directory_lists_in_byte_order(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof(path), "%s/list/deep", directory);
    assert_ok(v_directory_create(path));
    assert_true(v_directory_exists(path));
    snprintf(path, sizeof(path), "%s/list", directory);
    const char *const names[] = { "list/b.toml", "list/a.toml", "list/C.toml", "list/x.txt" };
    for (size_t i = 0; i < V_COUNT_OF(names); i++) {
        assert_ok(v_file_write(in_directory(names[i]), "", 0));
    }
    listing list = { "" };
    assert_ok(v_directory_list(path, ".toml", NULL, add_name, &list));
    assert_string_equal(list.text, "C.toml;a.toml;b.toml;");
    assert_fails(v_directory_list(in_directory("nowhere"), NULL, NULL, add_name, &list), V_ERROR_NOT_FOUND, "nowhere");
}

static void paths_split_and_join(void **state)
{
    (void)state;
    char out[32];
    assert_ok(v_path_join(out, sizeof(out), "a/", "b"));
    assert_string_equal(out, "a/b");
    assert_ok(v_path_join(out, sizeof(out), "a", "/b"));
    assert_string_equal(out, "/b");
    assert_fails(v_path_join(out, 4, "aa", "bb"), V_ERROR_FULL, "too long");
    assert_ok(v_path_directory(out, sizeof(out), "/x"));
    assert_string_equal(out, "/");
    assert_ok(v_path_directory(out, sizeof(out), "x"));
    assert_string_equal(out, ".");
    assert_ok(v_path_directory(out, sizeof(out), "a/b/c"));
    assert_string_equal(out, "a/b");
    assert_string_equal(v_path_name("a/b.c.d"), "b.c.d");
    assert_string_equal(v_path_extension("a.b/.hidden"), "");
    assert_string_equal(v_path_extension("a/b.c.d"), ".d");
    char program[4096];
    assert_ok(v_path_program(program, sizeof(program)));
    assert_string_equal(v_path_name(program), "test_base_file");
}

static void streams_round_trip_every_kind(void **state)
{
    (void)state;
    v_writer writer = { 0 };
    const float words[3] = { 1.5f, -0.0f, 3e38f };
    v_write_u8(&writer, 200);
    v_write_u16(&writer, 0x1234);
    v_write_u32(&writer, 0x89abcdef);
    v_write_u64(&writer, 0x0123456789abcdefull);
    v_write_f32(&writer, -1.25f);
    v_write_f64(&writer, 1e300);
    v_write_text(&writer, "cat");
    v_write_words(&writer, words, 3);
    assert_ok(writer.status);
    const uint8_t start[7] = { 200, 0x34, 0x12, 0xef, 0xcd, 0xab, 0x89 };
    assert_memory_equal(writer.data, start, 7);

    v_reader reader = { .data = writer.data, .size_bytes = writer.size_bytes };
    char text[4];
    float read_words[3];
    assert_int_equal(v_read_u8(&reader), 200);
    assert_int_equal(v_read_u16(&reader), 0x1234);
    assert_int_equal(v_read_u32(&reader), 0x89abcdef);
    assert_true(v_read_u64(&reader) == 0x0123456789abcdefull);
    assert_true(v_read_f32(&reader) == -1.25f);
    assert_true(v_read_f64(&reader) == 1e300);
    v_read_text(&reader, text, sizeof(text));
    assert_string_equal(text, "cat");
    v_read_words(&reader, read_words, 3);
    assert_memory_equal(read_words, words, sizeof(words));
    assert_int_equal(v_reader_left(&reader), 0);
    assert_ok(reader.status);

    // Every truncation is an error that sticks, never a read beyond the end.
    for (size_t size = 0; size < writer.size_bytes; size++) {
        uint8_t *exact = malloc(size + (size == 0));
        memcpy(exact, writer.data, size);
        v_reader cut = { .data = exact, .size_bytes = size };
        (void)v_read_u8(&cut), (void)v_read_u16(&cut), (void)v_read_u32(&cut), (void)v_read_u64(&cut);
        (void)v_read_f32(&cut), (void)v_read_f64(&cut);
        v_read_text(&cut, text, sizeof(text));
        v_read_words(&cut, read_words, 3);
        assert_int_equal(cut.status, V_ERROR_BAD_INPUT);
        free(exact);
    }
    v_reader small = { .data = writer.data + 27, .size_bytes = 7 };
    char tiny[3];
    v_read_text(&small, tiny, sizeof(tiny));
    assert_int_equal(small.status, V_ERROR_BAD_INPUT);
    v_writer_destroy(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_file_reads_back_whole), cmocka_unit_test(bad_files_are_refused_by_name),
        cmocka_unit_test(directory_lists_in_byte_order), cmocka_unit_test(paths_split_and_join),
        cmocka_unit_test(streams_round_trip_every_kind),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
