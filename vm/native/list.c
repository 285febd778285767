/* Arrays and lists.
 *
 * Invariant: a list's `items` is always an Array of at least `length` items; those from `length` on are unset. A list that
 * never held anything shares the machine's empty array. */
#include "runtime.h"

enum { LIST_FIRST = 4 };      /* items that the first push makes room for */

/* MAY_COLLECT RAISES (NULL): an array whose items the caller fills. */
static Array *array_alloc(Process *p, int64_t length) {
    if (length > LENGTH_MAX) {
        error_raise(p, ERROR_MEMORY, "too many items");
        return NULL;
    }
    Array *array = heap_new(p, sizeof(Array) + (size_t)length * sizeof(Value), HEADER(T_ARRAY, 0, 0, 0));
    if (array) array->length = length;
    return array;
}

static void fill_unset(Value *from, Value *end) {
    while (from < end) *from++ = V_UNSET;
}

Value array_new(Process *p, int64_t length) {
    if (length == 0) return p->machine->empty_array;
    Array *array = array_alloc(p, length);
    if (!array) return V_UNSET;
    fill_unset(array->items, array->items + length);
    return ref(array);
}

Value array_resize(Process *p, const Value *old, int64_t used, int64_t length) {
    Array *array = array_alloc(p, length);
    if (!array) return V_UNSET;
    if (used) memcpy(array->items, AS(Array, *old)->items, (size_t)used * sizeof(Value));
    fill_unset(array->items + used, array->items + length);
    return ref(array);
}

int64_t grown_capacity(int64_t capacity, int64_t needed) {
    int64_t grown = capacity + capacity / 2;
    return grown > needed ? grown : needed;
}

Value list_new(Process *p, const Value *items, int64_t length) {
    Value *storage = root_push(p, array_new(p, length));
    Value result = V_UNSET;
    if (*storage != V_UNSET) {
        if (length) memcpy(AS(Array, *storage)->items, items, (size_t)length * sizeof(Value));
        List *list = heap_new(p, sizeof(List), HEADER(T_LIST, 0, 0, 0));
        if (list) {
            list->length = length;
            list->items = *storage;
            result = ref(list);
        }
    }
    root_pop(p, 1);
    return result;
}

bool list_reserve(Process *p, Value *list, int64_t capacity) {
    const List *l = AS(List, *list);
    int64_t old = AS(Array, l->items)->length;
    if (capacity <= old) return true;
    Value *items = root_push(p, l->items);
    Value grown = array_resize(p, items, l->length, grown_capacity(old, capacity < LIST_FIRST ? LIST_FIRST : capacity));
    root_pop(p, 1);
    if (grown == V_UNSET) return false;
    List *again = AS(List, *list);
    again->items = grown;
    heap_barrier(p, again, &again->items, grown);
    return true;
}

bool list_push(Process *p, Value *list, Value *item) {
    if (!list_reserve(p, list, AS(List, *list)->length + 1)) return false;
    List *l = AS(List, *list);
    Array *items = AS(Array, l->items);
    Value *slot = &items->items[l->length++];
    *slot = *item;
    heap_barrier(p, items, slot, *item);
    return true;
}
