// E03: the tree that the TOML bridge gives, the places in it, and its limits.
#include "v_test.h"

#include "bridge/toml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static v_toml_document *parse(const char *text)
{
    v_toml_document *document = NULL;
    assert_ok(v_toml_parse(text, strlen(text), "t", NULL, &document));
    return document;
}

static void assert_refused(const char *text, const char *message)
{
    v_toml_document *document;
    assert_fails(v_toml_parse(text, strlen(text), "t", NULL, &document), V_ERROR_BAD_INPUT, message);
    assert_null(document);
}

static void every_type_arrives_with_its_value(void **state)
{
    (void)state;
    v_toml_document *document = parse("i = -9_223_372_036_854_775_808\nh = 0xFF\no = 0o17\nb = 0b101\n"
                                      "f = 6.5e-1\nn = nan\ninfinite = -inf\nt = true\n"
                                      "basic = \"tab\\t \\u00e4 \\U0001F600\"\nliteral = 'C:\\x'\n"
                                      "multi = \"\"\"\none \\\n   two\"\"\"\nraw = '''\n a'b'''\n");
    const v_toml_node *root = document->root;
    assert_int_equal(v_toml_find(root, "i")->value.integer, INT64_MIN);
    assert_int_equal(v_toml_find(root, "h")->value.integer, 255);
    assert_int_equal(v_toml_find(root, "o")->value.integer, 15);
    assert_int_equal(v_toml_find(root, "b")->value.integer, 5);
    assert_true(v_toml_find(root, "f")->value.number == 0.65);
    assert_true(isnan(v_toml_find(root, "n")->value.number));
    assert_true(v_toml_find(root, "infinite")->value.number == -(double)INFINITY);
    assert_true(v_toml_find(root, "t")->value.boolean);
    assert_string_equal(v_toml_find(root, "basic")->value.string.text, "tab\t \xC3\xA4 \xF0\x9F\x98\x80");
    assert_string_equal(v_toml_find(root, "literal")->value.string.text, "C:\\x");
    assert_string_equal(v_toml_find(root, "multi")->value.string.text, "one two");
    assert_string_equal(v_toml_find(root, "raw")->value.string.text, " a'b");
    v_toml_destroy(document);
}

static void dates_arrive_as_text(void **state)
{
    (void)state;
    v_toml_document *document = parse("a = 1979-05-27\nb = 07:32:00.5\nc = 1979-05-27 07:32:00Z\n"
                                      "d = 1979-05-27T00:32:00-07:30\ne = 1979-05-27T00:32:00.999999\n");
    const char *const expected[] = { "1979-05-27", "07:32:00.500000000", "1979-05-27T07:32:00Z",
                                     "1979-05-27T00:32:00-07:30", "1979-05-27T00:32:00.999999000" };
    const v_toml_node *node = document->root->first_child;
    for (size_t i = 0; i < V_COUNT_OF(expected); i++, node = node->next_sibling) {
        assert_int_equal(node->type, V_TOML_DATE);
        assert_string_equal(node->value.string.text, expected[i]);
        assert_int_equal(node->value.string.size_bytes, strlen(expected[i]));
    }
    v_toml_destroy(document);
}

static void strings_and_keys_may_hold_a_nul(void **state)
{
    (void)state;
    v_toml_document *document = parse("\"k\\u0000y\" = \"a\\u0000b\"");
    const v_toml_node *node = document->root->first_child;
    assert_int_equal(node->key_size_bytes, 3);
    assert_memory_equal(node->key, "k\0y", 4);
    assert_int_equal(node->value.string.size_bytes, 3);
    assert_memory_equal(node->value.string.text, "a\0b", 4);
    assert_null(v_toml_find(document->root, "k"));
    v_toml_destroy(document);
}

