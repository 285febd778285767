/* Reads the binary form of a program (compiler/bytecode/codec.py) into functions, and has each verified and linked.
 *
 * Invariant: nothing is believed. Every count is checked against the words that are left before it is used; a rejected
 * program leaves nothing behind but interned names. */
#include "message.h"
#include "runtime.h"
#include "module.h"
#include "opcodes.h"
#include "class.h"
#include "builtins.h"
#include "c_extern.h"
#include <stdlib.h>

typedef struct Reader {
    const uint32_t *words;
    size_t at, end;
    char *why;
    size_t size;
} Reader;

static bool reject(Reader *r, const char *why) {
    text_format(r->why, r->size, "damaged program: %s", why);
    return false;
}

/* Are `count` more words there? */
static bool have(Reader *r, uint64_t count) { return count <= r->end - r->at; }

enum { MAX_REGISTERS = 65535, MAX_RAW = 252, EMPTY_RECORD_SLOTS = 4 };

typedef struct Strings { Value *values; uint32_t count; } Strings;

static Value string_constant(Machine *m, const void *bytes, uint32_t length) {
    if (length <= 65536) return machine_intern(m, bytes, length);
    String *s = machine_new_object(m, sizeof(String) + (size_t)length + 1, HEADER(T_STRING, 0, 0, 0));
    if (!s) return V_UNSET;
    s->length = length;
    memcpy(s->bytes, bytes, length);
    bool ascii = true;
    for (uint32_t i = 0; ascii && i < length; i++) ascii = s->bytes[i] < 128;
    ((Header *)s)->aux = ascii ? STRING_ASCII : 0;
    return ref(s);
}

static bool read_strings(Machine *m, Reader *r, Strings *strings) {
    for (uint32_t i = 0; i < strings->count; i++) {
        if (!have(r, 1)) return reject(r, "strings");
        uint32_t length = r->words[r->at++];
        uint64_t words = ((uint64_t)length + 3) / 4;
        if (!have(r, words)) return reject(r, "a string's length");
        strings->values[i] = string_constant(m, r->words + r->at, length);
        if (strings->values[i] == V_UNSET) return reject(r, "out of memory");
        r->at += words;
    }
    return true;
}

static bool read_globals(Module *module, Reader *r, const Strings *strings) {
    Machine *m = module->machine;
    uint64_t total = (uint64_t)m->nglobals + module->nglobals;
    Value *names = total > UINT32_MAX / 8 ? NULL : realloc(m->global_names, (total + 1) * sizeof(Value));
    if (!names) return reject(r, "out of memory");
    m->global_names = names;
    for (uint32_t i = 0; i < module->nglobals; i++) {
        uint32_t index = r->words[r->at++];
        if (index >= strings->count) return reject(r, "a global's name");
        names[m->nglobals + i] = strings->values[index];
    }
    m->nglobals = (uint32_t)total;
    return true;
}

/* The header word of records made with these names: see `record` in vm/semantics/objects.py. 0: rejected. */
static uint64_t names_header(Machine *m, Reader *r, const Strings *strings, const uint32_t *names, uint32_t count) {
    uint32_t slots = count ? count : EMPTY_RECORD_SLOTS;
    if (count > MAX_INLINE) return reject(r, "too many names in a record");
    uint32_t shape = shape_root(m, slots);
    for (uint32_t i = 0; i < count && shape; i++) {
        if (names[i] >= strings->count) return reject(r, "a field's name");
        Value name = strings->values[names[i]];
        if (!(header_of(name)->aux & STRING_INTERNED)) return reject(r, "a field's name is too long");
        if (shape_find(m, shape, name) >= 0) return reject(r, "a record names a field twice");
        shape = shape_add(m, shape, name);
    }
    if (!shape) return reject(r, "too many shapes");
    return HEADER(T_RECORD, count ? 0 : 1, slots, (uint64_t)shape << SHAPE_SHIFT);
}

static bool read_names(Reader *r, const Strings *strings, const uint32_t *from, uint32_t count, uint32_t stride, Value *out, const char *what) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = from[i * stride];
        if (index >= strings->count || !(header_of(strings->values[index])->aux & STRING_INTERNED)) return reject(r, what);
        out[i] = strings->values[index];
    }
    return true;
}

