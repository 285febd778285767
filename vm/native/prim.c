/* The primitives: functions of the language written in C (names, arities: compiler/bytecode/primitives.py).
 *
 * Invariant: `args` are registers (roots); `result` is one too and may be among them, so it is written last. RAISES, MAY_COLLECT. */
#define MYNA_METHOD_TYPES
#include "runtime.h"
#include "primitives.h"
#include "opcodes.h"
#include "builtins.h"
#include "class.h"
#include "frame.h"
#include "module.h"
#include "prim.h"
#include "system.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>



bool prim_print(Process *p, Value *args, Value *result) {
    char buffer[40];
    if (is_fixnum(args[0])) {
        size_t n = format_int(fixnum_int(args[0]), buffer);
        buffer[n] = '\n';
        output_write(p, buffer, n + 1);
    } else {
        Value s = is_string(args[0]) ? string_flat(p, &args[0]) : value_to_string(p, &args[0], in_classic(p));
        if (s == V_UNSET) return false;
        output_write(p, AS(String, s)->bytes, (size_t)AS(String, s)->length);
        output_write(p, "\n", 1);
    }
    if (p->output_failed) return error_raise(p, ERROR_INTERRUPT, "the output was closed");
    *result = V_NONE;
    return true;
}

bool prim_input(Process *p, Value *args, Value *result) {
    (void)args;
    output_flush(p);
    return give(result, input_line(p, &p->input));
}

bool parse_int(const String *s, int base, int64_t *out) {
    int64_t at = 0, value = 0;
    bool negative = s->length > 0 && s->bytes[0] == '-';
    if (negative || (s->length > 0 && s->bytes[0] == '+')) at++;
    if (at == s->length) return false;
    for (; at < s->length; at++) {
        int digit = digit_value(s->bytes[at]);
        if (digit >= base) return false;
        if (__builtin_mul_overflow(value, (int64_t)base, &value)) return false;
        if (__builtin_add_overflow(value, (int64_t)(negative ? -digit : digit), &value)) return false;
    }
    *out = value;
    return true;
}

static bool not_a_number(Process *p, enum ErrorKind kind, Value text, const char *what) {
    const String *s = AS(String, text);
    return error_raise(p, kind, "\"%.*s\" is not %s", s->length < 60 ? (int)s->length : 60, (const char *)s->bytes, what);
}

bool prim_intcast(Process *p, Value *args, Value *result) {
    int64_t i = 0;
    if (!is_string(args[0])) return error_raise(p, ERROR_CAST, "%s is not a string", type_name(args[0], true));
    Value s = string_flat(p, &args[0]);
    if (s == V_UNSET) return false;
    if (!parse_int(AS(String, s), 10, &i) || i < INT32_MIN || i > INT32_MAX)
        return not_a_number(p, ERROR_CAST, s, "an integer");
    return give(result, fixnum(i));
}

bool need_number(Process *p, Value v, double *d) {
    if (is_int(v)) *d = (double)int_int(v);
    else if (is_float(v)) *d = float_double(v);
    else if (is_bigint(v)) return isfinite(*d = bigint_double(v)) || error_raise(p, ERROR_OVERFLOW, "the bigint does not fit a float");
    else return error_raise(p, ERROR_CAST, "%s is not a number", type_name(v, false));
    return true;
}

bool prim_sqrt(Process *p, Value *args, Value *result) {
    double d;
    return need_number(p, args[0], &d) && give(result, float_value(p, sqrt(d)));
}

bool double_to_int(Process *p, double d, Value *result) {
    if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0))
        return error_raise(p, ERROR_OVERFLOW, "the float does not fit an int");
    return give(result, int_value(p, (int64_t)d));
}

bool prim_floor(Process *p, Value *args, Value *result) {
    double d;
    if (is_int(args[0]) || is_bigint(args[0])) return give(result, args[0]);
    return need_number(p, args[0], &d) && double_to_int(p, floor(d), result);
}

/* The base in which a string is read; a number has none. */
static bool need_base(Process *p, const Value *args, int64_t *base) {
    *base = 10;
    if (args[1] == V_UNSET) return true;
    if (!is_string(args[0])) return error_raise(p, ERROR_CAST, "only a string is read in a base, not %s", type_name(args[0], false));
    if (!need_int(p, args[1], base)) return false;
    return (*base >= 2 && *base <= 36) || error_raise(p, ERROR_VALUE, "the base must be an int in 2..=36");
}

