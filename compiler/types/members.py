"""What is predefined: the built-in classes, interfaces and functions with the types of their members, as declarations.

In:  nothing. Out: `BUILTINS`, name -> Declaration; `box`, the declaration behind a simple type; `find`, a member of a type;
`predefined`, the type of a predefined function.
Holds: a member's text is read when it is first asked for. A class marked `!` has the members written here and no other.
"""
import re

from myna.compiler.types import model
from myna.compiler.types.model import (
    CLASS, DYNAMIC, INTERFACE, NONE, Declaration, Member, Nominal, Optional, TypeParam, arguments_of, substitute)

# A class's line: `!` when complete, `+` when covariant in its parameters, kind, name, parameters, what is above it.
# An interface's methods have no body unless `default` ends their line.
# A member: `name: type`, or `name(parameter: type, default: type =, ...rest: type): result`.
TABLE = """
* interface Comparable<T>
    compare(other: T): int
+ interface Iterable<T>
    iter(): Iterable<T>
+ interface Iterator<T> : Iterable<T>
    iter(): Iterable<T> default
    has_next(): bool
    next(): T
! class int : Comparable<int>
! class float : Comparable<float>
! class bigint : Comparable<bigint>
    bit_length(): int
! class bool
! class None
! class string : Comparable<string>, Iterable<string>
    length: int
    compare(other: string): int
    contains(part: string): bool
    starts_with(part: string): bool
    ends_with(part: string): bool
    split(separator: string, most: int =): List<string>
    words(): List<string>
    trim_start(): string
    trim_end(): string
    pad_start(width: int, fill: string =): string
    pad_end(width: int, fill: string =): string
    is_alpha(): bool
    is_digit(): bool
    is_alnum(): bool
    is_space(): bool
    count(part: string): int
    last_index_of(part: string): int
    code_at(index: int): int
    reverse(): string
    trim(): string
    upper(): string
    lower(): string
    replace(old: string, new: string): string
    index_of(part: string): int
    slice(from: int, to: int =): string
    repeat(count: int): string
    chars(): List<string>
    codes(): List<int>
    to_int(): int?
    to_bytes(): bytes
    to_float(): float?
! class bytes : Iterable<int>
    length: int
    to_string(): string
    to_list(): List<int>
    hex(): string
    slice(from: int, to: int =): bytes
    index_of(part: bytes): int
! class List<T> : Iterable<T>
    length: int
    push(value: T)
    pop(): T
    insert(at: int, value: T)
    remove(at: int): T
    first(): T
    last(): T
    contains(value: dynamic): bool
    index_of(value: dynamic): int
    slice(from: int, to: int =): List<T>
    reverse()
    sort(order: fun(T, T): dynamic =)
    order(): List<int>
    join(separator: string =): string
    clear()
    extend(items: Iterable<T>)
    copy(): List<T>
    to_array(): Array<T>
! class Array<T> : Iterable<T>
    length: int
    fill(value: T)
    copy(): Array<T>
    slice(from: int, to: int =): Array<T>
    to_list(): List<T>
+ class Range : Iterable<int>
    length: int
    start: int
    end: int
    inclusive: bool
    contains(value: dynamic): bool
    to_list(): List<int>
! class Map<K, V>
    length: int
    has(key: K): bool
    keys(): List<K>
    values(): List<V>
    get(key: K, default: dynamic =): dynamic
    remove(key: K): V?
    entries(): List<(K, V)>
    clear()
    copy(): Map<K, V>
! class Set<T> : Iterable<T>
    length: int
    has(value: dynamic): bool
    add(value: T): bool
    remove(value: dynamic): bool
    clear()
    copy(): Set<T>
    union(other: Set<T>): Set<T>
    intersect(other: Set<T>): Set<T>
    difference(other: Set<T>): Set<T>
    is_subset(other: Set<T>): bool
    to_list(): List<T>
  class Error
    name: string
    message: string
    cause: dynamic
    trace: List<dynamic>
! class TypeError : Error
! class UninitializedVariableError : Error
! class DivisionByZeroError : Error
! class RuntimeError : Error
! class OverflowError : Error
! class OutOfMemoryError : Error
! class StackOverflowError : Error
! class IndexError : Error
! class ArgumentError : Error
! class ValueError : Error
! class FieldError : Error
! class CastError : Error
! class MatchError : Error
  class Process
! class Type
    name: string
    kind: string
    module: string?
    optional: bool
    plain: Type
    args: List<Type>
    base: Type?
    interfaces: List<Type>
    variants: List<Type>
    fields: List<Field>
    methods: List<Method>
    parameters: List<Parameter>
    attributes: List<Attribute>
    field(name: string): Field?
    method(name: string): Method?
    attribute(name: string): Attribute?
    get(object: dynamic, name: string): dynamic
    set(object: dynamic, name: string, value: dynamic)
    create(...args: dynamic): dynamic
    create_from(values: dynamic): dynamic
    is_instance(value: dynamic): bool
    is_subtype(other: Type): bool
"""

