/* The tables that processes share: interned names, immortal objects, shapes' memory.
 *
 * Invariants: what is in the tables is never moved, changed or removed while the machine lives; all of it lies in the arena.
 * Two interned strings are equal exactly when they are the same object. */
#include <stdlib.h>
#include "runtime.h"

enum { CHUNK_BYTES = 1 << 16, FIRST_NAMES = 256 };
typedef struct Chunk { struct Chunk *next; } Chunk;     /* its memory follows; sizeof(Chunk) keeps it 8-byte aligned */

static uint8_t *chunk_new(Machine *m, size_t bytes) {
    Chunk *chunk = calloc(1, sizeof(Chunk) + bytes);
    if (!chunk) return NULL;
    chunk->next = m->chunks;
    m->chunks = chunk;
    return (uint8_t *)(chunk + 1);
}

void *machine_alloc(Machine *m, size_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + 7) & ~(size_t)7;
    if (bytes > CHUNK_BYTES / 4) return chunk_new(m, bytes);   /* apart, so that at most a quarter of a chunk is wasted */
    if ((size_t)(m->chunk_end - m->chunk_next) < bytes) {
        uint8_t *chunk = chunk_new(m, CHUNK_BYTES);
        if (!chunk) return NULL;
        m->chunk_next = chunk;
        m->chunk_end = chunk + CHUNK_BYTES;
    }
    uint8_t *memory = m->chunk_next;
    m->chunk_next += bytes;
    return memory;
}

void *machine_new_object(Machine *m, size_t bytes, uint64_t header) {
    uint64_t *object = machine_alloc(m, bytes);
    if (object) *object = header | (uint64_t)(GC_IMMORTAL | GC_OLD) << 16;
    return object;
}

static Value immortal_string(Machine *m, const void *bytes, size_t length, uint32_t hash, int flags) {
    if (bytes_ascii(bytes, length)) flags |= STRING_ASCII;
    String *s = machine_new_object(m, sizeof(String) + length + 1, HEADER(T_STRING, flags, 0, hash));
    if (!s) return V_UNSET;
    s->length = (int64_t)length;
    if (length) memcpy(s->bytes, bytes, length);
    return ref(s);
}

/* Where the name is in the table, or the free place where it belongs. An empty place is 0, which is no reference. */
static uint32_t name_place(const Machine *m, const void *bytes, size_t length, uint32_t hash) {
    uint32_t mask = m->name_capacity - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        if (!m->names[at]) return at;
        String *s = AS(String, m->names[at]);
        if (header_of(m->names[at])->id == hash && (size_t)s->length == length && !memcmp(s->bytes, bytes, length)) return at;
    }
}

static bool names_grow(Machine *m) {
    uint32_t old_capacity = m->name_capacity;
    Value *old = m->names, *names = machine_alloc(m, (size_t)old_capacity * 2 * sizeof(Value));
    if (!names) return false;
    m->names = names;
    m->name_capacity = old_capacity * 2;
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (!old[i]) continue;
        uint32_t at = header_of(old[i])->id & (m->name_capacity - 1);
        while (names[at]) at = (at + 1) & (m->name_capacity - 1);
        names[at] = old[i];
    }
    return true;
}

Value machine_intern(Machine *m, const void *bytes, size_t length) {
    uint32_t hash = hash_bytes(bytes, length);
    uint32_t at = name_place(m, bytes, length, hash);
    if (m->names[at]) return m->names[at];
    if (m->nnames >= m->name_capacity / 2) {
        if (!names_grow(m)) return V_UNSET;
        at = name_place(m, bytes, length, hash);
    }
    Value name = immortal_string(m, bytes, length, hash, STRING_INTERNED);
    if (name == V_UNSET) return V_UNSET;
    m->nnames++;
    return m->names[at] = name;
}

Value machine_find_name(Machine *m, const void *bytes, size_t length, uint32_t hash) {
    Value name = m->names[name_place(m, bytes, length, hash)];
    return name ? name : V_UNSET;
}

/* One-byte strings are not interned: that would make every character a known field name. */
static bool make_constants(Machine *m) {
    for (int i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        m->characters[i] = immortal_string(m, &byte, 1, hash_bytes(&byte, 1), 0);
        if (m->characters[i] == V_UNSET) return false;
    }
    m->empty_string = machine_intern(m, "", 0);
    Array *empty = machine_new_object(m, sizeof(Array), HEADER(T_ARRAY, 0, 0, 0));
    if (empty) m->empty_array = ref(empty);
    return empty && m->empty_string != V_UNSET;
}

Machine *machine_new(void) {
    Machine *m = calloc(1, sizeof(Machine));
    if (!m) return NULL;
    if (!hash_seed) hash_seed_init();
    m->names = machine_alloc(m, FIRST_NAMES * sizeof(Value));
    m->name_capacity = FIRST_NAMES;
    m->nshapes = 1;
    if (m->names && make_constants(m)) return m;
    machine_free(m);
    return NULL;
}

void machine_free(Machine *m) {
    for (Chunk *chunk = m->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(m->global_names);
    free(m->functions);
    free(m->classes);
    free(m);
}
