/* Tests of the collector alone.
 * sources: system.c sort.c message.c stack.c heap.c nursery.c old.c compact.c barrier.c check.c object.c slots.c
 *
 * A node is an object of any type with fields; its first field holds its number, the others refer to nodes or hold 0. */
#define _DEFAULT_SOURCE
#include <string.h>
#include "runtime.h"
#include "heap_internal.h"
#include "check.h"
#if defined(__linux__)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#define ERROR_HEADER HEADER(T_OBJECT, 0, 3, 0)      /* message, cause, trace */
static int errors_raised;
static Value immortal_error;

/* In place of error.c: allocates as that does, and falls back on an immortal object. */
bool error_raise(Process *p, enum ErrorKind kind, const char *format, ...) {
    (void)kind;
    (void)format;
    errors_raised++;
    Error *e = heap_new(p, sizeof(Error), ERROR_HEADER);
    if (e) e->class_ = NULL, e->message = e->cause = e->trace = V_NONE;
    p->error = e ? ref(e) : immortal_error;
    return false;
}

static Process *process_with(HeapOptions options) {
    static Error fallback;
    fallback = (Error){ERROR_HEADER | GC_BITS(GC_IMMORTAL | GC_OLD), NULL, V_NONE, V_NONE, V_NONE};
    immortal_error = ref(&fallback);
    Process *p = calloc(1, sizeof *p);
    REQUIRE(p);
    p->error = V_UNSET;
    errors_raised = 0;
    REQUIRE(heap_init(p, options));
    return p;
}

static void process_done(Process *p) {
    heap_free(p);
    free(p->stack);
    free(p);
}

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(random_state >> 4) * n >> 28);
}

/* --- nodes --- */
static void *node_new(Process *p, int type, uint32_t fields, int64_t number) {
    size_t bytes = fields * sizeof(Value);
    uint64_t header = HEADER(type, 0, 0, 0);
    switch (type) {
    case T_RECORD: bytes += 8, header |= HEADER(0, 0, fields - 1, 0); break;
    case T_OBJECT: bytes += 16, header |= HEADER(0, 0, fields, 0); break;
    case T_CLOSURE: bytes += 24, header |= HEADER(0, 0, 0, fields); break;
    default: bytes += 16; break;                                         /* array, elements (two of the fields are fixed) */
    }
    if (type == T_MAP || type == T_SET) bytes = sizeof(Map), fields = 2;
    if (type == T_ROPE) bytes = sizeof(Rope), fields = 2;
    if (type == T_RANGE) bytes = sizeof(Range), fields = 2;
    uint64_t *object = heap_new(p, bytes, header);
    if (!object) return NULL;
    memset(object + 1, 0, bytes - 8);
    if (type == T_ARRAY) ((Array *)object)->length = fields;
    if (type == T_ELEMENTS) ((Elements *)object)->capacity = fields - 2;
    Value *end, *first = fields_of(object, &end);
    CHECK(end == first + fields && size_of(object) == bytes);
    *first = fixnum(number);
    return object;
}
static Value *node_fields(Value v, uint32_t *count) {
    Value *end, *first = fields_of(deref(v), &end);
    *count = (uint32_t)(end - first);
    return first;
}
static int64_t node_number(Value v) { uint32_t n; return fixnum_int(*node_fields(v, &n)); }
static void node_set(Process *p, Value node, uint32_t field, Value value) {
    uint32_t n;
    Value *slot = node_fields(node, &n) + field;
    *slot = value;
    heap_barrier(p, deref(node), slot, value);
}
static Value node_get(Value node, uint32_t field) { uint32_t n; return node_fields(node, &n)[field]; }

static Value string_of(Process *p, const char *text) {
    size_t length = strlen(text);
    String *s = heap_new(p, sizeof(String) + length, HEADER(T_STRING, 0, 0, 0));
    s->length = (int64_t)length;
    memcpy(s->bytes, text, length);
    return ref(s);
}

