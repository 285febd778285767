/* The main program of a standalone binary: runs the program whose bytecode and native code are linked with it.
 *
 * Invariant: exit status and messages are those of `myna run`. This is the machine's first module, so a global has
 * the number that it has in the program. */
#include "class.h"
#include "message.h"
#include "native.h"
#include "module.h"
#include "primitives.h"
#include "run.h"
#include "runtime.h"
#include "system.h"
#include <stdlib.h>

static Process *volatile running;

/* What is written stays written. */
static void on_interrupt(int number) {
    (void)number;
    if (running) output_flush(running);
    _Exit(MYNA_INTERRUPTED);
}

static void adopt(Machine *m, Module *module) {
    for (uint32_t i = 0; i < module->nclasses; i++) {
        Class *c = myna_classes[i] = m->classes[i];
        if (c) myna_headers[i] = HEADER(T_OBJECT, 0, c->nslots, c->shape << SHAPE_SHIFT);
    }
    for (uint32_t i = 0; i < module->nfunctions; i++) {
        Function *f = myna_functions[i] = module->functions[i];
        f->entry = myna_entries[i][0];
        f->known = myna_entries[i][1];
        f->nraw = 0;                        /* they are the native code's own */
    }
    for (uint32_t i = 0; i < myna_nconstants; i++)
        myna_constants[i] = module->functions[myna_constant_refs[i][0]]->consts[myna_constant_refs[i][1]];
    for (uint32_t i = 0; i < PRIMITIVE_COUNT; i++)
        if (m->builtins[i]) native_primitive(m->builtins[i]);
}

int main(int argc, char **argv) {
    char why[400] = "out of memory";
    RunOptions options = {.gc_modes = getenv("MYNA_GC"), .argc = argc > 0 ? argc - 1 : 0, .argv = system_arguments(argv) + 1};
    const char *limit = getenv("MYNA_HEAP_LIMIT");
    if (limit && !(options.heap_limit = myna_size(limit, 1))) {
        error_format("error: MYNA_HEAP_LIMIT: \"%.100s\" is no size; one is a number of bytes, or has a unit: 500k, 4M, 1G\n", limit);
        return MYNA_USAGE;
    }
    Machine *m = machine_start();
    Module *module = m ? module_load(m, myna_program, myna_program_size, NULL, why, sizeof why) : NULL;
    if (module) adopt(m, module);
    Process *p = module ? process_start(m, &options) : NULL;
    if (!p) {
        error_format("error: %s\n", why);
        return MYNA_REJECTED;
    }
    running = p;
    system_on_interrupt(on_interrupt);
    return process_program(p, module->functions[0], &options);
}
