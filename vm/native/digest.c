/* BLAKE2b, as RFC 7693 defines it, without keys.
 *
 * Invariant: a full block waits until more bytes come, as the last block is compressed with a mark of its own. */
#include <stdbool.h>
#include <string.h>
#include "digest.h"

static const uint64_t IV[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* The order in which each round takes the block's words. */
static const uint8_t SIGMA[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};
enum { ROUNDS = 12 };

static uint64_t rotate(uint64_t x, int by) { return x >> by | x << (64 - by); }

static void mix(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y) {
    v[a] += v[b] + x;
    v[d] = rotate(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = rotate(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 63);
}

static uint64_t word(const uint8_t *bytes) {
    uint64_t w = 0;
    for (int i = 0; i < 8; i++) w |= (uint64_t)bytes[i] << (8 * i);
    return w;
}

static void compress(DigestState *s, bool last) {
    uint64_t v[16], m[16];
    for (int i = 0; i < 8; i++) v[i] = s->h[i], v[i + 8] = IV[i];
    for (int i = 0; i < 16; i++) m[i] = word(s->block + 8 * i);
    v[12] ^= s->length;
    if (last) v[14] = ~v[14];
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *order = SIGMA[round % 10];
        for (int i = 0; i < 4; i++) mix(v, i, i + 4, i + 8, i + 12, m[order[2 * i]], m[order[2 * i + 1]]);
        for (int i = 0; i < 4; i++) mix(v, i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, m[order[2 * i + 8]], m[order[2 * i + 9]]);
    }
    for (int i = 0; i < 8; i++) s->h[i] ^= v[i] ^ v[i + 8];
}

void digest_start(DigestState *s) {
    memset(s, 0, sizeof *s);
    memcpy(s->h, IV, sizeof IV);
    s->h[0] ^= 0x01010000 ^ DIGEST_BYTES;
}

void digest_add(DigestState *s, const void *bytes, size_t length) {
    for (const uint8_t *at = bytes; length;) {
        if (s->used == DIGEST_BLOCK) compress(s, false), s->used = 0;
        size_t n = length < DIGEST_BLOCK - s->used ? length : DIGEST_BLOCK - s->used;
        memcpy(s->block + s->used, at, n);
        s->used += n, s->length += n, at += n, length -= n;
    }
}

Digest digest_end(DigestState *s) {
    Digest out;
    memset(s->block + s->used, 0, DIGEST_BLOCK - s->used);
    compress(s, true);
    for (int i = 0; i < DIGEST_BYTES; i++) out.bytes[i] = (uint8_t)(s->h[i / 8] >> (8 * (i % 8)));
    return out;
}

Digest digest_of(const void *bytes, size_t length) {
    DigestState s;
    digest_start(&s);
    digest_add(&s, bytes, length);
    return digest_end(&s);
}
