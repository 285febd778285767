/* JSON text to values: RFC 8259 and nothing beyond it. Objects become maps, arrays lists, numbers without fraction and exponent
 * ints (bigints when they do not fit), others floats.
 *
 * Invariants: no recursion: the containers that are being filled are in a list of the heap, so depth is bounded by memory only.
 * The parser reads a copy of the text outside the heap, which ends in a NUL; `at` never passes that. All values it holds are roots. */
#include "prim.h"
#include "type.h"
#include "runtime_api.h"
#include <math.h>
#include <stdlib.h>

enum { KEYS = 64 };     /* places of the cache of keys, by hash: records of one kind share the strings of their keys */

typedef struct Parser {
    Process *p;
    const uint8_t *text, *at, *end;
    uint8_t *scratch;           /* room for a string whose escapes are replaced: as long as the text; made when first needed */
    const char *wrong;          /* what is not JSON, at `at` */
    const Type *map_type;
    int64_t depth;
    /* roots: */
    Value *value;               /* what was parsed last */
    Value *open, *key;          /* the innermost container, or None; of a map, the key whose value is being parsed */
    Value *outer;               /* list: containers and keys around it */
    Value *keys;                /* array of KEYS strings, or unset */
} Parser;

/* False, with no error raised: the text is wrong here. */
static bool wrong(Parser *r, const char *what) {
    r->wrong = what;
    return false;
}

static void skip_space(Parser *r) {
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t') r->at++;
}

static bool give_value(Parser *r, Value v) {
    *r->value = v;
    return v != V_UNSET;
}

/* --- numbers --- */

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* Of an int: its bigint takes time by the square of their number, so more of them would let a short text take long. */
enum { MOST_DIGITS = 10000 };

static bool skip_digits(Parser *r) {
    if (!is_digit(*r->at)) return wrong(r, "a digit is missing");
    while (is_digit(*r->at)) r->at++;
    return true;
}

/* The double of `digits` times ten to the power of `exponent`, when both are small enough to be exact. */
static bool exact_double(uint64_t digits, int exponent, double *out) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (digits >> 53 || exponent < -22 || exponent > 22) return false;
    *out = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

static bool parse_float_part(Parser *r, const uint8_t *start) {
    const uint8_t *point = NULL, *digits_end;
    if (*r->at == '.') {
        point = r->at++;
        if (!skip_digits(r)) return false;
    }
    digits_end = r->at;
    if (*r->at == 'e' || *r->at == 'E') {
        r->at++;
        if (*r->at == '+' || *r->at == '-') r->at++;
        if (!skip_digits(r)) return false;
    }
    double d;
    uint64_t digits = 0;
    bool negative = *start == '-', small = digits_end - start < 20 && digits_end == r->at;
    for (const uint8_t *c = start + negative; small && c < digits_end; c++)
        if (c != point) digits = digits * 10 + (uint64_t)(*c - '0');
    if (small && exact_double(digits, point ? -(int)(digits_end - point - 1) : 0, &d)) d = negative ? -d : d;
    else d = strtod((const char *)start, NULL);
    if (!isfinite(d)) {
        r->at = start;
        return wrong(r, "the number is too large for a float");
    }
    return give_value(r, float_value(r->p, d));
}

static bool parse_number(Parser *r) {
    const uint8_t *start = r->at;
    bool negative = *r->at == '-';
    r->at += negative;
    const uint8_t *digits = r->at;
    if (!skip_digits(r)) return false;
    if (*digits == '0' && r->at - digits > 1) {
        r->at = digits + 1;
        return wrong(r, "a number has no zeros before it");
    }
    if (*r->at == '.' || *r->at == 'e' || *r->at == 'E') return parse_float_part(r, start);
    if (r->at - digits > MOST_DIGITS) {
        r->at = digits;
        return wrong(r, "an int of more than 10000 digits");
    }
    if (r->at - digits <= 18) {
        int64_t i = 0;
        for (const uint8_t *c = digits; c < r->at; c++) i = i * 10 + (*c - '0');
        return give_value(r, fixnum(negative ? -i : i));
    }
    if (!give_value(r, string_new(r->p, start, (size_t)(r->at - start)))) return false;
    int64_t i;
    if (parse_int(AS(String, *r->value), 10, &i)) return give_value(r, int_value(r->p, i));
    return give_value(r, bigint_parse(r->p, r->value, 10));
}

