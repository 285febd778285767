/* The methods of strings that look for parts, take them apart, and tell kinds of code points.
 *
 * Invariant: as in prim.c. A pointer into a string is dead after anything that may collect. */
#include "prim.h"
#include "type.h"
#include "unicode.h"

int64_t find_bytes(const String *s, const String *part, int64_t from) {
    if (part->length == 0) return from;
    const uint8_t *at = s->bytes + from, *end = s->bytes + s->length - part->length + 1;
    while (at < end && (at = memchr(at, part->bytes[0], (size_t)(end - at)))) {
        if (!memcmp(at, part->bytes, (size_t)part->length)) return at - s->bytes;
        at++;
    }
    return -1;
}

int64_t points_before(const String *s, int64_t bytes) {
    if (((const Header *)s)->aux & STRING_ASCII) return bytes;
    int64_t count = 0;
    for (int64_t at = 0; at < bytes; count++) at += utf8_step(s->bytes + at, s->bytes + s->length);
    return count;
}

bool push_part(Process *p, Value *list, Value *s, int64_t start, int64_t length) {
    Value *part = root_push(p, string_slice(p, s, start, length));
    bool ok = *part != V_UNSET && list_push(p, list, part);
    root_pop(p, 1);
    return ok;
}

/* --- kinds of code points --- */

typedef bool Kind(uint32_t code);

static bool in_ranges(const CodeRange *ranges, size_t count, uint32_t code) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < code) low = middle + 1;
        else high = middle;
    }
    return low < count && ranges[low].first <= code;
}

static bool is_letter(uint32_t code) {
    if (code < 0x80) return (code | 32) - 'a' < 26;
    return in_ranges(letter_ranges, sizeof letter_ranges / sizeof *letter_ranges, code);
}
static bool is_digit(uint32_t code) {
    if (code < 0x80) return code - '0' < 10;
    return in_ranges(digit_ranges, sizeof digit_ranges / sizeof *digit_ranges, code);
}
static bool is_alnum(uint32_t code) { return is_letter(code) || is_digit(code); }
static bool is_space(uint32_t code) {       /* Unicode's White_Space */
    if (code < 0x80) return code == ' ' || code - '\t' < 5;
    return code == 0x85 || code == 0xA0 || code == 0x1680 || code - 0x2000 < 11 || code == 0x2028 || code == 0x2029 || code == 0x202F ||
        code == 0x205F || code == 0x3000;
}

/* Are all code points of that kind, and is there one? */
static bool all_are(Process *p, Value *args, Value *result, Kind *kind) {
    if (!need_string(p, &args[0])) return false;
    const String *s = AS(String, args[0]);
    bool all = s->length > 0;
    for (int64_t at = 0; all && at < s->length;) {
        int size = utf8_step(s->bytes + at, s->bytes + s->length);
        uint32_t code = utf8_decode(s->bytes + at, size);
        all = kind(size == 1 && code >= 0x80 ? 0xFFFD : code);      /* an invalid byte is of no kind */
        at += size;
    }
    return give(result, boolean(all));
}

bool prim_string_is_alpha(Process *p, Value *args, Value *result) { return all_are(p, args, result, is_letter); }
bool prim_string_is_digit(Process *p, Value *args, Value *result) { return all_are(p, args, result, is_digit); }
bool prim_string_is_alnum(Process *p, Value *args, Value *result) { return all_are(p, args, result, is_alnum); }
bool prim_string_is_space(Process *p, Value *args, Value *result) { return all_are(p, args, result, is_space); }

/* --- white space --- */

/* Bytes of white space that begin at `at`, and that end there. */
static int64_t space_after(const String *s, int64_t at) {
    int64_t from = at;
    while (at < s->length) {
        int size = utf8_step(s->bytes + at, s->bytes + s->length);
        if (!is_space(size == 1 && s->bytes[at] >= 0x80 ? 0 : utf8_decode(s->bytes + at, size))) break;
        at += size;
    }
    return at - from;
}
static int64_t space_before(const String *s, int64_t at, int64_t least) {
    int64_t from = at;
    while (at > least) {
        int64_t start = at - 1;
        while (start > least && at - start < 4 && (s->bytes[start] & 0xC0) == 0x80) start--;
        int size = utf8_step(s->bytes + start, s->bytes + s->length);
        if (start + size != at || (size == 1 && s->bytes[start] >= 0x80) || !is_space(utf8_decode(s->bytes + start, size))) break;
        at = start;
    }
    return from - at;
}

static bool trimmed(Process *p, Value *args, Value *result, bool start, bool end) {
    if (!need_string(p, &args[0])) return false;
    const String *s = AS(String, args[0]);
    int64_t from = start ? space_after(s, 0) : 0;
    int64_t to = s->length - (end ? space_before(s, s->length, from) : 0);
    return give(result, string_slice(p, &args[0], from, to - from));
}

bool prim_string_trim(Process *p, Value *args, Value *result) { return trimmed(p, args, result, true, true); }
bool prim_string_trim_start(Process *p, Value *args, Value *result) { return trimmed(p, args, result, true, false); }
bool prim_string_trim_end(Process *p, Value *args, Value *result) { return trimmed(p, args, result, false, true); }

