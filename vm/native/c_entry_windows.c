/* The C functions that stand for callbacks (c_callback.c), by the convention of Windows on x86-64.
 *
 * No C function can take both registers of an argument's number, so this is assembler: each entry has 16 bytes, and all go on in `enter`, which
 * leaves the result in the registers of both kinds. Its stack: room for the callee, then Registers; 8 bytes keep it aligned. */
#include "c_call.h"

_Static_assert(offsetof(Registers, floats) == 32, "where `enter` stores floats");
_Static_assert(MOST_CALLBACKS == 16, "the entries below");
#define ENTRY(n) ".balign 16\n mov $" #n ", %eax\n jmp enter\n"
__asm__(".text\n"
        "enter: sub $0x68, %rsp\n"
        "mov %rcx, 0x20(%rsp)\n mov %rdx, 0x28(%rsp)\n mov %r8, 0x30(%rsp)\n mov %r9, 0x38(%rsp)\n"
        "movsd %xmm0, 0x40(%rsp)\n movsd %xmm1, 0x48(%rsp)\n movsd %xmm2, 0x50(%rsp)\n movsd %xmm3, 0x58(%rsp)\n"
        "mov %eax, %ecx\n lea 0x20(%rsp), %rdx\n call callback_run\n"
        "movq %rax, %xmm0\n add $0x68, %rsp\n ret\n"
        ".balign 16\n callback_entries:\n"
        ENTRY(0) ENTRY(1) ENTRY(2) ENTRY(3) ENTRY(4) ENTRY(5) ENTRY(6) ENTRY(7)
        ENTRY(8) ENTRY(9) ENTRY(10) ENTRY(11) ENTRY(12) ENTRY(13) ENTRY(14) ENTRY(15));
extern uint8_t callback_entries[];

void *callback_entry(uint32_t number, bool floating) {
    (void)floating;
    return callback_entries + 16 * number;
}
