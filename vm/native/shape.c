/* Shapes: which fields a record has and where they lie.
 *
 * Invariants: a shape is never changed in what it says, only its transitions and its lookup table grow; a child has its
 * parent's fields and one more, so the number of a field is the `count` of the shape that added it less one. A name occurs once
 * along a path, hence a transition by `name` from a shape shows that the shape itself lacks that field. */
#include "runtime.h"

enum {
    FIELDS_MAX = 128,       /* fields of a shape whose records hold fewer than that inline; more go to the record's map */
    WALK_MAX = 8,           /* fields that are looked for along the parents */
    LOOKUPS_MIN = 4,        /* lookups of a larger shape before it gets a table */
    FIRST_SHAPES = 256,
    ROOTS_RESERVED = MAX_INLINE + 1,
};

static Shape *shape_new(Machine *m, uint32_t inline_slots, uint32_t parent, Value name) {
    if (m->nshapes >= m->shape_capacity) {
        uint32_t capacity = m->shape_capacity ? m->shape_capacity * 2 : FIRST_SHAPES;
        Shape **shapes = machine_alloc(m, capacity * sizeof(Shape *));
        if (!shapes) return NULL;
        if (m->shape_capacity) memcpy(shapes, m->shapes, m->nshapes * sizeof(Shape *));
        m->shapes = shapes;
        m->shape_capacity = capacity;
    }
    Shape *shape = machine_alloc(m, sizeof(Shape));
    if (!shape) return NULL;
    shape->number = m->nshapes;
    shape->count = parent ? m->shapes[parent]->count + 1 : 0;
    shape->inline_slots = inline_slots;
    shape->parent = parent;
    shape->name = name;
    return m->shapes[m->nshapes++] = shape;
}

uint32_t shape_root(Machine *m, uint32_t inline_slots) {
    uint32_t *root = &m->root_shapes[inline_slots];
    if (*root == 0) {
        Shape *shape = shape_new(m, inline_slots, 0, V_NONE);
        if (shape) *root = shape->number;
    }
    return *root;
}

uint32_t shape_class(Machine *m) {
    Shape *shape = m->nshapes < MAX_SHAPES - ROOTS_RESERVED ? shape_new(m, 0, 0, V_NONE) : NULL;
    return shape ? shape->number : 0;
}

/* --- transitions --- */
static inline uint32_t name_hash(Value name) { return header_of(name)->id; }    /* interned strings have theirs computed */

/* Where the child by `name` is in the parent's set, or the free place for it. */
static uint32_t *transition_place(Machine *m, const Shape *shape, Value name) {
    uint32_t mask = shape->transition_capacity - 1, at = name_hash(name) & mask;
    while (shape->transitions[at] && m->shapes[shape->transitions[at]]->name != name) at = (at + 1) & mask;
    return &shape->transitions[at];
}

static bool transitions_grow(Machine *m, Shape *shape) {
    uint32_t old_capacity = shape->transition_capacity, *old = shape->transitions;
    uint32_t capacity = old_capacity ? old_capacity * 2 : 2;
    uint32_t *transitions = machine_alloc(m, capacity * sizeof(uint32_t));
    if (!transitions) return false;
    shape->transitions = transitions;
    shape->transition_capacity = capacity;
    for (uint32_t i = 0; i < old_capacity; i++)
        if (old[i]) *transition_place(m, shape, m->shapes[old[i]]->name) = old[i];
    return true;
}

uint32_t shape_child(Machine *m, uint32_t shape, Value name) {
    const Shape *s = m->shapes[shape];
    return s->transition_count ? *transition_place(m, s, name) : 0;
}

uint32_t shape_add(Machine *m, uint32_t shape, Value name) {
    uint32_t known = shape_child(m, shape, name);
    if (known) return known;
    Shape *s = m->shapes[shape];
    if (s->count >= FIELDS_MAX && s->count >= s->inline_slots) return 0;
    if (m->nshapes >= MAX_SHAPES - ROOTS_RESERVED) return 0;
    if (s->transition_count >= s->transition_capacity / 2 && !transitions_grow(m, s)) return 0;
    Shape *child = shape_new(m, s->inline_slots, shape, name);
    if (!child) return 0;
    *transition_place(m, s, name) = child->number;
    s->transition_count++;
    return child->number;
}

/* --- lookup --- */
static inline uint32_t field_slot(const Shape *s, uint32_t number) {
    return number < s->inline_slots ? number : OVERFLOW_SLOT | (number - s->inline_slots);
}

static void table_build(Machine *m, Shape *shape) {
    uint32_t capacity = 1;
    while (capacity < shape->count * 2) capacity *= 2;
    Value *names = machine_alloc(m, capacity * (sizeof(Value) + sizeof(uint32_t)));
    if (!names) return;                     /* the walk does as well */
    uint32_t *slots = (uint32_t *)(names + capacity);
    for (const Shape *s = shape; s->count; s = m->shapes[s->parent]) {
        uint32_t at = name_hash(s->name) & (capacity - 1);
        while (names[at]) at = (at + 1) & (capacity - 1);
        names[at] = s->name;
        slots[at] = field_slot(s, s->count - 1);
    }
    shape->table_names = names;
    shape->table_slots = slots;
    shape->table_capacity = capacity;
}

static int32_t table_find(const Shape *s, Value name) {
    uint32_t mask = s->table_capacity - 1;
    for (uint32_t at = name_hash(name) & mask; s->table_names[at]; at = (at + 1) & mask)
        if (s->table_names[at] == name) return (int32_t)s->table_slots[at];
    return -1;
}

int32_t shape_find(Machine *m, uint32_t shape, Value name) {
    Shape *start = m->shapes[shape];
    if (start->count > WALK_MAX) {
        if (!start->table_capacity && ++start->lookups > LOOKUPS_MIN) table_build(m, start);
        if (start->table_capacity) return table_find(start, name);
    }
    for (const Shape *s = start; s->count; s = m->shapes[s->parent])
        if (s->name == name) return (int32_t)field_slot(s, s->count - 1);
    return -1;
}

Value shape_field(Machine *m, uint32_t shape, uint32_t number, uint32_t *slot) {
    const Shape *s = m->shapes[shape];
    while (s->count > number + 1) s = m->shapes[s->parent];
    *slot = field_slot(s, number);
    return s->name;
}
