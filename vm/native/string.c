/* Strings: creation, concatenation, flattening, hashes, comparison, code points.
 *
 * Invariants:
 * - a rope has more than FLAT_MAX bytes and two parts that are not empty; once flattened it is an indirection: `left` is the
 *   flat string, `right` None;
 * - STRING_ASCII says that all bytes are below 128; it is exact in a flat string and correct when set in a rope;
 * - no string is longer than STRING_MAX bytes. */
#include "runtime.h"
#include "system.h"
#include <stdlib.h>

enum {
    FLAT_MAX = 256,     /* bytes up to which a concatenation is copied. A string built from characters then holds one rope for this
                           many bytes; twice as much copies more at each step, half as much leaves longer chains */
    PENDING = 48,       /* more than log2(STRING_MAX): see `string_copy` */
};
#define STRING_MAX (INT64_C(1) << 36)


/* --- bytes --- */
static inline uint64_t load_tail(const uint8_t *bytes, size_t length) {   /* length < 8 */
    uint64_t word = 0;
    memcpy(&word, bytes, length);
    return word;
}

bool bytes_ascii(const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    for (; length >= 8; at += 8, length -= 8)
        if (load_word(at) & HIGH_BITS) return false;
    return length == 0 || !(load_tail(at, length) & HIGH_BITS);
}

