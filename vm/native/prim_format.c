/* format(value, format): texts of values in the formats of `"${x:>8.2f}"`:
 *
 *     [[fill]align][sign][#][0][width][,][.precision][type]
 *
 * Invariants: as in prim.c. A Form is made of the format's text before anything else is done; a number's digits lie outside the heap.
 * compiler/types/formats.py accepts the same formats. */
#include <stdio.h>
#include "message.h"
#include "prim.h"
#include "class.h"
#include "frame.h"
#include "runtime_api.h"
#include <math.h>
#include <stdlib.h>

enum { MOST_WIDTH = 1 << 20, MOST_DECIMALS = 1000, FLOAT_TEXT = 310 + 2 + MOST_DECIMALS + 8 };

typedef struct Form {
    uint8_t fill[4], fill_size;
    char align, sign, type;             /* 0: none given */
    bool alternate, zero, comma;
    int64_t width, precision;           /* -1: none given */
} Form;

/* What stands before the padding and behind it; `text` is malloc'ed. */
typedef struct Digits { char sign[4]; char *text; int64_t length; } Digits;

static bool is_align(uint8_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static const uint8_t *read_count(const uint8_t *at, const uint8_t *end, int64_t *count) {
    for (*count = 0; at < end && is_digit(*at); at++)
        if (*count <= MOST_WIDTH) *count = *count * 10 + (*at - '0');
    return at;
}

/* False: it is no format. */
static bool read_form(const String *s, Form *f) {
    const uint8_t *at = s->bytes, *end = at + s->length;
    *f = (Form){.fill = " ", .fill_size = 1, .precision = -1, .width = -1};
    int first = at < end ? utf8_step(at, end) : 0;
    bool filled = first && at + first < end && is_align(at[first]);
    if (filled) {
        memcpy(f->fill, at, f->fill_size = (uint8_t)first);
        at += first;
    }
    if (at < end && is_align(*at)) f->align = (char)*at++;
    if (at < end && (*at == '+' || *at == '-' || *at == ' ')) f->sign = (char)*at++;
    if (at < end && *at == '#') f->alternate = true, at++;
    if (at < end && *at == '0') f->zero = true, at++;
    if (f->zero && !filled) f->fill[0] = '0';
    if (at < end && is_digit(*at)) at = read_count(at, end, &f->width);
    if (at < end && *at == ',') f->comma = true, at++;
    if (at < end && *at == '.') {
        if (++at == end || !is_digit(*at)) return false;
        at = read_count(at, end, &f->precision);
    }
    if (at < end && *at && strchr("bcdoxXeEfFgGs%?", *at)) f->type = (char)*at++;
    return at == end;
}

static bool misfit(Process *p, Value *args) {
    return error_raise(p, ERROR_VALUE, "%s cannot be formatted with '%.40s'", type_name(args[0], false), AS(String, args[1])->bytes);
}

/* --- padding --- */

static int64_t code_points(const uint8_t *text, int64_t length) {
    int64_t count = 0;
    for (const uint8_t *at = text, *end = text + length; at < end; at += utf8_step(at, end)) count++;
    return count;
}

static uint8_t *put_fill(uint8_t *out, const Form *f, int64_t count) {
    for (; count > 0; count--, out += f->fill_size) memcpy(out, f->fill, f->fill_size);
    return out;
}

/* The padded text of `sign` and `length` bytes: of *source, a string that is a root, or at `text`. MAY_COLLECT RAISES */
static Value padded(Process *p, const Form *f, const char *sign, const char *text, Value *source, int64_t length, char align) {
    const uint8_t *bytes = source ? AS(String, *source)->bytes : (const uint8_t *)text;
    int64_t signs = (int64_t)strlen(sign), missing = f->width - signs - code_points(bytes, length);
    if (missing < 0) missing = 0;
    int64_t before = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
    Value made = string_alloc_bytes(p, (size_t)(signs + length + missing * f->fill_size), false);
    if (made == V_UNSET || signs + length + missing == 0) return made;
    uint8_t *out = AS(String, made)->bytes;
    if (align == '=') memcpy(out, sign, (size_t)signs), out += signs;
    out = put_fill(out, f, before);
    if (align != '=') memcpy(out, sign, (size_t)signs), out += signs;
    memcpy(out, source ? AS(String, *source)->bytes : (const uint8_t *)text, (size_t)length);
    put_fill(out + length, f, missing - before);
    string_filled(made);
    return made;
}

/* --- numbers --- */

/* Bytes of `whole` digits with commas. */
static int64_t with_commas(int64_t whole) { return whole + (whole - 1) / 3; }

/* Zeros before the `whole` first digits, as the width wants, and commas between them. False: no memory. */
static bool group(const Form *f, Digits *d, int64_t whole) {
    int64_t zeros = 0, rest = d->length - whole, room = f->width - (int64_t)strlen(d->sign) - rest;
    if (f->zero && f->fill[0] == '0' && (!f->align || f->align == '=')) zeros = room - whole > 0 ? room - whole : 0;
    while (f->comma && zeros > 0 && with_commas(whole + zeros - 1) >= room) zeros--;
    int64_t digits = whole + zeros, length = f->comma ? with_commas(digits) : digits;
    char *made = malloc((size_t)(length + rest) + 1), *out = made;
    if (!made) return false;
    for (int64_t i = 0; i < digits; i++) {
        if (f->comma && i && (digits - i) % 3 == 0) *out++ = ',';
        *out++ = i < zeros ? '0' : d->text[i - zeros];
    }
    memcpy(out, d->text + whole, (size_t)rest);
    free(d->text);
    d->text = made;
    d->length = length + rest;
    return true;
}

/* The sign of a number, and what '#' puts before its digits. */
static void set_sign(const Form *f, Digits *d, bool negative) {
    char *out = d->sign;
    if (negative) *out++ = '-';
    else if (f->sign == '+' || f->sign == ' ') *out++ = f->sign;
    if (f->alternate && f->type && strchr("boxX", f->type)) *out++ = '0', *out++ = f->type;
    *out = 0;
}

/* The magnitude of a whole number in base 2^bits; malloc'ed, NULL: no memory. */
static char *power_digits(const uint32_t *limbs, int64_t count, int bits, bool upper, int64_t *length) {
    int64_t total = count * 32, digits = (total + bits - 1) / bits;
    char *text = malloc((size_t)digits + 2), *out = text;
    for (int64_t i = digits; text && i-- > 0;) {
        int64_t at = i * bits;
        uint64_t window = limbs[at / 32] | (at / 32 + 1 < count ? (uint64_t)limbs[at / 32 + 1] << 32 : 0);
        uint32_t digit = (uint32_t)(window >> at % 32) & ((1u << bits) - 1);
        if (digit || out > text || i == 0) *out++ = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[digit];
    }
    if (text && out == text) *out++ = '0';
    *length = out - text;
    return text;
}

/* The digits of an int or bigint, without a sign. Interrupted or no memory: false, RAISES. */
static bool whole_digits(Process *p, const Form *f, Value v, Digits *d, bool *negative) {
    int64_t i = 0;
    bool big = is_bigint(v);
    if (!big) i = int_int(v);
    *negative = big ? header_of(v)->aux : i < 0;
    uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    uint32_t small[] = {(uint32_t)magnitude, (uint32_t)(magnitude >> 32)};
    int bits = f->type == 'b' ? 1 : f->type == 'o' ? 3 : f->type == 'x' || f->type == 'X' ? 4 : 0;
    if (bits) {
        d->text = power_digits(big ? AS(Bigint, v)->limbs : small, big ? AS(Bigint, v)->length : 2, bits, f->type == 'X', &d->length);
    } else if (big) {
        d->text = bigint_text(p, v, &d->length);
        if (d->text && *negative) memmove(d->text, d->text + 1, (size_t)--d->length);
    } else if ((d->text = malloc(24))) {
        d->length = text_format(d->text, 24, "%llu", (unsigned long long)magnitude);
    }
    if (d->text) return true;
    return p->interrupted ? rt_poll(p) : error_raise(p, ERROR_MEMORY, "out of memory");
}

/* The digits of a float, without a sign: the shortest that read back, or as C's printf has them. */
static bool float_digits(Process *p, const Form *f, double x, Digits *d, bool *negative) {
    char text[FLOAT_TEXT], pattern[] = "%#.*f", kind = f->type == '%' ? 'f' : f->type ? f->type : 'g';
    int64_t length;
    if (f->type == '%') x *= 100;
    if (x != x) x = NAN;                /* the positive one: its sign means nothing */
    if (!f->type && f->precision < 0) {
        length = (int64_t)format_double(x, text);
    } else {
        pattern[4] = kind;
        if (!f->alternate) memmove(pattern + 1, pattern + 2, 4);
        length = snprintf(text, sizeof text - 4, pattern, f->precision < 0 ? 6 : (int)f->precision, x);
        if (!f->type && !memchr(text, '.', (size_t)length) && !memchr(text, 'e', (size_t)length) && x - x == 0) text[length++] = '.', text[length++] = '0';
    }
    if (f->type == '%') text[length++] = '%';
    *negative = text[0] == '-';
    d->length = length - *negative;
    d->text = malloc((size_t)d->length + 1);
    if (!d->text) return error_raise(p, ERROR_MEMORY, "out of memory");
    memcpy(d->text, text + *negative, (size_t)d->length);
    return true;
}

static int64_t digits_first(const Digits *d) {
    int64_t n = 0;
    while (n < d->length && is_digit((uint8_t)d->text[n])) n++;
    return n;
}

static Value format_number(Process *p, const Form *f, Value v, bool whole) {
    Digits d;
    bool negative;
    double x = 0;
    if (!whole && !need_number(p, v, &x)) return V_UNSET;
    if (!(whole ? whole_digits(p, f, v, &d, &negative) : float_digits(p, f, x, &d, &negative))) return V_UNSET;
    set_sign(f, &d, negative);
    bool power = f->type && strchr("boxX", f->type);
    int64_t first = power ? d.length : digits_first(&d);
    bool ok = !first || group(f, &d, first) || error_raise(p, ERROR_MEMORY, "out of memory");
    Value made = ok ? padded(p, f, d.sign, d.text, NULL, d.length, f->align ? f->align : f->zero ? '=' : '>') : V_UNSET;
    free(d.text);
    return made;
}

static Value format_code(Process *p, const Form *f, Value v) {
    uint8_t text[4];
    int64_t code = is_int(v) ? int_int(v) : -1;
    if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return error_raise(p, ERROR_VALUE, "no code point has this number"), V_UNSET;
    return padded(p, f, "", (const char *)text, NULL, utf8_encode((uint32_t)code, text), f->align ? f->align : '<');
}

static bool is_float_type(char type) { return type && strchr("eEfFgG%", type); }

static bool fits_float(const Form *f) { return (!f->type || is_float_type(f->type)) && f->precision <= MOST_DECIMALS; }

static bool fits_whole(const Form *f) {
    if (is_float_type(f->type)) return fits_float(f);
    if (f->type == 's' || f->precision >= 0 || (f->comma && f->type && f->type != 'd')) return false;
    if (f->alternate && !(f->type && strchr("boxX", f->type))) return false;
    return f->type != 'c' || (!f->sign && !f->zero);
}

static bool give_number(Process *p, const Form *f, Value *args, Value *result) {
    bool whole = !is_float(args[0]);
    if (!(whole ? fits_whole(f) : fits_float(f))) return misfit(p, args);
    if (f->type == 'c') return give(result, format_code(p, f, args[0]));
    return give(result, format_number(p, f, args[0], whole && !is_float_type(f->type)));
}

/* --- everything else, by its printed form --- */

static bool give_text(Process *p, const Form *f, Value *args, Value *result) {
    bool source = f->type == '?';
    if ((f->type && f->type != 's' && !source) || f->align == '=' || f->sign || f->alternate || f->zero || f->comma) return misfit(p, args);
    Value *text = root_push(p, args[0]);
    if (source) *text = value_to_source(p, text, f->precision < 0 ? 0 : 4 * (size_t)f->precision + 1);      /* so many code points */
    else if (!is_string(*text)) *text = value_to_string(p, text, false);
    bool ok = *text != V_UNSET && string_flat(p, text) != V_UNSET;
    if (ok) {
        const String *s = AS(String, *text);
        int64_t points = 0, length = 0;
        while (length < s->length && points != f->precision) length += utf8_step(s->bytes + length, s->bytes + s->length), points++;
        ok = give(result, padded(p, f, "", NULL, text, length, f->align ? f->align : '<'));
    }
    root_pop(p, 1);
    return ok;
}

/* A number with so many decimals. */
static bool give_decimals(Process *p, Value *args, Value *result) {
    int64_t decimals = int_int(args[1]);
    if (decimals < 0 || decimals > 100) return error_raise(p, ERROR_VALUE, "the number of decimals must be an int in 0..100");
    Form f = {.type = 'f', .precision = decimals, .fill = " ", .fill_size = 1};
    return give(result, format_number(p, &f, args[0], false));
}

bool prim_format(Process *p, Value *args, Value *result) {
    Form f;
    if (is_int(args[1])) return give_decimals(p, args, result);
    if (!need_string(p, &args[1])) return false;
    bool read = read_form(AS(String, args[1]), &f);
    Value method = protocol_method(args[0], M_FORMAT);
    if (method && !(read && f.type == '?')) return operator_call(p, method, args, 2, RESULT_STRING, result);
    if (!read) return error_raise(p, ERROR_VALUE, "'%.40s' is no format", AS(String, args[1])->bytes);
    if (f.width > MOST_WIDTH || f.precision > MOST_WIDTH) return error_raise(p, ERROR_VALUE, "the width or precision of the format is greater than %d", MOST_WIDTH);
    return is_number(args[0]) && f.type != '?' ? give_number(p, &f, args, result) : give_text(p, &f, args, result);
}
