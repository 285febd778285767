/* The order of lists: sort, order.
 *
 * Invariants: as in prim.c. Nothing collects while items are being compared: what may collect is done to all of them before. */
#include "prim.h"
#include "frame.h"
#include "builtins.h"
#include "type.h"
#include <stdlib.h>

typedef bool Before(Value a, Value b);      /* is a < b? Never collects */

static bool int_before(Value a, Value b) { return int_int(a) < int_int(b); }
static bool string_before(Value a, Value b) { return string_compare_flat(AS(String, a), AS(String, b)) < 0; }
static bool is_nan(Value v) { return is_float(v) && float_double(v) != float_double(v); }
static int compare_numbers(Value a, Value b) {      /* NaN after all others */
    int order = order_numbers(a, b);
    return order != 2 ? order : is_nan(a) - is_nan(b);
}
static bool number_before(Value a, Value b) { return compare_numbers(a, b) < 0; }
static bool tuple_before(Value a, Value b) {        /* of one length, with numbers or strings at the same places */
    const Tuple *left = AS(Tuple, a), *right = AS(Tuple, b);
    for (int64_t i = 0; i < left->length; i++) {
        Value x = left->items[i], y = right->items[i];
        int order = is_string(x) ? string_compare_flat(AS(String, x), AS(String, y)) : compare_numbers(x, y);
        if (order) return order < 0;
    }
    return false;
}

/* The same for the addresses of values. */
static bool int_at_before(Value a, Value b) { return int_before(*(Value *)a, *(Value *)b); }
static bool string_at_before(Value a, Value b) { return string_before(*(Value *)a, *(Value *)b); }
static bool number_at_before(Value a, Value b) { return number_before(*(Value *)a, *(Value *)b); }
static bool tuple_at_before(Value a, Value b) { return tuple_before(*(Value *)a, *(Value *)b); }

typedef struct Order { Before *values, *places; } Order;
static const Order ints = {int_before, int_at_before}, numbers = {number_before, number_at_before},
    strings = {string_before, string_at_before}, tuples = {tuple_before, tuple_at_before};

static const Order *cannot_sort(Process *p, Value item) {
    error_raise(p, ERROR_CAST, "only numbers, strings, or tuples of such can be ordered among themselves, and here is %s", type_name(item, false));
    return NULL;
}

/* Are the tuple's parts of the same kinds as the first one's? Its strings are flat then. MAY_COLLECT RAISES */
static bool tuple_fits(Process *p, Value *item, const Value *first) {
    if (!is_type(*item, T_TUPLE) || AS(Tuple, *item)->length != AS(Tuple, *first)->length) return cannot_sort(p, *item), false;
    Value *part = root_push(p, V_NONE);
    bool ok = true;
    for (int64_t i = 0; ok && i < AS(Tuple, *item)->length; i++) {
        *part = AS(Tuple, *item)->items[i];
        Value other = AS(Tuple, *first)->items[i];
        ok = (is_number(*part) && is_number(other)) || (is_string(*part) && is_string(other)) || cannot_sort(p, *part);
        if (!ok || !is_type(*part, T_ROPE)) continue;
        ok = string_flat(p, part) != V_UNSET;
        Tuple *t = AS(Tuple, *item);
        t->items[i] = *part;
        heap_barrier(p, t, &t->items[i], *part);
    }
    root_pop(p, 1);
    return ok;
}

static const Order *tuple_order(Process *p, Value *list) {
    Value *first = root_push(p, list_items(*list)[0]), *item = root_push(p, V_NONE);
    bool ok = true;
    for (int64_t i = 0; ok && i < AS(List, *list)->length; i++) {
        *item = list_items(*list)[i];
        ok = tuple_fits(p, item, first);
    }
    root_pop(p, 2);
    return ok ? &tuples : NULL;
}

/* The order of all items; strings among them are flat then. NULL: an error. MAY_COLLECT RAISES */
static const Order *common_order(Process *p, Value *list) {
    bool all_ints = true, all_numbers = true, all_strings = true;
    int64_t length = AS(List, *list)->length;
    if (length && is_type(list_items(*list)[0], T_TUPLE)) return tuple_order(p, list);
    Value *item = root_push(p, V_NONE);
    for (int64_t i = 0; i < length && (all_numbers || all_strings); i++) {
        *item = list_items(*list)[i];
        all_ints = all_ints && is_int(*item);
        all_numbers = all_numbers && is_number(*item);
        all_strings = all_strings && is_string(*item);
        if (!all_strings || !is_type(*item, T_ROPE)) continue;
        if (string_flat(p, item) == V_UNSET) return root_pop(p, 1), NULL;
        list_items(*list)[i] = *item;
        items_changed(p, *list, i, i + 1);
    }
    const Order *order = all_ints ? &ints : all_numbers ? &numbers : all_strings ? &strings : cannot_sort(p, *item);
    root_pop(p, 1);
    return order;
}

