/* Strings, records, maps, lists, printed forms, input and output: each group runs with an ordinary heap and with one that
 * collects, moves and verifies at every allocation.
 * sources: system.c sort.c message.c string.c points.c print.c texts.c shape.c record.c map.c list.c array.c bytes.c number.c bigint.c natural.c io.c machine.c class.c type.c type_text.c error.c stack.c heap.c nursery.c old.c compact.c barrier.c check.c object.c slots.c interface.c keys.c equal.c */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime.h"
#include "runtime_api.h"
#include "class.h"
#include "check.h"

/* Nothing interrupts a test. */
bool rt_poll(Process *p) { (void)p; return true; }
bool texts_next(Process *p, Value texts) { (void)p; (void)texts; return false; }     /* no methods here */

bool operator_call(Process *p, Value method, const Value *args, uint32_t count, int result, Value *dst) {
    (void)p; (void)method; (void)args; (void)count; (void)result; (void)dst;
    return false;
}

static bool stressed;       /* the heap collects at every allocation: do less */

static Process *process_new(size_t limit) {
    Process *p = calloc(1, sizeof *p);
    p->machine = machine_new();
    REQUIRE(p->machine && machine_init_types(p->machine) && machine_init_errors(p->machine));
    p->error = V_UNSET;
    field_cache_init(p);
    p->output_fd = 1;
    p->stack = p->stack_clean = calloc(1024, sizeof(Value));
    p->stack_end = p->stack + 1024;
    REQUIRE(heap_init(p, (HeapOptions){.limit = limit, .stress = stressed, .verify = stressed, .move = stressed}) && io_init(p));
    return p;
}

static void process_free(Process *p) {
    REQUIRE(p->nroots == 0);
    io_free(p);
    heap_free(p);
    machine_free(p->machine);
    field_cache_free(p);
    free(p->stack);
    free(p);
}

static Value text(Process *p, const char *s) { return string_new(p, s, strlen(s)); }
static Value name(Process *p, const char *s) { return machine_intern(p->machine, s, strlen(s)); }

static bool is_text(Value v, const char *s) {
    return is_string(v) && string_length(v) == (int64_t)strlen(s) && type_of(v) == T_STRING
        && !memcmp(AS(String, v)->bytes, s, strlen(s));
}

static bool raised(Process *p, const char *class) {
    bool ok = is_error(p->error) && is_text(object_class(p->error)->name, class);
    p->error = V_UNSET;
    field_cache_init(p);
    return ok;
}

/* --- strings --- */
static void test_hash(void) {
    char bytes[64] = {0};
    uint32_t seen[64];
    for (size_t n = 0; n < 64; n++) {           /* zero bytes of any number hash differently */
        seen[n] = hash_bytes(bytes, n);
        REQUIRE(seen[n] != 0);
        for (size_t i = 0; i < n; i++) REQUIRE(seen[i] != seen[n]);
    }
    REQUIRE(hash_bytes("abc", 3) == hash_bytes("abcd", 3));
}

