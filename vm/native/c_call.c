/* Calls of C functions by their types, without generated code.
 *
 * Where the calling conventions (System V x86-64, AAPCS64) put an argument depends only on its kind and on how many of its kind came before:
 * integers and pointers go into one row of registers, floats into another, and what finds no room there goes on the stack, in order.
 * So a call through a function pointer that takes *all* registers of both rows, then words of the stack, reaches any function; what the
 * callee does not take, it does not look at. Results come in the first registers of either row, or in memory.
 * Invariant: an argument that a convention splits is in registers as a whole, or on the stack as a whole. */
#include "c_call.h"

#if defined(__APPLE__) && defined(__aarch64__)
enum { PACKED_STACK = 1 };          /* arguments on the stack take no more room than they need */
#else
enum { PACKED_STACK = 0 };
#endif

/* What a struct consists of, its structs' fields among it. */
typedef struct Contents {
    bool ints[2];           /* does the first, the second word hold anything but floats? */
    bool alike;             /* all are floats of one size */
    uint8_t element;        /* that of the first */
    uint32_t count;
} Contents;

static void look_into(const CType *t, uint32_t at, Contents *found) {
    if (t->form == FORM_STRUCT) {
        for (uint32_t i = 0; i < t->count; i++) look_into(t->parts[i], at + t->offsets[i], found);
        return;
    }
    bool floating = ctype_floating(t);
    if (at < 16 && !floating) found->ints[at / 8] = true;
    if (found->count++ == 0) found->element = t->element;
    found->alike = found->alike && floating && t->element == found->element;
}

static Contents contents_of(const CType *t) {
    Contents found = {.alike = true};
    look_into(t, 0, &found);
    return found;
}

static bool in_memory(const CType *t, const Contents *c) {
#if defined(__aarch64__)
    return t->size > 16 && !(c->alike && c->count <= 4);
#else
    (void)c;
    return t->size > 16;
#endif
}

/* An integer of any size, or a pointer, as a register holds it. */
static int64_t widened(const CType *t, const void *from) {
    if (t->form != FORM_NUMBER) return *(const int64_t *)from;
    switch (t->element) {
    case E_I8: return *(const int8_t *)from;
    case E_I16: return *(const int16_t *)from;
    case E_I32: return *(const int32_t *)from;
    case E_U8: case E_BOOL: return *(const uint8_t *)from;
    case E_U16: return *(const uint16_t *)from;
    case E_U32: return *(const uint32_t *)from;
    default: return *(const int64_t *)from;
    }
}

static bool push_stack(CCall *c, const void *bytes, uint32_t size, uint32_t align) {
    uint32_t step = PACKED_STACK ? align : 8, at = (c->stacked + step - 1) / step * step;
    if (at + size > sizeof c->stack) return false;
    if (!c->stacked) memset(c->stack, 0, sizeof c->stack);
    memcpy((uint8_t *)c->stack + at, bytes, size);
    c->stacked = at + size;
    return true;
}

static bool push_int(CCall *c, int64_t word, uint32_t size) {
    if (c->nints < C_INTS) return c->ints[c->nints++] = word, true;
    return push_stack(c, &word, PACKED_STACK ? size : 8, size);
}

static bool push_float(CCall *c, const void *from, uint32_t size) {
    double bits = 0;
    memcpy(&bits, from, size);
    if (c->nfloats < C_FLOATS) return c->floats[c->nfloats++] = bits, true;
    return push_stack(c, &bits, PACKED_STACK ? size : 8, size);
}

#if defined(__aarch64__)
static bool push_struct(CCall *c, const CType *t, const void *value) {
    Contents found = contents_of(t);
    uint32_t words = (t->size + 7) / 8, part = (uint32_t)packed_width(found.element);
    if (in_memory(t, &found)) return push_int(c, (int64_t)(intptr_t)value, 8);
    if (found.alike && found.count <= 4) {
        if (c->nfloats + found.count > C_FLOATS) return c->nfloats = C_FLOATS, push_stack(c, value, t->size, t->align);
        for (uint32_t i = 0; i < found.count; i++) push_float(c, (const uint8_t *)value + i * part, part);
        return true;
    }
    if (c->nints + words > C_INTS) return c->nints = C_INTS, push_stack(c, value, t->size, t->align);
    memcpy(c->ints + c->nints, value, t->size);
    c->nints += words;
    return true;
}
#else
static bool push_struct(CCall *c, const CType *t, const void *value) {
    Contents found = contents_of(t);
    uint32_t words = (t->size + 7) / 8, ints = found.ints[0] + (words > 1 && found.ints[1]);
    if (in_memory(t, &found) || c->nints + ints > C_INTS || c->nfloats + words - ints > C_FLOATS) return push_stack(c, value, t->size, 8);
    uint64_t bytes[2] = {0};
    memcpy(bytes, value, t->size);
    for (uint32_t i = 0; i < words; i++) {
        if (found.ints[i]) c->ints[c->nints++] = (int64_t)bytes[i];
        else memcpy(&c->floats[c->nfloats++], &bytes[i], 8);
    }
    return true;
}
#endif

