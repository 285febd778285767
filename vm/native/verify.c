/* The verifier: stands between any bytecode and the machine.
 *
 * In: a function whose tables were read (load.c), its code as in the file. Out: true, or false with a reason.
 * What it passes cannot make a handler read or write outside its frame, its code, its constants or its captures, jump into the
 * middle of an instruction, or take a constant of one kind for another. It need not know what registers hold: tagged registers always
 * hold valid values (process.h), raw ones any bits, and handlers check tags. The rules by operand kind come from the table
 * (opcodes.h); rules that tie operands together are in `check_shape`. Two linear passes. */
#define MYNA_OP_INFO
#include "message.h"
#include "runtime.h"
#include "module.h"
#include "opcodes.h"
#include "primitives.h"
#include "class.h"
#include "c_extern.h"
#include <stdarg.h>
#include <stdlib.h>

typedef struct Decoded {
    uint32_t at, op, wide;
    uint32_t byte[3];       /* unsigned value of the byte operands in order */
    uint32_t nbytes, word;  /* index of the first extension word */
} Decoded;

static bool reject(Loading *l, const Function *f, uint32_t at, const char *format, ...) {
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    text_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *name = f->name == V_NONE ? "a function" : (const char *)AS(String, f->name)->bytes;
    text_format(l->why, l->size, "in %.100s, word %u: %s", name, at, text);
    return false;
}

/* Decode the instruction at `at`; false when it runs over the end or is no instruction. */
static bool decode(const Function *f, Loading *l, uint32_t at, Decoded *d) {
    *d = (Decoded){.at = at};
    uint32_t word = l->code[at], high = 0;
    if ((word & 255) == OP_WIDE) {
        if (at + 1 >= f->code_words) return reject(l, f, at, "a wide prefix at the end");
        d->wide = 1;
        high = word;
        word = l->code[++at];
    }
    d->op = word & 255;
    if (d->op == OP_WIDE || d->op >= OP_COUNT || d->op == OP_HALT) return reject(l, f, at, "no such instruction: %u", d->op);
    const OpInfo *info = &op_info[d->op];
    if (d->wide && !(info->flags & OPF_WIDE)) return reject(l, f, at, "%s has no wide form", info->name);
    if (f->code_words - at < info->words) return reject(l, f, at, "%s runs over the end of the code", info->name);
    for (int i = 0; i < 3; i++) d->byte[i] = (word >> (8 * i + 8) & 255) | (high >> (8 * i + 8) & 255) << 8;
    d->word = at + 1;
    return true;
}

static uint32_t end_of(const Decoded *d) { return d->word - 1 + op_info[d->op].words; }

static bool check_register(const Function *f, Loading *l, const Decoded *d, uint32_t index, bool raw) {
    if (index < (raw ? f->nraw : f->nregs)) return true;
    return reject(l, f, d->at, "%s: %s register %u of %u", op_info[d->op].name, raw ? "raw" : "tagged", index, raw ? f->nraw : f->nregs);
}

static bool check_const(const Function *f, Loading *l, const Decoded *d, char kind, uint32_t at) {
    uint32_t index = l->code[at];
    if (index >= f->nconsts) return reject(l, f, d->at, "%s: constant %u of %u", op_info[d->op].name, index, f->nconsts);
    uint8_t have = l->kinds[index];
    bool ok = kind == 'N' ? have == K_STRING : kind == 'F' ? have == K_FUNCTION : kind == 'T' ? have == K_NAMES
            : kind == 'Y' ? have == K_TYPE : kind == 'X' ? have == K_EXTERN : d->op == OP_RLOADK ? have <= K_FLOAT : d->op == OP_LOADK ? have <= K_STRING || have == K_BIGINT : have <= K_FLOAT;
    if (!ok) return reject(l, f, d->at, "%s: a constant of the wrong kind", op_info[d->op].name);
    if (kind == 'Y' && d->op != OP_GETTYPE && constant_type(l->consts[index])->open) return reject(l, f, d->at, "%s: a type with parameters", op_info[d->op].name);
    return true;
}

static bool check_word(const Function *f, Loading *l, const Decoded *d, char kind, uint32_t at) {
    switch (kind) {
    case 'G':
        return l->code[at] < l->nglobals || reject(l, f, d->at, "global %u of %u", l->code[at], l->nglobals);
    case 'P':
        return l->code[at] < PRIMITIVE_COUNT || reject(l, f, d->at, "no such primitive: %u", l->code[at]);
    case 'C': case 'J': case 'I':
        return true;        /* jumps: second pass */
    default:
        return check_const(f, l, d, kind, at);
    }
}