FUNCTIONS = """
print(value: dynamic)
input(): string
sqrt(x: float): float
floor(x: float): int
int(x: dynamic, base: int =): int
bigint(x: dynamic, base: int =): bigint
float(x: dynamic): float
str(value: dynamic): string
len(value: dynamic): int
clock(): float
format(value: dynamic, format: dynamic): string
chr(code: int): string
type_of<T>(value: T =): Type
reflect._install(answer: dynamic)
reflect._type(number: int): Type
reflect._functions(): List<dynamic>
reflect._kind(type: Type): string
reflect._fields(type: Type): List<(string, Type)>
reflect._describe(type: Type): dynamic
reflect._call(function: dynamic, args: List<dynamic>, type: Type?): dynamic
reflect._method(object: dynamic, name: string): dynamic
reflect._fit(value: dynamic, type: Type, place: string): dynamic
reflect._empty(type: Type): dynamic
reflect._tuple(items: List<dynamic>): dynamic
reflect._below(type: Type, other: Type): bool
reflect._is(value: dynamic, type: Type): bool
math.sqrt(x: float): float
math.floor(x: float): int
math.sin(x: float): float
math.cos(x: float): float
math.tan(x: float): float
math.asin(x: float): float
math.acos(x: float): float
math.atan(x: float): float
math.sinh(x: float): float
math.cosh(x: float): float
math.tanh(x: float): float
math.exp(x: float): float
math.log(x: float): float
math.log2(x: float): float
math.log10(x: float): float
math.cbrt(x: float): float
json._parse(text: string, failure: List<dynamic>): dynamic
json._text(value: dynamic, indent: int, margin: int, wanted: List<dynamic>, pieces: List<string>?): string?
json._same(value: dynamic, other: dynamic): bool
math.atan2(y: float, x: float): float
math.hypot(x: float, y: float): float
math.pow(base: dynamic, exponent: dynamic): dynamic
math.ceil(x: float): int
math.round(x: float): int
math.trunc(x: float): int
math.is_nan(x: float): bool
math.is_finite(x: float): bool
math.gcd(a: int, b: int): int
os._arguments(): List<string>
os._exit(status: int): never
os._pid(): int
os._about(what: int): dynamic
os._failure(code: int): List<string>
os._variable(name: string): string?
os._variables(): List<string>
os._set_variable(name: string, value: string?): int
os._directory(): dynamic
os._enter(path: string): int
io._read(stream: dynamic, most: int): dynamic
io._read_line(stream: dynamic): dynamic
io._read_all(stream: dynamic): dynamic
io._write(stream: dynamic, data: dynamic): int
io._flush(stream: dynamic): int
io._close(stream: dynamic): int
io._seek(stream: dynamic, offset: int, from: int): int
io._is_terminal(stream: dynamic): bool
fs._open(path: string, mode: int): dynamic
fs._info(path: string, follow: bool): dynamic
fs._list(path: string): dynamic
fs._make_directory(path: string, private: bool): int
fs._remove_file(path: string): int
fs._remove_directory(path: string): int
fs._rename(from: string, to: string): int
fs._set_mode(path: string, mode: int): int
fs._real_path(path: string): dynamic
time._now(): int
time._monotonic(): int
time._sleep(ns: int)
random._next(state: Array<int>, bits: int): int
random._entropy(): int
subprocess._start(arguments: List<string>, environment: List<string>?, directory: string?, pipes: int): dynamic
subprocess._wait(number: int, block: bool): int?
subprocess._signal(number: int, signal: int): int
subprocess._ready(to: dynamic, from: dynamic, second: dynamic, ns: int): int
bytes(items: dynamic, base: int =): bytes
Map(): Map<K, V>
Array(length: int, value: T =): Array<T>
List(items: Iterable<T> =): List<T>
Set(items: Iterable<T> =): Set<T>
"""

