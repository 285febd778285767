/* Formatted text, and standard error. See message.h.
 *
 * Invariant: what does not fit is counted, not written; a text ends with a NUL if there is any room. */
#include "message.h"
#include "system.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct Out { char *bytes; size_t used, size; } Out;

static void put(Out *out, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++, out->used++)
        if (out->used + 1 < out->size) out->bytes[out->used] = bytes[i];
}

static void put_number(Out *out, uint64_t number, unsigned base, bool negative, int width) {
    char digits[24];
    int at = sizeof digits;
    for (; number || at == sizeof digits; number /= base) digits[--at] = "0123456789abcdef"[number % base];
    while ((int)sizeof digits - at < width && at) digits[--at] = '0';
    if (negative) put(out, "-", 1);
    put(out, digits + at, sizeof digits - (size_t)at);
}

static void put_string(Out *out, const char *text, int precision) {
    for (; *text && precision; text++, precision--) put(out, text, 1);
}

/* One conversion, whose text begins behind the `%`; where it ends. */
static const char *convert(Out *out, const char *at, va_list *arguments) {
    int width = 0, precision = -1, longs = 0;
    bool prefix = *at == '#';
    for (at += prefix; *at >= '0' && *at <= '9'; at++) width = 10 * width + *at - '0';
    if (*at == '.') {
        precision = 0;
        if (*++at == '*') precision = va_arg(*arguments, int), at++;
        for (; *at >= '0' && *at <= '9'; at++) precision = 10 * precision + *at - '0';
    }
    for (; *at == 'l'; at++) longs++;
    switch (*at) {
    case 's': put_string(out, va_arg(*arguments, const char *), precision); break;
    case 'c': put(out, &(char){(char)va_arg(*arguments, int)}, 1); break;
    case 'd': {
        int64_t number = longs ? va_arg(*arguments, long long) : va_arg(*arguments, int);
        put_number(out, number < 0 ? -(uint64_t)number : (uint64_t)number, 10, number < 0, width);
        break;
    }
    case 'u': case 'x':
        if (prefix) put(out, "0x", 2);
        put_number(out, longs ? va_arg(*arguments, unsigned long long) : va_arg(*arguments, unsigned), *at == 'u' ? 10 : 16, false, width);
        break;
    case 'p':
        put(out, "0x", 2);
        put_number(out, (uintptr_t)va_arg(*arguments, void *), 16, false, 0);
        break;
    default: put(out, at, 1);
    }
    return at + 1;
}

int text_format_list(char *bytes, size_t size, const char *format, va_list given) {
    Out out = {bytes, 0, size};
    va_list arguments;
    va_copy(arguments, given);
    while (*format) {
        if (*format == '%') format = convert(&out, format + 1, &arguments);
        else put(&out, format++, 1);
    }
    va_end(arguments);
    if (size) bytes[out.used < size ? out.used : size - 1] = 0;
    return (int)out.used;
}

int text_format(char *out, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = text_format_list(out, size, format, arguments);
    va_end(arguments);
    return length;
}

void error_write(const void *bytes, size_t length) {
    for (const char *at = bytes; length;) {
        ptrdiff_t written = system_write(2, at, length);
        if (written < 0) return;
        at += written;
        length -= (size_t)written;
    }
}

void error_format(const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    text_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    error_write(text, strlen(text));
}
