/* The methods of strings. Positions and lengths that programs see are in code points; inside they are bytes.
 *
 * Invariant: as in prim.c. A pointer into a string is dead after anything that may collect. */
#include "prim.h"
#include "type.h"

bool prim_string_contains(Process *p, Value *args, Value *result) {
    return two_strings(p, args) && give(result, boolean(find_bytes(AS(String, args[0]), AS(String, args[1]), 0) >= 0));
}

static bool has_at(const String *s, const String *part, int64_t at) {
    return at >= 0 && s->length - at >= part->length && !memcmp(s->bytes + at, part->bytes, (size_t)part->length);
}

bool prim_string_starts_with(Process *p, Value *args, Value *result) {
    return two_strings(p, args) && give(result, boolean(has_at(AS(String, args[0]), AS(String, args[1]), 0)));
}

bool prim_string_ends_with(Process *p, Value *args, Value *result) {
    if (!two_strings(p, args)) return false;
    const String *s = AS(String, args[0]), *part = AS(String, args[1]);
    return give(result, boolean(has_at(s, part, s->length - part->length)));
}

bool prim_string_index_of(Process *p, Value *args, Value *result) {
    if (!two_strings(p, args)) return false;
    const String *s = AS(String, args[0]);
    int64_t at = find_bytes(s, AS(String, args[1]), 0);
    return give(result, fixnum(at < 0 ? -1 : points_before(s, at)));
}

bool prim_string_slice(Process *p, Value *args, Value *result) {
    int64_t from, to;
    if (!need_string(p, &args[0])) return false;
    String *s = AS(String, args[0]);
    if (!need_range(p, args + 1, string_count(p, s), &from, &to)) return false;
    s = AS(String, args[0]);
    int64_t start = string_offset(p, s, from), end = string_offset(p, s, to);
    return give(result, string_slice(p, &args[0], start, end - start));
}

bool prim_string_chars(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0])) return false;
    Value *made = root_push(p, list_new(p, NULL, 0));
    bool ok = *made != V_UNSET;
    for (int64_t at = 0; ok && at < AS(String, args[0])->length;) {
        const String *s = AS(String, args[0]);
        int size = utf8_step(s->bytes + at, s->bytes + s->length);
        ok = push_part(p, made, &args[0], at, size);
        at += size;
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(v, p->machine->string_list));
}

/* --- code points --- */

bool prim_string_codes(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0])) return false;
    Value *made = root_push(p, list_new(p, NULL, 0)), *item = root_push(p, V_NONE);
    bool ok = *made != V_UNSET;
    for (int64_t at = 0; ok && at < AS(String, args[0])->length;) {
        const String *s = AS(String, args[0]);
        int size = utf8_step(s->bytes + at, s->bytes + s->length);
        *item = fixnum(utf8_decode(s->bytes + at, size));
        ok = list_push(p, made, item);
        at += size;
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 2);
    return give(result, container_reify(v, p->machine->int_list));
}

bool prim_chr(Process *p, Value *args, Value *result) {
    int64_t code;
    uint8_t bytes[4];
    if (!need_int(p, args[0], &code)) return false;
    if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return error_raise(p, ERROR_VALUE, "%lld is not the number of a code point", (long long)code);
    return give(result, string_new(p, bytes, (size_t)utf8_encode((uint32_t)code, bytes)));
}

/* --- letters --- */

/* Ranges of letters by how upper and lower case lie: `step` apart, or (step 0) alternating, upper case at even or odd numbers.
 * Letters whose other case takes another number of bytes are left out, so that changing case keeps lengths. */
static const struct CaseRange { uint16_t first, last, step, odd; } case_ranges[] = {
    {0x41, 0x5A, 32, 0}, {0xC0, 0xD6, 32, 0}, {0xD8, 0xDE, 32, 0},          /* Latin */
    {0x100, 0x12F, 0, 0}, {0x132, 0x137, 0, 0}, {0x139, 0x148, 0, 1}, {0x14A, 0x177, 0, 0}, {0x179, 0x17E, 0, 1},
    {0x386, 0x386, 38, 0}, {0x388, 0x38A, 37, 0}, {0x38C, 0x38C, 64, 0}, {0x38E, 0x38F, 63, 0},
    {0x391, 0x3A1, 32, 0}, {0x3A3, 0x3AB, 32, 0},                           /* Greek */
    {0x400, 0x40F, 80, 0}, {0x410, 0x42F, 32, 0}, {0x460, 0x481, 0, 0}, {0x48A, 0x4BF, 0, 0}, {0x4D0, 0x52F, 0, 0},  /* Cyrillic */
    {0x531, 0x556, 48, 0},                                                  /* Armenian */
    {0x1E00, 0x1E95, 0, 0}, {0x1EA0, 0x1EFF, 0, 0},                         /* more Latin */
};