static void test_code_points(Process *p) {
    Value *s = root_push(p, text(p, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z\x80\xC3"));    /* the last two are invalid */
    REQUIRE(string_count(p, AS(String, *s)) == 7);
    Value *c = root_push(p, string_at(p, s, 3));
    REQUIRE(is_text(*c, "\xF0\x9F\x98\x80"));
    REQUIRE(is_text(string_at(p, s, 5), "\x80") && is_text(string_at(p, s, 6), "\xC3"));
    REQUIRE(string_at(p, s, 7) == V_UNSET && string_at(p, s, -1) == V_UNSET && p->error == V_UNSET);
    REQUIRE(string_offset(p, AS(String, *s), 7) == 13 && string_offset(p, AS(String, *s), 8) == -1);
    *s = text(p, "plain text, longer than a word");
    REQUIRE(header_of(*s)->aux & STRING_ASCII && string_count(p, AS(String, *s)) == 30 && is_text(string_at(p, s, 6), "t"));
    REQUIRE(is_text(string_slice(p, s, 6, 4), "text") && is_text(string_slice(p, s, 30, 0), ""));
    const uint8_t surrogate[] = {0xED, 0xA0, 0x80}, overlong[] = {0xE0, 0x80, 0x80}, great[] = {0xF4, 0x90, 0x80, 0x80};
    REQUIRE(utf8_step(surrogate, surrogate + 3) == 1 && utf8_step(overlong, overlong + 3) == 1 && utf8_step(great, great + 4) == 1);
    root_pop(p, 2);
}

enum Side { END, START, BOTH };

/* A string of `pieces` pieces, added on one side or both in turn, must equal the same bytes put together by hand. */
static void build(Process *p, int pieces, const char *piece, enum Side side) {
    size_t n = strlen(piece), total = n * (size_t)pieces;
    char *expected = malloc(total + 1);
    char *low = expected + (side == START ? total : side == BOTH ? total - n * (size_t)((pieces + 1) / 2) : 0), *high = low;
    Value *s = root_push(p, text(p, "")), *x = root_push(p, text(p, piece));
    for (int i = 0; i < pieces; i++) {
        bool at_end = side == END || (side == BOTH && i % 2);
        *s = at_end ? string_concat(p, s, x) : string_concat(p, x, s);
        REQUIRE(*s != V_UNSET);
        if (at_end) memcpy(high, piece, n), high += n;
        else memcpy(low -= n, piece, n);
        if (i % 997 == 0) {
            Value *copy = root_push(p, *s);
            REQUIRE(string_flat(p, copy) != V_UNSET && !memcmp(AS(String, *copy)->bytes, low, (size_t)(high - low)));
            root_pop(p, 1);
        }
    }
    Value flat = string_flat(p, s);
    REQUIRE((size_t)string_length(flat) == total && !memcmp(AS(String, flat)->bytes, low, total));
    REQUIRE(!(header_of(flat)->aux & STRING_ASCII) == !bytes_ascii(piece, n));
    root_pop(p, 2);
    free(expected);
}

static void test_concat(Process *p) {
    int pieces = stressed ? 1200 : 200000;
    for (int side = END; side <= BOTH; side++) {
        build(p, pieces, "x", (enum Side)side);
        build(p, pieces / 10, "a\xC3\xA9 longer than one piece may be, ....................................................."
              "................................................................................................................."
              "................................................................................................................x",
              (enum Side)side);
    }
}

/* Chains that no joining of short parts makes shorter. */
static void deep_rope(Process *p, bool right) {
    int depth = stressed ? 300 : 1000000;
    char piece[300];
    memset(piece, 'q', sizeof piece);
    Value *x = root_push(p, string_new(p, piece, sizeof piece)), *s = root_push(p, *x);
    for (int i = 0; i < depth; i++) REQUIRE((*s = right ? string_concat(p, x, s) : string_concat(p, s, x)) != V_UNSET);
    Value *old = root_push(p, *s);
    REQUIRE(string_flat(p, s) != V_UNSET && string_length(*s) == 300 * (int64_t)(depth + 1));
    REQUIRE(type_of(*old) == T_ROPE && string_flat(p, old) == *s);                /* an indirection now */
    for (int64_t i = 0; i < string_length(*s); i += 299) REQUIRE(AS(String, *s)->bytes[i] == 'q');
    root_pop(p, 3);
}

static void test_doubling(Process *p) {
    Value *s = root_push(p, text(p, "0123456789abcdef"));
    int times = stressed ? 10 : 22;
    for (int i = 0; i < times; i++) *s = string_concat(p, s, s);
    Value flat = string_flat(p, s);
    REQUIRE(string_length(flat) == (int64_t)16 << times);
    for (int64_t i = 0; i < string_length(flat); i += 16) REQUIRE(!memcmp(AS(String, flat)->bytes + i, "0123456789abcdef", 16));
    int i = 0;
    while (i < 64 && (*s = string_concat(p, s, s)) != V_UNSET) i++;
    REQUIRE(i < 40 && raised(p, "OutOfMemoryError"));
    root_pop(p, 1);
}

static void test_equal(Process *p) {
    Value *a = root_push(p, text(p, "abc")), *b = root_push(p, text(p, "abc")), *c = root_push(p, text(p, "abd"));
    bool equal;
    REQUIRE(string_equal(p, a, b, &equal) && equal && string_equal(p, a, c, &equal) && !equal);
    REQUIRE(string_compare_flat(AS(String, *a), AS(String, *c)) == -1 && string_compare_flat(AS(String, *a), AS(String, *b)) == 0);
    *c = text(p, "ab\x80");
    REQUIRE(string_compare_flat(AS(String, *c), AS(String, *a)) == 1);
    *c = text(p, "ab");
    REQUIRE(string_compare_flat(AS(String, *c), AS(String, *a)) == -1);
    REQUIRE(text(p, "") == p->machine->empty_string && text(p, "x") == text(p, "x"));
    for (int i = 0; i < 7; i++) *a = string_concat(p, a, a), *b = string_concat(p, b, b);
    REQUIRE(type_of(*a) == T_ROPE && string_equal(p, a, b, &equal) && equal && type_of(*a) == T_STRING);
    root_pop(p, 3);
}

/* --- records --- */
static void fill_fields(Process *p, uint32_t inline_slots) {
    Value *r = root_push(p, record_new(p, inline_slots)), *v = root_push(p, V_NONE);
    uint32_t cache;
    char key[24];
    for (int i = 0; i < 300; i++) {                 /* from 128 on they are in the map */
        snprintf(key, sizeof key, "field%d", i);
        *v = fixnum(i);
        REQUIRE(record_set(p, r, name(p, key), v, &cache) && cache == 0);
        REQUIRE(record_get(p, AS(Record, *r), name(p, key), &cache) == fixnum(i));
    }
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "field%d", i);
        REQUIRE(record_get(p, AS(Record, *r), name(p, key), &cache) == fixnum(i));
        uint32_t set_cache;
        *v = fixnum(-i);
        REQUIRE(record_set(p, r, name(p, key), v, &set_cache) && set_cache == cache);
        REQUIRE(!cache == (i >= (inline_slots > 128 ? (int)inline_slots : 128)));
        if (cache) REQUIRE(cache >> SHAPE_SHIFT == header_of(*r)->id >> SHAPE_SHIFT);
        REQUIRE(record_get(p, AS(Record, *r), name(p, key), &cache) == fixnum(-i));
    }
    REQUIRE(record_get(p, AS(Record, *r), name(p, "missing"), &cache) == V_UNSET && cache == 0 && record_count(p, *r) == 300);
    uint64_t state = 0;
    Value k, found;
    for (int i = 0; i < 300; i++) {
        REQUIRE(record_next(p, *r, &state, &k, &found) && found == fixnum(-i));
        snprintf(key, sizeof key, "field%d", i);
        REQUIRE(is_text(k, key));
    }
    REQUIRE(!record_next(p, *r, &state, &k, &found));
    root_pop(p, 2);
}

