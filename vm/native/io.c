/* Standard output of a process, and reading: standard input and other files.
 *
 * Invariants: output[0..output_used) is not written yet. An input's buffer is made when first used. After a write error nothing more is
 * written. */
#include <errno.h>
#include <stdlib.h>
#include "runtime.h"
#include "runtime_api.h"
#include "system.h"

enum { INPUT_BUFFER = 1 << 16 };    /* bytes asked for at a time; a longer line is put together from parts of this size */

static bool write_all(Process *p, const char *bytes, size_t length) {
    while (length && !p->output_failed) {
        ptrdiff_t written = system_write(p->output_fd, bytes, length);
        if (written > 0) bytes += written, length -= (size_t)written;
        else p->output_failed = 1;
    }
    return !p->output_failed;
}

bool output_flush(Process *p) {
    size_t used = p->output_used;
    p->output_used = 0;
    return write_all(p, p->output, used);
}

bool output_write(Process *p, const void *bytes, size_t length) {
    if (p->output_failed) return false;
    if (length > OUTPUT_BUFFER - p->output_used && !output_flush(p)) return false;
    if (length >= OUTPUT_BUFFER) return write_all(p, bytes, length);
    if (length == 0) return true;
    memcpy(p->output + p->output_used, bytes, length);
    p->output_used += length;
    if (p->output_lines && memchr(bytes, '\n', length)) return output_flush(p);
    return true;
}

bool input_fill(Process *p, Input *in) {
    if (!in->bytes && !(in->bytes = malloc(INPUT_BUFFER))) return error_raise(p, ERROR_MEMORY, "no memory for input");
    in->size -= in->used;
    if (in->size) memmove(in->bytes, in->bytes + in->used, in->size);
    in->used = 0;
    while (!in->eof) {
        ptrdiff_t got = system_read(in->file, in->bytes + in->size, INPUT_BUFFER - in->size);
        if (got > 0) {
            in->size += (size_t)got;
            return true;
        }
        if (got != -EINTR) in->eof = 1, in->error = (int)got;
        else if (!rt_poll(p)) return false;
    }
    return true;
}

/* MAY_COLLECT RAISES: append `length` unread bytes to *line. */
static bool take(Process *p, Input *in, Value *line, size_t length) {
    Value *part = root_push(p, string_new(p, in->bytes + in->used, length));
    if (*part != V_UNSET) {
        in->used += length;
        *line = string_concat(p, line, part);
    }
    bool ok = *part != V_UNSET && *line != V_UNSET;
    root_pop(p, 1);
    return ok;
}

/* MAY_COLLECT RAISES: append to *line up to the newline or the end. */
static bool read_line(Process *p, Input *in, Value *line) {
    for (;;) {
        char *start = in->bytes + in->used;
        size_t unread = in->size - in->used;
        char *newline = unread ? memchr(start, '\n', unread) : NULL;
        if (newline) {
            size_t length = (size_t)(newline - start), ending = 1;
            if (length && start[length - 1] == '\r') length--, ending++;
            if (!take(p, in, line, length)) return false;
            in->used += ending;
            return true;
        }
        if (in->eof) return take(p, in, line, unread);
        size_t kept = unread && start[unread - 1] == '\r';      /* it may belong to the line's end */
        if (unread - kept > INPUT_BUFFER / 2 && !take(p, in, line, unread - kept)) return false;
        if (!input_fill(p, in)) return false;
    }
}

bool io_init(Process *p) {
    p->output_lines = system_is_terminal(p->output_fd);
    return (p->output = malloc(OUTPUT_BUFFER)) != NULL;
}

void io_free(Process *p) {
    free(p->output);
    free(p->input.bytes);
    p->output = p->input.bytes = NULL;
}

Value input_line(Process *p, Input *in) {
    Value *line = root_push(p, p->machine->empty_string), result = V_UNSET;
    if (read_line(p, in, line)) result = string_flat(p, line);
    root_pop(p, 1);
    return result;
}
