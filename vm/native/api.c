/* The hosts' entries: one program, one process, from bytes to exit status.
 *
 * Invariant: the only static variable of the runtime is here: which process an interrupt goes to. */
#include "api.h"
#include "runtime.h"
#include "module.h"
#include "class.h"
#include "frame.h"
#include "builtins.h"
#include "opcodes.h"
#include <stdlib.h>

static Process *volatile interruptible;

void myna_interrupt(void) {
    Process *p = interruptible;
    if (p) process_interrupt(p);
}

uint32_t myna_file_version(void) { return FILE_VERSION; }

static bool has_mode(const char *modes, const char *mode) { return modes && strstr(modes, mode); }

enum { STACK_WORDS = 1 << 25 };    /* 256 MiB: some 2,000,000 frames of ordinary functions */

static bool process_init(Process *p, Machine *m, const RunOptions *o) {
    p->machine = m;
    p->error = V_UNSET;
    p->texts = p->answers = p->key = V_NONE;
    p->output_fd = 1;
    p->arguments = o->argv;
    p->argument_count = o->argc;
    p->stack_limit_words = STACK_WORDS;
    p->stack_stress = has_mode(o->stack_mode, "stress");
    p->nglobals = m->nglobals;
    p->globals = malloc((m->nglobals + 1) * sizeof(Value));
    if (!p->globals) return false;
    for (uint32_t i = 0; i < m->nglobals; i++) p->globals[i] = V_UNSET;
    HeapOptions heap = {o->heap_limit, has_mode(o->gc_modes, "stress"), has_mode(o->gc_modes, "verify"), has_mode(o->gc_modes, "move")};
    field_cache_init(p);
    return stack_init(p) && heap_init(p, heap) && io_init(p);
}

static void process_free(Process *p) {
    io_free(p);
    heap_free(p);
    stack_free(p);
    free(p->globals);
    field_cache_free(p);
    free(p->trace);
    free(p);
}

static Machine *new_machine(void) {
    Machine *m = machine_new();
    if (m && machine_init_types(m) && machine_init_interfaces(m) && machine_init_errors(m) && machine_init_builtins(m)) return m;
    if (m) machine_free_builtins(m), machine_free(m);
    return NULL;
}

static void free_machine(Machine *m) {
    machine_free_builtins(m);
    machine_free(m);
}

/* --- the uncaught error --- */

static void print_json_string(FILE *out, const char *bytes, size_t length) {
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c == '\n') fputs("\\n", out);
        else if (c < 32 || c == 127) fprintf(out, "\\u%04x", c);
        else putc(c, out);
    }
    putc('"', out);
}

/* An error as text for people; a cause is one on standard error in either form. */
static void print_text(Process *p, const char *before, const String *name, const String *message, const char *trace, bool classic) {
    if (classic) {                      /* the course's tests read it on standard output */
        output_write(p, name->bytes, (size_t)name->length);
        output_write(p, ": ", 2);
        output_write(p, message->bytes, (size_t)message->length);
        output_write(p, "\n", 1);
        output_flush(p);
    } else {
        fputs(before, stderr);
        fwrite(name->bytes, 1, (size_t)name->length, stderr);
        if (message->length) fputs(": ", stderr);
        fwrite(message->bytes, 1, (size_t)message->length, stderr);
        putc('\n', stderr);
    }
    fputs(trace, stderr);
}

/* The beginning of an object for machines: its cause may follow, then its end. */
static void print_json(const char *before, const String *name, const String *message, const char *trace) {
    fputs(before, stderr);
    fputs("\"error\": ", stderr);
    print_json_string(stderr, (const char *)name->bytes, (size_t)name->length);
    fputs(", \"message\": ", stderr);
    print_json_string(stderr, (const char *)message->bytes, (size_t)message->length);
    fputs(", \"trace\": ", stderr);
    print_json_string(stderr, trace, strlen(trace));
}

enum { MOST_CAUSES = 100 };     /* more tell nobody anything */