static void test_shapes(Process *p) {
    Machine *m = p->machine;
    uint32_t root = shape_root(m, 2), ab = shape_add(m, shape_add(m, root, name(p, "a")), name(p, "b"));
    REQUIRE(root == shape_root(m, 2) && ab == shape_add(m, shape_add(m, root, name(p, "a")), name(p, "b")));
    REQUIRE(ab != shape_add(m, shape_add(m, root, name(p, "b")), name(p, "a")));
    uint32_t abc = shape_add(m, ab, name(p, "c"));
    REQUIRE(shape_find(m, abc, name(p, "b")) == 1 && shape_find(m, abc, name(p, "c")) == OVERFLOW_SLOT);
    REQUIRE(shape_find(m, ab, name(p, "c")) == -1);
}

/* The same operations on a record and on a plain table of key texts. */
enum { MODEL_KEYS = 160 };
typedef struct Model { char keys[MODEL_KEYS][24]; int values[MODEL_KEYS], count; } Model;

static int *model_find(Model *m, const char *key) {
    for (int i = 0; i < m->count; i++) if (!strcmp(m->keys[i], key)) return &m->values[i];
    return NULL;
}

static uint32_t random_state;
static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static void random_key(char *key) {
    static const char *const special[] = {
        "", "-", "-0", "00", "01", "+1", " 1", "1 ", "4611686018427387903", "-4611686018427387904", "4611686018427387904",
        "99999999999999999999", "length", "1e3",
    };
    switch (random_below(6)) {
    case 0: snprintf(key, 24, "%d", (int)random_below(20)); break;
    case 1: snprintf(key, 24, "%d", (int)random_below(60) - 10); break;
    case 2: snprintf(key, 24, "%d", (int)random_below(10) * 1000003); break;
    case 3: snprintf(key, 24, "name%d", (int)random_below(12)); break;
    case 4: snprintf(key, 24, "other%d", (int)random_below(30)); break;
    default: strcpy(key, special[random_below(sizeof special / sizeof *special)]);
    }
}