_HEAD = re.compile(r"([!+* ]) (class|interface) (\w+)(?:<([\w, ]+)>)?(?: : (.*))?")
_TOKEN = re.compile(r"\s*(\w+|\.\.\.|[<>(),:?=])")


def _read_table():
    made, current = {}, None
    for line in TABLE.strip("\n").splitlines():
        if line.startswith("    "):
            current.lazy[re.match(r"\w+", line.strip()).group()] = line.strip()
            continue
        mark, kind, name, params, above = _HEAD.fullmatch(line).groups()
        current = made[name] = Declaration(name, CLASS if kind == "class" else INTERFACE)
        current.lazy = {}
        current.complete = mark == "!" or kind == "interface"
        current.variance = mark if mark in "+*" else None
        current.type_params = tuple(TypeParam(p.strip(), current) for p in params.split(",")) if params else ()
        current.state = 2
        current.nested = above      # its text, until all names are known
    return made


BUILTINS = _read_table()
PROVIDED = {}       # name -> type: classes of the library that members name; dynamic in programs without them


class _Reader:
    """Reads the text of types and members."""

    def __init__(self, text, names):
        self.tokens = _TOKEN.findall(text)
        self.at = 0
        self.names = names          # name -> TypeParam

    def take(self, token):
        if self.at < len(self.tokens) and self.tokens[self.at] == token:
            self.at += 1
            return True
        return False

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def type(self):
        name = self.next()
        if name == "fun":
            found = self.signature()
        elif name == "(":
            items = [self.type()]
            while self.take(","):
                items.append(self.type())
            self.next()
            found = model.tuple_of(items)
        else:
            args = []
            if self.take("<"):
                args.append(self.type())
                while self.take(","):
                    args.append(self.type())
                self.next()
            found = self.names.get(name) or model.SIMPLE.get(name)
            if found is None:
                found = model.instance(BUILTINS[name], args) if name in BUILTINS else PROVIDED.get(name, DYNAMIC)
        return model.optional(found) if self.take("?") else found

    def signature(self):
        """`<T>(a: A, b: B =, ...c: C): R`; a parameter of a function type is only its type."""
        type_params = []
        if self.take("<"):
            while True:
                type_params.append(TypeParam(self.next()))
                if self.take(">"):
                    break
                self.take(",")
            self.names = {**self.names, **{p.name: p for p in type_params}}
        params, names, required, rest = [], [], None, None
        self.take("(")
        while not self.take(")"):
            is_rest = self.take("...")
            name = None
            if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] == ":":
                name = self.next()
                self.next()
            t = self.type()
            if is_rest:
                rest = t
            else:
                if self.take("=") and required is None:
                    required = len(params)
                params.append(t)
                names.append(name)
            self.take(",")
        result = self.type() if self.take(":") else NONE
        return model.function(params, result, names, required, rest, type_params)


def _read_above():
    for decl in BUILTINS.values():
        above, decl.nested = decl.nested, {}
        if not above:
            continue
        reader = _Reader(above, {p.name: p for p in decl.type_params})
        while True:
            t = reader.type()
            if t.__class__ is not Nominal:
                t = model.instance(BUILTINS[t.name])
            if t.decl.kind == CLASS:
                decl.base = t
            else:
                decl.interfaces.append(t)
            if not reader.take(","):
                break


_read_above()
for _name in ("Error", *(name for name, decl in BUILTINS.items() if decl.base)):
    BUILTINS[_name].signature = model.function(
        [model.STRING, DYNAMIC], model.instance(BUILTINS[_name]), ["message", "cause"], 1)

ITERABLE, ITERATOR = BUILTINS["Iterable"], BUILTINS["Iterator"]
COMPARABLE = BUILTINS["Comparable"]
LIST, ARRAY, MAP, SET, RANGE = (BUILTINS[_name] for _name in ("List", "Array", "Map", "Set", "Range"))
RANGE_TYPE = model.instance(RANGE)
ERROR_CLASS = BUILTINS["Error"]

_boxes = {t: model.instance(BUILTINS[name]) for name, t in model.SIMPLE.items() if name in BUILTINS}
_boxes |= {t: _boxes[model.FLOAT if t.floating else model.INT] for t in model.SIZED.values()}


def box(t):
    """The instance behind a simple type, or None."""
    return _boxes.get(t)