/* Print `*error`, the uncaught one (`depth` 0) or a cause; `trace`: where it was raised. */
static void print_error(Process *p, Value *error, const char *trace, int depth, bool json, bool classic) {
    Value name = machine_intern(p->machine, "uncaught value", 14), *text = root_push(p, *error);
    if (depth) name = machine_intern(p->machine, "value", 5);
    if (is_error(*error)) {
        const Class *c = object_class(*error);
        name = classic && c->classic_name ? machine_intern(p->machine, c->classic_name, strlen(c->classic_name)) : c->name;
        *text = AS(Error, *error)->message;
    }
    if (!is_string(*text)) *text = value_to_string(p, text, classic);
    if (*text == V_UNSET || string_flat(p, text) == V_UNSET) *text = AS(Error, p->machine->memory_error)->message;
    p->error = V_UNSET;
    const String *class_name = AS(String, name), *message = AS(String, *text);
    if (json) print_json(depth ? ", \"cause\": {" : "{\"severity\": \"error\", ", class_name, message, trace ? trace : "");
    if (!json || (classic && !depth)) print_text(p, depth ? "caused by: " : "", class_name, message, trace && !json ? trace : "", classic);
    root_pop(p, 1);
}

static void report(Process *p, const RunOptions *o, bool classic) {
    bool json = o->format && !strcmp(o->format, "json");
    Value *error = root_push(p, p->error), *slow = root_push(p, p->error);      /* causes may form a circle: `slow` takes every second step */
    int depth = 0;
    p->error = V_UNSET;
    print_error(p, error, p->trace, 0, json, classic);
    while (is_error(*error) && AS(Error, *error)->cause != V_NONE && depth < MOST_CAUSES) {
        *error = AS(Error, *error)->cause;
        if (*error == *slow) break;
        if (depth % 2) *slow = AS(Error, *slow)->cause;
        char *trace = is_error(*error) ? error_trace_text(*error) : NULL;
        print_error(p, error, trace, ++depth, json, classic);
        free(trace);
    }
    for (int i = 0; json && i <= depth; i++) putc('}', stderr);
    if (json) putc('\n', stderr);
    root_pop(p, 2);
}

static void print_stats(const Process *p) {
    const Stats *s = &p->stats;
    fprintf(stderr, "instructions        %llu\nyoung collections   %llu\nfull collections    %llu\n"
            "longest young pause %.3f ms\nlongest full pause  %.3f ms\nall pauses          %.3f ms\n"
            "bytes allocated     %llu\nbytes promoted      %llu\npeak heap           %llu\n",
            (unsigned long long)p->instructions, (unsigned long long)s->young_collections, (unsigned long long)s->full_collections,
            (double)s->longest_young_ns / 1e6, (double)s->longest_full_ns / 1e6, (double)s->total_ns / 1e6,
            (unsigned long long)s->allocated_bytes, (unsigned long long)s->promoted_bytes, (unsigned long long)s->peak_bytes);
}

static int run(Process *p, Module *module, const RunOptions *o) {
    Function *main = module->functions[0];
    interruptible = p;
    bool ok = process_run(p, main->closure, o->stats);
    interruptible = NULL;
    bool stopped = p->stopping;
    output_flush(p);
    if (!ok && !stopped) report(p, o, main->classic);
    output_flush(p);
    if (o->stats) print_stats(p);
    if (p->output_failed) return MYNA_PIPE;
    return ok ? MYNA_OK : stopped ? MYNA_INTERRUPTED : MYNA_ERROR;
}

/* The words of `program`, aligned: itself, or a copy in *copy. */
static const uint32_t *aligned(const uint8_t *program, size_t length, void **copy) {
    if (((uintptr_t)program & 3) == 0) return (const uint32_t *)program;
    *copy = malloc(length + 1);
    return *copy ? memcpy(*copy, program, length) : NULL;
}

static Module *load(Machine *m, const uint8_t *program, size_t length, char *why, size_t size) {
    void *copy = NULL;
    const uint32_t *words = aligned(program, length, &copy);
    Module *module = words ? module_load(m, words, length, why, size) : NULL;
    free(copy);
    return module;
}

int myna_verify_bytes(const uint8_t *program, size_t length, char *why, size_t size) {
    snprintf(why, size, "out of memory");
    Machine *m = new_machine();
    if (!m) return MYNA_REJECTED;
    Module *module = load(m, program, length, why, size);
    if (module) module_free(module);
    free_machine(m);
    return module ? MYNA_OK : MYNA_REJECTED;
}

int myna_run_file_bytes(const RunOptions *o, const uint8_t *program, size_t length) {
    char why[400] = "out of memory";
    Machine *m = new_machine();
    Module *module = m ? load(m, program, length, why, sizeof why) : NULL;
    Process *p = module ? calloc(1, sizeof *p) : NULL;
    int status = MYNA_REJECTED;
    if (p && process_init(p, m, o)) status = run(p, module, o);
    else fprintf(stderr, "error: %s: %s\n", o->program_path ? o->program_path : "program", why);
    if (p) process_free(p);
    if (module) module_free(module);
    if (m) free_machine(m);
    return status;
}