/* A key as a program might make it: an int, a string, an interned name, or a rope. */
static Value spell(Process *p, const char *key) {
    int64_t i;
    Value s = text(p, key);
    if (random_below(2) && string_fixnum(AS(String, s), &i)) return fixnum(i);
    if (random_below(8) == 0 && strncmp(key, "other", 5)) return name(p, key);
    return s;
}

static void check_model(Process *p, Value *r, Model *m) {
    uint64_t state = 0;
    Value k, v;
    int seen = 0;
    while (record_next(p, *r, &state, &k, &v)) {
        char key[24];
        size_t n = is_fixnum(k) ? format_int(fixnum_int(k), key) : (size_t)string_length(k);
        if (!is_fixnum(k)) memcpy(key, AS(String, k)->bytes, n);
        key[n] = 0;
        int *expected = model_find(m, key);
        REQUIRE(expected && v == fixnum(*expected));
        seen++;
    }
    REQUIRE(seen == m->count && record_count(p, *r) == (uint64_t)seen);
}

static void run_model(Process *p, uint32_t seed) {
    static Model m;
    m.count = 0;
    random_state = seed;
    Value *r = root_push(p, record_new(p, seed % 4)), *k = root_push(p, V_NONE), *v = root_push(p, V_NONE);
    for (int i = 0; i < 600; i++) {
        char key[24];
        random_key(key);
        *k = spell(p, key);
        int *expected = model_find(&m, key);
        if (random_below(2)) {
            Value got = record_get_index(p, r, k);
            REQUIRE(got == (expected ? fixnum(*expected) : V_UNSET) && p->error == V_UNSET);
            continue;
        }
        *v = fixnum(i);
        REQUIRE(record_set_index(p, r, k, v));
        if (!expected) strcpy(m.keys[m.count], key), expected = &m.values[m.count++];
        *expected = i;
        if (i % 20 == 0) check_model(p, r, &m);
    }
    check_model(p, r, &m);
    root_pop(p, 3);
}

static void fill(Process *p, Value *r, int64_t from, int64_t to, int64_t step) {
    Value *k = root_push(p, V_NONE), *v = root_push(p, V_NONE);
    for (int64_t i = from; i != to; i += step) {
        *k = *v = fixnum(i);
        REQUIRE(record_set_index(p, r, k, v));
    }
    for (int64_t i = from; i != to; i += step) REQUIRE((*k = fixnum(i), record_get_index(p, r, k) == fixnum(i)));
    root_pop(p, 2);
}

static void test_ints(Process *p) {
    int64_t n = stressed ? 500 : 1000000;
    static const int64_t starts[] = {0, 1, 7, 100};
    for (int s = 0; s < 4; s++) {
        Value *r = root_push(p, record_new(p, 0));
        fill(p, r, starts[s], starts[s] + n, 1);
        REQUIRE(record_count(p, *r) == (uint64_t)n);
        REQUIRE((AS(Elements, AS(Record, *r)->elements)->count > 0) == (starts[s] < 8));
        *r = record_new(p, 0);
        fill(p, r, starts[s] + n, starts[s] - 1, -1);               /* downwards: all become items when the low ones come */
        REQUIRE((AS(Elements, AS(Record, *r)->elements)->map == V_NONE) == (starts[s] < 8));
        *r = record_new(p, 0);
        fill(p, r, starts[s], starts[s] + n * 1000, 1000);          /* sparse */
        REQUIRE(AS(Elements, AS(Record, *r)->elements)->capacity <= 16);
        root_pop(p, 1);
    }
}

