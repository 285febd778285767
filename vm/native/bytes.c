/* Bytes: a row of numbers from 0 to 255.
 *
 * Invariant: nothing changes bytes that were given away. */
#include "runtime.h"

Value bytes_alloc(Process *p, int64_t length) {
    Bytes *b = heap_new(p, sizeof(Bytes) + (size_t)length, HEADER(T_BYTES, 0, 0, 0));
    if (!b) return V_UNSET;
    b->length = length;
    return ref(b);
}

int bytes_compare(Value a, Value b) {
    int64_t n = AS(Bytes, a)->length, m = AS(Bytes, b)->length;
    int order = memcmp(AS(Bytes, a)->bytes, AS(Bytes, b)->bytes, (size_t)(n < m ? n : m));
    return order ? (order > 0) - (order < 0) : (n > m) - (n < m);
}

Value bytes_concat(Process *p, Value *a, Value *b) {
    int64_t n = AS(Bytes, *a)->length, m = AS(Bytes, *b)->length;
    Value made = bytes_alloc(p, n + m);
    if (made == V_UNSET) return V_UNSET;
    memcpy(AS(Bytes, made)->bytes, AS(Bytes, *a)->bytes, (size_t)n);
    memcpy(AS(Bytes, made)->bytes + n, AS(Bytes, *b)->bytes, (size_t)m);
    return made;
}
