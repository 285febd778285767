/* `==`: of numbers, strings and what else has no parts; of tuples, ranges and enum values, part by part; of instances whose class
 * defines it, by that method.
 *
 * Invariants: a walk through parts keeps the pairs still to compare on a stack of its own, so depth is no matter, and nothing collects
 * during it. Where it meets an instance with its own `==`, the pairs that wait go into an Array in the heap, items[0] their count, which
 * lies in the header of the method's frame meanwhile; when the method has given true, the walk goes on with them. */
#include <stdlib.h>
#include "runtime.h"
#include "runtime_api.h"
#include "class.h"
#include "frame.h"

/* Classic functions are equal when their bodies are and they come from one activation, which the first captured value
 * identifies (compiler/resolve). */
static bool same_function(const Closure *a, const Closure *b) {
    if (a == b) return true;
    const Function *f = a->function, *g = b->function;
    if (!f->classic || !g->classic || f->body == 0 || f->body != g->body || f->module != g->module) return false;
    if (f->ncaptures == 0 || g->ncaptures == 0) return f->ncaptures == g->ncaptures;
    return a->captured[0] == b->captured[0];
}

/* Contents of strings, ropes included, without allocating in the heap (nothing may move here). */
static bool same_string(Value x, Value y, bool *failed) {
    int64_t length = string_length(x);
    if (length != string_length(y)) return false;
    if (type_of(x) == T_STRING && type_of(y) == T_STRING) return !memcmp(AS(String, x)->bytes, AS(String, y)->bytes, (size_t)length);
    uint8_t *text = malloc(2 * (size_t)length + 1);
    if (!text) return *failed = true, false;
    string_copy(x, text);
    string_copy(y, text + length);
    bool same = !memcmp(text, text + length, (size_t)length);
    free(text);
    return same;
}

bool same_leaf(Value x, Value y, bool *failed) {
    if (is_number(x) && is_number(y)) return order_numbers(x, y) == 0;
    if (x == y) return true;
    if (!is_ref(x) || !is_ref(y)) return false;
    if (is_string(x) && is_string(y)) return same_string(x, y, failed);
    if (type_of(x) == T_BYTES && type_of(y) == T_BYTES) return bytes_compare(x, y) == 0;
    return type_of(x) == T_CLOSURE && type_of(y) == T_CLOSURE && same_function(AS(Closure, x), AS(Closure, y));
}

/* --- walks --- */

enum { FEW = 32 };              /* pairs for which no memory is asked */
typedef Value Pair[2];
/* `waiting`: an Array of pairs below those of the stack, of which the first `count_below` are left; or NULL. */
typedef struct Walk { Pair *pairs; size_t count, capacity; Pair few[FEW]; const Array *waiting; int64_t count_below; } Walk;
enum Found { UNEQUAL, EQUAL, NO_MEMORY, ASK };

static bool push_pair(Walk *w, Value x, Value y) {
    if (w->count == w->capacity) {
        size_t capacity = w->capacity * 2;
        Pair *grown = realloc(w->pairs == w->few ? NULL : w->pairs, capacity * sizeof *grown);
        if (!grown) return false;
        if (w->pairs == w->few) memcpy(grown, w->few, sizeof w->few);
        w->pairs = grown;
        w->capacity = capacity;
    }
    w->pairs[w->count][0] = x;
    w->pairs[w->count++][1] = y;
    return true;
}

static bool pop_pair(Walk *w, Pair pair) {
    if (w->count) memcpy(pair, w->pairs[--w->count], sizeof(Pair));
    else if (w->count_below) memcpy(pair, &w->waiting->items[2 * --w->count_below + 1], sizeof(Pair));
    else return false;
    return true;
}

/* Two values, or their parts, which are compared later. */
static enum Found meet(Walk *w, const Pair pair) {
    Value x = pair[0], y = pair[1];
    int64_t n, m;
    if (x != y && protocol_method(x, M_EQUAL)) return ASK;
    const Value *left = structure_parts(x, &n), *right = left ? structure_parts(y, &m) : NULL;
    if (!left || !right || x == y) {
        bool failed = false, same = same_leaf(x, y, &failed);
        return failed ? NO_MEMORY : same;
    }
    if (n != m || !same_structure(x, y)) return UNEQUAL;
    while (n-- > 0)
        if (!push_pair(w, left[n], right[n])) return NO_MEMORY;
    return EQUAL;
}

/* Compare what waits. ASK: the method of asked[0] decides about asked[1], then the walk may go on. */
static enum Found walk(Process *p, Walk *w, Pair asked) {
    enum Found found = EQUAL;
    while (found == EQUAL && !p->interrupted && pop_pair(w, asked)) found = meet(w, asked);
    return found;
}

