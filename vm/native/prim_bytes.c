/* The methods of bytes, and what makes them.
 *
 * Invariants: as in prim.c and bytes.c. */
#include "prim.h"
#include "type.h"
#include "runtime_api.h"

static bool need_bytes(Process *p, Value v) { return need(p, v, T_BYTES, "bytes"); }

/* MAY_COLLECT RAISES: bytes of the items of *items, which is what rt_iternext walks. They are gathered in a list first. */
static Value bytes_of_items(Process *p, Value *items) {
    Value *loop = root_push(p, *items);
    root_push(p, fixnum(0));
    root_push(p, V_NONE);
    Value *list = root_push(p, list_new(p, NULL, 0));
    int more = 1;
    bool ok = *list != V_UNSET;
    while (ok && (more = rt_iternext(p, loop)) == 1) {
        int64_t byte;
        ok = need_int(p, loop[2], &byte) && ((byte >= 0 && byte <= 255) || error_raise(p, ERROR_OVERFLOW, "%lld does not fit a byte", (long long)byte));
        ok = ok && list_push(p, list, &loop[2]);
    }
    Value made = ok && more == 0 ? bytes_alloc(p, AS(List, *list)->length) : V_UNSET;
    for (int64_t i = 0; made != V_UNSET && i < AS(List, *list)->length; i++)
        AS(Bytes, made)->bytes[i] = (uint8_t)fixnum_int(AS(Array, AS(List, *list)->items)->items[i]);
    root_pop(p, 4);
    return made;
}

/* MAY_COLLECT RAISES: bytes of the two hexadecimal digits of each in the flat string *text. */
static Value bytes_of_hex(Process *p, Value *text) {
    int64_t length = AS(String, *text)->length / 2;
    Value made = bytes_alloc(p, length);
    if (made == V_UNSET) return V_UNSET;
    const String *s = AS(String, *text);
    bool ok = s->length % 2 == 0;
    for (int64_t i = 0; ok && i < length; i++) {
        int high = digit_value(s->bytes[2 * i]), low = digit_value(s->bytes[2 * i + 1]);
        ok = high < 16 && low < 16;
        AS(Bytes, made)->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return ok ? made : (error_raise(p, ERROR_VALUE, "the string is not pairs of hexadecimal digits"), V_UNSET);
}

bool prim_bytes(Process *p, Value *args, Value *result) {
    if (args[1] != V_UNSET) {
        if (args[1] != fixnum(16)) return error_raise(p, ERROR_VALUE, "bytes are read in base 16");
        return need_string(p, &args[0]) && give(result, bytes_of_hex(p, &args[0]));
    }
    if (is_type(args[0], T_BYTES)) return give(result, args[0]);
    if (is_string(args[0])) return error_raise(p, ERROR_CAST, "a string has bytes in an encoding: use to_bytes()");
    if (is_type(args[0], T_OBJECT)) return library_call(p, "to_bytes", args, 1, result);
    return give(result, bytes_of_items(p, &args[0]));
}

bool prim_string_to_bytes(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0])) return false;
    Value made = bytes_alloc(p, AS(String, args[0])->length);
    if (made == V_UNSET) return false;
    memcpy(AS(Bytes, made)->bytes, AS(String, args[0])->bytes, (size_t)AS(String, args[0])->length);
    return give(result, made);
}

int64_t not_utf8(const uint8_t *bytes, int64_t length) {
    for (int64_t at = 0; at < length;) {
        int size = utf8_step(bytes + at, bytes + length);
        if (size == 1 && bytes[at] >= 128) return at;
        at += size;
    }
    return -1;
}

bool prim_bytes_to_string(Process *p, Value *args, Value *result) {
    if (!need_bytes(p, args[0])) return false;
    int64_t length = AS(Bytes, args[0])->length, wrong = not_utf8(AS(Bytes, args[0])->bytes, length);
    if (wrong >= 0) return error_raise(p, ERROR_VALUE, "the bytes are not UTF-8: byte %lld", (long long)wrong);
    Value made = string_alloc_bytes(p, (size_t)length, false);
    if (made == V_UNSET) return false;
    memcpy(AS(String, made)->bytes, AS(Bytes, args[0])->bytes, (size_t)length);
    if (length) string_filled(made);
    return give(result, made);
}

bool prim_bytes_hex(Process *p, Value *args, Value *result) {
    if (!need_bytes(p, args[0])) return false;
    int64_t length = AS(Bytes, args[0])->length;
    Value made = string_alloc_bytes(p, 2 * (size_t)length, true);
    if (made == V_UNSET) return false;
    for (int64_t i = 0; i < length; i++) {
        uint8_t byte = AS(Bytes, args[0])->bytes[i];
        AS(String, made)->bytes[2 * i] = (uint8_t)"0123456789abcdef"[byte >> 4];
        AS(String, made)->bytes[2 * i + 1] = (uint8_t)"0123456789abcdef"[byte & 15];
    }
    return give(result, made);
}

bool prim_bytes_slice(Process *p, Value *args, Value *result) {
    int64_t from, to;
    if (!need_bytes(p, args[0]) || !need_range(p, args + 1, AS(Bytes, args[0])->length, &from, &to)) return false;
    Value made = bytes_alloc(p, to - from);
    if (made == V_UNSET) return false;
    memcpy(AS(Bytes, made)->bytes, AS(Bytes, args[0])->bytes + from, (size_t)(to - from));
    return give(result, made);
}

bool prim_bytes_index_of(Process *p, Value *args, Value *result) {
    if (!need_bytes(p, args[0]) || !need_bytes(p, args[1])) return false;
    const Bytes *b = AS(Bytes, args[0]), *part = AS(Bytes, args[1]);
    int64_t found = -1;
    for (int64_t at = 0; found < 0 && at <= b->length - part->length; at++)
        if (!memcmp(b->bytes + at, part->bytes, (size_t)part->length)) found = at;
    return give(result, fixnum(found));
}

bool prim_bytes_to_list(Process *p, Value *args, Value *result) {
    if (!need_bytes(p, args[0])) return false;
    int64_t length = AS(Bytes, args[0])->length;
    Value *list = root_push(p, list_new(p, NULL, 0));
    bool ok = *list != V_UNSET && list_reserve(p, list, length);
    for (int64_t i = 0; ok && i < length; i++) {
        Value byte = fixnum(AS(Bytes, args[0])->bytes[i]);
        ok = list_push(p, list, &byte);
    }
    Value made = ok ? *list : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(made, p->machine->int_list));
}
