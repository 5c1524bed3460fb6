// Checks the source tree against the project's rules: floors, first comment lines, lengths, forbidden calls.
#include <stdio.h>
#include <string.h>

#include "tidy.h"

typedef struct check {
    const char *name;
    void (*run)(tidy_tree *tree);
} check;

int main(int argc, char **argv)
{
    static const check checks[] = {
        { "floors", tidy_check_floors },
        { "files", tidy_check_files },
        { "functions", tidy_check_functions },
        { "calls", tidy_check_calls },
    };
    if (argc != 3) {
        tidy_die("usage: tidy floors|files|functions|calls ROOT");
    }
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; ++i) {
        if (strcmp(argv[1], checks[i].name) != 0) {
            continue;
        }
        tidy_tree tree = { 0 };
        tidy_tree_read(&tree, argv[2]);
        checks[i].run(&tree);
        printf("%s: %zu files, %d findings, %d warnings\n", checks[i].name, tree.source_count, tree.findings,
               tree.warnings);
        int status = tree.findings != 0;
        tidy_tree_free(&tree);
        return status;
    }
    tidy_die("there is no check '%s'; choose floors, files, functions or calls", argv[1]);
}
