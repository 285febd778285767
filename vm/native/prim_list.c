/* The methods of lists.
 *
 * Invariants: as in prim.c and list.c. A list whose length is read before something that may collect has it after, since no code of
 * the program runs meanwhile. */
#include "prim.h"
#include "class.h"
#include "type.h"
#include "runtime_api.h"

/* Forget the items from `length` on. */
static void list_truncate(Value list, int64_t length) {
    List *l = AS(List, list);
    Value *items = list_items(list);
    for (int64_t i = length; i < l->length; i++) items[i] = V_UNSET;
    l->length = length;
}

static bool need_place(Process *p, Value v, int64_t length, int64_t *at) {
    if (!need_int(p, v, at)) return false;
    return (*at >= 0 && *at < length) || error_raise(p, ERROR_INDEX, "index %lld is out of range for length %lld", (long long)*at, (long long)length);
}

static bool need_items(Process *p, Value list, const char *what) {
    if (!need_list(p, list)) return false;
    return AS(List, list)->length > 0 || error_raise(p, ERROR_INDEX, "%s an empty list", what);
}

bool prim_list_push(Process *p, Value *args, Value *result) {
    return need_list(p, args[0]) && container_admit(p, &args[0], 0, &args[1]) && list_push(p, &args[0], &args[1]) && give(result, V_NONE);
}

bool prim_list_pop(Process *p, Value *args, Value *result) {
    if (!need_items(p, args[0], "pop from")) return false;
    int64_t last = AS(List, args[0])->length - 1;
    Value v = list_items(args[0])[last];
    list_truncate(args[0], last);
    return give(result, v);
}

bool prim_list_insert(Process *p, Value *args, Value *result) {
    int64_t at;
    if (!need_list(p, args[0]) || !need_place(p, args[1], AS(List, args[0])->length + 1, &at)) return false;
    if (!container_admit(p, &args[0], 0, &args[2])) return false;
    int64_t length = AS(List, args[0])->length;
    if (!list_reserve(p, &args[0], length + 1)) return false;
    Value *items = list_items(args[0]);
    memmove(items + at + 1, items + at, (size_t)(length - at) * sizeof(Value));
    items[at] = args[2];
    AS(List, args[0])->length = length + 1;
    items_changed(p, args[0], at, length + 1);
    return give(result, V_NONE);
}

bool prim_list_remove(Process *p, Value *args, Value *result) {
    int64_t at;
    if (!need_list(p, args[0]) || !need_place(p, args[1], AS(List, args[0])->length, &at)) return false;
    int64_t last = AS(List, args[0])->length - 1;
    Value *items = list_items(args[0]), v = items[at];
    memmove(items + at, items + at + 1, (size_t)(last - at) * sizeof(Value));
    list_truncate(args[0], last);
    items_changed(p, args[0], at, last);
    return give(result, v);
}

bool prim_list_first(Process *p, Value *args, Value *result) {
    return need_items(p, args[0], "first of") && give(result, list_items(args[0])[0]);
}

bool prim_list_last(Process *p, Value *args, Value *result) {
    return need_items(p, args[0], "last of") && give(result, list_items(args[0])[AS(List, args[0])->length - 1]);
}

/* --- searching --- */

enum { NOT_FOUND = -1, FAILED = -2, ASKS = -3 };

/* Number of the first item equal to args[1]. ASKS: methods tell. */
static int64_t find_item(Process *p, Value *args) {
    if (!need_list(p, args[0])) return FAILED;
    if (is_type(args[1], T_ROPE) && string_flat(p, &args[1]) == V_UNSET) return FAILED;
    for (int64_t i = 0; i < AS(List, args[0])->length; i++) {
        int same = value_equal(p, list_items(args[0])[i], args[1]);
        if (same) return same == EQUAL_ASKS ? ASKS : same == 2 ? FAILED : i;
    }
    return NOT_FOUND;
}

bool prim_list_contains(Process *p, Value *args, Value *result) {
    int64_t found = find_item(p, args);
    if (found == ASKS) return library_call(p, "contains", args, 2, result);
    return found != FAILED && give(result, boolean(found >= 0));
}

bool prim_list_index_of(Process *p, Value *args, Value *result) {
    int64_t found = find_item(p, args);
    if (found == ASKS) return library_call(p, "index_of", args, 2, result);
    return found != FAILED && give(result, fixnum(found));
}

/* --- copies --- */

/* MAY_COLLECT RAISES: a new list of the items [from, to). */
static Value list_range(Process *p, Value *list, int64_t from, int64_t to) {
    Value *made = root_push(p, list_new(p, NULL, 0));
    if (*made != V_UNSET && list_reserve(p, made, to - from)) {
        memcpy(list_items(*made), list_items(*list) + from, (size_t)(to - from) * sizeof(Value));
        AS(List, *made)->length = to - from;
        items_changed(p, *made, 0, to - from);
    } else {
        *made = V_UNSET;
    }
    Value v = *made;
    root_pop(p, 1);
    return v;
}

/* A list of the same type. */
static bool give_part(Process *p, Value *args, Value *result, int64_t from, int64_t to) {
    Value made = list_range(p, &args[0], from, to);
    return give(result, container_reify(made, value_type(p->machine, args[0])));
}

bool prim_list_slice(Process *p, Value *args, Value *result) {
    int64_t from, to;
    if (!need_list(p, args[0]) || !need_range(p, args + 1, AS(List, args[0])->length, &from, &to)) return false;
    return give_part(p, args, result, from, to);
}

bool prim_list_copy(Process *p, Value *args, Value *result) {
    return need_list(p, args[0]) && give_part(p, args, result, 0, AS(List, args[0])->length);
}