static void test_strings_as_keys(Process *p) {
    int n = stressed ? 300 : 100000;
    char key[24];
    Value *r = root_push(p, record_new(p, 0)), *k = root_push(p, V_NONE), *v = root_push(p, V_NONE);
    for (int i = 0; i < n; i++) {
        *v = fixnum(i);
        *k = string_new(p, key, (size_t)snprintf(key, sizeof key, "key %d", i));
        REQUIRE(record_set_index(p, r, k, v));
    }
    uint32_t cache;
    for (int i = 0; i < n; i++) {
        *k = string_new(p, key, (size_t)snprintf(key, sizeof key, "key %d", i));
        REQUIRE(record_get_index(p, r, k) == fixnum(i));
    }
    REQUIRE(record_get(p, AS(Record, *r), name(p, "key 77"), &cache) == fixnum(77) && cache == 0);    /* interned later */
    *v = fixnum(-77);
    REQUIRE(record_set(p, r, name(p, "key 77"), v, &cache) && record_count(p, *r) == (uint64_t)n);
    REQUIRE((*k = text(p, "key 77"), record_get_index(p, r, k) == fixnum(-77)));
    root_pop(p, 3);
}

static void set(Process *p, Value *r, const char *key, Value value) {
    Value *v = root_push(p, value);
    Value *k = root_push(p, text(p, key));
    REQUIRE(record_set_index(p, r, k, v));
    root_pop(p, 2);
}

/* What was set before memory ran out is still there. `kind` chooses keys: ints up, ints down, strings. */
static Value nth_key(Process *p, int kind, int i) {
    char key[24];
    if (kind < 2) return fixnum(kind ? 1000000 - i : i);
    return string_new(p, key, (size_t)snprintf(key, sizeof key, "key %d", i));
}

static void test_out_of_memory(Process *unlimited) {
    (void)unlimited;
    for (int kind = 0; kind < 3; kind++) {
        Process *p = process_new(stressed ? 300000 : 4 << 20);
        Value *r = root_push(p, record_new(p, 0)), *k = root_push(p, V_NONE), *v = root_push(p, V_NONE);
        int n = 0;
        for (;; n++) {
            *v = fixnum(n);
            *k = nth_key(p, kind, n);
            if (*k == V_UNSET || !record_set_index(p, r, k, v)) break;
        }
        REQUIRE(n > 1000 && raised(p, "OutOfMemoryError") && record_count(p, *r) == (uint64_t)n);
        uint64_t state = 0;
        Value key, value;
        for (int i = 0; i < n; i++) REQUIRE(record_next(p, *r, &state, &key, &value) && value == fixnum(i));
        for (int i = 0; kind < 2 && i < n; i++) {
            *k = nth_key(p, kind, i);
            REQUIRE(record_get_index(p, r, k) == fixnum(i));
        }
        *k = *v = V_NONE;
        *r = record_new(p, 0);                      /* now there is memory again */
        REQUIRE(*r != V_UNSET);
        set(p, r, "again", V_TRUE);
        root_pop(p, 3);
        process_free(p);
    }
}

static void test_map(Process *p) {
    Value *map = root_push(p, map_new(p)), *k = root_push(p, V_NONE);
    REQUIRE(map_get(AS(Map, *map), fixnum(1)) == V_UNSET && map_delete(AS(Map, *map), fixnum(1)) == V_UNSET);
    for (int i = 0; i < 2000; i++) {                /* a queue: what is deleted makes room */
        *k = fixnum(i);
        REQUIRE(map_set(p, map, k, k));
        if (i >= 10) REQUIRE(map_delete(AS(Map, *map), fixnum(i - 10)) == fixnum(i - 10));
    }
    REQUIRE(AS(Map, *map)->count == 10 && AS(Array, AS(Map, *map)->entries)->length <= 64);
    int64_t at = 0;
    Value key, value;
    for (int i = 1990; i < 2000; i++) REQUIRE(map_next(AS(Map, *map), &at, &key, &value) && key == fixnum(i));
    REQUIRE(!map_next(AS(Map, *map), &at, &key, &value));
    root_pop(p, 2);
}

