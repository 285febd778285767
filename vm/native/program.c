/* The program that this runtime is linked with: from its object file to a process that can run it.
 *
 * Invariant: modules count globals on from each other, and this one is the first, so that a global has the number that it has in the
 * program. What the environment says of memory and tests holds here too. */
#include "native.h"
#include "class.h"
#include "message.h"
#include "module.h"
#include "primitives.h"
#include "runtime.h"
#include <stdlib.h>

static void adopt(Machine *m, Module *module) {
    for (uint32_t i = 0; i < myna_nraw; i++) m->classes[myna_raw[i].class_]->raw_slots = myna_raw[i].slots;
    for (uint32_t i = 0; i < module->nclasses; i++) {
        Class *c = myna_classes[i] = m->classes[i];
        if (c) myna_headers[i] = object_header(c);
    }
    for (uint32_t i = 0; i < module->nfunctions; i++) {
        Function *f = myna_functions[i] = module->functions[i];
        f->entry = myna_entries[i][0];
        f->known = myna_entries[i][1];
        f->nraw = 0;                        /* they are the native code's own */
    }
    for (uint32_t i = 0; i < myna_nconstants; i++)
        myna_constants[i] = module->functions[myna_constant_refs[i][0]]->consts[myna_constant_refs[i][1]];
    for (uint32_t i = 0; i < primitive_count; i++)
        if (m->builtins[i]) native_primitive(m->builtins[i]);
}

int program_load(Loaded *l, int argc, char **argv, char *why, size_t size) {
    RunOptions options = {.gc_modes = getenv("MYNA_GC"), .argc = argc, .argv = argv};
    const char *limit = getenv("MYNA_HEAP_LIMIT");
    *l = (Loaded){0};
    if (limit && !(options.heap_limit = myna_size(limit, 1))) {
        text_format(why, size, "MYNA_HEAP_LIMIT: \"%.100s\" is no size; one is a number of bytes, or has a unit: 500k, 4M, 1G", limit);
        return MYNA_USAGE;
    }
    text_format(why, size, "out of memory");
    l->machine = machine_start();
    l->module = l->machine ? module_load(l->machine, myna_program, myna_program_size, NULL, why, size) : NULL;
    if (l->module) adopt(l->machine, l->module);
    l->process = l->module ? process_start(l->machine, &options) : NULL;
    return l->process ? MYNA_OK : MYNA_REJECTED;
}

void program_unload(Loaded *l) {
    if (l->process) process_end(l->process);
    if (l->module) module_free(l->module);
    if (l->machine) machine_end(l->machine);
    *l = (Loaded){0};
}