/* --- types --- */

/* Does a type of this kind have so many parts? */
static bool right_parts(const TypeParts *parts) {
    switch (parts->kind) {
    case KIND_TUPLE: case KIND_RECORD: case KIND_FUNCTION: case KIND_TYPES: return true;
    case KIND_CLASS: return !parts->nargs || parts->nargs == parts->class_->nparams;
    case KIND_PARAM: return !parts->nargs || (parts->nargs == 1 && parts->args[0]->kind == KIND_CLASS);
    default: return !parts->nargs || parts->nargs == kind_params(parts->kind);
    }
}

/* NULL: rejected. */
static const Type *read_type(Module *module, Reader *r, const Strings *strings, int depth) {
    if (depth > TYPE_DEPTH || !have(r, 2)) return reject(r, "types"), NULL;
    uint32_t word = r->words[r->at++], number = r->words[r->at++];
    TypeParts parts = {.kind = (uint8_t)word, .optional = word >> 8 & 1, .nargs = word >> 16};
    const Type *args[MAX_TYPE_ARGS];
    Value names[MAX_TYPE_ARGS];
    if (parts.kind >= KIND_COUNT || parts.nargs > MAX_TYPE_ARGS) return reject(r, "a type"), NULL;
    if (parts.kind == KIND_CLASS) {
        const Machine *m = module->machine;
        if (number >= m->nclasses || !m->classes[number]) return reject(r, "a type's class"), NULL;
        parts.class_ = m->classes[number];
    } else if (parts.kind == KIND_PARAM) {
        parts.index = number;
    }
    if (parts.kind == KIND_RECORD) {
        const char *what = "a type's fields";
        if (!have(r, parts.nargs)) return reject(r, what), NULL;
        if (!read_names(r, strings, r->words + r->at, parts.nargs, 1, names, what)) return NULL;
        r->at += parts.nargs;
        parts.names = names;
    }
    for (uint32_t i = 0; i < parts.nargs; i++)
        if (!(args[i] = read_type(module, r, strings, depth + 1))) return NULL;
    parts.args = args;
    if (!right_parts(&parts)) return reject(r, "a type's parts"), NULL;
    const Type *t = type_make(module->machine, &parts);
    return t ? t : (reject(r, "too many types"), NULL);
}

/* One function being read: where its tables go. */
typedef struct Draft {
    Function *function;
    Value *raw, *consts;
    uint8_t *kinds;
    uint32_t *field_counts;
} Draft;

/* A function of C, its library being string number `first`, or one for C, its name being that. NULL: rejected. */
static const Extern *read_extern(Module *module, Reader *r, const Strings *strings, bool of_c, uint32_t first) {
    uint32_t second = have(r, 1) ? r->words[r->at++] : UINT32_MAX;
    if (first >= strings->count || second >= (of_c ? strings->count : module->nfunctions)) return NULL;
    const Type *t = read_type(module, r, strings, 0);
    if (!t || t->open) return NULL;
    Machine *m = module->machine;
    if (of_c) return extern_new(m, m->nexterns++, strings->values[first], strings->values[second], t);
    uint64_t rest = have(r, 1) ? r->words[r->at++] : UINT64_MAX;     /* numbers of strings that people read */
    if (!have(r, rest)) return NULL;
    r->at += rest;
    return export_new(m, strings->values[first], module->functions[second], t);
}

