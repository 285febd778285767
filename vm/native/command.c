/* The `myna` command's own part: running programs. A program that was run before is found in the cache, so running it again
 * involves no Python at all; any other one is compiled by Python in a child process.
 *
 * In: the process's arguments and environment. Out: the exit status. OPTIONS is the one definition of what `myna run` takes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "command.h"
#include "opcodes.h"

typedef struct Command {
    const char *self, *file, *kind;     /* kind: NULL: by the file's extension */
    RunOptions run;
    bool help;
} Command;

/* --- options: each setter gives NULL, or what is wrong with the value --- */

static const char *set_engine(Command *c, const char *value) {
    (void)c;
    return strcmp(value, "interp") ? "there is one engine so far: interp" : NULL;
}

static const char *set_heap_limit(Command *c, const char *value) {
    c->run.heap_limit = myna_size(value, 1);
    return c->run.heap_limit ? NULL : "a size is a number of bytes, or one with a unit: 500k, 4M, 1G";
}

static const char *set_megabytes(Command *c, const char *value) {
    c->run.heap_limit = myna_size(value, (size_t)1 << 20);
    return c->run.heap_limit ? NULL : "it takes a number of megabytes";
}

static const char *set_stats(Command *c, const char *value) {
    (void)value;
    c->run.stats = 1;
    return NULL;
}

static const char *set_format(Command *c, const char *value) {
    c->run.format = value;
    return strcmp(value, "text") && strcmp(value, "json") ? "formats are text and json" : NULL;
}

static const char *set_file(Command *c, const char *value) {
    const char *first = c->file;
    c->file = value;
    return first ? "only one program runs at a time; its own arguments come after `--`" : NULL;
}

static const char *set_source(Command *c, const char *value) {
    size_t length = strlen(value);
    c->kind = length > 3 && !strcmp(value + length - 3, ".ms") ? "ms" : "classic";
    return set_file(c, value);
}

static const char *set_bytecode(Command *c, const char *value) {
    c->kind = "mitbc";
    return set_file(c, value);
}

static const char *set_nothing(Command *c, const char *value) {
    (void)c, (void)value;
    return NULL;
}

static const char *set_help(Command *c, const char *value) {
    (void)value;
    c->help = true;
    return NULL;
}

typedef struct Option { const char *name, *value, *doc, *(*set)(Command *, const char *); } Option;

static const Option OPTIONS[] = {
    {"--heap-limit", "SIZE", "memory that the program may use: 500k, 4M, 1G", set_heap_limit},
    {"--engine", "NAME", "how to run it: interp", set_engine},
    {"--format", "FORM", "form of error messages: text, or json (one object a line)", set_format},
    {"--stats", NULL, "print counts of the collector and the interpreter at the end", set_stats},
    {"--help", NULL, "print this", set_help},
    {"-h", NULL, NULL, set_help},
    {"-s", "FILE", "run FILE as classic source (Myna source if it ends in .ms)", set_source},
    {"-b", "FILE", "run FILE as classic stack code, or a compiled program", set_bytecode},
    {"-mem", "N", "as --heap-limit, in megabytes", set_megabytes},
    {"--opt", "WHAT", "accepted and ignored, as are --opt=all and the like", set_nothing},
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS };

