// Feeds every file of a corpus folder to a fuzz target, so that ordinary builds replay what the fuzzer found.
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static bool replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        return false;
    }
    uint8_t *data = NULL;
    size_t size_bytes = 0, capacity_bytes = 0, read_bytes = 0;
    do {
        capacity_bytes += 1u << 16;
        uint8_t *grown = realloc(data, capacity_bytes);
        if (grown == NULL) {
            fprintf(stderr, "%s: out of memory\n", path);
            free(data);
            fclose(file);
            return false;
        }
        data = grown;
        read_bytes = fread(data + size_bytes, 1, capacity_bytes - size_bytes, file);
        size_bytes += read_bytes;
    } while (size_bytes == capacity_bytes);
    fclose(file);

    // An exact copy, so that an address sanitizer sees a read of one byte too many.
    uint8_t *exact = malloc(size_bytes != 0 ? size_bytes : 1);
    bool done = exact != NULL;
    if (done) {
        memcpy(exact, data, size_bytes);
        LLVMFuzzerTestOneInput(exact, size_bytes);
    }
    free(exact);
    free(data);
    return done;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    struct dirent **entries = NULL;
    int count = scandir(argv[1], &entries, is_visible, alphasort);
    if (count <= 0) {
        fprintf(stderr, "%s: no corpus there\n", argv[1]);
        free(entries);
        return 1;
    }
    bool done = true;
    for (int i = 0; i < count; ++i) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        done = length > 0 && (size_t)length < sizeof path && replay_file(path) && done;
        free(entries[i]);
    }
    free(entries);
    printf("%d inputs replayed\n", count);
    return done ? 0 : 1;
}