/* --- tests --- */
static void survival(void) {
    Process *p = process_with((HeapOptions){.verify = 1});
    Value *list = root_push(p, ref(node_new(p, T_RECORD, 3, 7)));
    Value text = string_of(p, "a string that lives");
    node_set(p, *list, 1, text);
    for (int i = 0; i < 6; i++) {
        Value before = *list;
        heap_collect(p, i == 4);
        CHECK((*list != before) == (i < 2));
        CHECK(!memcmp(AS(String, node_get(*list, 1))->bytes, "a string that lives", 19));
        CHECK(node_number(*list) == 7);
    }
    CHECK(header_of(*list)->gc & GC_OLD);
    CHECK(p->stats.full_collections == 1 && p->stats.promoted_bytes > 0);
    p->globals = calloc(2, sizeof(Value));
    p->nglobals = 2;
    p->globals[1] = *list;
    root_pop(p, 1);
    heap_collect(p, true);
    CHECK(node_number(p->globals[1]) == 7);
    p->globals[1] = V_NONE;
    heap_collect(p, true);
    CHECK(p->heap->old_bytes == 0 && p->heap->used_blocks == 0);
    free(p->globals);
    p->nglobals = 0;
    process_done(p);
}

static void all_types(void) {
    Process *p = process_with((HeapOptions){.verify = 1, .stress = 1, .move = 1});
    static const int types[] = {T_RECORD, T_CLOSURE, T_ARRAY, T_ELEMENTS, T_MAP, T_OBJECT, T_ROPE};
    for (int k = 0; k < 7; k++) root_push(p, ref(node_new(p, types[k], 5, k)));
    List *l = heap_new(p, sizeof(List), HEADER(T_LIST, 0, 0, 0));
    l->length = 0;
    l->items = p->roots[2];
    root_push(p, ref(l));
    Cell *c = heap_new(p, sizeof(Cell), HEADER(T_CELL, 0, 0, 0));
    c->value = p->roots[7];
    root_push(p, ref(c));
    Float *f = heap_new(p, sizeof(Float), HEADER(T_FLOAT, 0, 0, 0));
    f->value = 1e300;
    root_push(p, ref(f));
    for (int k = 0; k < 100; k++) string_of(p, "garbage");
    for (int k = 0; k < 7; k++) CHECK(node_number(p->roots[k]) == k && type_of(p->roots[k]) == types[k]);
    CHECK(AS(Cell, p->roots[8])->value == p->roots[7] && AS(List, p->roots[7])->items == p->roots[2]);
    CHECK(float_double(p->roots[9]) == 1e300);
    process_done(p);
}

/* A list of a million records: no recursion anywhere. */
static void deep_list(void) {
    Process *p = process_with((HeapOptions){0});
    enum { LENGTH = 1000000 };
    Value *list = root_push(p, 0);
    for (int i = 0; i < LENGTH; i++) {
        Value node = ref(node_new(p, T_RECORD, 2, i));
        node_set(p, node, 1, *list);
        *list = node;
    }
    heap_collect(p, true);
    heap_collect(p, false);
    heap_check(p, "in deep_list");
    int i = LENGTH;
    for (Value v = *list; is_ref(v); v = node_get(v, 1)) CHECK(node_number(v) == --i);
    CHECK(i == 0);
    *list = 0;
    heap_collect(p, true);
    CHECK(p->heap->old_bytes == 0);
    process_done(p);
}

static void remembered(Process *p, uint32_t count, bool overflows) {
    Value *holders = root_push(p, ref(node_new(p, T_ARRAY, 500, 0)));
    for (uint32_t i = 1; i < 500; i++) {
        Value inner = ref(node_new(p, T_ARRAY, 500, i));
        node_set(p, *holders, i, inner);
        for (uint32_t k = 1; k < 500 && i * 500 + k < count; k++) {
            Value leaf = ref(node_new(p, T_RECORD, 2, 0));
            node_set(p, node_get(*holders, i), k, leaf);
        }
    }
    heap_collect(p, false);
    heap_collect(p, false);
    for (int round = 1; round < 4; round++) {
        for (uint32_t i = 1; i < 500; i++) {
            Value young = ref(node_new(p, T_RECORD, 1, i * round));
            for (uint32_t k = 1; k < 500 && is_ref(node_get(node_get(*holders, i), k)); k++)
                node_set(p, node_get(node_get(*holders, i), k), 1, young);
        }
        CHECK(p->heap->remembered_lost == overflows);
        heap_collect(p, round == 3);
        for (uint32_t i = 1; i < 500; i++)
            for (uint32_t k = 1; k < 500 && is_ref(node_get(node_get(*holders, i), k)); k++)
                CHECK(node_number(node_get(node_get(node_get(*holders, i), k), 1)) == i * round);
    }
    root_pop(p, 1);
}

