"""The compiled program as the compiler's last stage holds it.

In:  nothing; `builder` and `text` fill these classes. Out: `codec` writes them, `text` prints them.
Holds: `functions[0]` is the program's main function (no parameters, no captures); a function constant's index is greater
than the index of no function but its own parents' order is free; instruction words are complete (labels resolved,
constants by index, globals by index into `globals`).
"""
from array import array
from typing import NamedTuple

VERSION = 1


class FunctionRef(NamedTuple):
    """A constant that names another function of the program by index."""
    index: int


class BigInt(int):
    """A constant: a whole number of the type bigint."""


class Names(tuple):
    """A constant: the field names of a record literal, in order."""


class Type(NamedTuple):
    """A constant: a type that values are tested against, or made with. `kind` is one of KINDS; for "class", `index` names one of
    the program's classes; `optional` also admits None. `args` are its parts, none where all of them are dynamic:
    of a class or container the type arguments; of a tuple the items; of a function the parameters, then the result;
    of a record the fields, called `names`. "never" has no values. "types" is no type: its `args` are the type arguments of a call.
    "param" stands for number `index` of the type arguments that `gettype` finds in a register."""
    kind: str
    index: int = 0
    optional: bool = False
    args: tuple = ()
    names: tuple = ()


class Extern(NamedTuple):
    """A constant: a function of C. `library` is a file's path, its name where the system looks for libraries, or a short name such as
    "m"; `type` a Type of the kind "function", of types that C has."""
    library: str
    symbol: str
    type: Type


class Export(NamedTuple):
    """A constant, which no instruction has: function number `function` is for C to call by the name `symbol`. `type` is as that of an Extern;
    `names` are those of its parameters, `doc` is what its author says of it."""
    symbol: str
    function: int
    type: Type
    names: tuple = ()
    doc: str = ""


KINDS = ("dynamic", "none", "bool", "int", "float", "string", "function", "record", "list", "map", "tuple", "class", "number",
         "error", "range", "set", "bytes", "bigint", "array", "object", "never", "types", "param",
         "i8", "i16", "i32", "u8", "u16", "u32", "u64", "f32", "type")
TYPE_DEPTH = 24         # levels of a type in a program: the machine walks types by recursion
INVARIANT, COVARIANT, BIVARIANT = range(3)      # of a class's type arguments
# What C sees of a class's instances: nothing, a struct of its fields, an address, the address of the field.
C_KINDS = ("no", "struct", "pointer", "reference")
# Kinds of elements that arrays hold unboxed -> their bytes. A kind's number is its place here.
ELEMENTS = {"i8": 1, "i16": 2, "i32": 4, "i64": 8, "u8": 1, "u16": 2, "u32": 4, "u64": 8, "bool": 1, "f32": 4, "f64": 8}


class Method(NamedTuple):
    """A method: `function` is an index of the program; its first parameter is `this`."""
    name: str
    function: int


class Class:
    """A class, interface, enum or enum variant. Superclasses come before subclasses in `Program.classes`.

    `parent` is an index into the classes, or the name of a class of the machine (`Error` and its kin), or None. `fields`
    are the names of its own fields in order; inherited ones come before them. `methods` are its own and override inherited
    ones of the same name. `interfaces` are indices of those with `interface`, which have no fields; their methods are the defaults.
    `structural`: instances are equal when their classes and fields are (enum variants). `extends`: this is no class; the
    methods are added to the built-in type of this name (primitives.METHOD_TYPES).
    `params` is the number of its type parameters, `variance` says how instances with different type arguments relate,
    `supers` are the Types of the generic ones among its superclass and interfaces, `types` those of its own fields, each
    with the class's parameters as "param"; no `types` at all: nothing is known of its fields. `c`: what C sees of its instances, by its place in C_KINDS."""
    __slots__ = ("name", "parent", "fields", "methods", "interfaces", "structural", "params", "variance", "supers", "types",
                 "extends", "interface", "c")

    def __init__(self, name, parent=None, fields=(), methods=(), interfaces=(), structural=False, extends=False, interface=False):
        self.name, self.parent, self.structural, self.extends, self.interface = name, parent, structural, extends, interface
        self.params, self.variance, self.supers, self.types, self.c = 0, INVARIANT, [], [], 0
        self.fields, self.methods, self.interfaces = list(fields), list(methods), list(interfaces)


class Capture(NamedTuple):
    """Where a closure finds one of its captured values when it is made."""
    from_parent: bool   # captured[index] of the function that makes it, else its register R[index]
    is_cell: bool       # a cell (shared variable) or a plain value
    index: int


class Handler(NamedTuple):
    """Errors raised in the words [start, end) continue at `target` with the error in R[register]. Innermost first."""
    start: int
    end: int
    target: int
    register: int


class Function:
    """One function. `lines` holds (first word, source offset) pairs, words ascending, flat in one array; `file` says in which of
    the program's files the offsets are."""
    __slots__ = ("name", "nparams", "nregs", "nraw", "captures", "consts", "code", "handlers", "lines", "body", "classic", "checks",
                 "optional", "rest", "file", "signed", "globals")

    def __init__(self, name, nparams=0, classic=False):
        self.name = name            # str or None
        self.nparams = nparams
        self.nregs = nparams
        self.nraw = 0
        self.captures = []
        self.consts = []            # int, float, str, FunctionRef, BigInt, Names, Type, Extern, Export
        self.code = array("I")
        self.handlers = []
        self.lines = array("I")
        self.body = 0               # classic `==`: functions with equal syntax trees share a number; 0: equal to itself only
        self.classic = classic
        self.checks = 0             # words at the beginning that check the arguments; known calls skip them
        self.optional = 0           # of the parameters that calls may leave out, which come last but for `rest`: they are unset then
        self.rest = False           # the last parameter is a list of all further arguments
        self.file = 0
        self.signed = False         # consts[0] is its signature, a function type: what its checks admit, and what it returns
        self.globals = []           # offsets of the words in `code` that number globals; only the builder knows


class SourceFile(NamedTuple):
    """A file that functions come from: its name, and the offsets at which its lines start, for traces."""
    name: str
    line_starts: object = (0,)


class Program:
    """A compiled program. `files` are those it was made of, its own first; `globals` are variable names."""
    __slots__ = ("files", "functions", "classes", "globals")

    def __init__(self, name, line_starts=(0,)):
        self.files = [SourceFile(name, line_starts)]
        self.functions = []
        self.classes = []
        self.globals = []

    @property
    def name(self):
        """The name of the program's own file."""
        return self.files[0].name
