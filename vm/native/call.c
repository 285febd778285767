/* Calls, and methods that the machine calls: what the interpreter and native code share.
 *
 * Invariant: generated code has saved pc, fp and rfp before it enters a function here, and reads them back after those
 * that `moves_stack` in vm/runtime_api.py; pc is the address of the current instruction's word. */
#include "message.h"
#include "runtime.h"
#include "runtime_api.h"
#include "opcodes.h"
#include "primitives.h"
#include "frame.h"
#include "class.h"
#include "builtins.h"

static bool not_a_function(Process *p, Value callee) {
    return error_raise(p, ERROR_CAST, "%s is not a function", type_name(callee, in_classic(p)));
}

/* `count` and the parameters include a method's `this`, which nobody counts. */
static bool wrong_count(Process *p, const Function *f, uint32_t count) {
    if (in_classic(p)) return error_raise(p, ERROR_ARGUMENTS, "argument count mismatch (%u instead of %u)", count, f->nparams);
    uint32_t most = f->nparams - f->rest - f->method, least = most - f->optional;
    char range[48];
    if (f->rest) text_format(range, sizeof range, "at least %u", least);
    else text_format(range, sizeof range, least < most ? "%u to %u" : "%u", least, most);
    const char *name = f->name == V_NONE ? "the function" : (const char *)AS(String, f->name)->bytes;
    bool one = (f->rest ? least : most) == 1 && (f->rest || least == most);
    return error_raise(p, ERROR_ARGUMENTS, "%.100s takes %s argument%s, not %u", name, range, one ? "" : "s", count - f->method);
}

/* The value of a rest parameter, from the arguments from number `fixed` on. */
static Value rest_list(Process *p, const Value *args, uint32_t count, uint32_t fixed) {
    return count > fixed ? list_new(p, args + fixed, count - fixed) : list_new(p, NULL, 0);
}

/* `known`: the caller has arranged the arguments, which fit the parameters. A bound method is replaced by the method. Its `this`
 * and the list of a rest parameter are put in place last: there may be no room for them in the caller's frame. */
bool rt_call(Process *p, Value *base, uint32_t count, uint32_t raw, const uint32_t *return_pc, uint32_t known) {
    if (p->interrupted && !rt_poll(p)) return false;
    if (!is_type(*base, T_CLOSURE)) return not_a_function(p, *base);
    Value *this = root_push(p, V_UNSET), *rest = root_push(p, V_UNSET);
    const Closure *c = AS(Closure, *base);
    uint32_t bound = c->function->bound;
    if (bound) {
        *this = c->captured[0];
        *base = c->captured[1];
    }
    const Function *f = AS(Closure, *base)->function;
    bool pack = f->rest && !known;
    uint32_t fixed = f->nparams - pack - bound, given = count < fixed ? count : fixed;
    size_t window = (size_t)(base - p->stack), delta = (size_t)(base - p->fp) + FRAME_HEADER;
    bool wide = delta > 255;
    size_t frame = window + (wide ? WIDE_HEADER : FRAME_HEADER);
    bool ok = function_takes(f, count + bound) || wrong_count(p, f, count + bound);
    ok = ok && (!pack || (*rest = rest_list(p, base + FRAME_HEADER, count, fixed)) != V_UNSET);
    ok = ok && stack_extend(p, frame + f->nregs);
    ok = ok && (!raw || raw_extend(p, (size_t)(p->rfp - p->raw_stack) + raw));
    root_pop(p, 2);
    if (!ok) return false;
    base = p->stack + window;
    Value *fp = p->stack + frame;
    uint64_t link = (uintptr_t)return_pc | (uint64_t)raw << LINK_RAW_SHIFT;
    if (wide || bound) memmove(fp + bound, base + FRAME_HEADER, given * sizeof(Value));
    if (wide) {
        fp[-2] = base[0];
        fp[-3] = fixnum((int64_t)delta + 2);
        link |= LINK_WIDE;
    } else {
        link |= (uint64_t)delta << LINK_DELTA_SHIFT;
    }
    fp[-1] = link;
    if (bound) fp[0] = *this;
    for (uint32_t i = bound + given; i < f->nparams; i++) fp[i] = V_UNSET;
    if (pack) fp[f->nparams - 1] = *rest;
    p->fp = fp;
    p->rfp += raw;
    p->pc = AS(Closure, fp[-2])->code + (known && count == f->nparams ? f->checks : 0);
    return true;
}