static void children_stand_in_file_order(void **state)
{
    (void)state;
    v_toml_document *document = parse("zebra = 1\napple = 2\n[table]\nm.x = 1\nb = 2\nm.a = 3\n[extra]\n[another]\n");
    const char *const expected[] = { "zebra", "apple", "table", "extra", "another" };
    assert_int_equal(document->root->child_count, V_COUNT_OF(expected));
    const v_toml_node *node = document->root->first_child;
    for (size_t i = 0; i < V_COUNT_OF(expected); i++, node = node->next_sibling) {
        assert_string_equal(node->key, expected[i]);
    }
    assert_null(node);
    const v_toml_node *table = v_toml_find(document->root, "table");
    assert_string_equal(table->first_child->key, "m");
    assert_string_equal(table->first_child->first_child->key, "x");
    assert_string_equal(table->first_child->first_child->next_sibling->key, "a");
    assert_string_equal(table->first_child->next_sibling->key, "b");
    v_toml_destroy(document);
}

static void keys_and_values_know_their_places(void **state)
{
    (void)state;
    v_toml_document *document = parse("\xEF\xBB\xBF# comment\r\n\"\xC3\xA4\" = 1 # two bytes, one column\r\n"
                                      "  [ a . b ]\n\tc.d = [ 1,\n 'x', { e = 2 } ]\n[[list]]\n[[list]]\nf = true");
    const v_toml_node *root = document->root;
    const v_toml_node *umlaut = root->first_child;
    assert_int_equal(umlaut->key_line, 2);
    assert_int_equal(umlaut->key_column, 1);
    assert_int_equal(umlaut->column, 7);
    const v_toml_node *b = v_toml_find(v_toml_find(root, "a"), "b");
    assert_int_equal(b->key_line, 3);
    assert_int_equal(b->key_column, 9);
    assert_int_equal(b->column, 3);
    const v_toml_node *d = v_toml_find(v_toml_find(b, "c"), "d");
    assert_int_equal(d->key_line, 4);
    assert_int_equal(d->key_column, 4);
    assert_int_equal(d->column, 8);
    const v_toml_node *x = d->first_child->next_sibling;
    assert_int_equal(x->line, 5);
    assert_int_equal(x->column, 2);
    assert_string_equal(x->key, "");
    const v_toml_node *e = x->next_sibling->first_child;
    assert_int_equal(e->key_line, 5);
    assert_int_equal(e->key_column, 9);
    assert_int_equal(e->column, 13);
    const v_toml_node *second = v_toml_find(root, "list")->first_child->next_sibling;
    assert_int_equal(second->line, 7);
    assert_ptr_equal(second->parent, v_toml_find(root, "list"));
    assert_int_equal(v_toml_find(root, "list")->child_count, 2);
    v_toml_destroy(document);
}

typedef struct bad_toml {
    const char *text, *message;
} bad_toml;

static void malformed_text_gets_one_error_with_its_place(void **state)
{
    (void)state;
    const bad_toml table[] = {
        { "a = 1\na = 2", "t:2:" },
        { "a.b = 1\n[a]\nb = 2", "t:2:" },
        { "[a]\n[a]", "t:2:" },
        { "[[a]]\n[a]", "t:2:" },
        { "a = [1]\n[[a]]", "t:2:" },
        { "a = {b = 1}\na.c = 2", "t:2:" },
        { "a = {b = 1,}", "t:1:" },
        { "a = 1 b = 2", "t:1:7:" },
        { "a", "t:1:" },
        { "a =", "t:1:" },
        { "= 1", "t:1:1:" },
        { "a = \"x", "t:1:" },
        { "a = \"x\ny\"", "t:1:" },
        { "a = '''x", "t:1:" },
        { "a = \"\\q\"", "t:1:" },
        { "a = \"\\ud800\"", "t:1:" },
        { "a = 01", "t:1:" },
        { "a = 1__0", "t:1:" },
        { "a = 9223372036854775808", "t:1:" },
        { "a = .5", "t:1:" },
        { "a = 5.", "t:1:" },
        { "a = TRUE", "t:1:" },
        { "a = 1979-13-01", "t:1:" },
        { "a = 1979-02-30", "t:1:" },
        { "a = 25:00:00", "t:1:" },
        { "a = [1, 2", "t:1:" },
        { "a = {b = 1", "t:1:" },
        { "[a", "t:1:" },
        { "[a]]", "t:1:" },
        { "[]", "t:1:2: expected the name of a table after '['" },
        { "x = 1\n  [= 1]", "t:2:4: expected the name of a table after '['" },
        { "[[ ]]", "t:1:4: expected the name of a table after '['" },
        { "[", "t:1:2: expected the name of a table after '['" },
        { "a = \"\x01\"", "t:1:" },
        { "# \x7f", "t:1:" },
        { "a = \"\xff\"", "t:1:" },
        { "a = \"\xc0\x80\"", "t:1:" },
        { "\xd2\x87 = 1", "t:1:" },
        { "\xc3\xa4 = 1", "t:1:" },
    };
    for (size_t i = 0; i < V_COUNT_OF(table); i++) {
        assert_refused(table[i].text, table[i].message);
    }
}

