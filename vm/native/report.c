/* What a program's user is told of an error that nothing caught: its class and message, where it was raised, its causes; for people or,
 * as JSON, for tools.
 *
 * Invariant: it is printed even when there is no memory for more than the error itself. */
#include "message.h"
#include "run.h"
#include "runtime.h"
#include "class.h"
#include <stdlib.h>

static void say(const char *text) { error_write(text, strlen(text)); }

static void say_json(const char *bytes, size_t length) {
    say("\"");
    for (size_t i = 0, from = 0; i <= length; i++) {
        unsigned char c = i < length ? (unsigned char)bytes[i] : 0;
        if (i < length && c >= 32 && c != 127 && c != '"' && c != '\\') continue;
        error_write(bytes + from, i - from);
        from = i + 1;
        if (i == length) break;
        if (c == '"' || c == '\\') error_format("\\%c", c);
        else if (c == '\n') say("\\n");
        else error_format("\\u%04x", c);
    }
    say("\"");
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
        say(before);
        error_write(name->bytes, (size_t)name->length);
        if (message->length) say(": ");
        error_write(message->bytes, (size_t)message->length);
        say("\n");
    }
    say(trace);
}

/* The beginning of an object for machines: its cause may follow, then its end. */
static void print_json(const char *before, const String *name, const String *message, const char *trace) {
    say(before);
    say("\"error\": ");
    say_json((const char *)name->bytes, (size_t)name->length);
    say(", \"message\": ");
    say_json((const char *)message->bytes, (size_t)message->length);
    say(", \"trace\": ");
    say_json(trace, strlen(trace));
}

enum { MOST_CAUSES = 100 };     /* more tell nobody anything */

const String *error_parts(Process *p, const Value *error, int depth, bool classic, Value *text) {
    Value name = depth ? machine_intern(p->machine, "value", 5) : machine_intern(p->machine, "uncaught value", 14);
    *text = *error;
    if (is_error(*error)) {
        const Class *c = object_class(*error);
        name = classic && c->classic_name ? machine_intern(p->machine, c->classic_name, strlen(c->classic_name)) : c->name;
        *text = AS(Error, *error)->message;
    }
    if (!is_string(*text)) *text = value_to_string(p, text, classic);
    if (*text == V_UNSET || string_flat(p, text) == V_UNSET) *text = AS(Error, p->machine->memory_error)->message;
    p->error = V_UNSET;
    return AS(String, name);
}

/* Print `*error`, the uncaught one (`depth` 0) or a cause; `trace`: where it was raised. */
static void print_error(Process *p, Value *error, const char *trace, int depth, bool json, bool classic) {
    Value *text = root_push(p, V_NONE);
    const String *class_name = error_parts(p, error, depth, classic, text), *message = AS(String, *text);
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
    for (int i = 0; json && i <= depth; i++) say("}");
    if (json) say("\n");
    root_pop(p, 2);
}