/* --- operators that are methods ---
 * The method's frame is a wide one above the whole frame of the function whose instruction wanted it. fp[-3] holds, as a
 * fixnum: bits 0..23 the distance, 24..43 the number of the destination register, 44.. the kind of result. The link's return
 * address is the word after the instruction's first, so that traces find the instruction. */
enum { DST_SHIFT = 24, RESULT_SHIFT = 44 };
bool frame_is_operator(const Value *fp) { return fixnum_int(fp[-3]) >> RESULT_SHIFT; }

/* Enter *function, a root: its frame, whose parameters are still unset. NULL: raised. */
static Value *frame_above(Process *p, const Value *function, int result, const Value *dst) {
    Function *f = AS(Closure, *function)->function, *current = frame_function(p->fp);
    int64_t register_ = dst ? dst - p->fp : 0;
    size_t frame = (size_t)(p->fp - p->stack) + current->nregs + WIDE_HEADER;
    if (!stack_extend(p, frame + f->nregs)) return NULL;
    if (current->nraw && !raw_extend(p, (size_t)(p->rfp - p->raw_stack) + current->nraw)) return NULL;
    Value *fp = p->stack + frame;
    fp[-4] = fp[-2] = *function;
    fp[-3] = fixnum((int64_t)(frame - (size_t)(p->fp - p->stack)) | register_ << DST_SHIFT | (int64_t)result << RESULT_SHIFT);
    fp[-1] = (uintptr_t)(p->pc + 1) | LINK_WIDE | (uint64_t)current->nraw << LINK_RAW_SHIFT;
    for (uint32_t i = 0; i < f->nparams; i++) fp[i] = V_UNSET;
    p->fp = fp;
    p->rfp += current->nraw;
    p->pc = AS(Closure, fp[-2])->code;
    p->error = V_UNSET;
    p->entered = 1;
    return fp;
}

bool operator_call(Process *p, Value method, const Value *args, uint32_t count, int result, Value *dst) {
    if (p->interrupted && !rt_poll(p)) return false;
    Function *f = AS(Closure, method)->function;
    if (!function_takes(f, count)) return wrong_count(p, f, count);
    Value held[4];
    memcpy(held, args, count * sizeof(Value));
    uint32_t fixed = f->nparams - f->rest, given = count < fixed ? count : fixed;
    Value *rooted = root_push(p, method), *rest = root_push(p, V_UNSET);
    for (uint32_t i = 0; i < count; i++) root_push(p, held[i]);
    bool ok = !f->rest || (*rest = rest_list(p, rest + 1, count, fixed)) != V_UNSET;
    Value *fp = ok ? frame_above(p, rooted, result, dst) : NULL;
    root_pop(p, count + 2);
    if (!fp) return false;
    memcpy(fp, rest + 1, given * sizeof(Value));
    if (f->rest) fp[f->nparams - 1] = *rest;
    return false;
}

