/* Streams: files, pipes and the standard streams as programs read and write them: the primitives of the module `io`.
 *
 * Invariants: a program holds a stream as an object that owns a Stream (heap.h), which is closed at the latest when that is collected; or as one
 * of the numbers 0, 1 and 2: the standard streams, whose buffers are those of `input` and `print`. All that were not collected are linked from
 * p->streams; the file of one that is closed is -1. out[0..used) is not written yet; it is written when it is full, before anything is
 * read, and when the program ends. */
#include "stream.h"
#include "message.h"
#include "runtime_api.h"
#include "system.h"
#include <errno.h>
#include <stdlib.h>

enum { OUT_BYTES = 1 << 16 };

typedef struct Stream { struct Stream *next, **link; Input in; char *out; size_t used; } Stream;

/* 0, or the error. */
static int write_out(int file, const char *bytes, size_t length) {
    while (length) {
        ptrdiff_t written = system_write(file, bytes, length);
        if (written < 0) return (int)written;
        bytes += written, length -= (size_t)written;
    }
    return 0;
}

static int stream_flush(Stream *s) {
    size_t used = s->used;
    s->used = 0;
    return write_out(s->in.file, s->out, used);
}

/* What was to be written is, or why not. */
static int stream_close(Stream *s) {
    if (s->in.file < 0) return 0;
    int written = stream_flush(s), closed = system_close(s->in.file);
    free(s->in.bytes);
    free(s->out);
    s->in = (Input){.file = -1};
    s->out = NULL;
    return written ? written : closed;
}

static void stream_release(void *owned) {
    Stream *s = owned;
    stream_close(s);
    *s->link = s->next;
    if (s->next) s->next->link = s->link;
    free(s);
}

/* What whoever reads a pipe has not wanted is not missed. */
static bool flush_all(Process *p) {
    bool ok = true;
    for (Stream *s = p->streams; s; s = s->next) {
        int code = stream_flush(s);
        if (!code || code == -EPIPE) continue;
        error_format("error: what was written to a file at the end is lost: %s\n", system_error_text(-code));
        ok = false;
    }
    return ok;
}

Value stream_new(Process *p, int file) {
    Stream *s = calloc(1, sizeof *s);
    Value made = s ? heap_new_owner(p, s, stream_release) : V_UNSET;
    if (made == V_UNSET) {
        free(s);
        system_close(file);
        return error_raise(p, ERROR_MEMORY, "out of memory"), V_UNSET;
    }
    *s = (Stream){.next = p->streams, .link = &p->streams, .in.file = file};
    if (s->next) s->next->link = &s->next;
    p->streams = s;
    p->at_end = flush_all;
    return made;
}

/* NULL: it is a standard one, or closed, or none. */
static Stream *stream_of(Value v) {
    Stream *s = heap_owned(v, stream_release);
    return s && s->in.file >= 0 ? s : NULL;
}

static Input *input_of(Process *p, Value v) {
    Stream *s = stream_of(v);
    return s ? &s->in : v == fixnum(0) ? &p->input : NULL;
}

int stream_file(Value v) {
    const Stream *s = stream_of(v);
    return s ? s->in.file : v == fixnum(0) || v == fixnum(1) || v == fixnum(2) ? (int)fixnum_int(v) : -1;
}

/* --- reading --- */

/* What was to be written is, so that who answers has it. */
static int before_reading(Process *p, Value stream) {
    Stream *s = stream_of(stream);
    if (s) return stream_flush(s);
    output_flush(p);
    return 0;
}

/* The input of a stream, with something in its buffer unless its end is reached; NULL with *code: an error of the system, or 0: one is raised. */
static Input *begin_reading(Process *p, Value stream, int *code) {
    Input *in = input_of(p, stream);
    *code = in ? before_reading(p, stream) : -EBADF;
    if (*code) return NULL;
    if (in->used == in->size && !input_fill(p, in)) return NULL;
    if (in->used == in->size && in->error) *code = in->error, in->error = 0, in = NULL;
    return in;
}

static bool give_failure(Process *p, Value *result, int code) { return code && give_int(p, result, code); }

static Value take_bytes(Process *p, Input *in, size_t length) {
    Value made = bytes_alloc(p, (int64_t)length);
    if (made == V_UNSET) return V_UNSET;
    memcpy(AS(Bytes, made)->bytes, in->bytes + in->used, length);
    in->used += length;
    return made;
}

bool prim_io__read(Process *p, Value *args, Value *result) {
    int64_t most;
    int code;
    if (!need_int(p, args[1], &most)) return false;
    if (most < 0) return error_raise(p, ERROR_VALUE, "no fewer than 0 bytes are read");
    Input *in = begin_reading(p, args[0], &code);
    if (!in) return give_failure(p, result, code);
    size_t unread = in->size - in->used;
    return give(result, take_bytes(p, in, (uint64_t)most < unread ? (size_t)most : unread));
}

