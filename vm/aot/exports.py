"""The functions of a program that C calls: the header that declares them, and the C functions themselves.

In:  a Program. Out: `exports`; `Interface`, with the names, `header` and `source`, texts in C. Holds: the header is the one definition of
their types in C: the source includes it. A function has its arguments and its result in memory and leaves the rest to `myna_export`
(vm/native/export.c). Bytes and arrays are two parameters in C, the address and the length.
"""
import os
import re
from typing import NamedTuple

from myna.compiler.bytecode.program import C_KINDS, Export

RESERVED_PREFIXES = ("myna_", "rt_")        # of names in C: those of the runtime and of what is made here
TYPES = {"none": "void", "bool": "bool", "int": "int64_t", "float": "double", "f32": "float", "bytes": "const void *", "string": "const char *",
         **{f"{sign}{bits}": f"{'u' * (sign == 'u')}int{bits}_t" for sign in "iu" for bits in (8, 16, 32, 64)}}
WITH_LENGTH = ("bytes", "array")
STRUCT, POINTER, REFERENCE = map(C_KINDS.index, ("struct", "pointer", "reference"))
# Names that nothing in a header may have, be it read as C or as C++.
WORDS = frozenset("""
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await co_return co_yield compl
concept const const_cast consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit export extern
false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public
register reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch template this
thread_local throw true try typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq NULL main
""".split()) | frozenset(TYPES.values())

HEAD = """/* The functions of {name}, a program in Myna.
 *
 * The first call runs the program's top level. Any thread may call; one call runs at a time, others wait for it. Strings are UTF-8. What a
 * function gets, it copies; it writes into arrays, and behind pointers to one thing, when it returns. A string that it returns is for free().
 * A function that fails returns zero, and {error} tells why. */
#ifndef {guard}
#define {guard}
#include <stdbool.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {{
#endif
"""
TAIL = """
/* What went wrong in this thread's last call, in words that stay until its next one; a null pointer if nothing did. */
const char *{error}(void);

#ifdef __cplusplus
}}
#endif
#endif
"""
SOURCE = """#include "{header}"
void myna_export(uint32_t function, uint32_t constant, void *const *arguments, void *result);
const char *myna_last_error(void);
const uint32_t myna_export_count = {count};
const char *{error}(void) {{ return myna_last_error(); }}
"""


class Refused(Exception):
    """The functions cannot have their names; the text says why."""


class Exported(NamedTuple):
    """An Export, and where it stands: constant number `constant` of function number `holder`."""
    export: Export
    holder: int
    constant: int


def exports(program):
    """The Exported of a program, in order."""
    return [Exported(k, holder, number) for holder, f in enumerate(program.functions) for number, k in enumerate(f.consts) if k.__class__ is Export]