static bool read_const(Module *module, Reader *r, const Strings *strings, Draft *d, uint32_t i) {
    if (!have(r, 2)) return reject(r, "constants");
    uint32_t kind = r->words[r->at++], low = r->words[r->at++];
    d->kinds[i] = (uint8_t)kind;
    switch (kind) {
    case K_INT: case K_FLOAT: {
        if (!have(r, 1)) return reject(r, "constants");
        uint64_t bits = low | (uint64_t)r->words[r->at++] << 32;
        d->raw[i] = bits;
        d->consts[i] = constant_value(module->machine, kind == K_FLOAT, bits);
        return d->consts[i] != V_UNSET || reject(r, "out of memory");
    }
    case K_STRING:
        if (low >= strings->count) return reject(r, "a string constant");
        d->consts[i] = strings->values[low];
        return true;
    case K_FUNCTION:
        if (low >= module->machine->nfunctions) return reject(r, "a function constant");
        d->consts[i] = (uintptr_t)module->machine->functions[low];
        return true;
    case K_NAMES: {
        if (!have(r, low)) return reject(r, "names");
        uint64_t header = names_header(module->machine, r, strings, r->words + r->at, low);
        d->consts[i] = header;
        d->field_counts[i] = low;
        r->at += low;
        return header != 0;
    }
    case K_TYPE: {
        r->at--;
        const Type *t = read_type(module, r, strings, 0);
        d->consts[i] = (uintptr_t)t;
        return t != NULL;
    }
    case K_BIGINT: {
        uint32_t limbs = low >> 1;
        if (!have(r, limbs)) return reject(r, "a bigint");
        d->consts[i] = bigint_constant(module->machine, r->words + r->at, limbs, low & 1);
        r->at += limbs;
        return d->consts[i] != V_UNSET || reject(r, "a bigint");
    }
    case K_EXTERN: case K_EXPORT:
        return (d->consts[i] = (uintptr_t)read_extern(module, r, strings, kind == K_EXTERN, low)) || reject(r, "a function of C, or for C");
    default:
        return reject(r, "a constant's kind");
    }
}

/* An int or float constant as a tagged word; an immortal box when it needs one. */
Value constant_value(Machine *m, bool is_float, uint64_t bits) {
    Value v;
    double d;
    memcpy(&d, &bits, 8);
    if (is_float ? double_flonum(d, &v) : fits_fixnum((int64_t)bits)) return is_float ? v : fixnum((int64_t)bits);
    Int *box = machine_new_object(m, sizeof(Int), HEADER(is_float ? T_FLOAT : T_INT, 0, 0, 0));
    if (!box) return V_UNSET;
    box->value = (int64_t)bits;
    return ref(box);
}

static bool read_tables(Module *module, Reader *r, const Strings *strings, Draft *d, const uint32_t *head) {
    Function *f = d->function;
    Capture *captures = (Capture *)f->captures;
    for (uint32_t i = 0; i < f->ncaptures; i++) {
        uint32_t word = r->words[r->at++];
        captures[i] = (Capture){word & 1, word >> 1 & 1, (uint16_t)(word >> 16)};
    }
    size_t end = r->at + head[12];
    for (uint32_t i = 0; i < f->nconsts; i++)
        if (!read_const(module, r, strings, d, i)) return false;
    if (r->at != end) return reject(r, "constants");
    memcpy((void *)f->handlers, r->words + r->at, f->nhandlers * sizeof(Handler));
    r->at += f->nhandlers * 4;
    memcpy((void *)f->lines, r->words + r->at, f->nlines * sizeof(Line));
    r->at += f->nlines * 2;
    memcpy((void *)f->code, r->words + r->at, f->code_words * sizeof(uint32_t));
    r->at += f->code_words;
    return true;
}

/* One block holds: raw constants, constants, code, captures, handlers, lines. Constants come first so that an instruction
 * names one by its distance; the distance must fit 32 bits. */
