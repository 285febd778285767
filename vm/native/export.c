/* Functions of the program that C calls by their names.
 *
 * The C functions themselves are made with the program (vm/aot/exports.py); each has its arguments and its result in memory and calls
 * myna_export. What C gives is copied, and what it is to see is copied back when the function has returned.
 * Invariant: an error ends here, as text for the thread that called; C gets zeros. Nothing runs while the error of a callback waits for C
 * to return. */
#include "c_extern.h"
#include "frame.h"
#include "message.h"
#include "module.h"
#include "native.h"
#include "runtime_api.h"
#include <stdlib.h>

enum { ERROR_TEXT = 1024, NESTED_ROOTS = ROOTS / 2 };
static _Thread_local char last_error[ERROR_TEXT];

const char *myna_last_error(void) { return *last_error ? last_error : NULL; }

typedef struct Call { const Extern *e; void *const *arguments; void *result; } Call;

/* --- arguments --- */

static const Function *called(const Call *c) { return c->e->address; }

static CPlace place_of(const Call *c, uint32_t i) { return (CPlace){c->e->symbol, (int)i + 1}; }

/* Bytes or an array of as many elements as C says in the argument behind the address. */
static bool take_memory(Process *p, const CType *t, void *const *from, Value *out, CPlace place) {
    const void *bytes = *(void *const *)from[0];
    int64_t length = *(const int64_t *)from[1];
    if (!bytes && t->optional) return true;
    if (length < 0 || length > LENGTH_MAX || (!bytes && length))
        return error_raise(p, ERROR_VALUE, "%s: there is no memory of length %lld", c_place(place, (char[PLACE_TEXT]){0}), (long long)length);
    *out = t->form == FORM_BYTES ? bytes_alloc(p, length) : packed_new(p, t->element, length);
    if (*out == V_UNSET) return false;
    size_t width = t->form == FORM_BYTES ? 1 : packed_width(t->element);
    if (length) memcpy(t->form == FORM_BYTES ? AS(Bytes, *out)->bytes : AS(Packed, *out)->bytes, bytes, (size_t)length * width);
    return true;
}

static bool has_length(const CType *t) { return t->form == FORM_BYTES || t->form == FORM_ARRAY; }

static bool take_all(Process *p, const Call *c) {
    void *const *from = c->arguments;
    for (uint32_t i = 0; i < c->e->count; i++) {
        const CType *t = c->e->types[i];
        Value *argument = root_push(p, V_NONE);
        bool ok = has_length(t) ? take_memory(p, t, from, argument, place_of(c, i)) : c_take(p, t, *from, argument, place_of(c, i));
        if (!ok) return false;
        from += 1 + has_length(t);
    }
    return true;
}

/* --- what C sees of it --- */

/* A copy of a string that C frees. */
static bool give_string(Process *p, const CType *t, Value *string, void *to, CPlace place) {
    if (*string == V_NONE && t->optional) return true;
    if (!is_string(*string)) return c_wrong(p, t, *string, place);
    if (string_flat(p, string) == V_UNSET) return false;
    const String *s = AS(String, *string);
    if (memchr(s->bytes, 0, (size_t)s->length)) return error_raise(p, ERROR_VALUE, "%s: C ends a string at its first NUL, and this one has one inside", c_place(place, (char[PLACE_TEXT]){0}));
    char *copy = malloc((size_t)s->length + 1);
    if (!copy) return error_raise(p, ERROR_MEMORY, "out of memory");
    memcpy(copy, s->bytes, (size_t)s->length);
    copy[s->length] = 0;
    memcpy(to, &copy, sizeof copy);
    return true;
}

static bool give_result(Process *p, const Call *c, Value *result) {
    const CType *t = c->e->types[c->e->count];
    CPlace place = {c->e->symbol, RESULT};
    if (t->form == FORM_NOTHING) return true;
    return t->form == FORM_STRING ? give_string(p, t, result, c->result, place) : c_store(p, t, *result, c->result, place);
}

/* Arrays and what Refs hold go back to where they came from. */
static bool bring_back(Process *p, const Call *c, const Value *arguments) {
    void *const *to = c->arguments;
    for (uint32_t i = 0; i < c->e->count; i++) {
        const CType *t = c->e->types[i];
        Value v = arguments[i];
        void *target = t->form == FORM_ARRAY || t->form == FORM_REFERENCE ? *(void *const *)to[0] : NULL;
        if (target && t->form == FORM_ARRAY) memcpy(target, AS(Packed, v)->bytes, (size_t)AS(Packed, v)->length * packed_width(t->element));
        else if (target && !c_store(p, t->parts[0], AS(Object, v)->slots[0], target, place_of(c, i))) return false;
        to += 1 + has_length(t);
    }
    return true;
}

/* --- the call --- */

/* An Entry, on the program's stack. */
static Value run(Process *p, Value *call) {
    const Call *c = (const Call *)(void *)call;
    Value *result = root_push(p, V_NONE);
    bool ok = take_all(p, c) && process_call(p, &called(c)->closure, result + 1, c->e->count, result);
    if (ok) p->error = V_UNSET;
    return ok && bring_back(p, c, result + 1) && give_result(p, c, result) ? V_NONE : V_UNSET;
}

/* Append bytes, as many as there is room for, and a NUL. */
static char *append(char *at, const char *end, const void *bytes, size_t length) {
    if (length > (size_t)(end - at) - 1) length = (size_t)(end - at) - 1;
    memcpy(at, bytes, length);
    at[length] = 0;
    return at + length;
}

void error_text(Process *p, bool classic, char *out, size_t size) {
    const char *end = out + size;
    Value *error = root_push(p, p->error), *text = root_push(p, V_NONE);
    p->error = V_UNSET;
    const String *name = error_parts(p, error, 0, classic, text), *message = AS(String, *text);
    char *at = append(out, end, name->bytes, (size_t)name->length);
    if (message->length) at = append(at, end, ": ", 2);
    at = append(at, end, message->bytes, (size_t)message->length);
    size_t length = p->trace ? strlen(p->trace) : 0;
    if (length) append(append(at, end, "\n", 1), end, p->trace, length - 1);       /* without its last newline */
    root_pop(p, 2);
}

static void call(Process *p, Call *c) {
    const Value *fp = p->fp;
    const uint32_t *pc = p->pc;
    uint32_t roots = p->nroots;
    bool waits = p->error != V_UNSET, deep = roots > NESTED_ROOTS;
    if (waits || deep) {
        text_format(last_error, sizeof last_error, "%s", waits ? "the program does not run while the error of a callback waits" : "StackOverflowError: calls of C are nested too deep");
        return;
    }
    if (native_enter(p, run, (Value *)(void *)c) == V_UNSET) {
        trace_uncaught(p);
        error_text(p, called(c)->classic, last_error, sizeof last_error);
        if (c->result) memset(c->result, 0, c->e->types[c->e->count]->size);
    }
    p->nroots = roots;
    p->fp = (Value *)fp;
    p->pc = pc;
}

void myna_export(uint32_t function, uint32_t constant, void *const *arguments, void *result) {
    const char *why;
    Process *p = export_begin(&why);
    *last_error = 0;
    if (p) {
        call(p, &(Call){(const Extern *)(uintptr_t)myna_functions[function]->consts[constant], arguments, result});
        export_end(p);
    } else {
        text_format(last_error, sizeof last_error, "%s", why);
    }
}
