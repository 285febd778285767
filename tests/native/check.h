/* A tiny test harness: CHECK counts failures and says where; a test file ends with RUN_TESTS(first, second, ...). */
#ifndef MYNA_CHECK_H
#define MYNA_CHECK_H
#include <stdio.h>
#include <stdlib.h>

static int check_failures;
#define CHECK(condition) do { \
    if (!(condition)) { fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); check_failures++; } \
} while (0)
/* For what the rest of a test depends on. */
#define REQUIRE(condition) do { \
    if (!(condition)) { fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); exit(1); } \
} while (0)

typedef struct CheckTest { const char *name; void (*run)(void); } CheckTest;
/* With arguments, only the tests named by them. */
static int check_main(const CheckTest *tests, size_t count, int argc, char **argv) {
    for (size_t i = 0; i < count; i++) {
        int wanted = argc < 2;
        for (int k = 1; k < argc; k++) wanted |= !strcmp(argv[k], tests[i].name);
        if (!wanted) continue;
        int before = check_failures;
        tests[i].run();
        printf("%s %s\n", check_failures == before ? "ok  " : "FAIL", tests[i].name);
    }
    return check_failures != 0;
}
#define RUN_TESTS(...) \
    int main(int argc, char **argv) { \
        static const CheckTest tests[] = {__VA_ARGS__}; \
        return check_main(tests, sizeof tests / sizeof *tests, argc, argv); \
    }
#define TEST(name) {#name, name}
#endif