/* Push the items one by one: some may not be what the list holds. A list that is extended by itself ends where it ended. */
static bool extend_checked(Process *p, Value *args) {
    Value *item = root_push(p, V_NONE);
    bool ok = true;
    int64_t more = AS(List, args[1])->length;
    for (int64_t i = 0; ok && i < more; i++) {
        *item = list_items(args[1])[i];
        ok = container_admit(p, &args[0], 0, item) && list_push(p, &args[0], item);
    }
    root_pop(p, 1);
    return ok;
}

/* Push what a loop over args[1] gives; where methods must be called for that, the library's method does it. */
static bool push_all(Process *p, const char *method, Value *args, Value *result) {
    if (is_type(args[1], T_OBJECT)) return library_call(p, method, args, 2, result);
    Value *loop = root_push(p, args[1]);        /* as rt_iternext wants it: iterated, position, item */
    root_push(p, fixnum(0));
    root_push(p, V_NONE);
    int more = 0;
    bool ok = true;
    while (ok && (more = rt_iternext(p, loop)) == 1) {
        ok = container_admit(p, &args[0], 0, &loop[2]) && list_push(p, &args[0], &loop[2]);
        if (ok && p->interrupted) ok = rt_poll(p);      /* a range can be long */
    }
    root_pop(p, 3);
    return ok && more == 0;
}

bool prim_List(Process *p, Value *args, Value *result) {
    const Type *type = primitive_type(p, KIND_LIST);
    if (!type) return error_raise(p, ERROR_MEMORY, "out of memory");
    Value *made = root_push(p, container_reify(list_new(p, NULL, 0), type));
    root_push(p, args[0]);
    bool ok = *made != V_UNSET && (args[0] == V_UNSET || push_all(p, "add_all", made, result));
    Value list = ok ? *made : V_UNSET;
    root_pop(p, 2);
    return give(result, list);
}

bool prim_list_extend(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    if (!is_type(args[1], T_LIST)) return push_all(p, "extend", args, result) && give(result, V_NONE);
    if (header_of(args[0])->id && header_of(args[0])->id != header_of(args[1])->id) return extend_checked(p, args) && give(result, V_NONE);
    int64_t length = AS(List, args[0])->length, more = AS(List, args[1])->length;
    if (!list_reserve(p, &args[0], length + more)) return false;
    memcpy(list_items(args[0]) + length, list_items(args[1]), (size_t)more * sizeof(Value));
    AS(List, args[0])->length = length + more;
    items_changed(p, args[0], length, length + more);
    return give(result, V_NONE);
}

bool prim_list_clear(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    list_truncate(args[0], 0);
    return give(result, V_NONE);
}

/* --- order --- */

bool prim_list_reverse(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    int64_t length = AS(List, args[0])->length;
    Value *items = list_items(args[0]);
    for (int64_t i = 0, j = length - 1; i < j; i++, j--) {
        Value v = items[i];
        items[i] = items[j];
        items[j] = v;
    }
    items_changed(p, args[0], 0, length);
    return give(result, V_NONE);
}

/* --- join --- */

/* Is there an item in which instances may be? */
static bool has_parts(Value list) {
    for (int64_t i = 0; i < AS(List, list)->length; i++) {
        Value v = list_items(list)[i];
        if (is_ref(v) && !is_string(v) && !is_number(v)) return true;
    }
    return false;
}

/* MAY_COLLECT RAISES: the printed forms of the items as a list, their bytes in *bytes. */
static Value printed_items(Process *p, Value *list, int64_t *bytes) {
    Value *made = root_push(p, list_new(p, NULL, 0)), *item = root_push(p, V_NONE), *texts = root_push(p, V_NONE);
    uint32_t number = 0;
    bool ok = *made != V_UNSET && (!has_parts(*list) || value_texts(p, list, texts));
    *bytes = 0;
    for (int64_t i = 0; ok && i < AS(List, *list)->length; i++) {
        *item = list_items(*list)[i];
        if (!is_string(*item)) *item = value_to_string_part(p, item, texts, &number);
        ok = *item != V_UNSET && list_push(p, made, item);
        if (ok) *bytes += string_length(*item);
        if (*bytes > INT64_C(1) << 40) ok = error_raise(p, ERROR_MEMORY, "string too long");
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 3);
    return v;
}

static void put_joined(Value parts, Value separator, uint8_t *out) {
    for (int64_t i = 0; i < AS(List, parts)->length; i++) {
        if (i && string_length(separator)) {
            string_copy(separator, out);
            out += string_length(separator);
        }
        Value part = list_items(parts)[i];
        string_copy(part, out);
        out += string_length(part);
    }
}

bool prim_list_join(Process *p, Value *args, Value *result) {
    if (args[1] == V_UNSET) args[1] = p->machine->empty_string;
    if (!need_list(p, args[0]) || !need_string(p, &args[1])) return false;
    int64_t bytes, gaps, length = AS(List, args[0])->length;
    Value *parts = root_push(p, printed_items(p, &args[0], &bytes));
    bool ok = *parts != V_UNSET;
    if (ok && length > 1) {
        bool fits = !__builtin_mul_overflow(string_length(args[1]), length - 1, &gaps) && !__builtin_add_overflow(bytes, gaps, &bytes);
        if (!fits) ok = error_raise(p, ERROR_MEMORY, "string too long");
    }
    Value made = ok ? string_alloc_bytes(p, (size_t)bytes, false) : V_UNSET;
    if (made != V_UNSET && bytes) {
        put_joined(*parts, args[1], AS(String, made)->bytes);
        string_filled(made);
    }
    root_pop(p, 1);
    return give(result, made);
}
