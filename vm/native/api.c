/* The hosts' entries: one program, one process, from bytes to exit status.
 *
 * Invariant: the only static variable of the runtime is here: which process an interrupt goes to. */
#include <stdio.h>
#include "build_id.h"
#include "run.h"
#include "c_extern.h"
#include "runtime.h"
#include "module.h"
#include "frame.h"
#include "opcodes.h"
#include <stdlib.h>

static Process *volatile interruptible;

void myna_interrupt(void) {
    Process *p = interruptible;
    if (p) process_interrupt(p);
}

uint32_t myna_file_version(void) { return FILE_VERSION; }

const char *myna_build(void) { return BUILD_ID; }

static void print_stats(const Process *p) {
    const Stats *s = &p->stats;
    fprintf(stderr, "instructions        %llu\nyoung collections   %llu\nfull collections    %llu\n"
            "longest young pause %.3f ms\nlongest full pause  %.3f ms\nall pauses          %.3f ms\n"
            "bytes allocated     %llu\nbytes promoted      %llu\npeak heap           %llu\n",
            (unsigned long long)p->instructions, (unsigned long long)s->young_collections, (unsigned long long)s->full_collections,
            (double)s->longest_young_ns / 1e6, (double)s->longest_full_ns / 1e6, (double)s->total_ns / 1e6,
            (unsigned long long)s->allocated_bytes, (unsigned long long)s->promoted_bytes, (unsigned long long)s->peak_bytes);
}

int process_run_program(Process *p, const Function *main, const RunOptions *o) {
    interruptible = p;
    int status = process_program(p, main, o);
    interruptible = NULL;
    if (o->stats) print_stats(p);
    return status;
}

/* The words of `program`, aligned: itself, or a copy in *copy. */
static const uint32_t *aligned(const uint8_t *program, size_t length, void **copy) {
    if (((uintptr_t)program & 3) == 0) return (const uint32_t *)program;
    *copy = malloc(length + 1);
    return *copy ? memcpy(*copy, program, length) : NULL;
}

Module *module_load_bytes(Machine *m, const uint8_t *program, size_t length, char *why, size_t size) {
    void *copy = NULL;
    const uint32_t *words = aligned(program, length, &copy);
    Module *module = words ? module_load(m, words, length, verify_function, why, size) : NULL;
    free(copy);
    return module;
}

int myna_verify_bytes(const uint8_t *program, size_t length, char *why, size_t size) {
    snprintf(why, size, "out of memory");
    Machine *m = machine_start();
    if (!m) return MYNA_REJECTED;
    Module *module = module_load_bytes(m, program, length, why, size);
    if (module) module_free(module);
    machine_end(m);
    return module ? MYNA_OK : MYNA_REJECTED;
}

int myna_run_file_bytes(const RunOptions *o, const uint8_t *program, size_t length) {
    char why[400] = "out of memory";
    Machine *m = machine_start();
    Module *module = m ? module_load_bytes(m, program, length, why, sizeof why) : NULL;
    bool loads = !module || !m->nexterns || extern_can_load();
    Process *p = module && loads ? process_start(m, o) : NULL;
    int status = loads ? MYNA_REJECTED : MYNA_CANNOT_LOAD;
    if (p) status = process_run_program(p, module->functions[0], o);
    else if (loads) fprintf(stderr, "error: %s: %s\n", o->program_path ? o->program_path : "program", why);
    if (p) process_end(p);
    if (module) module_free(module);
    if (m) machine_end(m);
    return status;
}