bool prim_string_words(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0])) return false;
    Value *made = root_push(p, list_new(p, NULL, 0));
    bool ok = *made != V_UNSET;
    for (int64_t at = 0; ok;) {
        const String *s = AS(String, args[0]);
        at += space_after(s, at);
        if (at == s->length) break;
        int64_t from = at;
        while (at < s->length && !space_after(s, at)) at += utf8_step(s->bytes + at, s->bytes + s->length);
        ok = push_part(p, made, &args[0], from, at - from);
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(v, p->machine->string_list));
}

/* --- parts --- */

bool prim_string_split(Process *p, Value *args, Value *result) {
    int64_t most = INT64_MAX;
    if (!two_strings(p, args) || !not_empty(p, args[1], "the separator")) return false;
    if (args[2] != V_UNSET && !need_int(p, args[2], &most)) return false;
    if (most < 1) return error_raise(p, ERROR_VALUE, "a string has at least one part, not %lld", (long long)most);
    Value *made = root_push(p, list_new(p, NULL, 0));
    bool ok = *made != V_UNSET;
    int64_t from = 0, width = AS(String, args[1])->length;
    for (bool more = true; ok && more;) {
        int64_t at = --most ? find_bytes(AS(String, args[0]), AS(String, args[1]), from) : -1;
        more = at >= 0;
        if (!more) at = AS(String, args[0])->length;
        ok = push_part(p, made, &args[0], from, at - from);
        from = at + width;
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(v, p->machine->string_list));
}

bool prim_string_count(Process *p, Value *args, Value *result) {
    if (!two_strings(p, args) || !not_empty(p, args[1], "what is counted")) return false;
    const String *s = AS(String, args[0]), *part = AS(String, args[1]);
    int64_t count = 0;
    for (int64_t at = 0; (at = find_bytes(s, part, at)) >= 0; at += part->length) count++;
    return give(result, fixnum(count));
}

bool prim_string_last_index_of(Process *p, Value *args, Value *result) {
    if (!two_strings(p, args)) return false;
    const String *s = AS(String, args[0]), *part = AS(String, args[1]);
    int64_t at = s->length - part->length;
    while (at >= 0 && memcmp(s->bytes + at, part->bytes, (size_t)part->length)) at--;
    return give(result, fixnum(at < 0 ? -1 : points_before(s, at)));
}

bool prim_string_compare(Process *p, Value *args, Value *result) {
    return two_strings(p, args) && give(result, fixnum(string_compare_flat(AS(String, args[0]), AS(String, args[1]))));
}

bool prim_string_code_at(Process *p, Value *args, Value *result) {
    int64_t index;
    if (!need_string(p, &args[0]) || !need_int(p, args[1], &index)) return false;
    String *s = AS(String, args[0]);
    int64_t at = index < 0 ? -1 : string_offset(p, s, index);
    if (at < 0 || at >= s->length)
        return error_raise(p, ERROR_INDEX, "index %lld is out of range for length %lld", (long long)index, (long long)string_count(p, s));
    return give(result, fixnum(utf8_decode(s->bytes + at, utf8_step(s->bytes + at, s->bytes + s->length))));
}

bool prim_string_reverse(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0])) return false;
    int64_t length = AS(String, args[0])->length;
    Value made = string_alloc_bytes(p, (size_t)length, header_of(args[0])->aux & STRING_ASCII);
    if (made == V_UNSET || length == 0) return give(result, made);
    const uint8_t *from = AS(String, args[0])->bytes, *end = from + length;
    uint8_t *to = AS(String, made)->bytes + length;
    while (from < end) {
        int size = utf8_step(from, end);
        memcpy(to -= size, from, (size_t)size);
        from += size;
    }
    return give(result, made);
}

/* --- filling up --- */

/* `s` with as many `fill`s beside it as code points are missing. */
static bool padded(Process *p, Value *args, Value *result, bool before) {
    int64_t width, length;
    if (!need_string(p, &args[0]) || !need_int(p, args[1], &width)) return false;
    if (args[2] == V_UNSET) args[2] = p->machine->characters[' '];
    if (!need_string(p, &args[2])) return false;
    if (string_count(p, AS(String, args[2])) != 1) return error_raise(p, ERROR_VALUE, "a string is filled up with one code point");
    int64_t missing = width - string_count(p, AS(String, args[0])), size = AS(String, args[2])->length, own = AS(String, args[0])->length;
    if (width < 0 || missing <= 0) return give(result, args[0]);
    if (__builtin_mul_overflow(missing, size, &length) || __builtin_add_overflow(length, own, &length)) return error_raise(p, ERROR_MEMORY, "string too long");
    Value made = string_alloc_bytes(p, (size_t)length, header_of(args[0])->aux & header_of(args[2])->aux & STRING_ASCII);
    if (made == V_UNSET) return false;
    uint8_t *out = AS(String, made)->bytes, *fill = before ? out : out + own;
    memcpy(before ? out + length - own : out, AS(String, args[0])->bytes, (size_t)own);
    for (int64_t i = 0; i < missing; i++) memcpy(fill + i * size, AS(String, args[2])->bytes, (size_t)size);
    string_filled(made);
    return give(result, made);
}

bool prim_string_pad_start(Process *p, Value *args, Value *result) { return padded(p, args, result, true); }
bool prim_string_pad_end(Process *p, Value *args, Value *result) { return padded(p, args, result, false); }