static void test_list(Process *p) {
    Value items[3] = {fixnum(1), fixnum(2), fixnum(3)};
    Value *empty = root_push(p, list_new(p, NULL, 0)), *list = root_push(p, list_new(p, items, 3)), *item = root_push(p, V_NONE);
    REQUIRE(AS(List, *empty)->length == 0 && AS(List, *list)->length == 3);
    int n = stressed ? 300 : 100000;
    for (int i = 4; i < n; i++) {
        *item = i % 2 ? fixnum(i) : text(p, "even");
        REQUIRE(list_push(p, list, item) && list_push(p, empty, item));
    }
    for (int i = 4; i < n; i++) {
        Value v = AS(Array, AS(List, *list)->items)->items[i - 1];
        REQUIRE(i % 2 ? v == fixnum(i) : is_text(v, "even"));
        REQUIRE(v == AS(Array, AS(List, *empty)->items)->items[i - 4]);
    }
    REQUIRE(AS(Array, p->machine->empty_array)->length == 0);
    root_pop(p, 3);
}

/* --- numbers and printed forms --- */
static void check_double(double d, const char *expected) {
    char out[40];
    memset(out, '#', sizeof out);
    size_t n = format_double(d, out);
    REQUIRE(n == strlen(expected) && !memcmp(out, expected, n) && out[32] == '#');
}

