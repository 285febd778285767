/* Natural numbers of any size: arrays of limbs, 32 bits each, the least first.
 *
 * Nothing here touches the heap: the caller owns all memory. A count may include zeros at the end unless it says "trimmed". */
#ifndef MYNA_NATURAL_H
#define MYNA_NATURAL_H
#include "process.h"

typedef uint32_t Limb;
enum { LIMB_BITS = 32 };

int64_t nat_trim(const Limb *a, int64_t n);                                  /* the count without zeros at the end */
int nat_compare(const Limb *a, int64_t n, const Limb *b, int64_t m);         /* -1, 0, 1; both trimmed */
void nat_add(Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m); /* n >= m; writes n + 1 limbs; out may be a */
void nat_sub(Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m); /* a >= b, n >= m; writes n limbs; out may be a */
/* out (n + 1 limbs, may be a) := a * factor + carry */
void nat_multiply_small(Limb *out, const Limb *a, int64_t n, Limb factor, Limb carry);
/* quotient (n limbs, may be a) := a / divisor; the remainder. */
Limb nat_divide_small(Limb *quotient, const Limb *a, int64_t n, Limb divisor);
void nat_shift_left(Limb *out, const Limb *a, int64_t n, int bits);          /* bits < 32; n + 1 limbs; out may be a */
void nat_shift_right(Limb *out, const Limb *a, int64_t n, int bits);         /* bits < 32; n limbs; out may be a */

/* The following take long for long numbers: false, with nothing raised, when the process is interrupted meanwhile. */

enum { KARATSUBA = 40 };    /* limbs of the shorter factor from which its algorithm is faster */
/* Limbs of scratch memory for a product. */
static inline int64_t nat_multiply_scratch(int64_t n, int64_t m) { return m < KARATSUBA ? 0 : 6 * n + 1024; }
/* out (n + m limbs, apart from all others) := a * b, with n >= m */
bool nat_multiply(Process *p, Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m, Limb *scratch);
/* quotient (n - m + 1 limbs) and remainder (m limbs) of a / b; n >= m, b trimmed and not 0; scratch has n + m + 2 limbs. */
bool nat_divide(Process *p, Limb *quotient, Limb *remainder, const Limb *a, int64_t n, const Limb *b, int64_t m, Limb *scratch);

/* Decimal text of a trimmed number: at most nat_text_size(n) bytes; the length, or -1 when interrupted or out of memory
 * (malloc'ed beside the heap), which *no_memory tells. */
static inline int64_t nat_text_size(int64_t n) { return n * 10 + 10; }
int64_t nat_text(Process *p, const Limb *a, int64_t n, char *out, bool *no_memory);
#endif
