/* BLAKE2b with 16 bytes of result (RFC 7693): names texts. Python's hashlib.blake2b(data, digest_size=16) gives the same. */
#ifndef MYNA_DIGEST_H
#define MYNA_DIGEST_H
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 16, DIGEST_BLOCK = 128 };

typedef struct Digest { uint8_t bytes[DIGEST_BYTES]; } Digest;
typedef struct DigestState { uint64_t h[8], length; size_t used; uint8_t block[DIGEST_BLOCK]; } DigestState;

void digest_start(DigestState *s);
void digest_add(DigestState *s, const void *bytes, size_t length);
Digest digest_end(DigestState *s);
/* All at once. */
Digest digest_of(const void *bytes, size_t length);
#endif