bool list_call(Process *p, Value function, Value list, const Type *types, Value *dst) {
    if (p->interrupted && !rt_poll(p)) return false;
    if (!is_type(function, T_CLOSURE)) return not_a_function(p, function);
    const Closure *c = AS(Closure, function);
    uint32_t bound = c->function->bound;
    Value *method = root_push(p, bound ? c->captured[1] : function), *this = root_push(p, bound ? c->captured[0] : V_UNSET);
    Value *rest = root_push(p, list);       /* the list and the bounds of its part; then that */
    const Function *f = AS(Closure, *method)->function;
    uint64_t count = (uint64_t)AS(List, list)->length + bound, fixed = f->nparams - f->rest, given = count < fixed ? count : fixed;
    bool ok = (count <= UINT32_MAX / 2 && function_takes(f, (uint32_t)count)) || wrong_count(p, f, (uint32_t)count);
    if (ok && f->rest) {
        root_push(p, fixnum((int64_t)(given - bound)));
        root_push(p, V_UNSET);
        Value *part = root_push(p, V_UNSET);
        ok = prim_list_slice(p, rest, part);
        rest[1] = *part;
        root_pop(p, 3);
    }
    Value *fp = ok ? frame_above(p, method, RESULT_REGISTER, dst) : NULL;
    root_pop(p, 3);
    if (!fp) return false;
    const Array *items = AS(Array, AS(List, rest[0])->items);
    if (types) fp[-4] = fixnum(types->id);
    if (bound) fp[0] = *this;
    for (uint64_t i = bound; i < given; i++) fp[i] = items->items[i - bound] == rest[0] ? V_UNSET : items->items[i - bound];
    if (f->rest) fp[f->nparams - 1] = rest[1];
    return false;
}

/* Callbacks may be methods, whose `this` comes first. */
bool callback_enter(Process *p, const Value *function, const Value *args, uint32_t count) {
    if (p->interrupted && !rt_poll(p)) return false;
    if (!is_type(*function, T_CLOSURE)) return not_a_function(p, *function);
    const Closure *c = AS(Closure, *function);
    uint32_t bound = c->function->bound;
    Value *method = root_push(p, bound ? c->captured[1] : *function), *this = root_push(p, bound ? c->captured[0] : V_UNSET);
    Value *rest = root_push(p, V_UNSET);
    const Function *f = AS(Closure, *method)->function;
    uint32_t fixed = f->nparams - f->rest - bound, given = count < fixed ? count : fixed;
    bool ok = function_takes(f, count + bound) || wrong_count(p, f, count + bound);
    ok = ok && (!f->rest || (*rest = rest_list(p, args, count, fixed)) != V_UNSET);
    Value *fp = ok ? frame_above(p, method, RESULT_CALLBACK, NULL) : NULL;
    root_pop(p, 3);
    p->entered = 0;
    if (!fp) return false;
    if (bound) fp[0] = *this;
    memcpy(fp + bound, args, given * sizeof(Value));
    if (f->rest) fp[f->nparams - 1] = *rest;
    return true;
}

bool frame_is_callback(const Value *fp) { return fixnum_int(fp[-3]) >> RESULT_SHIFT == RESULT_CALLBACK; }

bool texts_next(Process *p, Value texts) {
    const Array *a = AS(Array, texts);
    int64_t at = 2 * fixnum_int(a->items[0]) + 1;
    if (at >= a->length) {
        p->texts = texts;
        p->texts_pc = p->pc;
        return true;
    }
    Value object = a->items[at], *rooted = root_push(p, texts);
    operator_call(p, protocol_method(object, M_TO_STRING), &object, 1, RESULT_TEXT, NULL);
    if (p->entered) p->fp[-4] = *rooted;
    root_pop(p, 1);
    return false;
}

/* --- their ends --- */

static int finish_truth(Process *p, Value value) {
    if (is_bool(value)) return value == V_TRUE;
    error_raise(p, ERROR_CAST, "a comparison must give a bool, not %s", type_name(value, false));
    return OUTCOME_FAILED;
}

static int finish_order(Process *p, Value value, enum Relation want) {
    if (!is_int(value)) return error_raise(p, ERROR_CAST, "compare must give an int, not %s", type_name(value, false)), OUTCOME_FAILED;
    int64_t order = int_int(value);
    return satisfies((order > 0) - (order < 0), want);
}

