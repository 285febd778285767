/* Standard output and input of a process.
 *
 * Invariants: output[0..output_used) is not written yet; input[input_used..input_size) is read but not consumed. The input's
 * buffer is made when first used. After a write error nothing more is written. */
#include <stdlib.h>
#include "runtime.h"
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

/* Read more after what is in the buffer, which is moved to its beginning. RAISES when interrupted; at the end sets input_eof. */
static bool input_fill(Process *p) {
    if (!p->input && !(p->input = malloc(INPUT_BUFFER))) return error_raise(p, ERROR_MEMORY, "no memory for input");
    p->input_size -= p->input_used;
    if (p->input_size) memmove(p->input, p->input + p->input_used, p->input_size);
    p->input_used = 0;
    while (!p->input_eof) {
        ptrdiff_t got = system_read(0, p->input + p->input_size, INPUT_BUFFER - p->input_size);
        if (got > 0) {
            p->input_size += (size_t)got;
            return true;
        }
        if (got == 0) p->input_eof = 1;
        else if (p->interrupted) {
            p->interrupted = 0;
            return error_raise(p, ERROR_INTERRUPT, "interrupted");
        }
    }
    return true;
}

/* MAY_COLLECT RAISES: append `length` unread bytes to *line. */
static bool take(Process *p, Value *line, size_t length) {
    Value *part = root_push(p, string_new(p, p->input + p->input_used, length));
    if (*part != V_UNSET) {
        p->input_used += length;
        *line = string_concat(p, line, part);
    }
    bool ok = *part != V_UNSET && *line != V_UNSET;
    root_pop(p, 1);
    return ok;
}

/* MAY_COLLECT RAISES: append to *line up to the newline or the end. */
static bool read_line(Process *p, Value *line) {
    for (;;) {
        char *start = p->input + p->input_used;
        size_t unread = p->input_size - p->input_used;
        char *newline = unread ? memchr(start, '\n', unread) : NULL;
        if (newline) {
            size_t length = (size_t)(newline - start), ending = 1;
            if (length && start[length - 1] == '\r') length--, ending++;
            if (!take(p, line, length)) return false;
            p->input_used += ending;
            return true;
        }
        if (p->input_eof) return take(p, line, unread);
        size_t kept = unread && start[unread - 1] == '\r';      /* it may belong to the line's end */
        if (unread - kept > INPUT_BUFFER / 2 && !take(p, line, unread - kept)) return false;
        if (!input_fill(p)) return false;
    }
}

bool io_init(Process *p) {
    p->output_lines = system_is_terminal(p->output_fd);
    return (p->output = malloc(OUTPUT_BUFFER)) != NULL;
}

void io_free(Process *p) {
    free(p->output);
    free(p->input);
    p->output = p->input = NULL;
}

Value input_line(Process *p) {
    output_flush(p);
    Value *line = root_push(p, p->machine->empty_string), result = V_UNSET;
    if (read_line(p, line)) result = string_flat(p, line);
    root_pop(p, 1);
    return result;
}