static void valid_oddities_are_accepted(void **state)
{
    (void)state;
    const char *const table[] = {
        "",
        "\n\n# only a comment",
        "\"\" = 1",
        "'a.b'.\"c\" = 1",
        "1.2 = 3",
        "[a.b.c]\n[a]\nd = 1",
        "a = [\n1, # one\n2,\n]",
        "a = [1, 'two', [3.0], {four = 4}]",
        "a = \"\"\"\"quoted\"\"\"\"\"",
        "a = '''''two'''''",
        "a = \"\"\"x\"\" [[[[ {{{{ . . . \"\"\"",
        "a = \"\"\"\\\n\xC3\xA4\"\"\"",
        "a = '[[[' # ]]] \" '",
        "inf = nan\nnan = inf",
        "true = false",
    };
    for (size_t i = 0; i < V_COUNT_OF(table); i++) {
        v_toml_destroy(parse(table[i]));
    }
}

// `count` times `part`, between `before` and `after`.
static char *repeat(const char *before, const char *part, size_t count, const char *after)
{
    size_t size = strlen(part);
    char *text = malloc(strlen(before) + size * count + strlen(after) + 1);
    assert_non_null(text);
    strcpy(text, before);
    char *at = text + strlen(before);
    for (size_t i = 0; i < count; i++, at += size) {
        memcpy(at, part, size);
    }
    strcpy(at, after);
    return text;
}

static void refuse_repeated(const char *before, const char *part, size_t count, const char *after, const char *message)
{
    char *text = repeat(before, part, count, after);
    assert_refused(text, message);
    free(text);
}

static void nesting_is_limited(void **state)
{
    (void)state;
    const char *deep = "tables, arrays and dotted keys nest deeper than 64";
    refuse_repeated("a = ", "[", 100000, "", deep);
    refuse_repeated("a", ".a", 100000, " = 1", deep);
    refuse_repeated("[a", ".a", 100000, "]", deep);
    refuse_repeated("a = ", "{a.a = [", 50000, "", deep);
    refuse_repeated("a = \"\"\"\"x\"\"\"\"\"\nb = ", "[", 100000, "", deep);
    refuse_repeated("a = [\"\"\"x\"\"\"\"\"\n,", "[", 100000, "", deep);
    refuse_repeated("a = [''''x'''''\n,", "[", 100000, "", deep);

    char *opening = repeat("a = ", "[", 63, "1.5");
    char *closing = repeat("", "]", 63, "");
    char text[256];
    snprintf(text, sizeof(text), "%s%s", opening, closing);
    v_toml_document *document = parse(text);
    assert_int_equal(document->node_count, 65);
    v_toml_destroy(document);
    snprintf(text, sizeof(text), "b.%s%s", opening, closing);
    assert_refused(text, deep);
    snprintf(text, sizeof(text), "[x]\n%s%s", opening, closing);
    assert_refused(text, deep);
    free(opening);
    free(closing);
}

static void counts_and_sizes_are_limited(void **state)
{
    (void)state;
    refuse_repeated("a = [", "0,", 3000000, "]", "more than 2097152 values");
    refuse_repeated("", "a.b.c = 1\n", 40000, "", "dotted keys have more than 65536 parts in all");
    char *text = repeat("#", "x", V_TOML_MAX_BYTES, "");
    v_toml_document *document;
    assert_fails(v_toml_parse(text, V_TOML_MAX_BYTES + 1, "t", NULL, &document), V_ERROR_BAD_INPUT, "16777216");
    assert_ok(v_toml_parse(text, V_TOML_MAX_BYTES, "t", NULL, &document));
    v_toml_destroy(document);
    free(text);
}