/* `iter` gave what the loop goes over from now on. */
static int finish_iter(Process *p, Value *loop, Value value) {
    if (value != loop[0]) return loop[0] = value, OUTCOME_AGAIN;
    error_raise(p, ERROR_CAST, "iter of %s gives the object itself, which has no has_next and next", type_name(value, false));
    return OUTCOME_FAILED;
}

static int finish_text(Process *p, Value texts, Value value) {
    if (!is_string(value)) return error_raise(p, ERROR_CAST, "to_string must give a string, not %s", type_name(value, false)), OUTCOME_FAILED;
    Array *a = AS(Array, texts);
    Value *slot = &a->items[2 * fixnum_int(a->items[0]) + 2];
    *slot = value;
    heap_barrier(p, a, slot, value);
    a->items[0] += fixnum(1);
    return texts_next(p, texts) ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

/* Two parts were compared by the method of one of them; the instruction compares the parts after them. */
static int finish_equal(Process *p, Value waiting, Value value) {
    return value == V_TRUE ? equal_go_on(p, waiting) : finish_truth(p, value);
}

static int finish_string(Process *p, Value *dst, Value value) {
    if (is_string(value)) return *dst = value, OUTCOME_DONE;
    error_raise(p, ERROR_CAST, "format must give a string, not %s", type_name(value, false));
    return OUTCOME_FAILED;
}

int operator_finish(Process *p, const Value *fp, Value value) {
    uint64_t place = (uint64_t)fixnum_int(fp[-3]), result = place >> RESULT_SHIFT;
    Value *dst = p->fp + (place >> DST_SHIFT & 0xFFFFF);
    switch (result & 15) {
    case RESULT_TRUTH: return finish_truth(p, value);
    case RESULT_ORDER: return finish_order(p, value, (enum Relation)(result >> 4));
    case RESULT_EQUAL: return finish_equal(p, fp[-4], value);
    case RESULT_ITER: return finish_iter(p, dst, value);
    case RESULT_TEXT: return finish_text(p, fp[-4], value);
    case RESULT_ANSWER: return answers_put(p, fp[-4], value), OUTCOME_AGAIN;
    case RESULT_STRING: return finish_string(p, dst, value);
    case RESULT_REGISTER: *dst = value; return OUTCOME_DONE;
    default: return OUTCOME_DONE;
    }
}

bool frame_compares(const Value *fp) {
    uint64_t result = (uint64_t)fixnum_int(fp[-3]) >> RESULT_SHIFT & 15;
    return result == RESULT_TRUTH || result == RESULT_ORDER || result == RESULT_EQUAL;
}

/* Run a primitive that is a method. Arguments left out are unset; then all lie in p->roots, since there is no room for them here. */
static bool call_method(Process *p, Value *base, uint32_t count, int primitive, const uint32_t *return_pc) {
    const Primitive *method = primitives[primitive];
    Value *args = base + FRAME_HEADER;
    if (count + 1 > method->arity || count + 1 < method->required) return wrong_count(p, AS(Closure, builtin_closure(p->machine, (uint32_t)primitive))->function, count + 1);
    bool ok;
    if (count + 1 == method->arity) {
        ok = method->run(p, args, base);
    } else {
        Value *all = &p->roots[p->nroots];
        for (uint32_t i = 0; i < method->arity; i++) root_push(p, i <= count ? args[i] : V_UNSET);
        ok = method->run(p, all, base);
        root_pop(p, method->arity);
    }
    if (ok) p->pc = return_pc;
    return ok;
}

/* A method of the receiver's class, with the receiver; or a function in one of its fields, without. */
enum { CALL_VIRTUAL = 2 };      /* how `known` a call is that has no cache: runtime_api.py */

static bool invoke_object(Process *p, Value *base, uint32_t count, uint32_t raw, Value name, const uint32_t *return_pc, uint32_t known) {
    Value *window = base + FRAME_HEADER, receiver = *window;
    const Class *c = object_class(receiver);
    uint32_t none, *cache = known == CALL_VIRTUAL ? &none : (uint32_t *)return_pc - 1;
    int method = class_method(c, name), slot = method < 0 ? class_slot(c, name) : -1;
    if (method >= 0) {
        *cache = (uint32_t)c->shape << SHAPE_SHIFT | METHOD_SLOT | (uint32_t)method;
        field_cache_note(p, *cache, name);
        *base = c->methods[method];
        return rt_call(p, base, count + 1, raw, return_pc, known && !AS(Closure, *base)->function->rest);
    }
    const struct Method *shared = slot < 0 && (c->protocol[M_ITER] || c->protocol[M_HAS_NEXT]) ? find_method(p->machine, receiver, name) : NULL;
    if (shared) {       /* of whatever can be walked */
        *base = shared->function;
        return rt_call(p, base, count + 1, raw, return_pc, 0);
    }
    if (slot < 0) return error_raise(p, ERROR_FIELD, "%s has no method '%.100s'", type_name(receiver, false), AS(String, name)->bytes);
    if (!is_raw_slot(c, (uint32_t)slot)) *cache = (uint32_t)c->shape << SHAPE_SHIFT | (uint32_t)slot;
    Value called = object_get(p, AS(Object, receiver), (uint32_t)slot);
    if (called == V_UNSET) return false;
    *base = called;
    memmove(window, window + 1, count * sizeof(Value));
    return rt_call(p, base, count, raw, return_pc, 0);
}

bool rt_invoke(Process *p, Value *base, uint32_t count, uint32_t raw, Value name, const uint32_t *return_pc, uint32_t known) {
    Value *window = base + FRAME_HEADER, receiver = *window;
    if (is_type(receiver, T_OBJECT)) return invoke_object(p, base, count, raw, name, return_pc, known);
    if (is_type(receiver, T_RECORD)) {
        uint32_t none, *cache = known == CALL_VIRTUAL ? &none : (uint32_t *)return_pc - 1;
        Value field = record_get(p, AS(Record, receiver), name, cache);
        if (field == V_UNSET) return error_raise(p, ERROR_FIELD, "the record has no field '%.100s'", AS(String, name)->bytes);
        memmove(window, window + 1, count * sizeof(Value));
        *base = field;
        return rt_call(p, base, count, raw, return_pc, 0);
    }
    const struct Method *method = find_method(p->machine, receiver, name);
    if (!method && is_type(receiver, T_TYPE) && p->machine->reflection) {
        Value args[] = {receiver, name, list_new(p, window + 1, count)};
        return args[2] != V_UNSET && operator_call(p, p->machine->reflection, args, 3, RESULT_REGISTER, base);
    }
    if (!method) return error_raise(p, ERROR_FIELD, "%s has no method '%.100s'", type_name(receiver, false), AS(String, name)->bytes);
    if (method->function == V_UNSET || (method->primitive >= 0 && count < primitives[method->primitive]->arity))
        return call_method(p, base, count, method->primitive, return_pc);
    *base = method->function;
    return rt_call(p, base, count + 1, raw, return_pc, 0);
}

bool rt_prim(Process *p, Value *dst, Value *src, uint32_t id) { return primitives[id]->run(p, src, dst); }

bool rt_throw(Process *p, Value *value) {
    p->error = *value;
    return false;
}

/* --- interrupts --- */

bool rt_poll(Process *p) {
    p->poll = 0;
    if (!p->interrupted) return true;
    p->interrupted = 0;
    return error_raise(p, ERROR_INTERRUPT, "interrupted");
}

void process_interrupt(Process *p) {
    p->interrupted = 1;
    p->poll = 1;
    p->stack_limit = NULL;      /* for recursion without loops; stack_extend puts it back */
}