static bool layout_function(Module *module, Reader *r, uint32_t index, const uint32_t *head, Draft *d) {
    Function *f = d->function;
    f->nparams = head[1], f->nregs = head[2], f->nraw = head[3], f->body = head[4], f->classic = head[5] & 1, f->rest = head[5] >> 1 & 1,
    f->checks = head[5] >> 8;
    f->optional = head[6], f->ncaptures = head[7], f->nconsts = head[8], f->nhandlers = head[9], f->nlines = head[10], f->code_words = head[11];
    uint64_t words = (uint64_t)f->ncaptures + head[12] + 4ull * f->nhandlers + 2ull * f->nlines + f->code_words;
    if (!have(r, words)) return reject(r, "a function's length");
    if (f->nconsts > head[12]) return reject(r, "constants");
    if (f->nregs > MAX_REGISTERS || f->nparams > f->nregs || f->nraw > MAX_RAW) return reject(r, "a function's registers");
    uint64_t least = (uint64_t)f->optional + f->rest + (f->nparams && f->method);
    if (least > f->nparams || (f->classic && (f->optional || f->rest)))
        return reject(r, "a function's optional parameters");
    if (index == 0 && (f->nparams || f->ncaptures)) return reject(r, "the main function takes nothing");
    size_t consts = 16ull * f->nconsts, code = (4ull * f->code_words + 7) & ~7ull;
    size_t captures = (sizeof(Capture) * f->ncaptures + 7) & ~7ull;
    size_t total = consts + code + captures + sizeof(Handler) * f->nhandlers + sizeof(Line) * f->nlines;
    if (total > INT32_MAX) return reject(r, "a function is too large");
    uint8_t *block = module->blocks[index] = calloc(total + 8, 1);
    if (!block) return reject(r, "out of memory");
    d->raw = (Value *)block;
    d->consts = d->raw + f->nconsts;
    f->consts = d->consts;
    f->code = (uint32_t *)(block + consts);
    f->captures = (Capture *)(block + consts + code);
    f->handlers = (Handler *)(block + consts + code + captures);
    f->lines = (Line *)(f->handlers + f->nhandlers);
    return true;
}

/* The closure of a function, to be completed when the function is known. One that captures something has it for frames of calls that were inlined. */
static Value make_closure(Machine *m, Function *f) {
    Closure *c = machine_new_object(m, sizeof(Closure), HEADER(T_CLOSURE, 255, 0, 0));
    if (!c) return V_UNSET;
    c->function = f;
    return ref(c);
}

static bool complete_closure(Module *module, Reader *r, Function *f) {
    bool method = f->closure != 0;
    if (method && (f->ncaptures || f->nparams == 0)) return reject(r, "a method captures, or has no this");
    if (!method) f->closure = make_closure(module->machine, f);
    if (f->closure == V_UNSET) return reject(r, "out of memory");
    AS(Closure, f->closure)->code = f->code;
    header_of(f->closure)->aux = closure_arity(f);
    header_of(f->closure)->inl = closure_checks(f);
    return true;
}

static bool read_function(Module *module, Reader *r, const Strings *strings, uint32_t index) {
    if (!have(r, FILE_FUNCTION_WORDS)) return reject(r, "functions");
    const uint32_t *head = r->words + r->at;
    r->at += FILE_FUNCTION_WORDS;
    Function *f = module->functions[index];
    Draft d = {.function = f};
    if (head[0] > strings->count) return reject(r, "a function's name");
    f->name = head[0] ? strings->values[head[0] - 1] : V_NONE;
    f->module = module;
    if (head[13] >= module->nfiles) return reject(r, "a function's file");
    f->file = module->files + head[13];
    if (!layout_function(module, r, index, head, &d)) return false;
    d.kinds = calloc(f->nconsts + 1, 1);
    d.field_counts = calloc(f->nconsts + 1, sizeof(uint32_t));
    bool ok = d.kinds && d.field_counts ? read_tables(module, r, strings, &d, head) : reject(r, "out of memory");
    module->drafts[index] = d.kinds;
    module->field_counts[index] = d.field_counts;
    if (!ok || !(head[5] & 4)) return ok;
    const Type *t = f->nconsts && d.kinds[0] == K_TYPE ? constant_type(d.consts[0]) : NULL;
    if (!t || t->kind != KIND_FUNCTION || t->nargs != f->nparams + 1) return reject(r, "a function's signature");
    if (closure_arity(f) != 255) f->signature = t;
    return true;
}

/* --- classes: read before the functions, whose constants name them; methods are closures that are filled in later --- */

/* Words of the class at `at`, or 0 when it runs over the end. */
static uint64_t class_words(const Reader *r, size_t at) {
    if (r->end - at < FILE_CLASS_WORDS) return 0;
    const uint32_t *head = r->words + at;
    uint64_t words = FILE_CLASS_WORDS + (uint64_t)head[3] + 2ull * head[4] + head[5];
    return words <= r->end - at ? words : 0;
}

