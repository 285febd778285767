/* Sizes and reference fields of objects. `size_of` and `fields_of` in heap_internal.h are the definitions, in a header so that
 * the collector's loops can inline them. */
#include "heap_internal.h"

size_t object_size(const void *object) { return size_of(object); }

void object_visit(void *object, void (*visit)(void *context, Value *slot), void *context) {
    for (Value *end, *start = fields_of(object, &end); start; start = fields_after(object, &end))
        for (Value *slot = start; slot < end; slot++) visit(context, slot);
}
