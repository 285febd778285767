/* The process and its environment, time, and other programs: primitives of the modules `os`, `time`, `random` and `subprocess`.
 *
 * Invariants: as in prim_file.c. */
#include "stream.h"
#include "type.h"
#include "runtime_api.h"
#include "system.h"
#include <errno.h>
#include <stdlib.h>

static bool push_text(Process *p, Value *list, const char *text) {
    Value *item = root_push(p, string_new(p, text, strlen(text)));
    bool ok = *item != V_UNSET && list_push(p, list, item);
    root_pop(p, 1);
    return ok;
}

static bool give_texts(Process *p, Value *result, bool ok, Value *list) {
    Value made = ok ? *list : V_UNSET;
    root_pop(p, 1);
    return give(result, container_reify(made, p->machine->string_list));
}

/* --- the process --- */

bool prim_os__arguments(Process *p, Value *args, Value *result) {
    (void)args;
    Value *list = root_push(p, list_new(p, NULL, 0));
    bool ok = *list != V_UNSET;
    for (int i = 0; ok && i < p->argument_count; i++) ok = push_text(p, list, p->arguments[i]);
    return give_texts(p, result, ok, list);
}

bool prim_os__exit(Process *p, Value *args, Value *result) {
    int64_t status;
    (void)result;
    if (!need_int(p, args[0], &status)) return false;
    if (status < 0 || status > 255) return error_raise(p, ERROR_VALUE, "an exit status is an int in 0..=255, not %lld", (long long)status);
    p->exit_code = (uint8_t)status;
    p->finished = 1;
    return error_raise(p, ERROR_INTERRUPT, "the program has ended itself with the status %lld", (long long)status);
}

bool prim_os__pid(Process *p, Value *args, Value *result) { return give_int(p, result, system_pid()); }

bool prim_os__about(Process *p, Value *args, Value *result) {
    int64_t what;
    char host[256] = "";
    if (!need_int(p, args[0], &what)) return false;
    int code = what == 2 ? system_host(host, sizeof host - 1) : 0;
    if (code) return give_int(p, result, code);
    const char *text = what == 0 ? system_name : what == 1 ? system_machine : host;
    return give(result, string_new(p, text, strlen(text)));
}

/* What programs tell errors apart by. */
static const char *error_kind(int error) {
    switch (error) {
    case ENOENT: return "not found";
    case EEXIST: return "exists";
    case EACCES: case EPERM: case EROFS: return "permission";
    case ENOTDIR: return "not a directory";
    case EISDIR: return "a directory";
    case ENOTEMPTY: return "not empty";
    default: return "";
    }
}

bool prim_os__failure(Process *p, Value *args, Value *result) {
    int64_t code;
    if (!need_int(p, args[0], &code)) return false;
    Value *list = root_push(p, list_new(p, NULL, 0));
    bool ok = *list != V_UNSET && push_text(p, list, error_kind((int)-code)) && push_text(p, list, system_error_text((int)-code));
    return give_texts(p, result, ok, list);
}

/* --- the environment --- */

bool prim_os__variable(Process *p, Value *args, Value *result) {
    char *name = c_text(p, &args[0]);
    if (!name) return false;
    char *value = system_variable(name);
    free(name);
    Value made = value ? string_new(p, value, strlen(value)) : V_NONE;
    free(value);
    return give(result, made);
}

bool prim_os__variables(Process *p, Value *args, Value *result) {
    (void)args;
    Value *list = root_push(p, list_new(p, NULL, 0));
    bool ok = *list != V_UNSET;
    char *text;
    for (uint32_t i = 0; ok && (text = system_variable_at(i)); i++) {
        ok = push_text(p, list, text);
        free(text);
    }
    return give_texts(p, result, ok, list);
}

bool prim_os__set_variable(Process *p, Value *args, Value *result) {
    bool sets = args[1] != V_NONE;
    char *name = c_text(p, &args[0]), *value = name && sets ? c_text(p, &args[1]) : NULL;
    bool ok = name && (value || !sets);
    int code = ok ? system_set_variable(name, value) : 0;
    free(name);
    free(value);
    return ok && give_int(p, result, code);
}

/* --- time, randomness --- */

bool prim_time__now(Process *p, Value *args, Value *result) { return give_int(p, result, system_now()); }
bool prim_time__monotonic(Process *p, Value *args, Value *result) { return give_int(p, result, system_monotonic()); }

/* Nanoseconds of sleep after which it looks whether another thread has interrupted it; a signal ends it at once. More: such an interrupt waits longer. */
enum { LONGEST_SLEEP = 50000000 };

bool prim_time__sleep(Process *p, Value *args, Value *result) {
    int64_t ns;
    if (!need_int(p, args[0], &ns)) return false;
    output_flush(p);
    int64_t now = system_monotonic(), end;
    if (__builtin_add_overflow(now, ns, &end)) end = INT64_MAX;
    for (; now < end; now = system_monotonic()) {
        if (p->interrupted && !rt_poll(p)) return false;
        system_sleep(end - now < LONGEST_SLEEP ? end - now : LONGEST_SLEEP);
    }
    return *result = V_NONE, true;
}

static uint64_t rotated(uint64_t x, int count) { return x << count | x >> (64 - count); }

