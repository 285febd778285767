/* Calls all that shapes.ms exports, in a process that has it as a library. Prints what it sees. */
#include "shapes.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void error(void) {
    const char *text = shapes_error();
    printf("%s\n", text ? text : "fine");
}

static void string(char *text) {
    puts(text ? text : "null");
    free(text);
}

static void numbers(void) {
    int64_t rest = -1;
    printf("%g %d\n", distance((Point){0, 0}, (Point){3, 4}), (int)twice(21));
    printf("%d\n", narrow(-100, 90, 2.5f, true));
    printf("%g\n", many(1, 2, 3, 4, 5, 6, 7, 0.5, 9));
    printf("%d", (int)divide(17, 5, &rest));
    printf(" %d\n", (int)rest);
    error();
    printf("%d", (int)divide(1, 0, &rest));
    printf(" %d\n", (int)rest);
    error();
    narrow(100, 90, 0, true);
    error();
    twice(INT64_MAX);
    error();
}

static void memory(void) {
    float xs[] = {1, 2.5, 3};
    scale_all(xs, 3, 10);
    scale_all(NULL, 0, 10);
    printf("%g %g %g\n", xs[0], xs[1], xs[2]);
    printf("%u %u", checksum("hello", 5), checksum(NULL, 0));
    printf(" %u\n", checksum("", -1));
    error();
    scale_all(NULL, 3, 10);
    error();
    int32_t ys[] = {5, -3, 9, 0};
    sort(ys, 4);
    printf("%d %d %d %d\n", ys[0], ys[1], ys[2], ys[3]);
}

static void structs(void) {
    Segment s = joined((Point){0, 1}, (Point){5, 2}, 200);
    Point p = middle(s);
    printf("%g %g %d\n", p.x, p.y, s.kind);
    move(&p, 7);
    printf("%g\n", p.x);
    move(NULL, 7);
    error();
}

static void pointers(void) {
    Database *d = open_database(4096);
    printf("%d %d\n", (int)address_of(d), open_database(0) == NULL);
    address_of(NULL);
    error();
}

static void strings(void) {
    string(greet("Ann", 7));
    string(greet(NULL, -1));
    for (int how = 0; how < 4; how++) {
        string(fails(how));
        error();
    }
}

static void stacks(void) {
    printf("%d", (int)deep(100000));
    printf(" %d\n", (int)deep(1000000000));
    printf("%.29s\n", shapes_error());
}

static void *calls(void *sum) {
    for (int i = 0; i < 20; i++) *(int64_t *)sum += twice(i) - work(3);
    return shapes_error() ? (void *)shapes_error() : NULL;
}

static void threads(void) {
    enum { COUNT = 4 };
    pthread_t started[COUNT];
    int64_t sums[COUNT] = {0};
    int64_t before = count();
    divide(1, 0, &(int64_t){0});
    for (int i = 0; i < COUNT; i++) pthread_create(&started[i], NULL, calls, &sums[i]);
    for (int i = 0; i < COUNT; i++) {
        void *failed;
        pthread_join(started[i], &failed);
        printf("%d%s ", (int)sums[i], failed ? (char *)failed : "");
    }
    printf("%d\n", (int)(count() - before));
}

int main(void) {
    void (*interrupt)(int) = signal(SIGINT, SIG_DFL);      /* a job in the background ignores it */
    signal(SIGINT, interrupt);
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("host begins");
    numbers();
    memory();
    structs();
    pointers();
    strings();
    stacks();
    threads();
    say("printed");
    puts(signal(SIGINT, SIG_DFL) == interrupt && signal(SIGPIPE, SIG_DFL) == SIG_DFL ? "signals are the host's" : "signals were taken");
    return 0;
}