def own_member(decl, name):
    """The Member that `decl` itself declares, or None."""
    member = decl.members.get(name)
    if member is None and decl.lazy is not None and name in decl.lazy:
        text = decl.lazy[name]
        reader = _Reader(text[len(name):], {p.name: p for p in decl.type_params})
        if reader.take(":"):
            member = Member(name, "field", decl, None, reader.type(), False)
        else:
            member = Member(name, "method", decl, None, reader.signature(), False)
            member.abstract = decl.kind == INTERFACE and not text.endswith(" default")
        decl.members[name] = member
    return member


def extend(name, functions):
    """Add methods to a built-in type: functions (name -> type) whose first parameter is the receiver."""
    decl = BUILTINS[name]
    for own, f in functions.items():
        if decl.lazy and own in decl.lazy:      # a primitive has the name too: the table says how it may be called
            continue
        receiver = f.params[0]
        mapping = dict(zip(receiver.args, decl.type_params)) if receiver.__class__ is Nominal else {}
        rest = [p for p in f.type_params if p not in mapping]
        method = model.function(f.params[1:], f.result, f.names[1:], f.required - 1, f.rest, rest)
        decl.members[own] = member = Member(own, "method", decl, None, substitute(method, mapping), False)
        member.extension = f


def provide(types):
    """What the names of PROVIDED mean in the program that is compiled now: name -> type."""
    PROVIDED.clear()
    PROVIDED.update(types)
    own = BUILTINS["Type"]
    own.members.clear()
    model.instance(own).found.clear()


def find(t, name):
    """(Member, type arguments of its owner as a mapping or None) of an instance `t`, else None. Looks in `t`'s class,
    then in what it extends, then in its interfaces."""
    if t.__class__ is Optional:
        t = t.inner
    if t.__class__ is TypeParam:
        t = t.bound
    if t.__class__ is not Nominal:
        t = box(t)
        if t is None:
            return None
    found = t.found.get(name)
    if found is None:
        found = _search(t, name)
        if found is not None:       # what is missing may come: `extend`
            t.found[name] = found
    return found


def _search(t, name):
    """What `find` caches: each class asks those above it, so all of them keep the answer."""
    decl = t.decl
    while decl.only_above is not None and name not in decl.members:
        t = decl.only_above         # a long chain of plain classes is climbed in a loop
        if name in t.found:
            return t.found[name]
        decl = t.decl
    mapping = arguments_of(t) if t.args else None
    member = own_member(decl, name)
    if member is not None:
        return member, mapping
    default = None
    for up in (*((decl.base,) if decl.base is not None else ()), *decl.interfaces):
        found = find(substitute(up, mapping) if mapping else up, name)
        if found is not None and (default is None or default[0].abstract and not found[0].abstract):
            default = found
            if found[0].owner.kind != INTERFACE:
                break
    return default


def complete(t):
    """Are all members of an instance of `t` known?"""
    t = t if t.__class__ is Nominal else box(t)
    return t is not None and _complete(t.decl)


def _complete(decl):
    if decl.known is None:
        above = [*decl.interfaces, *((decl.base,) if decl.base is not None else ())]
        decl.known = decl.complete and all([_complete(up.decl) for up in above])
    return decl.known


def names(t):
    """The names of the members of an instance, for "did you mean"."""
    seen, stack = set(), [t if t.__class__ is Nominal else box(t)]
    while stack:
        t = stack.pop()
        if t is None or t.decl in seen:
            continue
        seen.add(t.decl)
        yield from t.decl.members
        yield from t.decl.lazy or ()
        stack += t.decl.interfaces
        stack.append(t.decl.base)


_functions = None


def predefined(primitive):
    """The type of a predefined function, given its row in the table of primitives."""
    global _functions
    if _functions is None:
        _functions = {re.match(r"[\w.]+", line).group(): line for line in FUNCTIONS.strip().splitlines()}
    name, text = primitive.name, _functions.get(primitive.name)
    decl = BUILTINS.get(name)
    if decl is not None and decl.signature is not None:
        return model.class_value(decl)
    if text is not None and decl is not None and decl.type_params:      # calling it makes an instance
        made = _Reader(text[len(name):], {p.name: p for p in decl.type_params}).signature()
        decl.signature = model.function(made.params, made.result, made.names, made.required, made.rest, decl.type_params)
        return model.class_value(decl)
    if text is not None:
        made = _Reader(text[len(name):], {}).signature()
        if len(made.params) == primitive.arity:
            return made
    return model.function([DYNAMIC] * primitive.arity, DYNAMIC)
