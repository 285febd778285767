/* Calls of C functions: where they are found, what happens to arguments and results.
 *
 * Invariants: what C gets points into the heap only while nothing can be collected, that is, unless the function calls back; then it gets
 * copies, which are copied back. Everything that a call needs beside that lies in its Memory until it has returned.
 * An error in a callback waits until C has returned. */
#include "message.h"
#include "c_extern.h"
#include "c_call.h"
#include "runtime_api.h"
#include "system.h"
#include <stdlib.h>

/* `myna build` defines this table; elsewhere it is empty. */
__attribute__((weak)) const LinkedExtern linked_externs[] = {{NULL, NULL}};
__attribute__((weak)) const uint32_t linked_extern_count = 0;
__attribute__((weak)) const uint32_t myna_export_count = 0;

bool extern_can_load(void) { return system_library(NULL) != NULL; }

static Extern *new(Machine *m, Value symbol, const Type *type, uint32_t given, uint32_t result) {
    Extern *e = machine_alloc(m, sizeof *e);
    if (!e || type->kind != KIND_FUNCTION || !type->nargs) return NULL;
    e->symbol = (const char *)AS(String, symbol)->bytes;
    e->count = type->nargs - 1u;
    e->types = csignature_new(m, type, given, result);
    return e->types ? e : NULL;
}

const Extern *extern_new(Machine *m, uint32_t number, Value library, Value symbol, const Type *type) {
    Extern *e = new(m, symbol, type, ARGUMENT_FORMS, RESULT_FORMS);
    if (!e) return NULL;
    e->library = (const char *)AS(String, library)->bytes;
    if (number < linked_extern_count) {
        e->address = linked_externs[number].address;
        e->bridge = linked_externs[number].bridge;
    }
    e->calls_back = myna_export_count > 0;
    for (uint32_t i = 0; i < e->count; i++) e->calls_back |= e->types[i]->form == FORM_CALLBACK;
    return e;
}

const Extern *export_new(Machine *m, Value symbol, const Function *f, const Type *type) {
    Extern *e = new(m, symbol, type, EXPORTED_GIVEN_FORMS, EXPORTED_RETURNED_FORMS);
    if (!e || e->count > MOST_EXPORTED) return NULL;
    e->address = (void *)f;
    return e;
}

/* --- finding the function --- */

#if defined(__APPLE__)
#define LIBRARY_SUFFIX ".dylib"
#else
#define LIBRARY_SUFFIX ".so"
#endif
enum { LIBRARY_NAME = 256 };

/* Systems without a library's files for developers have it with a version number only, and most often with one: the greatest counts. */
static void *open_version(const char *name) {
    void *library = NULL;
#if !defined(__APPLE__)
    char versioned[LIBRARY_NAME + 4];
    for (int version = 9; !library && version >= 0; version--) {
        text_format(versioned, sizeof versioned, "%s.%d", name, version);
        library = system_library(versioned);
    }
#endif
    return library;
}

/* The library of a function: the process's own C library, a file, or what the system finds under a name. RAISES */
static void *open_library(Process *p, const Extern *e) {
    char name[LIBRARY_NAME] = "", why[LIBRARY_NAME];
    if (!strcmp(e->library, "c") || !strcmp(e->library, "m")) {
        void *self = system_library(NULL);
        if (!self) error_raise(p, ERROR_RUNTIME, "this program can load no libraries, and was not linked with `%.100s`", e->symbol);
        return self;
    }
    bool is_file = strchr(e->library, '/') || strstr(e->library, LIBRARY_SUFFIX);
    if (!is_file) text_format(name, sizeof name, "lib%s" LIBRARY_SUFFIX, e->library);
    void *library = system_library(is_file ? e->library : name);
    if (library) return library;
    const char *reason = system_library_error();
    text_format(why, sizeof why, "%s", reason ? reason : "no reason is known");
    if (!is_file && (library = open_version(name))) return library;
    return error_raise(p, ERROR_RUNTIME, "the library \"%.200s\" of `%.100s` cannot be loaded: %s", e->library, e->symbol, why), NULL;
}

static bool find(Process *p, Extern *e) {
    void *library = open_library(p, e);
    if (!library) return false;
    void *address = system_symbol(library, e->symbol);
    if (!address) return error_raise(p, ERROR_RUNTIME, "the library \"%.200s\" has no function `%.100s`", e->library, e->symbol);
    __atomic_store_n(&e->address, address, __ATOMIC_RELEASE);   /* others who look for it meanwhile find the same */
    return true;
}

