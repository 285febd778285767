/* The keys of maps and members of sets: what can be one, its hash, whether two are equal.
 *
 * Instances whose class has `hash` are keys, by what that gives, a key too, and by `==`; so are tuples and enum values with such parts. A
 * map holds each of these *own keys* as an Array of its hash and the key, made by `map_key`, which finds the Array of an equal key
 * if the map has one: from then on own keys are equal when they are the same Array, and the table calls no methods.
 *
 * Invariants: C cannot wait for a method. It notes in p->answers what it asks, enters the method, and the instruction begins again with
 * the answer; it asks the same questions in the same order, until it asks a new one, or all are answered. So nothing moves while a key
 * is looked at, and whatever a method does to the map, no pointer into it is held meanwhile. */
#include <stdlib.h>
#include "runtime.h"
#include "runtime_api.h"
#include "class.h"
#include "frame.h"

enum { KEY_PARTS = 1000 };              /* of a key, those of its parts included: hashing one takes bounded time and depth */

/* --- plain keys --- */

/* The flat string behind a string that was flattened once. */
static String *flat_string(Value v) { return AS(String, type_of(v) == T_ROPE ? AS(Rope, v)->left : v); }

/* Equal numbers of different kinds hash alike. */
static uint32_t number_hash(Value key) {
    int64_t i;
    if (number_int(key, &i)) return fits_fixnum(i) ? fixnum_hash(fixnum(i)) : hash_bytes(&i, sizeof i);
    if (is_bigint(key)) return bigint_hash(key);
    double d = float_double(key);
    return hash_bytes(&d, sizeof d);
}

static uint32_t hash_pair(uint32_t hash, uint32_t part) {
    uint32_t pair[2] = {hash, part};
    return hash_bytes(pair, sizeof pair);
}

static uint32_t hash_of_parts(Value key, int64_t count) { return (uint32_t)count + structure_kind(key) * 31; }

/* Looks at no more than *left parts: an enum value whose field was set after it became a key may hold itself. */
static uint32_t parts_hash(Value key, int *left) {
    if (is_fixnum(key)) return fixnum_hash(key);
    if (is_string(key)) return string_hash(flat_string(key));
    if (is_number(key)) return number_hash(key);
    if (is_type(key, T_BYTES)) return hash_bytes(AS(Bytes, key)->bytes, (size_t)AS(Bytes, key)->length);
    int64_t count;
    const Value *parts = structure_parts(key, &count);
    if (!parts) return hash_bytes(&key, sizeof key);
    uint32_t hash = hash_of_parts(key, count);
    for (int64_t i = 0; i < count && (*left)-- > 0; i++) hash = hash_pair(hash, parts_hash(parts[i], left));
    return hash;
}

uint32_t key_hash_slow(Value key) {
    if (is_own_key(key)) return (uint32_t)fixnum_int(AS(Array, key)->items[0]);
    int left = KEY_PARTS;
    return parts_hash(key, &left);
}

static bool parts_equal(Value a, Value b, int *left) {
    if (is_number(a) && is_number(b)) return order_numbers(a, b) == 0;
    if (a == b) return true;
    if (is_string(a) && is_string(b)) return string_equal_flat(flat_string(a), flat_string(b));
    if (is_type(a, T_BYTES) && is_type(b, T_BYTES)) return bytes_compare(a, b) == 0;
    int64_t n, m;
    const Value *x = structure_parts(a, &n), *y = x ? structure_parts(b, &m) : NULL;
    if (!y || n != m || !same_structure(a, b)) return false;
    for (int64_t i = 0; i < n; i++)
        if ((*left)-- <= 0 || !parts_equal(x[i], y[i], left)) return false;
    return true;
}

bool key_equal_slow(Value a, Value b) {
    int left = KEY_PARTS;
    return parts_equal(a, b, &left);
}

/* --- what can be a key --- */

enum Fit { UNFIT, PLAIN, ASKS };

static enum Fit refuse(Process *p, Value v) {
    const char *why = !is_type(v, T_OBJECT) ? "" : protocol_method(v, M_EQUAL) ? ": its class has == but no hash" : ": its class has no hash";
    error_raise(p, ERROR_CAST, "%s cannot be a map's key or a set's member%s", type_name(v, false), why);
    return UNFIT;
}

static enum Fit too_many(Process *p) { return error_raise(p, ERROR_VALUE, "the map's key has too many parts"), UNFIT; }

