/* Messages: formatted text without the C library's, which is ten times as large and drags all of stdio into standalone programs. */
#ifndef MYNA_MESSAGE_H
#define MYNA_MESSAGE_H
#include <stdarg.h>
#include <stddef.h>

/* As snprintf and vsnprintf, with these conversions: s (with a precision), c, d, u, lld, llu, x and llx, p, %; a minimal width, filled with zeros. */
int text_format(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int text_format_list(char *out, size_t size, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));
/* Write to standard error: all of it, unless that is closed; at most some 500 bytes of a formatted text. */
void error_write(const void *bytes, size_t length);
void error_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