bool prim_int(Process *p, Value *args, Value *result) {
    int64_t i = 0, base;
    double d;
    if (!need_base(p, args, &base)) return false;
    if (is_int(args[0])) return give(result, args[0]);
    if (is_bigint(args[0])) {
        if (!bigint_int(args[0], &i)) return error_raise(p, ERROR_OVERFLOW, "the bigint does not fit an int");
        return give(result, int_value(p, i));
    }
    if (!is_string(args[0])) return need_number(p, args[0], &d) && double_to_int(p, trunc(d), result);
    Value s = string_flat(p, &args[0]);
    if (s == V_UNSET) return false;
    if (!parse_int(AS(String, s), (int)base, &i)) return not_a_number(p, ERROR_VALUE, s, "an int");
    return give(result, int_value(p, i));
}

bool prim_bigint(Process *p, Value *args, Value *result) {
    int64_t base;
    if (!need_base(p, args, &base)) return false;
    if (is_bigint(args[0])) return give(result, args[0]);
    if (is_int(args[0])) return give(result, bigint_of_int(p, int_int(args[0])));
    if (is_float(args[0])) return give(result, bigint_of_double(p, float_double(args[0])));
    if (!need_string(p, &args[0])) return false;
    p->error = V_UNSET;
    Value made = bigint_parse(p, &args[0], (int)base);
    if (made == V_UNSET && p->error == V_UNSET) return not_a_number(p, ERROR_VALUE, args[0], "a bigint");
    return give(result, made);
}

bool prim_bigint_bit_length(Process *p, Value *args, Value *result) {
    return need(p, args[0], T_BIGINT, "a bigint") && give(result, fixnum(bigint_bits(args[0])));
}

bool parse_float(const String *text, double *out) {
    char buffer[400], *end;
    bool plain = text->length > 0 && text->length < (int64_t)sizeof buffer && !isspace(text->bytes[0]);
    for (int64_t i = 0; plain && i < text->length; i++) plain = text->bytes[i] && !strchr("xXpP", text->bytes[i]);
    if (!plain) return false;
    memcpy(buffer, text->bytes, (size_t)text->length);
    buffer[text->length] = 0;
    *out = strtod(buffer, &end);
    return end == buffer + text->length;
}

bool prim_float(Process *p, Value *args, Value *result) {
    double d;
    if (is_float(args[0])) return give(result, args[0]);
    if (!is_string(args[0])) return need_number(p, args[0], &d) && give(result, float_value(p, d));
    Value s = string_flat(p, &args[0]);
    if (s == V_UNSET) return false;
    if (!parse_float(AS(String, s), &d)) return not_a_number(p, ERROR_VALUE, s, "a float");
    return give(result, float_value(p, d));
}

bool prim_str(Process *p, Value *args, Value *result) {
    return give(result, is_string(args[0]) ? args[0] : value_to_string(p, &args[0], in_classic(p)));
}

bool prim_len(Process *p, Value *args, Value *result) {
    if (is_type(args[0], T_RECORD)) return give(result, fixnum((int64_t)record_count(p, args[0])));
    p->error = V_UNSET;
    int64_t length = value_length(p, &args[0]);
    if (length >= 0) return give(result, int_value(p, length));
    return p->error == V_UNSET ? error_raise(p, ERROR_CAST, "%s has no length", type_name(args[0], false)) : false;
}

bool prim_clock(Process *p, Value *args, Value *result) {
    (void)args;
    return give(result, float_value(p, system_cpu_seconds()));
}

bool prim_Error(Process *p, Value *args, Value *result) {
    if (!is_string(args[0]) && !give(&args[0], value_to_string(p, &args[0], false))) return false;
    return give(result, error_new(p, p->machine->error_class, &args[0]));
}

typedef struct Stub { Function function; uint32_t code[3], end; } Stub;

/* --- methods of built-in types --- */

