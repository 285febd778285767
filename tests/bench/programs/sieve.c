/* An array of five million booleans, three times. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long sieve(long n) {
    bool *prime = malloc((size_t)n + 1);
    long count = 0;
    memset(prime, true, (size_t)n + 1);
    for (long i = 2; i <= n; i++) {
        if (!prime[i]) continue;
        count++;
        for (long j = i * i; j <= n; j += i) prime[j] = false;
    }
    free(prime);
    return count;
}

int main(void) {
    long total = 0;
    for (int i = 0; i < 3; i++) total += sieve(5000000);
    printf("%ld\n", total);
    return 0;
}