/* Merge items[0, middle) and items[middle, length). */
static void merge(Value *items, int64_t middle, int64_t length, Value *room, Before *before) {
    if (!before(items[middle], items[middle - 1])) return;
    memcpy(room, items, (size_t)middle * sizeof(Value));
    for (int64_t i = 0, j = middle, k = 0; i < middle; k++) items[k] = j == length || !before(items[j], room[i]) ? room[i++] : items[j++];
}

enum { RUN = 8 };       /* a shorter run is made longer by insertion, which is quicker than merging so few */

/* The length of the run at the beginning, which ascends: it did, or fell and is turned around, or got items inserted. */
static int64_t make_run(Value *items, int64_t length, Before *before) {
    int64_t end = length < 2 ? length : 2;
    bool falls = length > 1 && before(items[1], items[0]);
    while (end < length && before(items[end], items[end - 1]) == falls) end++;
    for (int64_t i = 0, j = end - 1; falls && i < j; i++, j--) {
        Value v = items[i];
        items[i] = items[j];
        items[j] = v;
    }
    for (; end < length && end < RUN; end++) {
        Value v = items[end];
        int64_t j = end;
        for (; j > 0 && before(v, items[j - 1]); j--) items[j] = items[j - 1];
        items[j] = v;
    }
    return end;
}

/* The first bit in which the middles of the runs [a, b) and [b, c), as fractions of the length, differ: how deep in a balanced tree
 * of merges the two meet. */
static int power(int64_t a, int64_t b, int64_t c, int64_t length) {
    int64_t left = a + b, right = b + c;
    for (int bits = 1;; bits++, left *= 2, right *= 2) {
        if (left >= length) left -= length, right -= length;
        else if (right >= length) return bits;
    }
}

/* Runs that are there already are merged in an order that is nearly the best, and equal items keep theirs (Munro and Wild, 2018: Nearly-optimal
 * mergesorts). Runs that wait have ascending powers, so there are no more of them than a length has bits. */
static void merge_sort(Value *items, Value *room, int64_t length, Before *before) {
    int64_t starts[66];
    int powers[66], waiting = 0;        /* powers[i]: of the runs i and i + 1 */
    for (int64_t start = 0, end; start < length; start = end) {
        end = start + make_run(items + start, length - start, before);
        int own = waiting ? power(starts[waiting - 1], start, end, length) : 0;
        for (; waiting > 1 && powers[waiting - 2] > own; waiting--) {
            int64_t from = starts[waiting - 2];
            merge(items + from, starts[waiting - 1] - from, start - from, room, before);
        }
        if (waiting) powers[waiting - 1] = own;
        starts[waiting++] = start;
    }
    for (; waiting > 1; waiting--) {
        int64_t from = starts[waiting - 2];
        merge(items + from, starts[waiting - 1] - from, length - from, room, before);
    }
}

/* The room for merging lies outside the heap: the collector never sees it. */
static Value *rooms(Process *p, int64_t count) {
    Value *made = malloc((size_t)count * sizeof(Value) + 1);
    if (!made) error_raise(p, ERROR_MEMORY, "out of memory");
    return made;
}

/* Methods of their class compare the items, so the library sorts them. */
static bool sort_objects(Process *p, Value *args, Value *result) {
    return library_call(p, "sort", args, 1, result);
}

bool prim_list_sort(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    int64_t length = AS(List, args[0])->length;
    if (length && is_type(list_items(args[0])[0], T_OBJECT)) return sort_objects(p, args, result);
    const Order *order = common_order(p, &args[0]);
    Value *room = order ? rooms(p, length) : NULL;
    if (!room) return false;
    merge_sort(list_items(args[0]), room, length, order->values);
    free(room);
    items_changed(p, args[0], 0, length);
    return give(result, V_NONE);
}

bool prim_list_order(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    int64_t length = AS(List, args[0])->length;
    Value *made = root_push(p, list_new(p, NULL, 0));
    const Order *order = *made != V_UNSET && list_reserve(p, made, length) ? common_order(p, &args[0]) : NULL;
    Value *places = order ? rooms(p, 2 * length) : NULL;
    if (places) {
        const Value *items = list_items(args[0]);
        for (int64_t i = 0; i < length; i++) places[i] = (Value)(uintptr_t)&items[i];
        merge_sort(places, places + length, length, order->places);
        for (int64_t i = 0; i < length; i++) list_items(*made)[i] = fixnum((const Value *)(uintptr_t)places[i] - items);
        AS(List, *made)->length = length;
        free(places);
    }
    Value v = places ? *made : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(v, p->machine->int_list));
}