/* MAY_COLLECT RAISES: can *key (a root) be a key? Counts the parts that may still come in *left, and flattens strings. Stops at the first
 * part whose method must be called. */
static enum Fit fit_key(Process *p, Value *key, int *left, int depth) {
    enum { KEY_DEPTH = 50 };        /* each holds a root */
    if (is_string(*key)) return string_flat(p, key) != V_UNSET ? PLAIN : UNFIT;
    if (*key == V_UNSET) return error_raise(p, ERROR_RUNTIME, "damaged program: a map's key is unset"), UNFIT;
    if (is_float(*key) && float_double(*key) != float_double(*key)) return error_raise(p, ERROR_VALUE, "nan cannot be a map's key"), UNFIT;
    if (!is_ref(*key) || is_number(*key) || is_type(*key, T_BYTES) || is_type(*key, T_TYPE)) return PLAIN;     /* a type is immortal */
    if (protocol_method(*key, M_HASH)) return ASKS;
    int64_t count;
    if (!structure_parts(*key, &count) || protocol_method(*key, M_EQUAL)) return refuse(p, *key);
    if (count > *left || depth == KEY_DEPTH) return too_many(p);
    *left -= (int)count;
    Value *part = root_push(p, V_NONE);
    enum Fit fit = PLAIN;
    for (int64_t i = 0; fit == PLAIN && i < count; i++) {
        *part = structure_parts(*key, &count)[i];
        fit = fit_key(p, part, left, depth + 1);
    }
    root_pop(p, 1);
    return fit;
}

static enum Fit fit(Process *p, Value *key) {
    int left = KEY_PARTS;
    return is_fixnum(*key) ? PLAIN : fit_key(p, key, &left, 0);
}

bool key_asks(Process *p, Value *key, bool *ok) {
    enum Fit found = fit(p, key);
    *ok = found != UNFIT;
    return found == ASKS;
}

/* --- answers of methods: an Array of their count, then triples of the two values that were asked about and the answer --- */

void keys_begin(Process *p) {
    if (p->answers_pc != p->pc) p->answers = V_NONE;
    p->answers_at = 0;
}

void keys_end(Process *p) { p->answers = V_NONE; }

void answers_put(Process *p, Value answers, Value answer) {
    Array *a = AS(Array, answers);
    int64_t count = fixnum_int(a->items[0]);
    Value *slot = &a->items[3 * count + 3];
    *slot = answer;
    heap_barrier(p, a, slot, answer);
    a->items[0] = fixnum(count + 1);
    p->answers = answers;
    p->answers_pc = p->pc;
}

/* MAY_COLLECT RAISES: have a method of x answer, of which the instruction will know when it begins again. Gives V_UNSET. */
static Value ask(Process *p, Value x, Value y, enum Protocol which) {
    Value *pair = root_push(p, x), known = p->answers;
    root_push(p, y);
    int64_t count = known == V_NONE ? 0 : fixnum_int(AS(Array, known)->items[0]), room = 3 * count + 4;
    Value *answers = root_push(p, known);
    if (known == V_NONE || AS(Array, known)->length < room) {
        Value made = array_new(p, grown_capacity(known == V_NONE ? 4 : AS(Array, known)->length, room));
        if (made == V_UNSET) return root_pop(p, 3), V_UNSET;
        AS(Array, made)->items[0] = fixnum(0);
        if (known != V_NONE) memcpy(AS(Array, made)->items, AS(Array, *answers)->items, (size_t)(room - 3) * sizeof(Value));
        *answers = made;
    }
    Array *a = AS(Array, *answers);
    for (int i = 0; i < 2; i++) {
        a->items[3 * count + 1 + i] = pair[i];
        heap_barrier(p, a, &a->items[3 * count + 1 + i], pair[i]);
    }
    p->answers = V_NONE;
    operator_call(p, protocol_method(pair[0], which), pair, which == M_HASH ? 1 : 2, RESULT_ANSWER, NULL);
    if (p->entered) p->fp[-4] = *answers;
    root_pop(p, 3);
    return V_UNSET;
}

/* What a method of x says of x and y. V_UNSET: it was entered, or an error raised; then this MAY_COLLECT. */
static Value answer(Process *p, Value x, Value y, enum Protocol which) {
    if (p->answers == V_NONE || p->answers_at >= fixnum_int(AS(Array, p->answers)->items[0])) return ask(p, x, y, which);
    const Value *known = &AS(Array, p->answers)->items[3 * p->answers_at++ + 1];
    if (known[0] == x && known[1] == y) return known[2];
    error_raise(p, ERROR_RUNTIME, "the keys of a map were changed while they were compared");
    return V_UNSET;
}