static bool find_parent(Module *module, Reader *r, const Strings *strings, uint32_t word, uint32_t number, Class **parent) {
    *parent = NULL;
    if (word == 0) return true;
    if (word & FILE_MACHINE_CLASS) {
        uint32_t name = word ^ FILE_MACHINE_CLASS;
        if (name < strings->count) *parent = machine_class(module->machine, strings->values[name]);
        return *parent || reject(r, "no such class of the machine");
    }
    if (word - 1 >= number) return reject(r, "a class before its parent");
    *parent = module->machine->classes[word - 1];
    return *parent || reject(r, "a class's parent");
}

static bool read_methods(Module *module, Reader *r, const uint32_t *from, uint32_t count, Value *out) {
    uint32_t first = module->machine->nfunctions - module->nfunctions;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t function = from[2 * i + 1];
        if (function < first || function >= module->machine->nfunctions) return reject(r, "a method");
        Function *f = module->machine->functions[function];
        if (!f->closure) f->closure = make_closure(module->machine, f);
        f->method = 1;
        out[i] = f->closure;
        if (out[i] == V_UNSET) return reject(r, "out of memory");
    }
    return true;
}

/* Methods that a program adds to a built-in type are no class: its place in the table stays empty. */
static bool extend_type(Module *module, Reader *r, Value type, const Value *names, const Value *methods, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (!add_method(module->machine, type, names[i], methods[i])) return reject(r, "methods of a built-in type");
    return true;
}

static bool read_class(Module *module, Reader *r, const Strings *strings, uint32_t number) {
    const uint32_t *head = r->words + r->at;
    uint64_t words = class_words(r, r->at);
    if (!words) return reject(r, "classes");
    uint32_t nfields = head[3], nmethods = head[4], ninterfaces = head[5];
    if (head[6] > MAX_TYPE_ARGS || (head[2] >> 1 & 3) > BIVARIANT) return reject(r, "a class's type parameters");
    if (nfields > MAX_CLASS_SLOTS || nmethods > MAX_CLASS_METHODS || ninterfaces > MAX_CLASS_METHODS) return reject(r, "a class is too large");
    Value names[MAX_CLASS_SLOTS], method_names[MAX_CLASS_METHODS], methods[MAX_CLASS_METHODS], name;
    Class *interfaces[MAX_CLASS_METHODS];
    const uint32_t *fields = head + FILE_CLASS_WORDS, *table = fields + nfields, *list = table + 2 * nmethods;
    ClassParts parts = {.fields = names, .method_names = method_names, .methods = methods, .interfaces = interfaces,
                        .nfields = nfields, .nmethods = nmethods, .ninterfaces = ninterfaces, .nparams = head[6],
                        .structural = head[2] & 1, .variance = head[2] >> 1 & 3, .is_interface = head[2] >> 4 & 1, .c = head[2] >> 5 & 3};
    const char *what = "a class's names";
    if (!read_names(r, strings, head, 1, 1, &name, what) || !read_names(r, strings, fields, nfields, 1, names, what)
        || !read_names(r, strings, table, nmethods, 2, method_names, what) || !read_methods(module, r, table, nmethods, methods)
        || !find_parent(module, r, strings, head[1], number, &parts.parent)) return false;
    if (head[2] & 8) {
        r->at += words;
        return nfields || ninterfaces || parts.parent ? reject(r, "methods of a built-in type")
                                                      : extend_type(module, r, name, method_names, methods, nmethods);
    }
    for (uint32_t i = 0; i < ninterfaces; i++) {
        Class *interface = list[i] < number ? module->machine->classes[list[i]] : NULL;
        if (!interface || !interface->is_interface) return reject(r, "an interface");
        interfaces[i] = interface;
    }
    r->at += words;
    parts.name = name;
    bool alias = parts.parent && parts.parent->name == name && head[1] & FILE_MACHINE_CLASS;
    Class *made = alias ? parts.parent : class_new(module->machine, &parts);
    if (!made) return reject(r, "a class is too large");
    module->machine->classes[number] = made;
    return true;
}

/* What a class inherits, with type arguments. */
static bool read_supers(Module *module, Reader *r, const Strings *strings, Class *c, uint32_t count) {
    c->supers = machine_alloc(module->machine, (count + 1) * sizeof *c->supers);
    if (!c->supers) return reject(r, "out of memory");
    for (uint32_t i = 0; i < count; i++) {
        const Type *t = read_type(module, r, strings, 0);
        if (!t) return false;
        if (t->kind != KIND_CLASS || t->optional || t->class_->raw == c || !class_inherits(c, t->class_->raw)) return reject(r, "a class's supertype");
        c->supers[c->nsupers++] = t;
    }
    return true;
}