/* Where the method is in the table, or the free place where it belongs. */
static uint32_t method_place(const Machine *m, uint32_t type, Value name) {
    enum { MASK = sizeof m->methods / sizeof *m->methods - 1 };
    uint32_t at = (header_of(name)->id + type * 0x9E3779B1u) & MASK;
    while (m->methods[at].name && (m->methods[at].name != name || m->methods[at].type != type)) at = (at + 1) & MASK;
    return at;
}

static bool put_method(Machine *m, uint32_t type, Value name, int32_t primitive, Value function) {
    enum { MOST = sizeof m->methods / sizeof *m->methods / 2 };
    struct Method *place = &m->methods[method_place(m, type, name)];
    if (!place->name) {
        if (m->nmethods++ == MOST) return false;
        *place = (struct Method){name, V_UNSET, type, -1};
    }
    if (primitive >= 0) place->primitive = primitive;
    else if (place->function == V_UNSET) place->function = function;
    return true;
}

static bool init_methods(Machine *m) {
    for (uint32_t i = 0; i < method_row_count; i++) {
        const MethodRow *row = &method_rows[i];
        AS(Closure, m->builtins[row->primitive])->function->method = 1;
        Value name = machine_intern(m, row->name, strlen(row->name));
        if (name == V_UNSET || !put_method(m, (uint32_t)row->type, name, (int32_t)row->primitive, V_UNSET)) return false;
    }
    m->length_name = machine_intern(m, "length", 6);
    return m->length_name != V_UNSET;
}

bool add_method(Machine *m, Value type, Value name, Value function) {
    for (uint32_t i = 0; i < sizeof method_types / sizeof *method_types; i++)
        if (!strcmp(method_types[i].name, (const char *)AS(String, type)->bytes)) return put_method(m, method_types[i].type, name, -1, function);
    return false;
}

const struct Method *find_method(const Machine *m, Value receiver, Value name) {
    if (!is_ref(receiver) && !is_number(receiver)) return NULL;
    uint32_t type = is_string(receiver) ? T_STRING : is_int(receiver) ? T_INT : is_float(receiver) ? T_FLOAT
                  : is_type(receiver, T_PACKED) ? T_ARRAY : (uint32_t)type_of(receiver);
    const struct Method *found = &m->methods[method_place(m, type, name)];
    return found->name ? found : NULL;
}

Value bind_method(Process *p, Value *receiver, Value name) {
    const struct Method *method = find_method(p->machine, *receiver, name);
    if (!method) return V_UNSET;
    return method_bind(p, receiver, method->primitive < 0 ? method->function : builtin_closure(p->machine, (uint32_t)method->primitive));
}

bool library_call(Process *p, const char *name, const Value *args, uint32_t count, Value *result) {
    const struct Method *method = find_method(p->machine, args[0], machine_intern(p->machine, name, strlen(name)));
    if (!method || method->function == V_UNSET) return error_raise(p, ERROR_RUNTIME, "the program lacks the library's method %s", name);
    return operator_call(p, method->function, args, count, RESULT_REGISTER, result);
}

/* --- their function values --- */

bool machine_init_builtins(Machine *m) {
    _Static_assert(PRIMITIVE_COUNT <= sizeof m->builtins / sizeof *m->builtins, "room for the primitives");
    Stub *stubs = m->stubs = calloc(primitive_count + 1, sizeof(Stub));
    if (!stubs) return false;
    for (uint32_t i = 0; i < primitive_count; i++) {
        const Primitive *primitive = primitives[i];
        if (!primitive) continue;
        Stub *s = &stubs[i];
        s->code[0] = OP_PRIM;
        s->code[1] = i;
        s->code[2] = OP_RET;
        uint32_t arity = primitive->arity;
        s->function = (Function){.code = s->code, .code_words = 3, .nregs = arity ? arity : 1, .nparams = arity, .native = 1,
                                 .optional = arity - primitive->required,
                                 .name = machine_intern(m, primitive->name, strlen(primitive->name))};
        Closure *c = machine_new_object(m, sizeof(Closure), HEADER(T_CLOSURE, arity, 0, 0));
        if (!c || s->function.name == V_UNSET) return false;
        c->function = &s->function;
        c->code = s->code;
        s->function.closure = m->builtins[i] = ref(c);
    }
    return init_methods(m);
}

void machine_free_builtins(Machine *m) { free(m->stubs); }
Value builtin_closure(Machine *m, uint32_t primitive) { return m->builtins[primitive]; }