class Interface:
    """What C sees of a program. `name` is made of its file's. Raises Refused for names that C, or `taken`, has in use."""

    def __init__(self, program, taken=()):
        self.program, self.exported = program, exports(program)
        stem = re.sub(r"\W", "_", os.path.splitext(os.path.basename(program.name))[0], flags=re.ASCII).strip("_") or "program"
        self.name = f"_{stem}" if stem[0].isdigit() else stem
        self.error = f"{self.name}_error"
        self.symbols = [each.export.symbol for each in self.exported] + [self.error]
        for number, symbol in enumerate(self.symbols):
            if symbol in taken or symbol in WORDS or symbol.startswith(RESERVED_PREFIXES):
                raise Refused(f"no function can be exported as `{symbol}`: the name is in use already")
            if symbol in self.symbols[:number]:
                raise Refused(f"two functions are exported as `{symbol}`")
        self._classes, self._typedefs = {}, []      # class number -> its name in C; the lines that define these

    def header(self):
        """The text of the header."""
        declared = ["\n" + comment(each.export.doc) + f"{self.prototype(each.export)};\n" for each in self.exported]
        guard = f"{self.name.upper()}_H"
        return "".join([HEAD.format(name=self.name, error=self.error, guard=guard), *self._typedefs, *declared, TAIL.format(error=self.error)])

    def source(self, header):
        """The text of the functions; `header` is the header's name."""
        return SOURCE.format(header=header, count=len(self.exported), error=self.error) + "".join(map(self.function, self.exported))

    def function(self, each):
        """The text of one function."""
        *params, result = each.export.type.args
        count = sum(1 + (p.kind in WITH_LENGTH) for p in params)
        names = [f"a{number}" for number in range(count)]
        arguments = f"(void *[]){{{', '.join('&' + name for name in names)}}}" if names else "0"
        head = f"{self.prototype(each.export, names)} {{\n"
        call = f"    myna_export({each.holder}, {each.constant}, {arguments}, "
        if result.kind == "none":
            return f"{head}{call}0);\n}}\n"
        return f"{head}    {declaration(self.result(result), 'result')} = {{0}};\n{call}&result);\n    return result;\n}}\n"

    def prototype(self, export, names=None):
        """A function's declaration, without the semicolon; `names` for the parameters in place of its own."""
        *params, result = export.type.args
        types = [part for p in params for part in ((self.type(p), TYPES["int"]) if p.kind in WITH_LENGTH else (self.type(p),))]
        listed = ", ".join(map(declaration, types, names or parameter_names(export)))
        return f"{declaration(self.result(result), export.symbol)}({listed or 'void'})"

    def result(self, type_):
        """The C type of a result."""
        return "char *" if type_.kind == "string" else self.type(type_)

    def type(self, type_):
        """The C type of a parameter."""
        if type_.kind == "array":
            return pointer(self.type(type_.args[0]))
        if type_.kind != "class":
            return TYPES[type_.kind]
        form, own = self._form(type_.index)
        if form == REFERENCE:
            return pointer(self.type(type_.args[0]))
        if form == POINTER and own:
            return "void *"
        name = self._class(type_.index, form)
        return pointer(name) if form == POINTER else name

    def _form(self, index):
        """(what C sees of a class's instances, whether it is the class itself that says so)"""
        class_ = self.program.classes[index]
        own = bool(class_.c)
        while not class_.c:
            class_ = self.program.classes[class_.parent]
        return class_.c, own

    def _class(self, index, form):
        """The name of a class in C, which is defined now."""
        if index not in self._classes:
            class_ = self.program.classes[index]
            fields = "".join(f" {declaration(self.type(t), name)};" for name, t in zip(identifiers(class_.fields), class_.types)) if form == STRUCT else ""
            wanted = identifiers([class_.name])[0]
            name, number = wanted, 1
            while name in self._classes.values() or name in self.symbols:
                number += 1
                name = f"{wanted}_{number}"
            self._classes[index] = name
            self._typedefs.append(f"\ntypedef struct {name}{f' {{{fields} }}' if fields else ''} {name};\n")
        return self._classes[index]


def pointer(type_):
    """A pointer to a C type."""
    return type_ + "*" if type_.endswith("*") else type_ + " *"


def declaration(type_, name):
    """A C type and what has it."""
    return type_ + name if type_.endswith("*") else f"{type_} {name}"


def parameter_names(export):
    """The names of a function's parameters in C."""
    *params, _ = export.type.args
    return identifiers([part for p, name in zip(params, export.names) for part in ((name, f"{name}_length") if p.kind in WITH_LENGTH else (name,))])


def identifiers(names):
    """Names in C for names of the program, all different."""
    out = []
    for name in names:
        name = re.sub(r"\W", "_", name, flags=re.ASCII)
        while name in WORDS or name in out:
            name += "_"
        out.append(name)
    return out


def comment(doc):
    """A doc comment as one in C."""
    return f"/* {doc.replace('*/', '* /')} */\n".replace("\n", "\n * ", doc.count("\n")) if doc else ""
