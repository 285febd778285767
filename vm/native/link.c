/* Linking: makes the code of a function that was read (load.c) what handlers and native code expect.
 *
 * In: verified code. Out: each constant operand is the distance in bytes from its instruction to the constant, field caches are
 * empty, invokevirtual knows the number of its method. */
#define MYNA_OP_WORDS
#include "class.h"
#include "module.h"
#include "opcodes.h"
#include "runtime.h"

static uint32_t distance(const uint32_t *instruction, const Value *constant) { return (uint32_t)((intptr_t)constant - (intptr_t)instruction); }

/* The number of the method of a class that an invokevirtual names. */
static uint32_t method_number(const Function *f, const uint32_t *instruction) {
    return (uint32_t)class_method(constant_type(f->consts[instruction[1]])->class_, f->consts[instruction[2]]);
}

/* The word behind the instruction. */
static uint32_t *link_instruction(const Function *f, uint32_t *instruction) {
    uint32_t op = *instruction & 255, *word = instruction + 1;
    const Value *pool = op == OP_RLOADK ? f->consts - f->nconsts : f->consts;      /* raw words lie before the values */
    uint32_t method = op == OP_INVOKEVIRTUAL ? method_number(f, instruction) : 0;
    for (const char *kind = op_words[op]; *kind; kind++, word++) {
        switch (*kind) {
        case 'J': case 'I': case 'P': case 'G': break;
        case 'C': *word = method; break;
        default: *word = distance(instruction, pool + *word);
        }
    }
    return word;
}

void link_function(const Function *f) {
    uint32_t *code = (uint32_t *)f->code, *end = code + f->code_words;
    while (code < end) code = link_instruction(f, code + ((*code & 255) == OP_WIDE));
}