static void remembered_set(void) {
    Process *p = process_with((HeapOptions){.verify = 1});
    remembered(p, 60000, false);
    process_done(p);
}

/* With so small a limit the buffer cannot grow as far as it would: nothing may get lost. */
static void remembered_overflow(void) {
    Process *p = process_with((HeapOptions){.verify = 1, .limit = 7 << 20});
    remembered(p, 40000, true);
    CHECK(errors_raised == 0);
    process_done(p);
}

static void large_objects(void) {
    Process *p = process_with((HeapOptions){.verify = 1});
    enum { LENGTH = 100000 };
    Value *array = root_push(p, ref(node_new(p, T_ARRAY, LENGTH, 1)));
    CHECK(header_of(*array)->gc == GC_LARGE);
    Value at = *array;
    heap_collect(p, false);
    CHECK(*array == at && header_of(at)->gc == (GC_LARGE | GC_OLD));
    for (uint32_t i = 1; i < LENGTH; i += 97) {
        Value node = ref(node_new(p, T_RECORD, 2, i));
        node_set(p, *array, i, node);
    }
    heap_collect(p, false);
    CHECK(p->heap->dirty != NULL);
    heap_collect(p, false);
    CHECK(p->heap->dirty == NULL);
    heap_collect(p, true);
    for (uint32_t i = 1; i < LENGTH; i += 97) CHECK(node_number(node_get(*array, i)) == i);
    *array = 0;
    for (int i = 0; i < 200; i++) node_new(p, T_ARRAY, 1500 + (uint32_t)i * 50, 1);
    heap_collect(p, true);
    CHECK(p->heap->large_bytes == 0 && !p->heap->large && !p->heap->young_large);
    process_done(p);
}

static void evacuation(void) {
    for (int move = 0; move < 2; move++) {
        Process *p = process_with((HeapOptions){.verify = 1, .move = (uint8_t)move});
        enum { COUNT = 20000 };
        Value *array = root_push(p, ref(node_new(p, T_ARRAY, COUNT, 0)));
        for (uint32_t i = 1; i < COUNT; i++) {
            Value node = ref(node_new(p, T_RECORD, 2 + i % 30, i));
            node_set(p, *array, i, node);
            if (i > 1) node_set(p, node, 1, node_get(*array, i - 1 - (i - 1) % 10));
        }
        heap_collect(p, false);
        heap_collect(p, true);
        size_t before = p->heap->used_blocks;
        for (uint32_t i = 1; i < COUNT; i++) if (i % 10) node_set(p, *array, i, 0);
        heap_collect(p, true);
        CHECK(p->heap->used_blocks < before / 3);
        for (uint32_t i = 10; i < COUNT; i += 10) {
            CHECK(node_number(node_get(*array, i)) == i);
            CHECK(i == 10 || node_number(node_get(node_get(*array, i), 1)) == i - 10);
        }
        process_done(p);
    }
}

/* --- a random graph against a model --- */
enum { NODES = 4000, MODEL_ROOTS = 24, MODEL_EDGES = 6 };
typedef struct Model { int edges[NODES][MODEL_EDGES], nedges[NODES], roots[MODEL_ROOTS]; } Model;

static void check_model(Process *p, Model *m, int root) {
    Value v = p->roots[root];
    int node = m->roots[root];
    for (int steps = 0; steps < 40; steps++) {
        CHECK(is_ref(v) == (node >= 0));
        if (!is_ref(v) || node < 0) return;
        if (node_number(v) != node) { CHECK(node_number(v) == node); return; }
        if (!m->nedges[node]) return;
        int edge = (int)random_below((uint32_t)m->nedges[node]);
        v = node_get(v, (uint32_t)edge + 1);
        node = m->edges[node][edge];
    }
}

