// Reads documents ("SIZE\n" and that many bytes each) from stdin and prints each as one line of tagged values, for
// comparison with another parser.
#include "bridge/toml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_hex(const char *text, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        printf("%02x", (unsigned char)text[i]);
    }
}

static void print_node(const v_toml_node *node)
{
    uint64_t bits;
    switch (node->type) {
    case V_TOML_TABLE:
    case V_TOML_ARRAY:
        putchar(node->type == V_TOML_TABLE ? '{' : '[');
        for (const v_toml_node *child = node->first_child; child != NULL; child = child->next_sibling) {
            if (node->type == V_TOML_TABLE) {
                print_hex(child->key, child->key_size_bytes);
                putchar(':');
            }
            print_node(child);
            putchar(',');
        }
        putchar(node->type == V_TOML_TABLE ? '}' : ']');
        break;
    case V_TOML_STRING:
        putchar('s');
        print_hex(node->value.string.text, node->value.string.size_bytes);
        break;
    case V_TOML_INT:
        printf("i%" PRId64, node->value.integer);
        break;
    case V_TOML_FLOAT:
        memcpy(&bits, &node->value.number, sizeof(bits));
        printf(node->value.number != node->value.number ? "fnan" : "f%016" PRIx64, bits);
        break;
    case V_TOML_BOOL:
        printf("b%d", node->value.boolean);
        break;
    case V_TOML_DATE:
        printf("d%s", node->value.string.text);
        break;
    }
}

int main(void)
{
    size_t size;
    while (scanf("%zu", &size) == 1 && getchar() == '\n') {
        char *text = malloc(size + 1);
        if (text == NULL || fread(text, 1, size, stdin) != size) {
            fprintf(stderr, "toml_dump: cannot read a document of %zu bytes\n", size);
            free(text);
            return 1;
        }
        v_toml_document *document;
        if (v_toml_parse(text, size, "t", NULL, &document) == V_OK) {
            print_node(document->root);
            v_toml_destroy(document);
        } else {
            printf("error %s", v_status_message());
        }
        putchar('\n');
        free(text);
    }
    return 0;
}
