/* Texts of instances with a method `to_string`, made for printing a value in which they occur.
 *
 * Invariant: an Array of texts has the number of those that are made as a fixnum, then pairs of instance and text (unset while it is
 * not made), in the order in which the printer meets them. While a method runs, the Array is in its frame's header. */
#include "runtime.h"
#include "class.h"
#include "frame.h"

Value texts_new(Process *p, uint32_t count) {
    Value texts = array_new(p, 2 * (int64_t)count + 1);
    if (texts != V_UNSET) AS(Array, texts)->items[0] = fixnum(0);
    return texts;
}

void texts_put(Process *p, Value texts, uint32_t number, Value object) {
    Array *a = AS(Array, texts);
    if (2 * (int64_t)number + 2 >= a->length) return;
    a->items[2 * number + 1] = object;
    heap_barrier(p, a, &a->items[2 * number + 1], object);
}

Value texts_take(Process *p) {
    Value texts = p->texts;
    p->texts = V_NONE;
    return p->texts_pc == p->pc ? texts : V_NONE;
}

Value texts_get(Value texts, uint32_t number, Value object) {
    const Array *a = AS(Array, texts);
    int64_t at = 2 * (int64_t)number + 1;
    return at < a->length && a->items[at] == object ? a->items[at + 1] : V_UNSET;
}