/* xoshiro256**: in Myna, where 64-bit numbers are boxed one by one, it takes ten times as long. */
bool prim_random__next(Process *p, Value *args, Value *result) {
    int64_t bits;
    bool is_state = is_type(args[0], T_PACKED) && header_of(args[0])->aux == E_I64 && AS(Packed, args[0])->length == 4;
    if (!is_state) return error_raise(p, ERROR_CAST, "the state is not an array of four ints");
    if (!need_int(p, args[1], &bits)) return false;
    if (bits < 1 || bits > 64) return error_raise(p, ERROR_VALUE, "a number has 1 to 64 bits, not %lld", (long long)bits);
    uint64_t *s = (uint64_t *)AS(Packed, args[0])->bytes;
    uint64_t made = rotated(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotated(s[3], 45);
    return give_int(p, result, (int64_t)(made >> (64 - bits)));
}

bool prim_random__entropy(Process *p, Value *args, Value *result) {
    uint64_t word;
    if (!system_entropy(&word, sizeof word)) return error_raise(p, ERROR_RUNTIME, "the system has no random numbers");
    return give_int(p, result, (int64_t)word);
}

/* --- other programs --- */

static void free_texts(char **texts) {
    for (char **at = texts; at && *at; at++) free(*at);
    free(texts);
}

/* The strings of a list as C wants them; NULL: raised. They are made in the order of the list, which nobody changes meanwhile. */
static char **c_texts(Process *p, Value *list) {
    if (!need_list(p, *list)) return NULL;
    int64_t count = AS(List, *list)->length;
    char **texts = calloc((size_t)count + 1, sizeof *texts);
    if (!texts) return error_raise(p, ERROR_MEMORY, "out of memory"), NULL;
    Value *item = root_push(p, V_NONE);
    for (int64_t i = 0; texts && i < count; i++) {
        *item = list_items(*list)[i];
        if (!(texts[i] = c_text(p, item))) free_texts(texts), texts = NULL;
    }
    root_pop(p, 1);
    return texts;
}

/* Pipes for those standard files of the program that `wanted` has bits for: ends[i] for us, files[i] for it. */
static int open_pipes(int64_t wanted, int ends[3], int files[3]) {
    for (int i = 0, code; i < 3; i++) {
        int both[2];
        if (!(wanted & 1 << i)) continue;
        if ((code = system_pipe(both)) < 0) return code;
        ends[i] = both[i == 0];
        files[i] = both[i != 0];
    }
    return 0;
}

static void close_all(int files[3]) {
    for (int i = 0; i < 3; i++)
        if (files[i] >= 0) system_close(files[i]);
}

/* The process's number and the streams of its pipes; -1 for those that are none. */
static Value started(Process *p, int64_t pid, int ends[3]) {
    Value *list = root_push(p, list_new(p, NULL, 0)), *item = root_push(p, fixnum(pid));
    bool ok = *list != V_UNSET && list_push(p, list, item);
    for (int i = 0; ok && i < 3; i++) {
        int file = ends[i];
        ends[i] = -1;
        *item = file < 0 ? fixnum(-1) : stream_new(p, file);
        ok = *item != V_UNSET && list_push(p, list, item);
    }
    if (!ok) close_all(ends);
    Value made = ok ? *list : V_UNSET;
    root_pop(p, 2);
    return container_reify(made, p->machine->int_list);
}

bool prim_subprocess__start(Process *p, Value *args, Value *result) {
    int64_t wanted;
    if (!need_int(p, args[3], &wanted)) return false;
    Start start = {.files = {-1, -1, -1}};
    int ends[3] = {-1, -1, -1};
    bool ok = (start.arguments = c_texts(p, &args[0])) && (args[1] == V_NONE || (start.environment = c_texts(p, &args[1])))
        && (args[2] == V_NONE || (start.directory = c_text(p, &args[2])));
    int64_t pid = 0;
    if (ok) {
        output_flush(p);
        pid = open_pipes(wanted, ends, start.files);
        if (wanted & 8) start.files[2] = start.files[1] >= 0 ? start.files[1] : 1;      /* its errors go where its output goes */
        if (!pid) pid = system_start(&start);
        if (wanted & 8) start.files[2] = -1;
        close_all(start.files);
        if (pid < 0) close_all(ends);
    }
    free_texts(start.arguments);
    free_texts(start.environment);
    free(start.directory);
    if (!ok) return false;
    return pid < 0 ? give_int(p, result, pid) : give(result, started(p, pid, ends));
}

bool prim_subprocess__wait(Process *p, Value *args, Value *result) {
    int64_t pid;
    int status;
    if (!need_int(p, args[0], &pid)) return false;
    while ((status = system_wait(pid, args[1] == V_TRUE)) == -EINTR)
        if (!rt_poll(p)) return false;
    return status == -EAGAIN ? (*result = V_NONE, true) : give_int(p, result, status);
}

bool prim_subprocess__signal(Process *p, Value *args, Value *result) {
    int64_t pid, number;
    return need_int(p, args[0], &pid) && need_int(p, args[1], &number) && give_int(p, result, system_signal(pid, (int)number));
}

/* args: streams to write to (-1: none), to read from, and again; ns to wait for one of them. Gives bits of those that are ready. */
bool prim_subprocess__ready(Process *p, Value *args, Value *result) {
    int files[3], count = 0, code;
    bool writes[3], ready[3];
    int64_t ns, bits = 0;
    uint8_t which[3];
    if (!need_int(p, args[3], &ns)) return false;
    for (int i = 0; i < 3; i++)
        if ((files[count] = stream_file(args[i])) >= 0) writes[count] = i == 0, which[count++] = (uint8_t)i;
    while ((code = system_ready(files, writes, ready, count, ns)) == -EINTR)
        if (!rt_poll(p)) return false;
    for (int i = 0; !code && i < count; i++)
        if (ready[i]) bits |= 1 << which[i];
    return give_int(p, result, code ? code : bits);
}