static uint32_t change_case(uint32_t code, bool upper) {
    for (size_t i = 0; i < sizeof case_ranges / sizeof *case_ranges; i++) {
        const struct CaseRange *r = &case_ranges[i];
        if (r->step == 0 && code >= r->first && code <= r->last) {
            bool is_upper = (code & 1) == r->odd;
            return is_upper == upper ? code : upper ? code - 1 : code + 1;
        }
        if (!r->step) continue;
        uint32_t other = upper ? code - r->step : code + r->step, capital = upper ? other : code;
        if (capital >= r->first && capital <= r->last) return other;
    }
    return code;
}

static bool cased(Process *p, Value *args, Value *result, bool upper) {
    if (!need_string(p, &args[0])) return false;
    int64_t length = AS(String, args[0])->length;
    Value made = string_alloc_bytes(p, (size_t)length, header_of(args[0])->aux & STRING_ASCII);
    if (made == V_UNSET || length == 0) return give(result, made);
    const uint8_t *from = AS(String, args[0])->bytes, *end = from + length;
    uint8_t *to = AS(String, made)->bytes;
    while (from < end) {
        int size = utf8_step(from, end);
        uint32_t code = utf8_decode(from, size);
        if (size > 1 || code < 0x80) utf8_encode(change_case(code, upper), to);
        else *to = *from;
        from += size;
        to += size;
    }
    return give(result, made);
}

bool prim_string_upper(Process *p, Value *args, Value *result) { return cased(p, args, result, true); }
bool prim_string_lower(Process *p, Value *args, Value *result) { return cased(p, args, result, false); }

/* --- replace, repeat --- */

static int64_t count_parts(const String *s, const String *part) {
    int64_t count = 0;
    for (int64_t at = 0; (at = find_bytes(s, part, at)) >= 0; at += part->length) count++;
    return count;
}

static void put_replaced(const String *s, const String *old, const String *new, uint8_t *out) {
    int64_t from = 0;
    for (int64_t at; (at = find_bytes(s, old, from)) >= 0; from = at + old->length) {
        memcpy(out, s->bytes + from, (size_t)(at - from));
        out += at - from;
        memcpy(out, new->bytes, (size_t)new->length);
        out += new->length;
    }
    memcpy(out, s->bytes + from, (size_t)(s->length - from));
}

static bool too_long(Process *p) { return error_raise(p, ERROR_MEMORY, "string too long"); }

bool prim_string_replace(Process *p, Value *args, Value *result) {
    if (!two_strings(p, args) || !need_string(p, &args[2]) || !not_empty(p, args[1], "what is replaced")) return false;
    const String *s = AS(String, args[0]);
    int64_t count = count_parts(s, AS(String, args[1])), length;
    if (count == 0) return give(result, args[0]);
    if (__builtin_mul_overflow(count, AS(String, args[2])->length - AS(String, args[1])->length, &length) ||
        __builtin_add_overflow(length, s->length, &length)) return too_long(p);
    Value made = string_alloc_bytes(p, (size_t)length, false);
    if (made == V_UNSET || length == 0) return give(result, made);
    put_replaced(AS(String, args[0]), AS(String, args[1]), AS(String, args[2]), AS(String, made)->bytes);
    string_filled(made);
    return give(result, made);
}

bool prim_string_repeat(Process *p, Value *args, Value *result) {
    int64_t count, length;
    if (!need_string(p, &args[0]) || !need_int(p, args[1], &count)) return false;
    if (count < 0) return error_raise(p, ERROR_VALUE, "a string cannot be repeated %lld times", (long long)count);
    int64_t width = AS(String, args[0])->length;
    if (__builtin_mul_overflow(count, width, &length)) return too_long(p);
    Value made = string_alloc_bytes(p, (size_t)length, header_of(args[0])->aux & STRING_ASCII);
    if (made == V_UNSET || length == 0) return give(result, made);
    uint8_t *bytes = AS(String, made)->bytes;
    memcpy(bytes, AS(String, args[0])->bytes, (size_t)width);
    for (int64_t done = width; done < length; done *= 2) memcpy(bytes + done, bytes, (size_t)(length - done < done ? length - done : done));
    return give(result, made);
}

/* --- numbers --- */

bool prim_string_to_int(Process *p, Value *args, Value *result) {
    int64_t i;
    if (!need_string(p, &args[0])) return false;
    return give(result, parse_int(AS(String, args[0]), 10, &i) ? int_value(p, i) : V_NONE);
}

bool prim_string_to_float(Process *p, Value *args, Value *result) {
    double d;
    if (!need_string(p, &args[0])) return false;
    return give(result, parse_float(AS(String, args[0]), &d) ? float_value(p, d) : V_NONE);
}