/* --- strings --- */

/* Four hexadecimal digits at `at`, or -1. */
static int hex4(const uint8_t *at) {
    int code = 0;
    for (int i = 0; i < 4; i++) {
        int c = at[i] | 32, digit = is_digit(at[i]) ? at[i] - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return -1;
        code = code << 4 | digit;
    }
    return code;
}

/* The escape at `at`, past its backslash: its code point, or -1 when it is wrong. */
static int parse_escape(Parser *r) {
    static const char names[] = "\"\\/bfnrt", codes[] = "\"\\/\b\f\n\r\t";
    const char *found = *r->at ? strchr(names, *r->at) : NULL;
    if (found) return r->at++, codes[found - names];
    if (*r->at != 'u') return wrong(r, "there is no such escape"), -1;
    int code = hex4(r->at + 1), low;
    if (code < 0) return wrong(r, "four hexadecimal digits are missing"), -1;
    if (code < 0xD800 || code > 0xDFFF) return r->at += 5, code;
    if (code > 0xDBFF || r->at[5] != '\\' || r->at[6] != 'u' || (low = hex4(r->at + 7)) < 0xDC00 || low > 0xDFFF)
        return wrong(r, "half of a surrogate pair"), -1;
    r->at += 11;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* From the first escape on; `start` is the string's first byte. Its text is in the scratch room then, its length in *length. */
static bool parse_escapes(Parser *r, const uint8_t *start, size_t *length) {
    if (!r->scratch && !(r->scratch = malloc((size_t)(r->end - r->text) + 1))) return error_raise(r->p, ERROR_MEMORY, "out of memory");
    size_t used = (size_t)(r->at - start);
    memcpy(r->scratch, start, used);
    while (*r->at != '"') {
        if (*r->at < 0x20) return wrong(r, r->at == r->end ? "the string does not end" : "a control character in a string");
        if (*r->at != '\\') {
            r->scratch[used++] = *r->at++;
            continue;
        }
        r->at++;
        int code = parse_escape(r);
        if (code < 0) return false;
        used += (size_t)utf8_encode((uint32_t)code, r->scratch + used);
    }
    r->at++;
    *length = used;
    return true;
}

/* The bytes of the string at `at`, past its quote. */
static bool string_bytes(Parser *r, const uint8_t **bytes, size_t *length) {
    const uint8_t *start = r->at;
    while (*r->at != '"' && *r->at != '\\' && *r->at >= 0x20) r->at++;
    if (*r->at == '"') {
        *bytes = start;
        *length = (size_t)(r->at++ - start);
        return true;
    }
    if (!parse_escapes(r, start, length)) return false;
    *bytes = r->scratch;
    return true;
}

static bool parse_string(Parser *r) {
    const uint8_t *bytes;
    size_t length;
    r->at++;
    return string_bytes(r, &bytes, &length) && give_value(r, string_new(r->p, bytes, length));
}

/* A key and the colon behind it. */
static bool parse_key(Parser *r) {
    const uint8_t *bytes;
    size_t length;
    if (*r->at != '"') return wrong(r, "a key is missing: a string");
    r->at++;
    if (!string_bytes(r, &bytes, &length)) return false;
    uint32_t place = hash_bytes(bytes, length) % KEYS;
    Value known = AS(Array, *r->keys)->items[place];
    if (known != V_UNSET && (size_t)AS(String, known)->length == length && !memcmp(AS(String, known)->bytes, bytes, length)) {
        *r->key = known;
    } else {
        Value made = string_new(r->p, bytes, length);
        if (made == V_UNSET) return false;
        *r->key = made;
        Array *keys = AS(Array, *r->keys);
        keys->items[place] = made;
        heap_barrier(r->p, keys, &keys->items[place], made);
    }
    skip_space(r);
    if (*r->at != ':') return wrong(r, "`:` is missing");
    r->at++;
    skip_space(r);
    return true;
}

/* --- containers --- */

static bool open_container(Parser *r) {
    Value made = *r->at++ == '{' ? container_reify(map_new(r->p), r->map_type) : list_new(r->p, NULL, 0);
    if (!give_value(r, made) || !list_push(r->p, r->outer, r->open) || !list_push(r->p, r->outer, r->key)) return false;
    *r->open = *r->value;
    r->depth++;
    skip_space(r);
    return true;
}

static void close_container(Parser *r) {
    List *outer = AS(List, *r->outer);
    Value *items = list_items(*r->outer);
    *r->value = *r->open;
    *r->open = items[outer->length - 2];
    *r->key = items[outer->length - 1];
    items[outer->length - 2] = items[outer->length - 1] = V_UNSET;
    outer->length -= 2;
    r->depth--;
    r->at++;
}

static bool word(Parser *r, const char *text, Value v) {
    size_t length = strlen(text);
    if (strncmp((const char *)r->at, text, length)) return wrong(r, "a value is missing");
    r->at += length;
    return give_value(r, v);
}

static bool parse_scalar(Parser *r) {
    switch (*r->at) {
    case '"': return parse_string(r);
    case 't': return word(r, "true", V_TRUE);
    case 'f': return word(r, "false", V_FALSE);
    case 'n': return word(r, "null", V_NONE);
    default: return *r->at == '-' || is_digit(*r->at) ? parse_number(r) : wrong(r, "a value is missing");
    }
}

/* The value at `at`, as far as its first scalar or empty container: with all that opens before it. */
static bool descend(Parser *r) {
    for (;;) {
        uint8_t c = *r->at;
        if (c != '[' && c != '{') return parse_scalar(r);
        if (!open_container(r)) return false;
        if (*r->at == c + 2) return close_container(r), true;       /* `]` and `}` are two after their partners */
        if (c == '{' && !parse_key(r)) return false;
    }
}

/* Put the value into the container it belongs to. False: an error, or something is wrong. */
static bool put(Parser *r) {
    if (is_type(*r->open, T_LIST)) return list_push(r->p, r->open, r->value);
    return map_set(r->p, r->open, r->key, r->value);
}

static bool parse(Parser *r) {
    skip_space(r);
    if (!descend(r)) return false;
    for (;;) {
        if (r->p->interrupted) return rt_poll(r->p);
        skip_space(r);
        if (!r->depth) return r->at == r->end || wrong(r, "something after the value");
        if (!put(r)) return false;
        bool list = is_type(*r->open, T_LIST);
        if (*r->at == ',') {
            r->at++;
            skip_space(r);
            if ((!list && !parse_key(r)) || !descend(r)) return false;
        } else if (*r->at == (list ? ']' : '}')) {
            close_container(r);
        } else {
            return wrong(r, list ? "`,` or `]` is missing" : "`,` or `}` is missing");
        }
    }
}

/* Tell the caller what is wrong and where: the message and the code point's number, in the list *failure. */
static bool report(Parser *r, Value text, Value *failure) {
    int64_t place = points_before(AS(String, text), r->at - r->text);
    Value *item = root_push(r->p, string_new(r->p, r->wrong, strlen(r->wrong)));
    bool ok = *item != V_UNSET && list_push(r->p, failure, item);
    *item = fixnum(place);
    ok = ok && list_push(r->p, failure, item);
    root_pop(r->p, 1);
    return ok;
}

static const Type *object_type(Machine *m) {
    const Type *args[] = {m->simple_types[KIND_STRING], m->simple_types[KIND_DYNAMIC]};
    return type_make(m, &(TypeParts){.kind = KIND_MAP, .nargs = 2, .args = args});
}

bool prim_json__parse(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0]) || !need_list(p, args[1])) return false;
    size_t length = (size_t)AS(String, args[0])->length;
    uint8_t *copy = malloc(length + 1);
    Parser r = {.p = p, .text = copy, .at = copy, .end = copy + length, .map_type = object_type(p->machine)};
    if (!copy || !r.map_type) return free(copy), error_raise(p, ERROR_MEMORY, "out of memory");
    memcpy(copy, AS(String, args[0])->bytes, length);
    copy[length] = 0;
    uint32_t roots = p->nroots;
    r.value = root_push(p, V_NONE);
    r.open = root_push(p, V_NONE);
    r.key = root_push(p, V_NONE);
    r.outer = root_push(p, V_NONE);
    r.keys = root_push(p, V_NONE);
    bool ok = (*r.outer = list_new(p, NULL, 0)) != V_UNSET && (*r.keys = array_new(p, KEYS)) != V_UNSET && parse(&r);
    if (!ok && r.wrong) {
        *r.value = V_NONE;
        ok = report(&r, args[0], &args[1]);
    }
    Value value = *r.value;
    root_pop(p, p->nroots - roots);
    free(r.scratch);
    free(copy);
    return ok && give(result, value);
}