static int print_help(void) {
    puts("Usage: myna run [OPTIONS] FILE [-- ARGUMENTS]\n"
         "       myna FILE [OPTIONS] [-- ARGUMENTS]\n\n"
         "Runs a program: Myna (.ms), classic MITScript (.mit), classic stack code (.mitbc) or a compiled one.\n"
         "`-` reads a Myna program from standard input.\n\nOptions:");
    for (int i = 0; i < OPTION_COUNT; i++) {
        char left[40];
        const Option *o = &OPTIONS[i];
        snprintf(left, sizeof left, "%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        if (o->doc) printf("  %-20s %s\n", left, o->doc);
    }
    puts("\nExamples:\n"
         "  myna run hello.ms\n"
         "  myna run --heap-limit 4M sort.mit\n"
         "  echo 'print(6 * 7)' | myna run -\n"
         "  myna words.ms -- one two\n\n"
         "Exit status: 0 fine, 1 uncaught error, 2 wrong usage, 65 the program does not compile.");
    return fflush(stdout) ? MYNA_ERROR : MYNA_OK;
}

/* --- reading the command line --- */

/* Edits that turn `a` into `b`: letters to insert, remove or replace. For short words. */
static int distance(const char *a, const char *b) {
    int row[32], width = (int)strlen(b);
    if (width > 31) return 99;
    for (int j = 0; j <= width; j++) row[j] = j;
    for (int i = 1; *a; a++, i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= width; j++) {
            int best = corner + (*a != b[j - 1]);
            corner = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[width];
}

static int usage_error(const char *option, const char *why) {
    fprintf(stderr, "myna: %s: %s\nTry `myna run --help`.\n", option, why);
    return MYNA_USAGE;
}

static int unknown_option(const char *argument) {
    char name[64];
    const Option *near = NULL;
    int best = 3;               /* more edits than two are another word, not a slip */
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    for (int i = 0; i < OPTION_COUNT; i++) {
        int edits = distance(name, OPTIONS[i].name);
        if (edits < best && OPTIONS[i].doc) best = edits, near = &OPTIONS[i];
    }
    fprintf(stderr, "myna: `myna run` has no option %s%s%s%s\nTry `myna run --help`.\n", name,
            near ? "; did you mean " : "", near ? near->name : "", near ? "?" : "");
    return MYNA_USAGE;
}

/* The option that `argument` names, and what follows its `=`. */
static const Option *find_option(const char *argument, const char **value) {
    size_t length = strcspn(argument, "=");
    *value = argument[length] ? argument + length + 1 : NULL;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(OPTIONS[i].name) == length && !strncmp(argument, OPTIONS[i].name, length)) return &OPTIONS[i];
    return NULL;
}

/* 0, or the exit status of a usage error. */
static int parse(Command *c, char **arguments) {
    for (char **at = arguments; *at; at++) {
        const char *wrong, *value, *name = *at;
        if (!strcmp(name, "--")) {
            c->run.argv = at + 1;
            while (at[c->run.argc + 1]) c->run.argc++;
            break;
        }
        if (name[0] != '-' || !name[1]) {
            if ((wrong = set_file(c, name))) return usage_error(name, wrong);
            continue;
        }
        const Option *option = find_option(name, &value);
        if (!option) return unknown_option(name);
        if (option->value && !value && !(value = *++at)) return usage_error(name, "it needs a value");
        if (!option->value && value) return usage_error(name, "it takes no value");
        if ((wrong = option->set(c, value))) return usage_error(name, wrong);
    }
    return c->help || c->file ? 0 : usage_error("run", "which program? A file, or `-` for standard input");
}

static int read_environment(Command *c) {
    const char *engine = getenv("MYNA_ENGINE"), *wrong;
    if (engine && *engine && (wrong = set_engine(c, engine))) return usage_error("MYNA_ENGINE", wrong);
    c->run.gc_modes = getenv("MYNA_GC");
    c->run.stack_mode = getenv("MYNA_STACK");
    return 0;
}

/* --- files --- */

bool read_all(int fd, Bytes *out) {
    size_t capacity = 0;
    struct stat about;
    *out = (Bytes){NULL, 0};
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) capacity = (size_t)about.st_size;
    capacity += 4096;           /* room for the last read, which finds the end */
    for (;;) {
        uint8_t *data = realloc(out->data, capacity);
        ssize_t n = data ? 1 : -1;
        if (data) out->data = data;
        while (n > 0 && out->length < capacity) {
            n = read(fd, out->data + out->length, capacity - out->length);
            if (n < 0 && errno == EINTR && !command_interrupted()) n = 1;
            else if (n > 0) out->length += (size_t)n;
        }
        if (n == 0) return true;
        if (n < 0) {
            int error = errno;
            free(out->data);
            *out = (Bytes){NULL, 0};
            errno = error;
            return false;
        }
        capacity *= 2;
    }
}

static const char *kind_of(const char *name) {
    const char *dot = strrchr(name, '.');
    if (dot && !strcmp(dot, ".mitbc")) return "mitbc";
    return dot && !strcmp(dot, ".mit") ? "classic" : "ms";
}