/* Registers [first, first + count) must exist. */
static bool check_run(const Function *f, Loading *l, const Decoded *d, uint32_t first, uint32_t count) {
    if ((uint64_t)first + count <= f->nregs) return true;
    return reject(l, f, d->at, "%s: registers %u..%llu of %u", op_info[d->op].name, first, (unsigned long long)first + count - 1, f->nregs);
}

static bool check_captures(const Function *f, Loading *l, const Decoded *d, const Function *made) {
    for (uint32_t i = 0; i < made->ncaptures; i++) {
        Capture c = made->captures[i];
        if (c.index >= (c.from_parent ? f->ncaptures : f->nregs)) return reject(l, f, d->at, "closure: capture %u does not exist", i);
        if (c.from_parent && f->captures[c.index].is_cell != c.is_cell) return reject(l, f, d->at, "closure: capture %u is of the wrong kind", i);
    }
    return true;
}

/* The callee's raw registers begin behind ours. */
static bool check_raw(const Function *f, Loading *l, const Decoded *d) {
    if (d->byte[2] >= f->nraw && d->byte[2] <= MAX_NARROW) return true;
    return reject(l, f, d->at, "%s: the callee's raw registers begin at %u, ours are %u", op_info[d->op].name, d->byte[2], f->nraw);
}

/* Rules between the operands of one instruction. `first` is its first extension word. */
static bool check_shape(const Function *f, Loading *l, const Decoded *d, uint32_t first) {
    const uint32_t *b = d->byte;
    if (!d->wide && (d->op == OP_CALL || d->op == OP_CALLRAW || d->op == OP_CALLKNOWN || d->op == OP_CALLTYPED || d->op == OP_CALLTYPEDRAW || d->op == OP_INVOKE || d->op == OP_INVOKEKNOWN || d->op == OP_INVOKEVIRTUAL) && (b[0] > MAX_NARROW || b[1] > MAX_NARROW))
        return reject(l, f, d->at, "%s needs its wide form", op_info[d->op].name);
    switch (d->op) {
    case OP_FILLNONE: return check_run(f, l, d, b[0], b[1]);
    case OP_GETUP: return b[1] < f->ncaptures || reject(l, f, d->at, "capture %u of %u", b[1], f->ncaptures);
    case OP_GETUPCELL: case OP_SETUPCELL:
        return (b[1] < f->ncaptures && f->captures[b[1]].is_cell) || reject(l, f, d->at, "capture %u is not a cell", b[1]);
    case OP_CLOSURE: return check_captures(f, l, d, (const Function *)(uintptr_t)l->consts[first]);
    case OP_FORPREP: case OP_FORPREPI: case OP_FORLOOP: case OP_ITERNEXT: return check_run(f, l, d, b[0], 3);
    case OP_ITERPAIR: return check_run(f, l, d, b[0], 4);
    case OP_UNTUPLE: return check_run(f, l, d, b[0], b[2]);
    case OP_RECORD: return check_run(f, l, d, b[1], l->field_counts[first]);
    case OP_OBJECT: case OP_CONSTRUCT: {
        const Type *t = constant_type(l->consts[first]);
        if (t->kind != KIND_CLASS || t->optional) return reject(l, f, d->at, "an instance of no class");
        return d->op == OP_OBJECT || check_run(f, l, d, b[1], t->class_->nslots);
    }
    case OP_TUPLE: case OP_MAP: return check_run(f, l, d, b[1], d->op == OP_MAP ? 2 * b[2] : b[2]);
    case OP_LIST: return check_run(f, l, d, b[1], b[2]);
    case OP_CALLKNOWN: {
        const Function *callee = (const Function *)(uintptr_t)l->consts[first];
        if (callee->ncaptures || callee->nparams != b[1]) return reject(l, f, d->at, "callknown: not a function of %u parameters without captures", b[1]);
        return check_raw(f, l, d) && check_run(f, l, d, b[0], b[1] + 2);
    }
    case OP_CALLTYPED: case OP_CALLTYPEDRAW: {
        const Type *t = constant_type(l->consts[first]);
        if (t->kind != KIND_FUNCTION || t->nargs != b[1] + 1) return reject(l, f, d->at, "calltyped: not the type of a function of %u parameters", b[1]);
        if (d->op == OP_CALLTYPED && f->nraw) return reject(l, f, d->at, "a function with raw registers calls with calltypedraw");
        return (d->op == OP_CALLTYPED || check_raw(f, l, d)) && check_run(f, l, d, b[0], b[1] + 2);
    }
    case OP_CALLRAW: return check_raw(f, l, d) && check_run(f, l, d, b[0], b[1] + 2);
    case OP_CALL:
        if (f->nraw) return reject(l, f, d->at, "a function with raw registers calls with callraw");
        return check_run(f, l, d, b[0], b[1] + 2);
    case OP_INVOKEVIRTUAL: {
        const Type *t = constant_type(l->consts[first]);
        if (t->kind != KIND_CLASS || t->optional || class_method(t->class_, l->consts[l->code[d->word + 1]]) < 0)
            return reject(l, f, d->at, "invokevirtual: the class has no method of this name");
        return check_raw(f, l, d) && check_run(f, l, d, b[0], b[1] + 3);
    }
    case OP_INVOKE: case OP_INVOKEKNOWN: return check_raw(f, l, d) && check_run(f, l, d, b[0], b[1] + 3);
    case OP_EXTERN: return check_run(f, l, d, b[1], ((const Extern *)(uintptr_t)l->consts[first])->count);
    case OP_PRIM: return check_run(f, l, d, b[1], primitives[l->code[d->word]]->arity);
    default: return true;
    }
}