/* The types of the inherited slots, in the params of `c`. */
static bool inherit_slot_types(Module *module, Reader *r, Class *c) {
    Class *parent = c->parent ? ((Class *)c->parent)->raw : NULL;
    const Type *as = parent ? parent->type : NULL;
    for (uint32_t i = 0; i < c->nsupers; i++)
        if (c->supers[i]->class_->raw == parent) as = c->supers[i];
    for (uint32_t i = 0; parent && i < parent->nslots; i++) {
        const Type *own = parent->slot_types ? parent->slot_types[i] : module->machine->simple_types[KIND_DYNAMIC];
        if (!(c->slot_types[i] = type_resolve(module->machine, own, as))) return reject(r, "a class's types");
    }
    return true;
}

/* The types of a class, which follow all classes. */
static bool read_class_types(Module *module, Reader *r, const Strings *strings, Class *c) {
    if (!have(r, 2)) return reject(r, "a class's types");
    uint32_t nsupers = r->words[r->at++], ntypes = r->words[r->at++], inherited = c && c->parent ? ((Class *)c->parent)->nslots : 0;
    if (!c || c->supers || c->is_machine) return (nsupers == 0 && ntypes == 0) || reject(r, "a class of the machine");
    if (!have(r, nsupers) || (ntypes && ntypes != c->nslots - inherited)) return reject(r, "a class's types");
    if (!read_supers(module, r, strings, c, nsupers)) return false;
    if (!ntypes && !(inherited && ((Class *)c->parent)->slot_types)) return true;
    c->slot_types = machine_alloc(module->machine, (c->nslots + 1) * sizeof *c->slot_types);
    if (!c->slot_types) return reject(r, "out of memory");
    if (!inherit_slot_types(module, r, c)) return false;
    for (uint32_t i = inherited; i < c->nslots; i++)
        if (!(c->slot_types[i] = ntypes ? read_type(module, r, strings, 0) : module->machine->simple_types[KIND_DYNAMIC])) return false;
    return true;
}

static bool verify_function_of(Module *module, Reader *r, Verify *verify, uint32_t i) {
    Loading l = {.code = module->functions[i]->code, .kinds = module->drafts[i], .field_counts = module->field_counts[i],
                 .nglobals = module->machine->nglobals, .consts = module->functions[i]->consts, .why = r->why, .size = r->size};
    return verify(module->functions[i], &l);
}

static bool complete(Module *module, Reader *r, Verify *verify) {
    for (uint32_t i = 0; i < module->nfunctions; i++) {
        if (verify && !verify_function_of(module, r, verify, i)) return false;
        link_function(module->functions[i]);
        if (!complete_closure(module, r, module->functions[i])) return false;
    }
    return true;
}

/* Room for `count` more pointers in a table of the machine; false: no memory. */
static bool extend(void *table, uint32_t *count, uint32_t more) {
    void **at = table, **made = (uint64_t)*count + more > UINT32_MAX / 8 ? NULL : realloc(*at, ((size_t)*count + more + 1) * sizeof *made);
    if (!made) return false;
    memset(made + *count, 0, more * sizeof *made);
    *at = made;
    *count += more;
    return true;
}

static bool allocate(Module *module) {
    Machine *m = module->machine;
    size_t n = module->nfunctions;
    module->functions = calloc(n, sizeof *module->functions);
    module->blocks = calloc(n, sizeof *module->blocks);
    module->drafts = calloc(n, sizeof *module->drafts);
    module->field_counts = calloc(n, sizeof *module->field_counts);
    Function *all = module->storage = calloc(n, sizeof(Function));
    if (!module->functions || !module->blocks || !module->drafts || !module->field_counts || !all) return false;
    if (!extend(&m->functions, &m->nfunctions, module->nfunctions) || !extend(&m->classes, &m->nclasses, module->nclasses)) return false;
    for (size_t i = 0; i < n; i++) m->functions[m->nfunctions - n + i] = module->functions[i] = all + i;
    return true;
}