static void random_graph(HeapOptions options, int operations) {
    static const int types[] = {T_RECORD, T_CLOSURE, T_ARRAY, T_ELEMENTS, T_MAP, T_OBJECT, T_ROPE, T_RANGE, T_SET};
    static Model m;
    Process *p = process_with(options);
    int next = 0;
    for (int i = 0; i < MODEL_ROOTS; i++) { root_push(p, 0); m.roots[i] = -1; }
    for (int i = 0; i < operations && next < NODES; i++) {
        uint32_t a = random_below(MODEL_ROOTS), b = random_below(MODEL_ROOTS), action = random_below(10);
        if (action < 3) {
            uint32_t fields = random_below(50) ? 3 + random_below(20) : 3 + random_below(3000);
            void *object = node_new(p, types[random_below(fields < 200 ? 9 : 1) + (fields < 200 ? 0 : 2)], fields, next);
            REQUIRE(object);
            uint32_t count;
            node_fields(ref(object), &count);
            p->roots[a] = ref(object);
            m.roots[a] = next;
            m.nedges[next] = count - 1 < MODEL_EDGES ? (int)count - 1 : MODEL_EDGES;
            for (int k = 0; k < MODEL_EDGES; k++) m.edges[next][k] = -1;
            next++;
        } else if (action < 7 && m.roots[a] >= 0 && m.nedges[m.roots[a]]) {
            int edge = (int)random_below((uint32_t)m.nedges[m.roots[a]]);
            node_set(p, p->roots[a], (uint32_t)edge + 1, p->roots[b]);
            m.edges[m.roots[a]][edge] = m.roots[b];
        } else if (action < 9 && m.roots[a] >= 0 && m.nedges[m.roots[a]]) {
            int edge = (int)random_below((uint32_t)m.nedges[m.roots[a]]);
            p->roots[b] = node_get(p->roots[a], (uint32_t)edge + 1);
            m.roots[b] = m.edges[m.roots[a]][edge];
        } else {
            check_model(p, &m, (int)a);
        }
        if (random_below(300) == 0) heap_collect(p, random_below(4) == 0);
    }
    for (int i = 0; i < MODEL_ROOTS; i++) check_model(p, &m, i);
    process_done(p);
}

static void random_graphs(void) {
    random_graph((HeapOptions){.verify = 1}, 100000);
    random_graph((HeapOptions){.verify = 1, .move = 1}, 100000);
    random_graph((HeapOptions){.verify = 1, .stress = 1, .move = 1}, 5000);
    random_graph((HeapOptions){.verify = 1, .stress = 1}, 5000);
    random_graph((HeapOptions){.verify = 1, .limit = 2 << 20}, 100000);
}

/* --- marking in steps --- */
/* A tree of nodes with `width` children; the numbers are the depths. */
static Value tree(Process *p, int depth, uint32_t width) {
    Value *node = root_push(p, ref(node_new(p, T_ARRAY, depth ? width + 1 : 1, depth)));
    for (uint32_t i = 1; depth && i <= width; i++) {
        Value child = tree(p, depth - 1, width);
        node_set(p, *node, i, child);
    }
    Value v = *node;
    root_pop(p, 1);
    return v;
}
static uint32_t tree_nodes(Value v, int depth) {
    uint32_t count, total = 1;
    node_fields(v, &count);
    CHECK(node_number(v) == depth);
    for (uint32_t i = 1; depth && i < count; i++) total += tree_nodes(node_get(v, i), depth - 1);
    return total;
}

