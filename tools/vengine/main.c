// The vengine command: which words it knows, and who runs them.
#include "vengine.h"

#include "v/app.h"
#include "v/text.h"

#include <stdio.h>
#include <string.h>

static int command_run(int argc, char **argv)
{
    return v_command_run(argc, argv, NULL);
}

static int command_replay(int argc, char **argv)
{
    return v_command_replay(argc, argv, NULL);
}

static int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("vengine %s\n", v_version());
    return V_EXIT_OK;
}

static int command_help(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *help;
} commands[] = {
    { "run", command_run, "run PROJECT [options]", "run a project's level, headless or in a window" },
    { "replay", command_replay, "replay FILE [--threads N]", "run a recording again and compare every tick" },
    { "doctor", command_doctor, "doctor", "say what this machine has and what is missing" },
    { "help", command_help, "help [COMMAND]", "this text, or a command's options" },
    { "--version", command_version, "--version", "print the version" },
};

static void print_commands(FILE *file)
{
    fprintf(file, "usage: vengine COMMAND ...\n\n");
    for (size_t i = 0; i < V_COUNT_OF(commands); i++) {
        fprintf(file, "  %-28s %s\n", commands[i].usage, commands[i].help);
    }
    fprintf(file, "\nexit codes: 0 ok, 1 run failed, 2 usage, 3 bad input, 4 no device\n");
}

static int command_help(int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "run") == 0) {
        printf("usage: vengine run PROJECT [options]\n\n%s", v_command_run_help());
        return V_EXIT_OK;
    }
    print_commands(stdout);
    return V_EXIT_OK;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return V_EXIT_USAGE;
    }
    const char *word = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ? "help" : argv[1];
    const char *names[V_COUNT_OF(commands)];
    for (size_t i = 0; i < V_COUNT_OF(commands); i++) {
        names[i] = commands[i].name;
        if (strcmp(word, commands[i].name) == 0) {
            return commands[i].run(argc - 2, argv + 2);
        }
    }
    const char *hint = v_text_closest(word, names, V_COUNT_OF(names));
    fprintf(stderr, "vengine: unknown command \"%s\"%s%s%s (try vengine help)\n", word,
            hint != NULL ? ", did you mean \"" : "", hint != NULL ? hint : "", hint != NULL ? "\"?" : "");
    return V_EXIT_USAGE;
}
