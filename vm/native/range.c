/* Ranges: from an int on, up to one, which belongs to an inclusive range.
 *
 * Invariant: `start` and `end` are ints. A range whose end lies before its start is empty. Nothing changes a range. */
#include "runtime.h"
#include "prim.h"
#include "runtime_api.h"
#include "type.h"

static bool is_inclusive(Value range) { return header_of(range)->aux != 0; }

bool range_length(Process *p, Value range, int64_t *length) {
    int64_t start = int_int(AS(Range, range)->start), end = int_int(AS(Range, range)->end);
    *length = 0;
    if (end < start) return true;
    bool fits = !__builtin_sub_overflow(end, start, length) && !__builtin_add_overflow(*length, (int64_t)is_inclusive(range), length);
    return fits || error_raise(p, ERROR_OVERFLOW, "the range's length does not fit an int");
}

bool range_has(Value range, int64_t i) {
    int64_t end = int_int(AS(Range, range)->end);
    return i >= int_int(AS(Range, range)->start) && (i < end || (i == end && is_inclusive(range)));
}

bool range_bounds(Process *p, Value range, int64_t length, int64_t *from, int64_t *to) {
    *from = int_int(AS(Range, range)->start);
    *to = int_int(AS(Range, range)->end);
    if (is_inclusive(range) && *to < INT64_MAX) ++*to;
    return (0 <= *from && *from <= *to && *to <= length) ||
        error_raise(p, ERROR_INDEX, "slice %lld..%lld is out of range for length %lld", (long long)*from, (long long)*to, (long long)length);
}

bool prim_range(Process *p, Value *args, Value *result) {
    for (int i = 0; i < 2; i++)
        if (!is_int(args[i])) return error_raise(p, ERROR_CAST, "a range needs ints, not %s", type_name(args[i], false));
    Range *r = heap_new(p, sizeof(Range), HEADER(T_RANGE, args[2] == V_TRUE, 0, 0));
    if (!r) return false;
    r->start = args[0];
    r->end = args[1];
    return give(result, ref(r));
}

Value range_field(Value range, const char *name) {
    if (!strcmp(name, "start")) return AS(Range, range)->start;
    if (!strcmp(name, "end")) return AS(Range, range)->end;
    return strcmp(name, "inclusive") ? V_UNSET : boolean(is_inclusive(range));
}

static bool need_range_value(Process *p, Value v) { return need(p, v, T_RANGE, "a range"); }

bool prim_range_contains(Process *p, Value *args, Value *result) {
    if (!need_range_value(p, args[0])) return false;
    int64_t i;
    return give(result, boolean(is_number(args[1]) && number_int(args[1], &i) && range_has(args[0], i)));
}

bool prim_range_to_list(Process *p, Value *args, Value *result) {
    int64_t length;
    if (!need_range_value(p, args[0]) || !range_length(p, args[0], &length)) return false;
    Value *list = root_push(p, list_new(p, NULL, 0)), *item = root_push(p, V_NONE);
    bool ok = *list != V_UNSET && list_reserve(p, list, length);
    for (int64_t i = 0; ok && i < length; i++) {
        *item = int_value(p, int_int(AS(Range, args[0])->start) + i);
        ok = *item != V_UNSET && list_push(p, list, item) && (!p->interrupted || rt_poll(p));
    }
    Value made = ok ? *list : V_UNSET;
    root_pop(p, 2);
    return give(result, container_reify(made, p->machine->int_list));
}
