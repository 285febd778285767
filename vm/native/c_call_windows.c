/* Calls of C functions by their types, without generated code, by the convention of Windows on x86-64.
 *
 * Every argument is one word, a struct of another size the address of one. The number of an argument chooses its place: of the first four a register
 * of either kind, then the stack. A variadic function gets a double in both registers of its number, so a call of one with doubles fills
 * all of them; what the callee does not take, it does not look at. Results come in the first register of either kind, or in memory. */
#include "c_call.h"

static bool in_memory(const CType *t) { return t->form == FORM_STRUCT && t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8; }

static bool push_word(CCall *c, const void *from, uint32_t size) {
    uint64_t word = 0;
    memcpy(&word, from, size);
    if (c->nfloats < C_FLOATS) return memcpy(&c->floats[c->nfloats++], &word, sizeof word), true;
    if (c->stacked == sizeof c->stack) return false;
    if (!c->stacked) memset(c->stack, 0, sizeof c->stack);
    c->stack[c->stacked / 8] = (int64_t)word;
    c->stacked += 8;
    return true;
}

bool ccall_push(CCall *c, const CType *t, const void *value) {
    return in_memory(t) ? push_word(c, &value, sizeof value) : push_word(c, value, t->size);
}

void ccall_begin(CCall *c, const CType *result, void *out) {
    c->nints = c->nfloats = c->stacked = 0;
    c->result = result;
    c->out = out;
    if (in_memory(result)) push_word(c, &out, sizeof out);
}

#define FLOAT_TYPES double, double, double, double
#define FLOATS c->floats[0], c->floats[1], c->floats[2], c->floats[3]
#define EIGHT_TYPES int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t
#define EIGHT(at) c->stack[at], c->stack[at + 1], c->stack[at + 2], c->stack[at + 3], c->stack[at + 4], c->stack[at + 5], c->stack[at + 6], c->stack[at + 7]
#define CALL(Result) (c->stacked \
    ? ((Result (*)(FLOAT_TYPES, EIGHT_TYPES, EIGHT_TYPES, EIGHT_TYPES, EIGHT_TYPES, ...))function)(FLOATS, EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24)) \
    : ((Result (*)(FLOAT_TYPES, ...))function)(FLOATS))
_Static_assert(C_STACK == 32, "the words of EIGHT");

bool ccall_invoke(CCall *c, void *function) {
    const CType *t = c->result;
    if (ctype_floating(t)) {
        double result = CALL(double);
        memcpy(c->out, &result, t->size);
    } else {
        int64_t result = CALL(int64_t);
        if (!in_memory(t)) memcpy(c->out, &result, t->size);
    }
    return true;
}
