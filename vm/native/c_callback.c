/* Functions of the program that C calls.
 *
 * Each of the C functions of c_entry.c stands for the Callback of its number. As calls do (c_call.c), it takes all registers that
 * arguments can be in; what the type names is looked at here. No code is made while the program runs.
 * Invariant: callbacks are acquired before a call of C and released behind it, so the ones in use are a stack; each thread has its own. */
#include "c_call.h"
#include "frame.h"
#include "runtime_api.h"

static _Thread_local Callback callbacks[MOST_CALLBACKS];
static _Thread_local uint32_t used;

bool callback_fits(const CType *t) {
    uint32_t floats = 0;
    for (uint32_t i = 0; i < t->count; i++) floats += ctype_floating(t->parts[i]);
    return C_BY_NUMBER ? t->count <= C_INTS : floats <= C_FLOATS && t->count - floats <= C_INTS;
}

/* The arguments become values in p->roots, `count` of them. */
static bool take_arguments(const Callback *c, const Registers *given) {
    uint32_t ints = 0, floats = 0;
    for (uint32_t i = 0; i < c->type->count; i++) {
        const CType *t = c->type->parts[i];
        if (C_BY_NUMBER) ints = floats = i;
        const void *from = ctype_floating(t) ? (const void *)&given->floats[floats++] : (const void *)&given->ints[ints++];
        if (!c_take(c->p, t, from, root_push(c->p, V_NONE), c->place)) return false;
    }
    return true;
}

/* Run the function; its result, in C's form, at `out`, which holds zeros. */
static void run(uint32_t number, const Registers *given, void *out) {
    if (number >= used || *callbacks[number].failed) return;
    Callback c = callbacks[number];
    Process *p = c.p;
    uint32_t roots = p->nroots;
    const CType *result = c.type->parts[c.type->count];
    Value *value = root_push(p, V_NONE);
    bool ok = take_arguments(&c, given) && process_call(p, c.function, value + 1, c.type->count, value);
    if (ok && result->form != FORM_NOTHING) {
        p->error = V_UNSET;
        ok = c_store(p, result, *value, out, c.place);
    }
    *c.failed |= !ok;
    p->nroots = roots;
}

/* C takes a small integer from the low part of a register, but some compilers rely on the rest. */
int64_t callback_run(uint32_t number, const Registers *given) {
    int64_t word = 0;
    run(number, given, &word);
    const CType *t = number < used ? callbacks[number].type->parts[callbacks[number].type->count] : NULL;
    bool is_signed = t && t->form == FORM_NUMBER && t->element <= E_I64 && t->size < 8;
    return is_signed ? (int64_t)((uint64_t)word << (64 - 8 * t->size)) >> (64 - 8 * t->size) : word;
}

void *callback_acquire(Callback callback) {
    if (used == MOST_CALLBACKS) return NULL;
    callbacks[used] = callback;
    return callback_entry(used++, ctype_floating(callback.type->parts[callback.type->count]));
}

void callback_release(uint32_t count) { used -= count; }