bool prim_io__read_line(Process *p, Value *args, Value *result) {
    int code;
    Input *in = begin_reading(p, args[0], &code);
    if (!in) return give_failure(p, result, code);
    if (in->used == in->size) return *result = V_NONE, true;
    Value line = input_line(p, in);
    if (line == V_UNSET) return false;
    const String *s = AS(String, line);
    int64_t wrong = bytes_ascii(s->bytes, (size_t)s->length) ? -1 : not_utf8(s->bytes, s->length);
    if (wrong >= 0) return error_raise(p, ERROR_VALUE, "the line is not UTF-8: byte %lld", (long long)wrong);
    return give(result, line);
}

/* All that is left, in memory that counts for the program's limit. False: raised, or *code. */
typedef struct Whole { char *bytes; size_t used, size; } Whole;

static bool whole_grow(Process *p, Whole *w) {
    size_t size = w->size ? w->size * 2 : 1 << 16;
    if (!heap_external(p, (int64_t)(size - w->size))) return error_raise(p, ERROR_MEMORY, "out of memory");
    char *bytes = realloc(w->bytes, size);
    if (!bytes) return heap_external(p, -(int64_t)(size - w->size)), error_raise(p, ERROR_MEMORY, "out of memory");
    w->bytes = bytes;
    w->size = size;
    return true;
}

static bool whole_read(Process *p, Value stream, Whole *w, int *code) {
    for (;;) {
        Input *in = begin_reading(p, stream, code);
        size_t unread = in ? in->size - in->used : 0;
        if (!unread) return in != NULL;
        while (w->size - w->used < unread)
            if (!whole_grow(p, w)) return false;
        memcpy(w->bytes + w->used, in->bytes + in->used, unread);
        w->used += unread;
        in->used = in->size;
    }
}

bool prim_io__read_all(Process *p, Value *args, Value *result) {
    Whole w = {0};
    int code = 0;
    Value made = V_UNSET;
    bool ok = whole_read(p, args[0], &w, &code);
    if (ok && (made = bytes_alloc(p, (int64_t)w.used)) != V_UNSET) memcpy(AS(Bytes, made)->bytes, w.bytes, w.used);
    heap_external(p, -(int64_t)w.size);
    free(w.bytes);
    return ok ? give(result, made) : give_failure(p, result, code);
}

/* --- writing --- */

/* What was read ahead is given back, so that writing goes on where reading ended. */
static void forget_ahead(Stream *s) {
    if (s->in.used < s->in.size) system_seek(s->in.file, -(int64_t)(s->in.size - s->in.used), 1);
    s->in.used = s->in.size = 0;
    s->in.eof = 0;
}

static int stream_write(Stream *s, const char *bytes, size_t length) {
    forget_ahead(s);
    if (!s->out && !(s->out = malloc(OUT_BYTES))) return -ENOMEM;
    int code = length > OUT_BYTES - s->used ? stream_flush(s) : 0;
    if (code || length >= OUT_BYTES) return code ? code : write_out(s->in.file, bytes, length);
    memcpy(s->out + s->used, bytes, length);
    s->used += length;
    return 0;
}

/* RAISES when nobody reads what the program prints any more, as `print` does. */
static bool print_bytes(Process *p, const char *bytes, size_t length) {
    return output_write(p, bytes, length) || error_raise(p, ERROR_INTERRUPT, "the output was closed");
}

bool prim_io__write(Process *p, Value *args, Value *result) {
    bool raw = is_type(args[1], T_BYTES);
    if (!raw && !need_string(p, &args[1])) return false;
    const char *bytes = raw ? (const char *)AS(Bytes, args[1])->bytes : (const char *)AS(String, args[1])->bytes;
    size_t length = (size_t)(raw ? AS(Bytes, args[1])->length : AS(String, args[1])->length);
    Stream *s = stream_of(args[0]);
    if (args[0] == fixnum(1)) return print_bytes(p, bytes, length) && give_int(p, result, 0);
    return give_int(p, result, s ? stream_write(s, bytes, length) : args[0] == fixnum(2) ? write_out(2, bytes, length) : -EBADF);
}

bool prim_io__flush(Process *p, Value *args, Value *result) {
    Stream *s = stream_of(args[0]);
    if (args[0] == fixnum(1) && !output_flush(p)) return error_raise(p, ERROR_INTERRUPT, "the output was closed");
    return give_int(p, result, s ? stream_flush(s) : 0);
}

/* --- the rest --- */

bool prim_io__close(Process *p, Value *args, Value *result) {
    Stream *s = stream_of(args[0]);
    return give_int(p, result, s ? stream_close(s) : -EBADF);
}

bool prim_io__seek(Process *p, Value *args, Value *result) {
    int64_t offset, from;
    Stream *s = stream_of(args[0]);
    if (!need_int(p, args[1], &offset) || !need_int(p, args[2], &from)) return false;
    int code = s && from >= 0 && from <= 2 ? stream_flush(s) : -EBADF;
    if (code) return give_int(p, result, code);
    forget_ahead(s);
    return give_int(p, result, system_seek(s->in.file, offset, (int)from));
}

bool prim_io__is_terminal(Process *p, Value *args, Value *result) {
    int file = stream_file(args[0]);
    return give(result, boolean(file >= 0 && system_is_terminal(file)));
}