static bool check_instruction(const Function *f, Loading *l, const Decoded *d) {
    const char *kinds = op_info[d->op].kinds;
    uint32_t byte = 0, word = d->word, first = word < f->code_words ? l->code[word] : 0;
    for (; *kinds; kinds++) {
        switch (*kinds) {
        case 'd': case 'r': case 'x': case 'w':
            if (!check_register(f, l, d, d->byte[byte++], false)) return false;
            break;
        case 'D': case 'S':
            if (!check_register(f, l, d, d->byte[byte++], true)) return false;
            break;
        case 'n': case 'i': case 'h':
            byte++;
            break;
        default:
            if (!check_word(f, l, d, *kinds, word++)) return false;
        }
    }
    return check_shape(f, l, d, first);
}

static bool is_start(const uint8_t *starts, uint32_t at) { return starts[at >> 3] >> (at & 7) & 1; }

/* Jump targets and handler ranges must lie at instruction starts. */
static bool check_targets(const Function *f, Loading *l, const uint8_t *starts) {
    Decoded d;
    for (uint32_t at = 0; at < f->code_words; at = end_of(&d)) {
        decode(f, l, at, &d);
        const char *kinds = op_info[d.op].kinds;
        size_t last = strlen(kinds);
        if (!last || kinds[last - 1] != 'J') continue;
        uint32_t next = end_of(&d);
        int64_t target = (int64_t)next + (int32_t)l->code[next - 1];
        if (target < 0 || target >= f->code_words || !is_start(starts, (uint32_t)target))
            return reject(l, f, at, "%s: jump to %lld", op_info[d.op].name, (long long)target);
    }
    if (f->checks && (f->checks >= f->code_words || !is_start(starts, f->checks))) return reject(l, f, 0, "the checks of arguments end at %u", f->checks);
    for (uint32_t i = 0; i < f->nhandlers; i++) {
        const Handler *h = &f->handlers[i];
        if (h->start >= h->end || h->end > f->code_words || h->target >= f->code_words || !is_start(starts, h->target))
            return reject(l, f, h->target, "handler %u is out of range", i);
        if (h->reg >= f->nregs) return reject(l, f, h->target, "handler %u: register %u of %u", i, h->reg, f->nregs);
    }
    return true;
}

static bool check_lines(const Function *f, Loading *l) {
    for (uint32_t i = 1; i < f->nlines; i++)
        if (f->lines[i].pc < f->lines[i - 1].pc) return reject(l, f, 0, "the line table is not in order");
    return true;
}

bool verify_function(const Function *f, Loading *l) {
    if (f->code_words == 0) return reject(l, f, 0, "no code");
    uint8_t *starts = calloc(f->code_words / 8 + 1, 1);
    if (!starts) return reject(l, f, 0, "out of memory");
    Decoded d = {0};
    bool ok = check_lines(f, l);
    for (uint32_t at = 0; ok && at < f->code_words; at = end_of(&d)) {
        starts[at >> 3] |= 1 << (at & 7);
        ok = decode(f, l, at, &d) && check_instruction(f, l, &d);
        if (!ok) break;
    }
    if (ok && !(op_info[d.op].flags & OPF_END)) ok = reject(l, f, d.at, "the code runs off its end");
    ok = ok && check_targets(f, l, starts);
    free(starts);
    return ok;
}