bool ccall_push(CCall *c, const CType *t, const void *value) {
    if (t->form == FORM_STRUCT) return push_struct(c, t, value);
    return ctype_floating(t) ? push_float(c, value, t->size) : push_int(c, widened(t, value), t->size);
}

void ccall_begin(CCall *c, const CType *result, void *out) {
    c->nints = c->nfloats = c->stacked = 0;
    c->result = result;
    c->out = out;
#if defined(__x86_64__)
    if (result->form == FORM_STRUCT && in_memory(result, NULL)) push_int(c, (int64_t)(intptr_t)out, 8);
#endif
}

/* --- the call --- */

#define FLOAT_TYPES double, double, double, double, double, double, double, double
#define FLOATS c->floats[0], c->floats[1], c->floats[2], c->floats[3], c->floats[4], c->floats[5], c->floats[6], c->floats[7]
#define EIGHT_TYPES int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t
#define EIGHT(at) c->stack[at], c->stack[at + 1], c->stack[at + 2], c->stack[at + 3], c->stack[at + 4], c->stack[at + 5], c->stack[at + 6], c->stack[at + 7]
#define STACK_TYPES EIGHT_TYPES, EIGHT_TYPES, EIGHT_TYPES, EIGHT_TYPES
#define STACK EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24)
_Static_assert(C_STACK == 32, "the words that STACK has");
#if defined(__x86_64__)
#define INT_TYPES int64_t, int64_t, int64_t, int64_t, int64_t, int64_t
#define INTS c->ints[0], c->ints[1], c->ints[2], c->ints[3], c->ints[4], c->ints[5]
#else
#define INT_TYPES int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t
#define INTS c->ints[0], c->ints[1], c->ints[2], c->ints[3], c->ints[4], c->ints[5], c->ints[6], c->ints[7]
#endif
/* The result as the registers of `Result` give it. */
#define CALL(Result) (c->stacked ? ((Result (*)(INT_TYPES, FLOAT_TYPES, STACK_TYPES))function)(INTS, FLOATS, STACK) \
                                 : ((Result (*)(INT_TYPES, FLOAT_TYPES))function)(INTS, FLOATS))

typedef struct Ints { int64_t words[2]; } Ints;

#if defined(__x86_64__)
typedef struct Mixed { int64_t i; double f; } Mixed;        /* the first register of each row */
typedef struct Floats { double words[2]; } Floats;

bool ccall_invoke(CCall *c, void *function) {
    const CType *t = c->result;
    Contents found = contents_of(t);
    if (t->form == FORM_STRUCT && in_memory(t, &found)) return (void)CALL(Mixed), true;
    if (t->size > 8 && found.ints[0] == found.ints[1]) {
        if (found.ints[0]) {
            Ints words = CALL(Ints);
            memcpy(c->out, &words, t->size);
        } else {
            Floats words = CALL(Floats);
            memcpy(c->out, &words, t->size);
        }
        return true;
    }
    Mixed both = CALL(Mixed);
    uint8_t words[16];
    memcpy(words, found.ints[0] ? (void *)&both.i : (void *)&both.f, 8);
    memcpy(words + 8, found.ints[0] ? (void *)&both.f : (void *)&both.i, 8);
    memcpy(c->out, words, t->size);
    return true;
}
#else
typedef struct Floats { double words[4]; } Floats;          /* each in a register of its own */
typedef struct Large { uint8_t bytes[C_LARGEST]; } Large;   /* written by the callee, as much as it has */

bool ccall_invoke(CCall *c, void *function) {
    const CType *t = c->result;
    Contents found = contents_of(t);
    if (t->form == FORM_STRUCT && in_memory(t, &found)) {
        if (t->size > C_LARGEST) return false;
        Large all = CALL(Large);
        memcpy(c->out, &all, t->size);
    } else if (found.alike) {
        Floats all = CALL(Floats);
        size_t part = packed_width(found.element);
        for (uint32_t i = 0; i < found.count; i++) memcpy((uint8_t *)c->out + i * part, &all.words[i], part);
    } else {
        Ints words = CALL(Ints);
        memcpy(c->out, &words, t->size);
    }
    return true;
}
#endif