static void test_doubles(void) {
    static const struct { double d; const char *text; } cases[] = {
        {0.0, "0.0"}, {-0.0, "-0.0"}, {1.0, "1.0"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {0.1 + 0.2, "0.30000000000000004"},
        {100.0, "100.0"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"}, {9999999999999998.0, "9999999999999998.0"},
        {123456789012345680.0, "1.2345678901234568e+17"}, {1e22, "1e+22"}, {1e23, "1e+23"}, {0.0001, "0.0001"},
        {0.00001, "1e-05"}, {1e-7, "1e-07"}, {1.25e-10, "1.25e-10"}, {3.14159, "3.14159"}, {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
        {-1.7976931348623157e308, "-1.7976931348623157e+308"}, {9007199254740992.0, "9007199254740992.0"},
        {2.0 / 3, "0.6666666666666666"}, {123456.789e3, "123456789.0"}, {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"},
        {4.35, "4.35"}, {1.0 / 3, "0.3333333333333333"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_double(cases[i].d, cases[i].text);
    uint64_t bits = 0x123456789ABCDEF;
    for (int i = 0; i < 20000; i++) {               /* any double reads back */
        bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407;
        double d;
        memcpy(&d, &bits, 8);
        if (!isfinite(d)) continue;
        char out[40];
        out[format_double(d, out)] = 0;
        REQUIRE(strtod(out, NULL) == d && strlen(out) <= 25);
    }
    char out[24];
    REQUIRE(format_int(INT64_MIN, out) == 20 && !memcmp(out, "-9223372036854775808", 20) && format_int(0, out) == 1);
}

static void test_numbers(Process *p) {
    Value v = int_value(p, INT64_MIN);
    REQUIRE(is_type(v, T_INT) && int_int(v) == INT64_MIN && int_value(p, 5) == fixnum(5));
    v = float_value(p, 1e300);
    REQUIRE(is_type(v, T_FLOAT) && float_double(v) == 1e300 && is_flonum(float_value(p, 1.5)));
}

static bool prints(Process *p, Value *v, bool classic, const char *expected) { return is_text(value_to_string(p, v, classic), expected); }

static void test_print(Process *p) {
    Value *r = root_push(p, record_new(p, 1)), *v = root_push(p, V_NONE);
    REQUIRE(prints(p, v, true, "None") && prints(p, r, true, "{}") && prints(p, r, false, "{}"));
    set(p, r, "b", fixnum(2));
    set(p, r, "a", text(p, "one"));
    for (int i = 9; i < 12; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        set(p, r, key, V_TRUE);
    }
    set(p, r, "-1", V_NONE);
    REQUIRE(prints(p, r, true, "{-1:None 10:true 11:true 9:true a:one b:2 }"));
    set(p, r, "in", record_new(p, 0));
    REQUIRE(prints(p, r, true, "{-1:None 10:true 11:true 9:true a:one b:2 in:{} }"));
    Value items[] = {fixnum(-3), float_value(p, 0.5), V_FALSE};
    *v = list_new(p, items, 3);
    *r = record_new(p, 4);
    set(p, r, "list", *v);
    set(p, r, "again", *v);
    REQUIRE(prints(p, r, false, "{list: [-3, 0.5, false], again: [-3, 0.5, false]}"));
    REQUIRE(list_push(p, v, r));
    REQUIRE(prints(p, r, false, "{list: [-3, 0.5, false, {...}], again: [-3, 0.5, false, {...}]}"));
    set(p, r, "again", *r);
    REQUIRE(prints(p, v, false, "[-3, 0.5, false, {list: [...], again: {...}}]"));
    REQUIRE(value_to_string(p, r, true) == V_UNSET && raised(p, "RuntimeError"));
    root_pop(p, 2);
}

static void test_print_deep(Process *p) {
    int depth = stressed ? 200 : 300000;
    Value *r = root_push(p, record_new(p, 1)), *outer = root_push(p, V_NONE), *first = root_push(p, *r);
    for (int i = 0; i < depth; i++) {
        *outer = record_new(p, 1);
        set(p, outer, "x", *r);
        *r = *outer;
    }
    Value s = value_to_string(p, r, true);
    REQUIRE(string_length(s) == 5 * (int64_t)depth + 2);
    s = value_to_string(p, r, false);
    REQUIRE(string_length(s) == 5 * (int64_t)depth + 2);
    set(p, first, "x", *r);                             /* a cycle as long as that */
    REQUIRE(value_to_string(p, r, true) == V_UNSET && raised(p, "RuntimeError"));
    s = value_to_string(p, r, false);
    REQUIRE(string_length(s) == 5 * (int64_t)(depth + 1) + 5);
    root_pop(p, 3);
}

static void test_print_wide(Process *p) {
    int n = stressed ? 200 : 200000;
    Value *r = root_push(p, record_new(p, 0));
    fill(p, r, 0, n, 1);
    Value s = value_to_string(p, r, true);
    const uint8_t *at = AS(String, s)->bytes;
    REQUIRE(!memcmp(at, "{0:0 1:1 10:10 100:100 ", 23));
    int64_t length = string_length(s);
    REQUIRE(length == string_length(value_to_string(p, r, false)) - 2 * (n - 1));       /* ", " there, " " here */
    root_pop(p, 1);
}

/* Each level holds the last one twice: the text would have 2^100 bytes. */
static void test_print_explosion(Process *unlimited) {
    (void)unlimited;
    Process *p = process_new(stressed ? 1 << 20 : 16 << 20);
    Value *r = root_push(p, record_new(p, 0));
    for (int i = 0; i < 100; i++) {
        Value *outer = root_push(p, record_new(p, 2));
        set(p, outer, "x", *r);
        set(p, outer, "y", *r);
        *r = *outer;
        root_pop(p, 1);
    }
    REQUIRE(value_to_string(p, r, true) == V_UNSET && raised(p, "OutOfMemoryError"));
    root_pop(p, 1);
    process_free(p);
}

/* --- input and output --- */
static void test_output(Process *p) {
    char path[] = "/tmp/objects_testXXXXXX";
    p->output_fd = mkstemp(path);
    size_t n = 3 * OUTPUT_BUFFER / 2, total = 0;
    char *big = malloc(n);
    memset(big, 'b', n);
    for (size_t size = 1; size <= n; size = size * 3 + 1) {
        REQUIRE(output_write(p, big, size));
        total += size;
    }
    REQUIRE(output_write(p, big, n) && output_write(p, "", 0) && output_flush(p));
    REQUIRE(lseek(p->output_fd, 0, SEEK_END) == (off_t)(total + n));
    close(p->output_fd);
    p->output_fd = open(path, O_RDONLY);                /* not writable: the write fails */
    REQUIRE(output_write(p, "x", 1) && !output_flush(p) && p->output_failed && !output_write(p, "x", 1));
    close(p->output_fd);
    unlink(path);
    free(big);
    p->output_fd = 1, p->output_failed = 0;
}

static void test_input(Process *p) {
    char path[] = "/tmp/objects_testXXXXXX";
    int fd = mkstemp(path), saved = dup(0);
    size_t n = 200000;
    char *line = malloc(n);
    memset(line, 'l', n);
    const char start[] = "first\nsecond\r\n\n\0nul\n\r\rx\r\n";
    REQUIRE(write(fd, start, sizeof start - 1) == (ssize_t)sizeof start - 1 && write(fd, line, n) == (ssize_t)n);
    REQUIRE(write(fd, "\r\nend\r", 6) == 6);
    lseek(fd, 0, SEEK_SET);
    dup2(fd, 0);
    REQUIRE(is_text(input_line(p, &p->input), "first") && is_text(input_line(p, &p->input), "second") && is_text(input_line(p, &p->input), ""));
    Value v = input_line(p, &p->input);
    REQUIRE(string_length(v) == 4 && !memcmp(AS(String, v)->bytes, "\0nul", 4));
    REQUIRE(is_text(input_line(p, &p->input), "\r\rx"));
    v = input_line(p, &p->input);
    REQUIRE(string_length(v) == (int64_t)n && !memcmp(AS(String, v)->bytes, line, n));
    REQUIRE(is_text(input_line(p, &p->input), "end\r") && is_text(input_line(p, &p->input), "") && is_text(input_line(p, &p->input), ""));
    dup2(saved, 0);
    close(fd);
    close(saved);
    unlink(path);
    free(line);
}

static void test_ropes(Process *p) {
    deep_rope(p, false);
    deep_rope(p, true);
}

static void test_fields(Process *p) {
    for (uint32_t slots = 0; slots < 200; slots += 65) fill_fields(p, slots);
}

static void test_model(Process *p) {
    for (uint32_t seed = 0; seed < (stressed ? 5 : 100); seed++) run_model(p, seed);
}

static void on_both_heaps(void (*test)(Process *)) {
    for (int i = 0; i < 2; i++) {
        stressed = i;
        Process *p = process_new(0);
        test(p);
        process_free(p);
    }
}

#define ON_BOTH_HEAPS(name) static void name(void) { on_both_heaps(test_##name); }
ON_BOTH_HEAPS(code_points)
ON_BOTH_HEAPS(equal)
ON_BOTH_HEAPS(concat)
ON_BOTH_HEAPS(ropes)
ON_BOTH_HEAPS(doubling)
ON_BOTH_HEAPS(shapes)
ON_BOTH_HEAPS(fields)
ON_BOTH_HEAPS(model)
ON_BOTH_HEAPS(ints)
ON_BOTH_HEAPS(strings_as_keys)
ON_BOTH_HEAPS(out_of_memory)
ON_BOTH_HEAPS(map)
ON_BOTH_HEAPS(list)
ON_BOTH_HEAPS(numbers)
ON_BOTH_HEAPS(print)
ON_BOTH_HEAPS(print_deep)
ON_BOTH_HEAPS(print_wide)
ON_BOTH_HEAPS(print_explosion)
ON_BOTH_HEAPS(output)
ON_BOTH_HEAPS(input)

RUN_TESTS(TEST(test_hash), TEST(test_doubles), TEST(code_points), TEST(equal), TEST(concat), TEST(ropes),
          TEST(doubling), TEST(shapes), TEST(fields), TEST(model), TEST(ints), TEST(strings_as_keys),
          TEST(out_of_memory), TEST(map), TEST(list), TEST(numbers), TEST(print), TEST(print_deep), TEST(print_wide),
          TEST(print_explosion), TEST(output), TEST(input))