/* While the heap is being marked, hide each subtree behind an object that was marked already. */
static void incremental_marking(void) {
    Process *p = process_with((HeapOptions){.verify = 1});
    Value *root = root_push(p, tree(p, 5, 5)), *other = root_push(p, ref(node_new(p, T_ARRAY, 6, 99)));
    Value *chain = root_push(p, ref(node_new(p, T_RECORD, 2, 0)));
    uint32_t nodes = tree_nodes(*root, 5);
    heap_collect(p, true);
    for (int cycle = 0; cycle < 6; cycle++) {
        mark_start(p);
        for (int step = 0; p->heap->phase == PHASE_MARKING; step++) {
            Value *from = step & 1 ? other : root, *to = step & 1 ? root : other;
            for (uint32_t i = 1; i < 6; i++) {
                Value child = node_get(*from, i);
                if (!is_ref(child)) continue;
                node_set(p, *to, i, child);
                node_set(p, *from, i, 0);
            }
            Value link = ref(node_new(p, T_RECORD, 2, step));
            node_set(p, link, 1, *chain);
            *chain = link;
            REQUIRE(old_reserve(p->heap, young_used(p)));
            young_collect(p);
            if (mark_step(p, 2000)) mark_finish(p);
            heap_check(p, "after a step");
        }
        for (bool done = false; !done;) {
            REQUIRE(old_reserve(p->heap, young_used(p)));
            young_collect(p);
            done = sweep_step(p->heap, 5);
            heap_check(p, "while sweeping");
        }
        if (is_ref(node_get(*other, 1))) { Value *swap = root; root = other; other = swap; }
        for (uint32_t i = 1, total = 1; i < 6; i++) {
            total += tree_nodes(node_get(*root, i), 4);
            CHECK(i < 5 || total == nodes);
        }
    }
    process_done(p);
}

/* The mark stack may not grow beyond a part of the limit: marking must find what did not fit. */
static void mark_overflow(void) {
    Process *p = process_with((HeapOptions){.verify = 1, .limit = 6 << 20});
    Value *root = root_push(p, tree(p, 2, 200));
    for (int i = 0; i < 3; i++) heap_collect(p, true);
    CHECK(tree_nodes(*root, 2) == 1 + 200 + 40000);
    p->heap->options.limit = 1;         /* no growth at all */
    mark_start(p);
    young_collect(p);
    CHECK(mark_step(p, SIZE_MAX));
    mark_finish(p);
    CHECK(sweep_step(p->heap, SIZE_MAX));
    heap_check(p, "after an overflow");
    CHECK(tree_nodes(*root, 2) == 1 + 200 + 40000);
    process_done(p);
}

/* --- the limit --- */
static Value live_records(Process *p, size_t bytes) {
    Value *list = root_push(p, 0);
    for (size_t done = 0; done < bytes; done += 8 + 8 * 6) {
        void *node = node_new(p, T_RECORD, 6, 1);
        if (!node) break;
        node_set(p, ref(node), 1, *list);
        *list = ref(node);
    }
    Value v = *list;
    root_pop(p, 1);
    return v;
}

static void garbage_under_limit(void) {
    Process *p = process_with((HeapOptions){.limit = 4 << 20});
    Value *list = root_push(p, live_records(p, 2900 << 10));
    CHECK(errors_raised == 0);
    for (size_t i = 0, bytes; errors_raised == 0 && i < (200 << 20); i += bytes) {
        uint32_t fields = random_below(1000) ? 2 + random_below(12) : 2 + random_below(2000);
        bytes = fields * 8;
        REQUIRE(node_new(p, fields > 200 ? T_ARRAY : T_RECORD, fields, 0));
    }
    CHECK(errors_raised == 0);
    CHECK(p->stats.peak_bytes < (size_t)(4 << 20) + (600 << 10));
    size_t count = 0;
    for (Value v = *list; is_ref(v); v = node_get(v, 1)) count++;
    CHECK(count >= (2900 << 10) / 56);
    heap_check(p, "at the end");
    process_done(p);
}