/* --- own keys --- */

/* RAISES: the hash of what has no parts. */
static bool leaf_hash(Process *p, Value v, uint32_t *hash) {
    if (is_type(v, T_ROPE)) {       /* as it is: nothing may move here */
        uint8_t *text = malloc((size_t)string_length(v) + 1);
        if (!text) return error_raise(p, ERROR_MEMORY, "out of memory");
        string_copy(v, text);
        *hash = hash_bytes(text, (size_t)string_length(v));
        free(text);
        return true;
    }
    Value checked = v;
    int left = 0;
    if (fit_key(p, &checked, &left, 0) != PLAIN) return false;
    *hash = parts_hash(v, &left);
    return true;
}

/* RAISES, or enters a method: false. */
static bool own_hash(Process *p, Value v, int *left, uint32_t *hash) {
    if ((*left)-- <= 0) return too_many(p);
    if (protocol_method(v, M_HASH)) {
        Value given = answer(p, v, V_NONE, M_HASH);
        return given != V_UNSET && own_hash(p, given, left, hash);
    }
    int64_t count;
    const Value *parts = structure_parts(v, &count);
    if (!parts || protocol_method(v, M_EQUAL)) return leaf_hash(p, v, hash);
    *hash = hash_of_parts(v, count);
    for (int64_t i = 0; i < count; i++) {
        uint32_t part;
        if (!own_hash(p, parts[i], left, &part)) return false;
        *hash = hash_pair(*hash, part);
    }
    return true;
}

/* 0, 1; 2: an error was raised, or a method entered. */
static int own_equal(Process *p, Value x, Value y, int *left) {
    if (x == y) return 1;
    if ((*left)-- <= 0) return 0;
    if (protocol_method(x, M_EQUAL)) {
        Value given = answer(p, x, y, M_EQUAL);
        if (given == V_UNSET) return 2;
        return is_bool(given) ? given == V_TRUE : (error_raise(p, ERROR_CAST, "a comparison must give a bool, not %s", type_name(given, false)), 2);
    }
    int64_t n, m;
    const Value *a = structure_parts(x, &n), *b = a ? structure_parts(y, &m) : NULL;
    if (!b) {
        bool failed = false, same = same_leaf(x, y, &failed);
        return failed ? (error_raise(p, ERROR_MEMORY, "out of memory"), 2) : same;
    }
    int equal = n == m && same_structure(x, y);
    for (int64_t i = 0; equal == 1 && i < n; i++) equal = own_equal(p, a[i], b[i], left);
    return equal;
}

/* The key of *map that equals *key, or a new one. NULL: an error was raised, or a method entered. */
static Value *own_key(Process *p, const Value *map, Value *key) {
    int left = KEY_PARTS, equal = 0;
    uint32_t hash, at = 0;
    if (!own_hash(p, *key, &left, &hash)) return NULL;
    for (int64_t pair; equal == 0 && (pair = map_probe(AS(Map, *map), hash, &at)) >= 0;) {
        Value held = AS(Array, AS(Map, *map)->entries)->items[2 * pair];
        if (!is_own_key(held) || key_hash_slow(held) != hash) continue;
        left = KEY_PARTS;
        p->key = held;
        equal = own_equal(p, *key, key_value(held), &left);
    }
    if (equal) return equal == 1 ? &p->key : NULL;
    Value made = array_new(p, 2);
    if (made == V_UNSET) return NULL;
    AS(Array, made)->items[0] = fixnum(hash);
    AS(Array, made)->items[1] = *key;
    p->key = made;
    return &p->key;
}

Value *map_next_key(Process *p, const Value *map, Value *key) {
    if (is_fixnum(*key)) return key;
    enum Fit found = fit(p, key);
    return found == UNFIT ? NULL : found == PLAIN ? key : own_key(p, map, key);
}

Value *map_key(Process *p, const Value *map, Value *key) {
    if (is_fixnum(*key)) return key;
    enum Fit found = fit(p, key);
    if (found != ASKS) return found == PLAIN ? key : NULL;
    keys_begin(p);
    Value *own = own_key(p, map, key);
    if (own) keys_end(p);
    return own;
}
