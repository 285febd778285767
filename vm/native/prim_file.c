/* Files by their names: the primitives of the module `fs`.
 *
 * Invariants: as in prim.c. What the system refuses is the error's number, negated, in place of the result. */
#include "stream.h"
#include "type.h"
#include "system.h"
#include <errno.h>
#include <stdlib.h>

char *c_text(Process *p, Value *slot) {
    if (!need_string(p, slot)) return NULL;
    const String *s = AS(String, *slot);
    if (memchr(s->bytes, 0, (size_t)s->length)) return error_raise(p, ERROR_VALUE, "the system ends a string at its first NUL, and this one has one inside"), NULL;
    char *copy = malloc((size_t)s->length + 1);
    if (!copy) return error_raise(p, ERROR_MEMORY, "out of memory"), NULL;
    memcpy(copy, s->bytes, (size_t)s->length);
    copy[s->length] = 0;
    return copy;
}

/* The end of a primitive: gives a string that is malloc'ed, or the error. */
static bool give_text(Process *p, Value *result, char *text) {
    if (!text) return give_int(p, result, -errno);
    Value made = string_new(p, text, strlen(text));
    free(text);
    return give(result, made);
}

/* A primitive that does something to one path. */
static bool with_path(Process *p, Value *args, Value *result, int (*act)(const char *path)) {
    char *path = c_text(p, &args[0]);
    if (!path) return false;
    int code = act(path);
    free(path);
    return give_int(p, result, code);
}

static int remove_file(const char *path) { return system_remove(path, false); }
static int remove_directory(const char *path) { return system_remove(path, true); }
static int make_directory(const char *path) { return system_make_directory(path, false); }
static int make_private_directory(const char *path) { return system_make_directory(path, true); }
bool prim_fs__make_directory(Process *p, Value *args, Value *result) {
    return with_path(p, args, result, args[1] == V_TRUE ? make_private_directory : make_directory);
}
bool prim_fs__remove_file(Process *p, Value *args, Value *result) { return with_path(p, args, result, remove_file); }
bool prim_fs__remove_directory(Process *p, Value *args, Value *result) { return with_path(p, args, result, remove_directory); }
bool prim_os__enter(Process *p, Value *args, Value *result) { return with_path(p, args, result, system_enter); }

bool prim_os__directory(Process *p, Value *args, Value *result) {
    (void)args;
    return give_text(p, result, system_directory());
}

bool prim_fs__real_path(Process *p, Value *args, Value *result) {
    char *path = c_text(p, &args[0]);
    if (!path) return false;
    char *real = system_real_path(path);
    int error = errno;
    free(path);
    errno = error;
    return give_text(p, result, real);
}

bool prim_fs__open(Process *p, Value *args, Value *result) {
    int64_t mode;
    if (!need_int(p, args[1], &mode)) return false;
    if (mode < OPEN_READ || mode > OPEN_PRIVATE) return error_raise(p, ERROR_VALUE, "there is no such way to open a file");
    char *path = c_text(p, &args[0]);
    if (!path) return false;
    int file = system_open(path, (enum OpenMode)mode);
    for (int tries = 0; file == -EMFILE && tries < 2; tries++) {      /* of those that are open nobody may have some any more; sweeping comes after marking */
        heap_collect(p, true);
        file = system_open(path, (enum OpenMode)mode);
    }
    free(path);
    return file < 0 ? give_int(p, result, file) : give(result, stream_new(p, file));
}

bool prim_fs__rename(Process *p, Value *args, Value *result) {
    char *from = c_text(p, &args[0]), *to = from ? c_text(p, &args[1]) : NULL;
    int code = to ? system_rename(from, to) : 0;
    bool ok = to != NULL;
    free(from);
    free(to);
    return ok && give_int(p, result, code);
}

bool prim_fs__set_mode(Process *p, Value *args, Value *result) {
    int64_t mode;
    if (!need_int(p, args[1], &mode)) return false;
    char *path = c_text(p, &args[0]);
    if (!path) return false;
    int code = system_set_mode(path, (int)(mode & 07777));
    free(path);
    return give_int(p, result, code);
}

/* MAY_COLLECT RAISES: append an int to *list. */
static bool push_int(Process *p, Value *list, int64_t i) {
    Value *item = root_push(p, int_value(p, i));
    bool ok = *item != V_UNSET && list_push(p, list, item);
    root_pop(p, 1);
    return ok;
}

bool prim_fs__info(Process *p, Value *args, Value *result) {
    FileInfo info;
    char *path = c_text(p, &args[0]);
    if (!path) return false;
    int code = system_info(path, args[1] == V_TRUE, &info);
    free(path);
    if (code) return give_int(p, result, code);
    Value *list = root_push(p, list_new(p, NULL, 0));
    bool ok = *list != V_UNSET && push_int(p, list, info.kind) && push_int(p, list, info.size) && push_int(p, list, info.modified)
        && push_int(p, list, info.mode);
    Value made = ok ? *list : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(made, p->machine->int_list));
}

typedef struct Names { Process *p; Value *list; bool ok; } Names;

static bool push_name(void *context, const char *name) {
    Names *names = context;
    Value *item = root_push(names->p, string_new(names->p, name, strlen(name)));
    names->ok = *item != V_UNSET && list_push(names->p, names->list, item);
    root_pop(names->p, 1);
    return names->ok;
}

bool prim_fs__list(Process *p, Value *args, Value *result) {
    char *path = c_text(p, &args[0]);
    if (!path) return false;
    Names names = {p, root_push(p, list_new(p, NULL, 0)), true};
    int code = *names.list == V_UNSET ? 0 : system_list(path, push_name, &names);
    Value made = names.ok ? *names.list : V_UNSET;
    root_pop(p, 1);
    free(path);
    return code ? give_int(p, result, code) : give(result, container_reify(made, p->machine->string_list));
}
