/* What a program's user is told of an error that nothing caught: its class and message, where it was raised, its causes; for people or,
 * as JSON, for tools.
 *
 * Invariant: it is printed even when there is no memory for more than the error itself. */
#include "run.h"
#include "runtime.h"
#include "class.h"
#include <stdlib.h>

static void print_json_string(FILE *out, const char *bytes, size_t length) {
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c == '\n') fputs("\\n", out);
        else if (c < 32 || c == 127) fprintf(out, "\\u%04x", c);
        else putc(c, out);
    }
    putc('"', out);
}

/* An error as text for people; a cause is one on standard error in either form. */
static void print_text(Process *p, const char *before, const String *name, const String *message, const char *trace, bool classic) {
    if (classic) {                      /* the course's tests read it on standard output */
        output_write(p, name->bytes, (size_t)name->length);
        output_write(p, ": ", 2);
        output_write(p, message->bytes, (size_t)message->length);
        output_write(p, "\n", 1);
        output_flush(p);
    } else {
        fputs(before, stderr);
        fwrite(name->bytes, 1, (size_t)name->length, stderr);
        if (message->length) fputs(": ", stderr);
        fwrite(message->bytes, 1, (size_t)message->length, stderr);
        putc('\n', stderr);
    }
    fputs(trace, stderr);
}

/* The beginning of an object for machines: its cause may follow, then its end. */
static void print_json(const char *before, const String *name, const String *message, const char *trace) {
    fputs(before, stderr);
    fputs("\"error\": ", stderr);
    print_json_string(stderr, (const char *)name->bytes, (size_t)name->length);
    fputs(", \"message\": ", stderr);
    print_json_string(stderr, (const char *)message->bytes, (size_t)message->length);
    fputs(", \"trace\": ", stderr);
    print_json_string(stderr, trace, strlen(trace));
}

enum { MOST_CAUSES = 100 };     /* more tell nobody anything */

/* Print `*error`, the uncaught one (`depth` 0) or a cause; `trace`: where it was raised. */
static void print_error(Process *p, Value *error, const char *trace, int depth, bool json, bool classic) {
    Value name = machine_intern(p->machine, "uncaught value", 14), *text = root_push(p, *error);
    if (depth) name = machine_intern(p->machine, "value", 5);
    if (is_error(*error)) {
        const Class *c = object_class(*error);
        name = classic && c->classic_name ? machine_intern(p->machine, c->classic_name, strlen(c->classic_name)) : c->name;
        *text = AS(Error, *error)->message;
    }
    if (!is_string(*text)) *text = value_to_string(p, text, classic);
    if (*text == V_UNSET || string_flat(p, text) == V_UNSET) *text = AS(Error, p->machine->memory_error)->message;
    p->error = V_UNSET;
    const String *class_name = AS(String, name), *message = AS(String, *text);
    if (json) print_json(depth ? ", \"cause\": {" : "{\"severity\": \"error\", ", class_name, message, trace ? trace : "");
    if (!json || (classic && !depth)) print_text(p, depth ? "caused by: " : "", class_name, message, trace && !json ? trace : "", classic);
    root_pop(p, 1);
}

void report_error(Process *p, bool json, bool classic) {
    Value *error = root_push(p, p->error), *slow = root_push(p, p->error);      /* causes may form a circle: `slow` takes every second step */
    int depth = 0;
    p->error = V_UNSET;
    print_error(p, error, p->trace, 0, json, classic);
    while (is_error(*error) && AS(Error, *error)->cause != V_NONE && depth < MOST_CAUSES) {
        *error = AS(Error, *error)->cause;
        if (*error == *slow) break;
        if (depth % 2) *slow = AS(Error, *slow)->cause;
        char *trace = is_error(*error) ? error_trace_text(*error) : NULL;
        print_error(p, error, trace, ++depth, json, classic);
        free(trace);
    }
    for (int i = 0; json && i <= depth; i++) putc('}', stderr);
    if (json) putc('\n', stderr);
    root_pop(p, 2);
}
