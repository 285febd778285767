"""Writes the generated C headers of the native runtime.

In:  the tables (layout, runtime entries, instructions, primitives, file format). Out: `write_headers(directory)` writes
layout.h, runtime_api.h, opcodes.h, primitives.h, unicode.h, unicode_text.h. Holds: a file is rewritten only when its text changes.
"""
import os

from myna.compiler.bytecode import codec, opcodes, primitives, program

from .. import layout, runtime_api
from . import unicode


def _c_name(name):
    return name.replace(".", "_")


def opcodes_header():
    """Opcode numbers, lengths, and each instruction's operand kinds as a string for the verifier."""
    out = ["/* Generated from compiler/bytecode/opcodes.py and codec.py. */", "#ifndef MYNA_OPCODES_H", "#define MYNA_OPCODES_H", "enum {"]
    out += [f"    OP_{_c_name(op.name).upper()} = {op.code}," for op in opcodes.OPS]
    out += [f"    OP_COUNT = {len(opcodes.OPS)}", "};"]
    out += [f"#define MAX_NARROW {opcodes.MAX_NARROW}", f"#define FILE_MAGIC {codec.MAGIC:#x}u",
            f"#define FILE_VERSION {codec.fingerprint():#x}u", f"#define FILE_HEADER_WORDS {codec.HEADER_WORDS}",
            f"#define FILE_FUNCTION_WORDS {codec.FUNCTION_WORDS}", f"#define FILE_CLASS_WORDS {codec.CLASS_WORDS}",
            f"#define FILE_MACHINE_CLASS {codec.MACHINE_CLASS:#x}u", f"#define TYPE_DEPTH {program.TYPE_DEPTH}"]
    out += ["enum CKind {", *(f"    C_{kind.upper()}," for kind in program.C_KINDS), "};"]
    out += ["enum TypeKind {", *(f"    KIND_{kind.upper()}," for kind in program.KINDS), "    KIND_COUNT", "};"]
    out += ["typedef struct OpInfo { const char *name, *kinds; unsigned char words, flags; } OpInfo;",
            "enum { OPF_END = 1, OPF_WIDE = 2 };", "#ifdef MYNA_OP_INFO", "static const OpInfo op_info[OP_COUNT] = {"]
    for op in opcodes.OPS:
        kinds = "".join(o.kind for o in op.operands)
        can_wide = any(o.kind in "drxDSwni" for o in op.operands) and op.code != 0
        flags = (1 if "end" in op.effects else 0) | (2 if can_wide else 0)
        out.append(f'    {{"{op.name}", "{kinds}", {op.words}, {flags}}},')
    most = max(op.words for op in opcodes.OPS)
    out += ["};", "#endif", "#ifdef MYNA_OP_WORDS", "/* The kinds of each instruction's words behind the first. */", f"static const char op_words[OP_COUNT][{most}] = {{"]
    out += [f'    "{"".join(o.kind for o in op.operands if o.kind in opcodes.WORD_KINDS)}",' for op in opcodes.OPS]
    return "\n".join(out + ["};", "#endif", "#endif", ""])


def primitives_header():
    """Primitive numbers, prototypes of their C functions, and which of them are methods of what type of object."""
    rows = primitives.PRIMITIVES
    out = ["/* Generated from compiler/bytecode/primitives.py. */", "#ifndef MYNA_PRIMITIVES_H", "#define MYNA_PRIMITIVES_H", '#include "process.h"']
    out += [f"/* {p.doc} */\nbool prim_{_c_name(p.name)}(Process *p, Value *args, Value *result);" for p in rows]
    out += ["typedef struct Primitive { const char *name; unsigned arity, required; bool (*run)(Process *, Value *, Value *); } Primitive;",
            "typedef struct MethodRow { int type; const char *name; uint32_t primitive; } MethodRow;",
            "/* Those that the program can call, by number, up to the last one; NULL: another one. And which of them are methods of what type of object. */",
            "extern const Primitive *const primitives[];", "extern const uint32_t primitive_count;",
            "extern const MethodRow method_rows[];", "extern const uint32_t method_row_count;", "enum {"]
    out += [f"    P_{_c_name(p.name).upper()} = {p.number}," for p in rows]
    out += [f"    PRIMITIVE_COUNT = {len(rows)}", "};", "#ifdef MYNA_PRIMITIVE_TABLE"]
    out += [f'static const Primitive p{p.number} = {{"{p.name}", {p.arity}, {p.required}, prim_{_c_name(p.name)}}};' for p in rows]
    out += ["const Primitive *const primitives[] = {", *(f"    &p{p.number}," for p in rows), "};",
            "const uint32_t primitive_count = PRIMITIVE_COUNT;", "const MethodRow method_rows[] = {"]
    methods = [(*p.name.split("."), p) for p in rows if p.type]
    out += [f'    {{T_{kind.upper()}, "{name}", P_{_c_name(p.name).upper()}}},' for kind, name, p in methods]
    out += ["};", f"const uint32_t method_row_count = {len(methods)};", "#endif", "#ifdef MYNA_METHOD_TYPES",
            "static const struct { const char *name; uint32_t type; } method_types[] = {"]
    out += [f'    {{"{kind}", T_{kind.upper()}}},' for kind in primitives.METHOD_TYPES]
    return "\n".join(out + ["};", "#endif", "#endif", ""])


def header_texts():
    """The headers that come from the tables: name -> text."""
    return {"layout.h": layout.c_header(), "runtime_api.h": runtime_api.c_header(),
            "opcodes.h": opcodes_header(), "primitives.h": primitives_header()}


def write_headers(directory):
    """Write all generated headers into `directory`."""
    texts = header_texts()
    os.makedirs(directory, exist_ok=True)
    for name, text in (("unicode.h", unicode.header), ("unicode_text.h", unicode.text_header)):
        path = os.path.join(directory, name)
        if not os.path.exists(path) or unicode.HEAD not in open(path).read(200):     # making it takes a second
            texts[name] = text()
    for name, text in texts.items():
        path = os.path.join(directory, name)
        if not os.path.exists(path) or open(path).read() != text:
            with open(path, "w") as f:
                f.write(text)