static bool read_files(Module *module, Reader *r, const Strings *strings, uint32_t count) {
    if (count == 0 || !have(r, 2ull * count)) return reject(r, "files");
    module->files = calloc(count, sizeof *module->files);
    if (!module->files) return reject(r, "out of memory");
    for (; module->nfiles < count; module->nfiles++) {
        if (!have(r, 2)) return reject(r, "files");
        uint32_t name = r->words[r->at], nstarts = r->words[r->at + 1];
        r->at += 2;
        if (name >= strings->count || !have(r, nstarts)) return reject(r, "a file");
        uint32_t *starts = malloc(4ull * nstarts + 4);
        if (!starts) return reject(r, "out of memory");
        memcpy(starts, r->words + r->at, 4ull * nstarts);
        module->files[module->nfiles] = (SourceFile){AS(String, strings->values[name]), nstarts, starts};
        r->at += nstarts;
    }
    return true;
}

static bool read_module(Module *module, Reader *r, Strings *strings, Verify *verify) {
    const uint32_t *head = r->words;
    if (!read_strings(module->machine, r, strings)) return false;
    if (!have(r, head[4])) return reject(r, "globals");
    module->nglobals = head[4];
    if (!read_globals(module, r, strings)) return false;
    if (!read_files(module, r, strings, head[5])) return false;
    if (module->nfunctions == 0 || !have(r, (uint64_t)module->nfunctions * FILE_FUNCTION_WORDS)
        || !have(r, (uint64_t)module->nclasses * FILE_CLASS_WORDS)) return reject(r, "functions");
    if (!allocate(module)) return reject(r, "out of memory");
    const Machine *m = module->machine;
    for (uint32_t i = m->nclasses - module->nclasses; i < m->nclasses; i++)
        if (!read_class(module, r, strings, i)) return false;
    for (uint32_t i = m->nclasses - module->nclasses; i < m->nclasses; i++)
        if (!read_class_types(module, r, strings, m->classes[i])) return false;
    for (uint32_t i = 0; i < module->nfunctions; i++)
        if (!read_function(module, r, strings, i)) return false;
    if (r->at != r->end) return reject(r, "something after the end");
    return complete(module, r, verify);
}

Module *module_load(Machine *m, const uint32_t *words, size_t bytes, Verify *verify, char *why, size_t size) {
    Reader r = {words, FILE_HEADER_WORDS, bytes / 4, why, size};
    if (bytes < FILE_HEADER_WORDS * 4 || words[0] != FILE_MAGIC) return reject(&r, "not a compiled program"), NULL;
    if (words[1] != FILE_VERSION) return reject(&r, "compiled by another version"), NULL;
    if (words[2] * 4ull != bytes) return reject(&r, "wrong length"), NULL;
    if (!have(&r, words[3])) return reject(&r, "strings"), NULL;
    Module *module = calloc(1, sizeof *module);
    Strings strings = {malloc(sizeof(Value) * ((size_t)words[3] + 1)), words[3]};
    if (!module || !strings.values) return free(module), free(strings.values), reject(&r, "out of memory"), NULL;
    module->machine = m;
    module->nfunctions = words[6];
    module->nclasses = words[7];
    uint32_t globals = m->nglobals, functions = m->nfunctions, classes = m->nclasses;
    bool ok = read_module(module, &r, &strings, verify);
    free(strings.values);
    for (uint32_t i = 0; module->drafts && module->field_counts && i < module->nfunctions; i++)
        free(module->drafts[i]), free(module->field_counts[i]);
    free(module->drafts), free(module->field_counts);
    module->drafts = NULL, module->field_counts = NULL;
    if (ok) return module;
    m->nglobals = globals, m->nfunctions = functions, m->nclasses = classes;
    module_free(module);
    return NULL;
}

void module_free(Module *module) {
    for (uint32_t i = 0; module->blocks && i < module->nfunctions; i++) free(module->blocks[i]);
    free(module->blocks);
    free(module->functions);
    free(module->storage);
    for (uint32_t i = 0; i < module->nfiles; i++) free((void *)module->files[i].starts);
    free(module->files);
    free(module);
}