static void limit_exceeded(void) {
    Process *p = process_with((HeapOptions){.limit = 4 << 20, .verify = 1});
    Value *list = root_push(p, live_records(p, SIZE_MAX));
    CHECK(errors_raised == 1 && is_type(p->error, T_OBJECT) && p->error != immortal_error);
    for (int i = 0; i < 10; i++) CHECK(!node_new(p, T_RECORD, 10, 0));
    CHECK(errors_raised == 11);
    CHECK(heap_bytes(p) < (size_t)(4 << 20) + (300 << 10));
    CHECK(!heap_external(p, 1 << 20));
    *list = 0;
    CHECK(node_new(p, T_RECORD, 10, 0));
    CHECK(heap_external(p, 1 << 20) && heap_external(p, -(1 << 20)));
    CHECK(heap_new(p, 2 << 20, HEADER(T_STRING, 0, 0, 0)) != NULL);
    ((String *)large_object(p->heap->young_large))->length = (2 << 20) - 16;
    errors_raised = 0;
    CHECK(!heap_new(p, 5 << 20, HEADER(T_STRING, 0, 0, 0)));
    CHECK(!heap_new(p, SIZE_MAX, HEADER(T_STRING, 0, 0, 0)));
    CHECK(!heap_new(p, SIZE_MAX / 2 - 5, HEADER(T_STRING, 0, 0, 0)));
    CHECK(errors_raised == 3);
    CHECK(node_new(p, T_RECORD, 10, 0));
    process_done(p);
}

static void huge_sizes(void) {
    Process *p = process_with((HeapOptions){0});
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2, PTRDIFF_MAX / 2, PTRDIFF_MAX / 2 - 4096, (size_t)1 << 60};
    for (int i = 0; i < 6; i++) {
        CHECK(!heap_new(p, sizes[i], HEADER(T_STRING, 0, 0, 0)));
        CHECK(!heap_new(p, sizes[i], HEADER(T_ARRAY, 0, 0, 0)));
    }
    CHECK(errors_raised == 12 && is_type(p->error, T_OBJECT));
    process_done(p);
}