static inline uint64_t multiply_fold(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Each word is mixed by a 128-bit product folded in half; the constants are odd with about half of their bits set. */
uint64_t hash_seed;

void hash_seed_init(void) {
    const char *text = getenv("MYNA_HASH_SEED");
    system_random(&hash_seed, sizeof hash_seed);
    hash_seed = text ? strtoull(text, NULL, 10) : multiply_fold(hash_seed ^ (uintptr_t)&text, UINT64_C(0x9E3779B97F4A7C15));
}

uint32_t hash_bytes(const void *bytes, size_t length) {
    const uint64_t k1 = UINT64_C(0x9E3779B97F4A7C15), k2 = UINT64_C(0xD6E8FEB86659FD93);
    const uint8_t *at = bytes;
    uint64_t hash = k2 ^ length ^ hash_seed;
    for (; length >= 8; at += 8, length -= 8) hash = multiply_fold(hash ^ load_word(at), k1);
    if (length) hash = multiply_fold(hash ^ load_tail(at, length) ^ (uint64_t)length << 56, k2);
    hash = multiply_fold(hash ^ k1, k2);
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return folded ? folded : 1;
}

/* --- creation --- */
/* MAY_COLLECT RAISES (NULL): a string whose bytes the caller fills. */
static String *string_alloc(Process *p, int64_t length, int flags) {
    String *s = heap_new(p, sizeof(String) + (size_t)length, HEADER(T_STRING, flags, 0, 0));
    if (s) s->length = length;
    return s;
}

static bool too_long(Process *p) { return error_raise(p, ERROR_MEMORY, "string too long"); }

Value string_alloc_bytes(Process *p, size_t length, bool ascii) {
    if (length == 0) return p->machine->empty_string;
    if (length > (size_t)STRING_MAX) { too_long(p); return V_UNSET; }
    String *s = string_alloc(p, (int64_t)length, ascii ? STRING_ASCII : 0);
    return s ? ref(s) : V_UNSET;
}

void string_filled(Value s) {
    String *made = AS(String, s);
    if (bytes_ascii(made->bytes, (size_t)made->length)) header_of(s)->aux |= STRING_ASCII;
}

Value string_new(Process *p, const void *bytes, size_t length) {
    if (length == 1) return p->machine->characters[*(const uint8_t *)bytes];
    Value v = string_alloc_bytes(p, length, bytes_ascii(bytes, length));
    if (v != V_UNSET && length) memcpy(AS(String, v)->bytes, bytes, length);
    return v;
}

Value string_slice(Process *p, Value *s, int64_t start, int64_t length) {
    if (string_flat(p, s) == V_UNSET) return V_UNSET;
    const String *whole = AS(String, *s);
    if (length == whole->length) return *s;
    if (length <= 1) return string_new(p, whole->bytes + start, (size_t)length);
    Value v = string_alloc_bytes(p, (size_t)length, bytes_ascii(whole->bytes + start, (size_t)length));
    if (v != V_UNSET) memcpy(AS(String, v)->bytes, AS(String, *s)->bytes + start, (size_t)length);
    return v;
}

/* --- ropes --- */
int64_t string_length(Value s) { return AS(String, s)->length; }    /* a rope's length is at the same place */
_Static_assert(offsetof(String, length) == offsetof(Rope, length), "string_length reads both");

/* The flat string of an indirection, otherwise `s` itself. */
static inline Value string_skip(Value s) {
    return type_of(s) == T_ROPE && AS(Rope, s)->right == V_NONE ? AS(Rope, s)->left : s;
}

/* The place of every part is known in advance, so parts are copied in any order: the shorter of two ropes first, the longer is
 * left pending. With n pending the part at hand has at most 2^-n of all bytes, so PENDING is never exceeded, however deep the
 * rope. A pending fixnum n stands for "the same n bytes once more": doubling copies whole halves. */
void string_copy(Value s, uint8_t *out) {
    struct { Value part; uint8_t *at; } pending[PENDING];
    int n = 0;
    for (Value part = s;;) {
        if (is_fixnum(part)) {
            size_t length = (size_t)fixnum_int(part);
            memcpy(out, out - length, length);
        } else if (type_of(part = string_skip(part)) == T_STRING) {
            memcpy(out, AS(String, part)->bytes, (size_t)string_length(part));
        } else {
            Value left = string_skip(AS(Rope, part)->left), right = string_skip(AS(Rope, part)->right);
            int64_t left_length = string_length(left), right_length = string_length(right);
            uint8_t *middle = out + left_length;
            if (left == right && type_of(left) == T_ROPE) {
                pending[n].part = fixnum(left_length), pending[n++].at = middle;
                part = left;
            } else if (type_of(right) == T_STRING) {
                memcpy(middle, AS(String, right)->bytes, (size_t)right_length);
                part = left;
            } else if (type_of(left) == T_STRING) {
                memcpy(out, AS(String, left)->bytes, (size_t)left_length);
                part = right, out = middle;
            } else if (left_length < right_length) {
                pending[n].part = right, pending[n++].at = middle;
                part = left;
            } else {
                pending[n].part = left, pending[n++].at = out;
                part = right, out = middle;
            }
            continue;
        }
        if (n == 0) return;
        part = pending[--n].part, out = pending[n].at;
    }
}

Value string_flat(Process *p, Value *slot) {
    Value v = *slot = string_skip(*slot);
    if (type_of(v) == T_STRING) return v;
    int64_t length = string_length(v);
    String *flat = string_alloc(p, length, header_of(v)->aux & STRING_ASCII);
    if (!flat) return V_UNSET;
    Rope *rope = AS(Rope, *slot);
    string_copy(*slot, flat->bytes);
    if (!(flat->header >> 8 & STRING_ASCII) && bytes_ascii(flat->bytes, (size_t)length))
        ((Header *)flat)->aux |= STRING_ASCII;
    rope->left = ref(flat);
    rope->right = V_NONE;
    heap_barrier(p, rope, &rope->left, rope->left);
    return *slot = ref(flat);
}

/* MAY_COLLECT RAISES: a flat copy of both, which are flat themselves. */
static Value concat_flat(Process *p, Value *a, Value *b) {
    int64_t left = string_length(*a), right = string_length(*b);
    String *s = string_alloc(p, left + right, header_of(*a)->aux & header_of(*b)->aux & STRING_ASCII);
    if (!s) return V_UNSET;
    memcpy(s->bytes, AS(String, *a)->bytes, (size_t)left);
    memcpy(s->bytes + left, AS(String, *b)->bytes, (size_t)right);
    return ref(s);
}

static Value rope_new(Process *p, Value *a, Value *b) {
    int flags = header_of(*a)->aux & header_of(*b)->aux & STRING_ASCII;
    Rope *rope = heap_new(p, sizeof(Rope), HEADER(T_ROPE, flags, 0, 0));
    if (!rope) return V_UNSET;
    rope->left = string_skip(*a);
    rope->right = string_skip(*b);
    rope->length = string_length(rope->left) + string_length(rope->right);
    return ref(rope);
}

static inline bool joinable(Value a, Value b) {
    return type_of(a) == T_STRING && type_of(b) == T_STRING && string_length(a) + string_length(b) <= FLAT_MAX;
}

static inline bool is_open_rope(Value s) { return type_of(s) == T_ROPE && AS(Rope, s)->right != V_NONE; }

/* (x + y) + b as x + (y + b), and a + (x + y) as (a + x) + y, when the middle is short. */
static Value concat_joined(Process *p, Value *a, Value *b, bool at_end) {
    Rope *rope = AS(Rope, at_end ? *a : *b);
    Value *outer = root_push(p, at_end ? rope->left : rope->right);
    Value *inner = root_push(p, at_end ? rope->right : rope->left);
    *inner = at_end ? concat_flat(p, inner, b) : concat_flat(p, a, inner);
    Value result = V_UNSET;
    if (*inner != V_UNSET) result = at_end ? rope_new(p, outer, inner) : rope_new(p, inner, outer);
    root_pop(p, 2);
    return result;
}

Value string_concat(Process *p, Value *a, Value *b) {
    int64_t left = string_length(*a), right = string_length(*b);
    if (right == 0) return *a;
    if (left == 0) return *b;
    if (left + right <= FLAT_MAX) return concat_flat(p, a, b);
    if (left + right > STRING_MAX) { too_long(p); return V_UNSET; }
    if (is_open_rope(*a) && joinable(AS(Rope, *a)->right, *b)) return concat_joined(p, a, b, true);
    if (is_open_rope(*b) && joinable(*a, AS(Rope, *b)->left)) return concat_joined(p, a, b, false);
    return rope_new(p, a, b);
}

/* --- hash, equality, order --- */
uint32_t string_hash(String *s) {
    Header *header = (Header *)s;
    if (header->id == 0) header->id = hash_bytes(s->bytes, (size_t)s->length);
    return header->id;
}

bool string_equal_flat(const String *a, const String *b) {
    if (a == b) return true;
    uint32_t hash_a = ((const Header *)a)->id, hash_b = ((const Header *)b)->id;
    if (a->length != b->length || (hash_a && hash_b && hash_a != hash_b)) return false;
    return memcmp(a->bytes, b->bytes, (size_t)a->length) == 0;
}

bool string_equal(Process *p, Value *a, Value *b, bool *equal) {
    *equal = *a == *b;
    if (*equal || string_length(*a) != string_length(*b)) return true;
    if (string_flat(p, a) == V_UNSET || string_flat(p, b) == V_UNSET) return false;
    *equal = string_equal_flat(AS(String, *a), AS(String, *b));
    return true;
}

int string_compare_flat(String *a, String *b) {
    int64_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->bytes, b->bytes, (size_t)shorter);
    if (order == 0) order = (a->length > b->length) - (a->length < b->length);
    return (order > 0) - (order < 0);
}

/* --- code points --- */
static inline bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* Bytes of the code point at `at`: 1 to 4. A byte that begins no valid sequence before `end` stands alone. */
int utf8_step(const uint8_t *at, const uint8_t *end) {
    uint8_t first = at[0];
    if (first < 0xC2 || first > 0xF4) return 1;
    ptrdiff_t left = end - at;
    if (left < 2 || !is_continuation(at[1])) return 1;
    if (first < 0xE0) return 2;
    if (left < 3 || !is_continuation(at[2])) return 1;
    if (first < 0xF0) {
        bool overlong = first == 0xE0 && at[1] < 0xA0, surrogate = first == 0xED && at[1] > 0x9F;
        return overlong || surrogate ? 1 : 3;
    }
    if (left < 4 || !is_continuation(at[3])) return 1;
    bool overlong = first == 0xF0 && at[1] < 0x90, too_great = first == 0xF4 && at[1] > 0x8F;
    return overlong || too_great ? 1 : 4;
}