static void the_text_needs_no_terminator(void **state)
{
    (void)state;
    const char text[] = { 'a', ' ', '=', ' ', '1' };
    char *exact = malloc(sizeof(text));
    assert_non_null(exact);
    memcpy(exact, text, sizeof(text));
    v_toml_document *document;
    assert_ok(v_toml_parse(exact, sizeof(text), "t", NULL, &document));
    assert_int_equal(v_toml_find(document->root, "a")->value.integer, 1);
    v_toml_destroy(document);
    free(exact);
}

static void a_document_is_one_block_and_is_given_back(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    const char *text = "a = [1, 2, {b = 'text'}]";
    v_toml_document *document;
    assert_ok(v_toml_parse(text, strlen(text), NULL, &counted.allocator, &document));
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, 1);
    assert_string_equal(document->name, "(text)");
    v_toml_destroy(document);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void *refuse_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    (void)user, (void)size_bytes, (void)align_bytes;
    return NULL;
}

static void refuse_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    (void)user, (void)memory, (void)size_bytes, (void)align_bytes;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    const v_allocator none = { refuse_alloc, refuse_free, NULL };
    v_toml_document *document;
    assert_int_equal(v_toml_parse("a = 1", 5, "t", &none, &document), V_ERROR_OUT_OF_MEMORY);
    assert_null(document);
}

static void failures_can_be_placed_at_value_or_key(void **state)
{
    (void)state;
    v_toml_document *document = parse("\n  key = 5");
    const v_toml_node *node = document->root->first_child;
    assert_fails(v_toml_fail_at(document, node, "%s is %d", "key", 5), V_ERROR_BAD_INPUT, "t:2:9: key is 5");
    assert_fails(v_toml_fail_at_key(document, node, "no"), V_ERROR_BAD_INPUT, "t:2:3: no");
    assert_fails(v_toml_fail_at(NULL, NULL, "no"), V_ERROR_BAD_INPUT, "(text):1:1: no");
    assert_fails(v_toml_fail_at_key(NULL, NULL, "no"), V_ERROR_BAD_INPUT, "(text):1:1: no");
    v_toml_destroy(document);
}

static void helpers_take_any_node(void **state)
{
    (void)state;
    v_toml_document *document = parse("i = 3\nf = 0.5\ns = ''");
    double number = 7.0;
    assert_true(v_toml_number(v_toml_find(document->root, "i"), &number) && number == 3.0);
    assert_true(v_toml_number(v_toml_find(document->root, "f"), &number) && number == 0.5);
    assert_false(v_toml_number(v_toml_find(document->root, "s"), &number));
    assert_false(v_toml_number(NULL, &number));
    assert_true(number == 0.5);
    assert_null(v_toml_find(NULL, "i"));
    assert_null(v_toml_find(document->root, NULL));
    assert_null(v_toml_find(v_toml_find(document->root, "s"), "i"));
    assert_string_equal(v_toml_type_name(V_TOML_TABLE), "a table");
    v_toml_destroy(document);
    v_toml_destroy(NULL);
    assert_int_equal(v_toml_parse(NULL, 1, "t", NULL, &document), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_toml_parse("", 0, "t", NULL, NULL), V_ERROR_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_arrives_with_its_value),
        cmocka_unit_test(dates_arrive_as_text),
        cmocka_unit_test(strings_and_keys_may_hold_a_nul),
        cmocka_unit_test(children_stand_in_file_order),
        cmocka_unit_test(keys_and_values_know_their_places),
        cmocka_unit_test(malformed_text_gets_one_error_with_its_place),
        cmocka_unit_test(valid_oddities_are_accepted),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(counts_and_sizes_are_limited),
        cmocka_unit_test(the_text_needs_no_terminator),
        cmocka_unit_test(a_document_is_one_block_and_is_given_back),
        cmocka_unit_test(lack_of_memory_is_reported),
        cmocka_unit_test(failures_can_be_placed_at_value_or_key),
        cmocka_unit_test(helpers_take_any_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
