/* Where the shared library begins when it is run as a program, as it may be on Linux: the launcher, which is static and can load no
 * libraries, becomes it for programs that call C. */
#if defined(__linux__)
#include <features.h>
#if defined(__GLIBC__)
#if defined(__x86_64__)
#define INTERPRETER "/lib64/ld-linux-x86-64.so.2"
#else
#define INTERPRETER "/lib/ld-linux-aarch64.so.1"
#endif
__attribute__((used, retain, section(".interp"))) static const char interpreter[] = INTERPRETER;

/* The C library gets the program's arguments, and calls main. It was initialised when it was loaded; there is nothing of ours to. */
#if defined(__x86_64__)
__asm__(".globl myna_start\n.hidden myna_start\n.type myna_start, @function\nmyna_start:\n"
        "xor %ebp, %ebp\nmov %rdx, %r9\nmov (%rsp), %rsi\nlea 8(%rsp), %rdx\nand $-16, %rsp\npush %rax\npush %rsp\n"
        "xor %r8d, %r8d\nxor %ecx, %ecx\nlea main(%rip), %rdi\ncall *__libc_start_main@GOTPCREL(%rip)\nhlt\n");
#elif defined(__aarch64__)
__asm__(".globl myna_start\n.hidden myna_start\n.type myna_start, %function\nmyna_start:\n"
        "mov x29, #0\nmov x30, #0\nmov x5, x0\nldr x1, [sp]\nadd x2, sp, #8\nmov x6, sp\n"
        "adrp x0, main\nadd x0, x0, :lo12:main\nmov x3, #0\nmov x4, #0\nbl __libc_start_main\nbrk #0\n");
#endif
#endif
#endif