static void walk_begin(Walk *w, const Pair pair, Value waiting) {
    w->pairs = w->few;
    w->capacity = FEW;
    w->count = 0;
    if (pair) push_pair(w, pair[0], pair[1]);
    w->waiting = waiting == V_NONE ? NULL : AS(Array, waiting);
    w->count_below = w->waiting ? fixnum_int(w->waiting->items[0]) : 0;
}

static void walk_end(Walk *w) { if (w->pairs != w->few) free(w->pairs); }

static int outcome(Process *p, enum Found found) {
    if (p->interrupted && !rt_poll(p)) return 2;
    if (found == NO_MEMORY) error_raise(p, ERROR_MEMORY, "out of memory");
    return found == NO_MEMORY ? 2 : found == EQUAL;
}

/* Pairs that the Array *waiting has room for. */
static int64_t room(Value waiting) { return waiting == V_NONE ? 0 : AS(Array, waiting)->length / 2; }

/* MAY_COLLECT RAISES: an Array with the pairs of *waiting and room for so many. */
static bool make_room(Process *p, Value *waiting, int64_t pairs) {
    Value made = array_new(p, 2 * pairs + 2);
    if (made == V_UNSET) return false;
    Array *to = AS(Array, made);
    to->items[0] = fixnum(0);
    if (*waiting != V_NONE) memcpy(to->items, AS(Array, *waiting)->items, (size_t)(2 * fixnum_int(AS(Array, *waiting)->items[0]) + 1) * sizeof(Value));
    *waiting = made;
    return true;
}

/* What is left of a walk. */
static void keep(Process *p, Array *waiting, const Walk *w) {
    Value *at = &waiting->items[2 * w->count_below + 1];
    for (size_t i = 0; i < 2 * w->count; i++, at++) {
        *at = w->pairs[i / 2][i % 2];
        heap_barrier(p, waiting, at, *at);
    }
    waiting->items[0] = fixnum(w->count_below + (int64_t)w->count);
}

/* Compare the pair `first`, two roots, if there is one, then those in *waiting, a root: 0, 1; or 2, where a method was entered or an
 * error raised. When there is no room for what is left, the walk begins again with more. MAY_COLLECT */
static int compare_all(Process *p, const Value *first, Value *waiting) {
    for (;;) {
        Walk w;
        Pair asked;
        walk_begin(&w, first, *waiting);
        enum Found found = walk(p, &w, asked);
        int64_t left = w.count_below + (int64_t)w.count;
        bool fits = found == ASK && left <= room(*waiting) - 1;
        if (fits) keep(p, AS(Array, *waiting), &w);
        walk_end(&w);
        if (found != ASK) return outcome(p, found);
        if (fits) {
            operator_call(p, protocol_method(asked[0], M_EQUAL), asked, 2, RESULT_EQUAL, NULL);
            if (p->entered) p->fp[-4] = *waiting;
            return 2;
        }
        if (!make_room(p, waiting, 2 * left + 4)) return 2;
    }
}

int equal_go_on(Process *p, Value waiting) {
    Value *rooted = root_push(p, waiting);
    int equal = compare_all(p, NULL, rooted);
    root_pop(p, 1);
    return equal;
}

static bool has_parts(Value v) {
    int64_t count;
    return structure_parts(v, &count) != NULL;
}

int value_equal(Process *p, Value x, Value y) {
    if (!has_parts(x) && !protocol_method(x, M_EQUAL)) {
        bool failed = false, same = same_leaf(x, y, &failed);
        return failed ? outcome(p, NO_MEMORY) : same;
    }
    Walk w;
    Pair pair = {x, y};
    walk_begin(&w, pair, V_NONE);
    enum Found found = walk(p, &w, pair);
    walk_end(&w);
    return found == ASK ? EQUAL_ASKS : outcome(p, found);
}

int rt_eq(Process *p, Value *a, Value *b) {
    Value pair[] = {*a, *b}, method = protocol_method(*a, M_EQUAL);
    if (method) return operator_call(p, method, pair, 2, RESULT_TRUTH, NULL), 2;
    if (!has_parts(*a)) {
        bool equal;
        if (is_string(*a) && is_string(*b)) return string_equal(p, a, b, &equal) ? equal : 2;   /* flattens, for the next time */
        bool failed = false, same = same_leaf(*a, *b, &failed);
        return failed ? outcome(p, NO_MEMORY) : same;
    }
    if (!has_parts(*b)) return 0;
    Value *roots = root_push(p, pair[0]);
    root_push(p, pair[1]);
    int equal = compare_all(p, roots, root_push(p, V_NONE));
    root_pop(p, 3);
    return equal;
}

int rt_eqi(Process *p, Value *a, int64_t i) {
    if (is_number(*a)) return order_numbers(*a, fixnum(i)) == 0;
    Value b = fixnum(i);
    return is_type(*a, T_OBJECT) ? rt_eq(p, a, &b) : 0;
}