/* The system refuses: as with a limit, an error and no crash. */
static void system_out_of_memory(void) {
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
    pid_t child = fork();
    if (child == 0) {
        Process *p = process_with((HeapOptions){0});
        struct rlimit limit = {64 << 20, 64 << 20};
        setrlimit(RLIMIT_AS, &limit);
        Value *list = root_push(p, live_records(p, SIZE_MAX));
        int first = errors_raised;
        node_new(p, T_ARRAY, 100000000, 0);
        *list = 0;
        heap_collect(p, true);
        _exit(first == 1 && errors_raised == 2 && node_new(p, T_RECORD, 3, 0) ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

/* --- the value stack --- */
static Function frame_of_five = {.nregs = 5}, wide_frame = {.nregs = 300};

static void stack_new(Process *p, size_t words) {
    p->stack = calloc(words, sizeof(Value));
    p->stack_end = p->stack_clean = p->stack + words;
    p->stack_limit = p->stack_clean - FRAME_SLACK;
}

/* Every seventh frame is wide. R[0] is the depth, R[1] a node with that number, R[2] a dead register. */
static void frame_push(Process *p, int64_t depth) {
    bool wide = depth % 7 == 6;
    Closure *c = heap_new(p, sizeof(Closure), HEADER(T_CLOSURE, 0, 0, 0));
    c->function = wide ? &wide_frame : &frame_of_five;
    c->code = NULL;
    Value *top = stack_top(p), *fp = top + (wide ? WIDE_HEADER : FRAME_HEADER);
    uint64_t link = wide ? LINK_WIDE : (uint64_t)(fp - p->fp) << LINK_DELTA_SHIFT;
    if (!p->fp) link = (uint64_t)5 << LINK_DELTA_SHIFT;
    else if (!wide && fp - p->fp > 255) {           /* the caller is long */
        fp += WIDE_HEADER - FRAME_HEADER;
        link = LINK_WIDE;
    }
    while (fp + c->function->nregs + FRAME_SLACK > p->stack_clean) *p->stack_clean++ = 0;
    p->stack_limit = p->stack_clean - FRAME_SLACK;
    if (!link_delta(link)) { fp[-3] = fixnum(fp - p->fp); fp[-4] = 0; }
    fp[-2] = ref(c);
    fp[-1] = link;
    p->fp = fp;
    fp[0] = fixnum(depth);
    fp[1] = fp[2] = 0;
    fp[1] = ref(node_new(p, T_RECORD, 2, depth));
}

static void frame_pop(Process *p) {
    if (p->fp == p->watermark) {
        CHECK(p->fp[-1] & LINK_WIDE);
        heap_watermark_passed(p, p->fp);
        CHECK(!p->watermark || p->watermark < p->fp);
    }
    CHECK(!(p->fp[-1] & LINK_WIDE) == (link_delta(p->fp[-1]) != 0));
    p->fp = p->fp == p->stack + FRAME_HEADER ? NULL : frame_caller(p->fp);
}

static void frames_check(Process *p, int64_t depth) {
    for (Value *fp = p->fp;; fp = frame_caller(fp)) {
        CHECK(fp[0] == fixnum(depth) && node_number(fp[1]) == depth);
        if (depth-- == 0) break;
    }
    CHECK(depth == -1);
}

static void deep_stack(HeapOptions options, int64_t most, int rounds) {
    Process *p = process_with(options);
    stack_new(p, (size_t)most * 80 + 4096);
    int64_t depth = -1;
    frame_push(p, ++depth);
    for (int round = 0; round < rounds; round++) {
        uint32_t goal = random_below((uint32_t)most);
        while (depth < goal) {
            frame_push(p, ++depth);
            if (random_below(50) == 0) heap_collect(p, random_below(8) == 0);
        }
        heap_collect(p, false);
        CHECK(depth < 200 || p->watermark);
        frames_check(p, depth);
        goal = random_below(goal + 1);
        while (depth > goal) {
            frame_pop(p);
            depth--;
            p->fp[1] = ref(node_new(p, T_RECORD, 2, depth));
            if (random_below(100) == 0) heap_collect(p, random_below(8) == 0);
        }
        frames_check(p, depth);
        CHECK(p->stack_limit == p->stack_clean - FRAME_SLACK);
        for (Value *at = stack_top(p); at < p->stack_clean; at++) CHECK(!is_ref(*at) || options.stress == 0 || *at);
    }
    while (p->fp) frame_pop(p);
    CHECK(!p->watermark);
    heap_collect(p, true);
    CHECK(p->heap->old_bytes == 0);
    process_done(p);
}

static void watermark(void) {
    deep_stack((HeapOptions){.verify = 1}, 500, 30);
    deep_stack((HeapOptions){.verify = 1, .move = 1, .stress = 1}, 200, 4);
    deep_stack((HeapOptions){0}, 20000, 4);
}

/* The inline allocation of generated code, two processes at once, growth of eden. */
static void two_processes(void) {
    Process *ps[2] = {process_with((HeapOptions){0}), process_with((HeapOptions){.limit = 1 << 20})};
    Value *lists[2] = {root_push(ps[0], 0), root_push(ps[1], 0)};
    for (int i = 0; i < 3000000; i++) {
        Process *p = ps[i & 1];
        Cell *c;
        if ((size_t)(p->alloc_limit - p->alloc) >= sizeof(Cell)) {
            c = (Cell *)p->alloc;
            p->alloc += sizeof(Cell);
            c->header = HEADER(T_CELL, 0, 0, 0);
        } else {
            c = heap_new(p, sizeof(Cell), HEADER(T_CELL, 0, 0, 0));
            REQUIRE(c);
        }
        c->value = *lists[i & 1];
        *lists[i & 1] = i % 4000 < 2 ? 0 : ref(c);
    }
    for (int k = 0; k < 2; k++) {
        heap_check(ps[k], "at the end");
        int count = 0;
        for (Value v = *lists[k]; is_ref(v); v = AS(Cell, v)->value) count++;
        CHECK(count == 1999);
        process_done(ps[k]);
    }
}

RUN_TESTS(TEST(survival), TEST(all_types), TEST(deep_list), TEST(remembered_set), TEST(remembered_overflow), TEST(large_objects),
          TEST(evacuation), TEST(random_graphs), TEST(incremental_marking), TEST(mark_overflow), TEST(garbage_under_limit),
          TEST(limit_exceeded), TEST(huge_sizes), TEST(system_out_of_memory), TEST(watermark), TEST(two_processes))