/* 0, or the exit status with the reason printed. */
static int read_source(const Command *c, Source *source) {
    bool is_stdin = !strcmp(c->file, "-");
    source->kind = c->kind ? c->kind : kind_of(source->name);
    int fd = is_stdin ? 0 : open(c->file, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read_all(fd, &source->text);
    int error = errno;
    if (fd > 0) close(fd);
    if (ok) return 0;
    if (command_interrupted()) return MYNA_INTERRUPTED;
    if (error == EISDIR) fprintf(stderr, "myna: %s is a directory, not a program\n", source->name);
    else if (error == ENOENT) fprintf(stderr, "myna: there is no file %s\n", source->name);
    else fprintf(stderr, "myna: cannot read %s: %s\n", source->name, strerror(error));
    return MYNA_USAGE;
}

static bool is_compiled(Bytes text) {
    uint32_t magic = FILE_MAGIC;
    return text.length >= sizeof magic && !memcmp(text.data, &magic, sizeof magic);
}

/* Compiled by a compiler that is not this machine's: while a checkout is being changed, one may run ahead of the other. */
static bool other_version(Bytes *program) {
    uint32_t version = 0;
    if (program->length >= 8) memcpy(&version, program->data + 4, 4);
    if (version == myna_file_version()) return false;
    free(program->data);
    *program = (Bytes){0};
    return true;
}

/* Turn the source into a compiled program, from the cache if it is there. 0, or the exit status. */
static int compile(const Command *c, Source *source, Bytes *program) {
    if (is_compiled(source->text)) {
        *program = source->text;
        return 0;
    }
    char path[PATH_MAX];
    const char *dump = getenv("MYNA_DUMP");
    bool cached = cache_path(source, path, sizeof path);
    int status = 0;
    if (!cached || (dump && *dump) || !cache_load(path, program) || other_version(program)) {
        bool apart = c->run.heap_limit > 0;     /* who limits a program's memory measures the program's */
        status = launch_compiler(c->self, source, c->run.format ? c->run.format : "text", cached ? path : NULL, apart, program);
        if (status == 0 && cached) cache_store(path, *program);
        if (status == 0 && !take_program(program)) {
            fprintf(stderr, "myna: the compiler's answer is damaged\n");
            status = MYNA_ERROR;
        }
    }
    free(source->text.data);
    return status;
}

/* --- running --- */

static volatile sig_atomic_t interrupts, stopped_by;

bool command_interrupted(void) { return interrupts > 0; }

/* The first Ctrl-C, or SIGTERM, lets the program end in order, with its output written; the second does not wait for it. */
static void on_interrupt(int number) {
    stopped_by = number;
    if (interrupts++) {
        signal(number, SIG_DFL);
        raise(number);
    }
    myna_interrupt();
}

static void catch_signal(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;       /* without SA_RESTART: a read that waits for input returns */
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void catch_signals(void) {
    catch_signal(SIGINT);
    signal(SIGPIPE, SIG_IGN);               /* writes fail instead, and the program ends quietly */
}

/* Read the program that the launcher has compiled. */
static int take_loaded(const char *number, Bytes *program) {
    int fd = atoi(number);
    bool ok = fd > 2 && read_all(fd, program);
    if (!ok) fprintf(stderr, "myna: the compiled program cannot be read\n");
    else close(fd);
    return ok ? 0 : MYNA_ERROR;
}

/* `loaded`: the number of the file that has the compiled program, or NULL. */
static int run(Command *c, char **arguments, const char *loaded) {
    int status = parse(c, arguments);
    if (status) return status;
    if (c->help) return print_help();
    if ((status = read_environment(c))) return status;
    catch_signals();
    Source source = {0};
    Bytes program = {0};
    source.name = !strcmp(c->file, "-") ? "<stdin>" : c->file;
    if (loaded) status = take_loaded(loaded, &program);
    else if ((status = read_source(c, &source)) == 0) status = compile(c, &source, &program);
    if (status) return status;
    if (command_interrupted()) return MYNA_INTERRUPTED;
    c->run.program_path = source.name;
    catch_signal(SIGTERM);                  /* now that no compiler has to get it too */
    status = myna_run_file_bytes(&c->run, program.data, program.length);
    if (status == MYNA_INTERRUPTED && stopped_by) status = MYNA_SIGNALLED + stopped_by;
    if (status == MYNA_CANNOT_LOAD) status = launch_loader(c->self, arguments, program);
    free(program.data);
    return status;
}

/* Answer the tools: the compiled program, which the machine accepts, on standard output. */
static int give_program(Command *c, char **arguments) {
    char why[400];
    Source source = {0};
    Bytes program = {0};
    int status = parse(c, arguments);
    if (status) return status;
    catch_signals();
    source.name = !strcmp(c->file, "-") ? "<stdin>" : c->file;
    if ((status = read_source(c, &source)) || (status = compile(c, &source, &program))) return status;
    if (command_interrupted()) return MYNA_INTERRUPTED;
    if ((status = myna_verify_bytes(program.data, program.length, why, sizeof why))) {
        fprintf(stderr, "error: %s: %s\n", source.name, why);
        return status;
    }
    bool ok = fwrite(program.data, 1, program.length, stdout) == program.length && !fflush(stdout);
    return ok ? MYNA_OK : MYNA_ERROR;
}

/* `myna FILE` and `myna -s FILE` need no `run`; a bare word is the name of a subcommand, or a mistake to explain. */
static bool means_run(const char *argument) {
    const char *value;
    if (argument[0] == '-' && argument[1]) {
        const Option *option = find_option(argument, &value);
        return option && option->set != set_help;
    }
    return strpbrk(argument, "./") || !strcmp(argument, "-");
}

int myna_command(int argc, char **argv) {
    Command c = {.self = argc > 0 ? argv[0] : "myna"};
    if (argc > 1 && !strcmp(argv[1], "run")) return run(&c, argv + 2, NULL);
    if (argc > 1 && !strcmp(argv[1], "_program")) return give_program(&c, argv + 2);
    if (argc > 3 && !strcmp(argv[1], LOADED_COMMAND)) return run(&c, argv + 3, argv[2]);
    if (argc > 1 && means_run(argv[1])) return run(&c, argv + 1, NULL);
    return launch_tools(c.self, argc > 0 ? argv + 1 : argv);
}
