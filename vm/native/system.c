/* The operating system by way of POSIX: Linux and macOS. See system.h.
 *
 * Invariant: nothing here waits for the processor: a file that is not ready is waited for by the system. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "system.h"
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

enum { PAGE = 1 << 12, LEAST = 1 << 21 };      /* LEAST: of a reserved area; native.c keeps half of one free for the last frames */

/* --- memory --- */

void *system_map(size_t bytes, size_t alignment) {
    size_t extra = alignment > PAGE ? alignment : 0;
    if (bytes > SIZE_MAX - extra) return NULL;
    uint8_t *at = mmap(NULL, bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return NULL;
    size_t head = extra ? -(uintptr_t)at & (alignment - 1) : 0;
    if (head) munmap(at, head);
    if (extra > head) munmap(at + head + bytes, extra - head);
    return at + head;
}

void system_unmap(void *address, size_t bytes) { munmap(address, bytes); }
void system_discard(void *address, size_t bytes) { madvise(address, bytes, MADV_DONTNEED); }

static void *reserve(size_t bytes) {
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

void *system_reserve(size_t *bytes) {
    size_t wanted = *bytes;
    uint8_t *at = reserve(wanted);
    while (at == MAP_FAILED && *bytes >= LEAST) at = reserve(*bytes /= 2);
    if (at == MAP_FAILED) return NULL;
    if (*bytes < wanted) {
        size_t given = *bytes / 4;
        *bytes = given > LEAST ? given : LEAST;
        munmap(at, given * 4);
        if ((at = reserve(*bytes)) == MAP_FAILED) return NULL;
    }
#if defined(MADV_NOHUGEPAGE)
    madvise(at, *bytes, MADV_NOHUGEPAGE);   /* most programs use a page or two of it */
#endif
    return at;
}

/* run(argument, lowest) on the stack that ends at `top`. */
__attribute__((naked, noinline)) static void call_on(void *argument, char *lowest, void (*run)(void *, char *), uint8_t *top) {
#if defined(__x86_64__)
    __asm__("push %rbp\n mov %rsp, %rbp\n mov %rcx, %rsp\n call *%rdx\n mov %rbp, %rsp\n pop %rbp\n ret");
#elif defined(__aarch64__)
    __asm__("stp x29, x30, [sp, #-16]!\n mov x29, sp\n mov sp, x3\n blr x2\n mov sp, x29\n ldp x29, x30, [sp], #16\n ret");
#else
#error "no native code for this machine"
#endif
}

bool system_run(void **stack, size_t *bytes, void (*run)(void *argument, char *lowest), void *argument) {
    if (!*stack) {
        if (!(*stack = system_reserve(bytes))) return false;
        mprotect(*stack, PAGE, PROT_NONE);
    }
    call_on(argument, (char *)*stack + PAGE, run, (uint8_t *)*stack + *bytes);
    return true;
}

/* --- files --- */

/* After a failure: wait if the file just was not ready, since some shells leave the terminal non-blocking. False: errno says what else it is. */
static bool wait_ready(int file, short events) {
    return (errno == EAGAIN || errno == EWOULDBLOCK) && poll(&(struct pollfd){.fd = file, .events = events}, 1, -1) >= 0;
}

ptrdiff_t system_write(int file, const void *bytes, size_t length) {
    for (;;) {
        ssize_t written = write(file, bytes, length < (1u << 30) ? length : (1u << 30));
        if (written > 0) return written;
        if (written == 0) return -EIO;
        if (!wait_ready(file, POLLOUT) && errno != EINTR) return -errno;
    }
}

ptrdiff_t system_read(int file, void *bytes, size_t size) {
    for (;;) {
        ssize_t got = read(file, bytes, size);
        if (got >= 0) return got;
        if (!wait_ready(file, POLLIN)) return -errno;
    }
}

bool system_is_terminal(int file) { return isatty(file) == 1; }

/* --- the process --- */

char **system_arguments(char **given) { return given; }

void system_on_interrupt(void (*handler)(int)) {
    signal(SIGINT, handler);
    signal(SIGTERM, handler);
    signal(SIGPIPE, SIG_IGN);
}

double system_cpu_seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

void system_random(void *bytes, size_t length) {
#if defined(__linux__)
    const void *random = (const void *)getauxval(AT_RANDOM);    /* 16 bytes that the system gives to each program */
    if (random) memcpy(bytes, random, length < 16 ? length : 16);
#else
    arc4random_buf(bytes, length);
#endif
}

/* --- libraries --- */

void *system_library(const char *name) { return dlopen(name, RTLD_NOW); }
void *system_symbol(void *library, const char *name) { return dlsym(library, name); }
const char *system_library_error(void) { return dlerror(); }