/* --- a call's memory --- */

typedef struct Block { struct Block *next; } Block;
typedef struct Memory {
    _Alignas(16) uint8_t fixed[1024];
    size_t used;
    Block *blocks;
} Memory;

/* Zeros; NULL: no memory. */
static void *take(Memory *m, size_t bytes) {
    bytes = (bytes + 15) & ~(size_t)15;
    if (bytes <= sizeof m->fixed - m->used) {
        void *at = m->fixed + m->used;
        m->used += bytes;
        return memset(at, 0, bytes);
    }
    Block *block = calloc(1, bytes + 16);
    if (!block) return NULL;
    block->next = m->blocks;
    m->blocks = block;
    return (uint8_t *)block + 16;
}

static void release(Memory *m) {
    for (Block *block = m->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
}

/* --- arguments --- */

enum { MOST_ARGUMENTS = 32 };
typedef struct Call {
    Process *p;
    const Extern *e;
    size_t args;                        /* of the first argument, from the stack's beginning: the stack may move */
    uint32_t callbacks;
    bool failed;                        /* a callback raised an error */
    void *memory[MOST_ARGUMENTS];       /* what C gets in place of an argument's own memory */
    Memory scratch;
} Call;                                 /* most of it stays undefined: clearing it would take longer than most calls */

static Value *argument(const Call *c, uint32_t i) { return c->p->stack + c->args + i; }

static CPlace place_of(const Call *c, uint32_t i) { return (CPlace){c->e->symbol, (int)i + 1}; }
#define PLACE_NAME(c, i) c_place(place_of(c, i), (char[PLACE_TEXT]){0})

static bool no_memory(Process *p) { return error_raise(p, ERROR_MEMORY, "out of memory"); }

/* NUL-terminated bytes of a flat string. */
static bool pass_string(Call *c, uint32_t i, void **out) {
    const String *s = AS(String, *argument(c, i));
    if (memchr(s->bytes, 0, (size_t)s->length)) return error_raise(c->p, ERROR_VALUE, "%s: C ends a string at its first NUL, and this one has one inside", PLACE_NAME(c, i));
    char *bytes = *out = take(&c->scratch, (size_t)s->length + 1);
    return bytes ? (memcpy(bytes, s->bytes, (size_t)s->length), true) : no_memory(c->p);
}

/* The bytes of an object; a copy of them where it may move. */
static bool pass_memory(Call *c, uint32_t i, void *bytes, size_t size, void **out) {
    *out = bytes;
    if (!c->e->calls_back) return true;
    if (!(*out = c->memory[i] = take(&c->scratch, size + 1))) return no_memory(c->p);
    memcpy(*out, bytes, size);
    return true;
}

static size_t array_bytes(Value array) { return (size_t)AS(Packed, array)->length * packed_width(header_of(array)->aux); }

static bool pass_reference(Call *c, uint32_t i, const CType *t, void **out) {
    Value v = *argument(c, i);
    if (!is_type(v, T_OBJECT) || !value_is(c->p, v, t->type)) return c_wrong(c->p, t, v, place_of(c, i));
    *out = c->memory[i] = take(&c->scratch, t->parts[0]->size);
    return *out ? c_store(c->p, t->parts[0], AS(Object, v)->slots[0], *out, place_of(c, i)) : no_memory(c->p);
}

static bool pass_callback(Call *c, uint32_t i, const CType *t, void **out) {
    Value *function = root_push(c->p, *argument(c, i));
    if (!is_type(*function, T_CLOSURE)) return c_wrong(c->p, t, *function, place_of(c, i));
    if (!callback_fits(t)) return error_raise(c->p, ERROR_VALUE, "%s: a callback has at most %d arguments, and %d floats", PLACE_NAME(c, i), C_INTS, C_FLOATS);
    *out = callback_acquire((Callback){c->p, function, t, {c->e->symbol, CALLBACK}, &c->failed});
    c->callbacks += *out != NULL;
    return *out || error_raise(c->p, ERROR_STACK, "%s: there are too many callbacks at a time", PLACE_NAME(c, i));
}

/* Convert an argument to C's form; it is at *out. Collects only to raise. */
static bool convert(Call *c, uint32_t i, void **out) {
    const CType *t = c->e->types[i];
    Value v = *argument(c, i);
    void **pointer = *out = take(&c->scratch, t->size);
    c->memory[i] = NULL;
    if (!pointer) return no_memory(c->p);
    if (v == V_NONE && t->optional) return true;
    switch (t->form) {
    case FORM_STRING: return is_type(v, T_STRING) ? pass_string(c, i, pointer) : c_wrong(c->p, t, v, place_of(c, i));
    case FORM_BYTES:
        if (!is_type(v, T_BYTES)) return c_wrong(c->p, t, v, place_of(c, i));
        return pass_memory(c, i, AS(Bytes, v)->bytes, (size_t)AS(Bytes, v)->length, pointer);
    case FORM_ARRAY:
        if (!is_type(v, T_PACKED) || header_of(v)->aux != t->element) return c_wrong(c->p, t, v, place_of(c, i));
        return pass_memory(c, i, AS(Packed, v)->bytes, array_bytes(v), pointer);
    case FORM_REFERENCE: return pass_reference(c, i, t, pointer);
    case FORM_CALLBACK: return pass_callback(c, i, t, pointer);
    default: return c_store(c->p, t, v, pointer, place_of(c, i));
    }
}

/* --- the call --- */

/* Ropes become flat first: that may move everything. MAY_COLLECT RAISES */
static bool flatten(Call *c) {
    for (uint32_t i = 0; i < c->e->count; i++)
        if (c->e->types[i]->form == FORM_STRING && is_string(*argument(c, i)) && string_flat(c->p, argument(c, i)) == V_UNSET) return false;
    return true;
}

static bool push_all(Call *c, CCall *native) {
    for (uint32_t i = 0; i < c->e->count; i++) {
        void *value;
        if (!convert(c, i, &value)) return false;
        if (!ccall_push(native, c->e->types[i], value)) return error_raise(c->p, ERROR_VALUE, "`%s` takes more arguments than a call can have", c->e->symbol);
    }
    return true;
}

/* What C has written into its memory becomes seen by the program. MAY_COLLECT RAISES */
static bool bring_back(Call *c) {
    for (uint32_t i = 0; i < c->e->count; i++) {
        const CType *t = c->e->types[i];
        if (!c->memory[i]) continue;
        if (t->form == FORM_ARRAY) memcpy(AS(Packed, *argument(c, i))->bytes, c->memory[i], array_bytes(*argument(c, i)));
        if (t->form == FORM_REFERENCE && !c_update(c->p, t, c->memory[i], argument(c, i), place_of(c, i))) return false;
    }
    return true;
}

static bool call(Call *c, Value *result) {
    CCall native;
    const CType *type = c->e->types[c->e->count];
    void *out = take(&c->scratch, type->size + 16);
    if (!out) return no_memory(c->p);
    ccall_begin(&native, type, out);
    if (!push_all(c, &native)) return false;
    if (!ccall_invoke(&native, c->e->address)) return error_raise(c->p, ERROR_VALUE, "`%s` returns a struct of more than %d bytes", c->e->symbol, C_LARGEST);
    if (c->failed) return false;
    return c_load(c->p, type, out, result, (CPlace){c->e->symbol, RESULT}) && bring_back(c);
}

bool rt_extern(Process *p, Value *dst, Value *src, Value constant) {
    Extern *e = (Extern *)(uintptr_t)constant;
    if (!__atomic_load_n(&e->address, __ATOMIC_ACQUIRE) && !find(p, e)) return false;
    p->error = V_UNSET;
    int outcome = e->bridge ? e->bridge(p, src, dst) : NOT_DONE;
    if (outcome != NOT_DONE) return outcome == DONE;
    if (p->nroots > ROOTS / 2) return error_raise(p, ERROR_STACK, "calls of C are nested too deep");
    if (e->count > MOST_ARGUMENTS) return error_raise(p, ERROR_VALUE, "`%s` takes more arguments than a call can have", e->symbol);
    Call c;
    c.p = p, c.e = e, c.args = (size_t)(src - p->stack);
    c.callbacks = 0, c.failed = false;
    c.scratch.used = 0, c.scratch.blocks = NULL;
    size_t to = (size_t)(dst - p->stack);
    uint32_t roots = p->nroots;
    Value *result = root_push(p, V_NONE);
    bool ok = flatten(&c) && call(&c, result);
    if (ok) p->stack[to] = *result;
    callback_release(c.callbacks);
    p->nroots = roots;
    release(&c.scratch);
    return ok;
}
