"""What a module shows to the modules that import it, as words: its names, types, classes, signatures. Not what is in its functions.

In:  the ModuleInfo of a checked module. Out: `Image`, which importers are compiled against, whether the module was compiled just now
or long ago. Holds: an image has no positions, and is in an order that functions' bodies do not change, so equal images mean that
importers need not be compiled again; reading makes objects of the classes in `FIELDS` only, whatever the words are.

A value is a word, `tag | number << 4`, and what the tag says. A row is an object: the number of its class, then its fields. Objects
of other modules are named by module and row.
"""
import sys
from array import array
from collections.abc import Mapping
from operator import attrgetter

from myna.compiler.bytecode.primitives import PRIMITIVES
from myna.compiler.check import declare
from myna.compiler.resolve.classes import INTERFACES, Alias, ClassInfo, machine_classes
from myna.compiler.resolve.modules import ModuleInfo
from myna.compiler.resolve.scopes import BUILTIN, GLOBAL, Scope, Variable
from myna.compiler.syntax import ast
from myna.compiler.types import members, model
from myna.compiler.types.model import Declaration, Member, Variant

(CONSTANT, INT, LARGE, FLOAT, STRING, LIST, TUPLE, DICT, OBJECT, FOREIGN, MODULE, SIMPLE, PREDEFINED, PRIMITIVE, MACHINE) = range(15)
CONSTANTS = (None, False, True)
SIMPLE_TYPES = {**model.SIMPLE, "?": model.ERROR}
MACHINE_CLASSES = {**INTERFACES, **{name: var.info for name, var in machine_classes().items()}}
MOST = 1 << 28          # what a word has room for beside a tag
NO_LITERAL = ast.Tuple(0, [])


def default(node):
    """A parameter's default value, as far as callers know it: literals."""
    if node is None or node.__class__ in LITERALS:
        return node
    return node if node.__class__ is ast.Unary and node.op == "-" and node.operand.__class__ in (ast.Int, ast.Float) else NO_LITERAL


def mark(what):
    """Something, or nothing."""
    return None if what is None else NO_LITERAL


def outermost(scope):
    """Scopes around what is shown are of no interest, but for their being there."""
    while scope is not None and scope.parent is not None:
        scope = scope.parent
    return scope


def inside(node):
    """What a Scope is the scope of: a function, or nothing."""
    return node if node.__class__ is ast.Function else None


def warnings(attributes):
    """Of a declaration's attributes those that matter to who uses it: what they are warned of, what C sees of a class."""
    return [each for each in attributes or () if each.name in ("deprecated", "c")]


def primitive(index):
    """A primitive; the numbers of globals are the linker's."""
    return 0 if index.__class__ is int else index


def few(writes):
    """None, one, or more."""
    return min(writes, 2)


LITERALS = (ast.Int, ast.Float, ast.String, ast.Bool, ast.NoneLit)


class Parameter(Variable):
    """Only the name of a shape: of the variables of parameters others see little."""


def fields(names, **seen):
    """(names, what is seen of those of which not all is)"""
    return names.split(), seen


# Class -> its fields that others see. What is not here has the value that a new object has.
FIELDS = {
    Variable: fields("name scope explicit assignable module writes kind index type info deprecated", scope=outermost, writes=few,
                     index=primitive),
    Parameter: fields("name type"),
    Scope: fields("parent node params owner", parent=outermost, node=inside),
    ClassInfo: fields("kind name node base interfaces params statics methods slots constant plain"),
    Alias: fields("type checked"),
    declare.Alias: fields("node params type state"),
    Declaration: fields("name kind node type_params base interfaces members statics variants params complete variance nested signature state only_above"),
    Member: fields("name kind owner node type mutable private abstract"),
    Variant: fields("name owner node params signature"),
    model.TypeParam: fields("name bound owner", owner=mark),
    ast.ClassDecl: fields("type_params var info attributes", attributes=warnings),
    ast.InterfaceDecl: fields("type_params var info attributes", attributes=warnings),
    ast.EnumDecl: fields("type_params var info attributes", attributes=warnings),
    ast.Variant: fields("params info attributes", attributes=warnings),
    ast.FunDecl: fields("attributes", attributes=warnings),
    ast.Attribute: fields("name args"),
    ast.Function: fields("type_params params result body scope", result=mark, body=mark),
    ast.Param: fields("name default rest var attributes", default=default, attributes=warnings),
    ast.FieldDecl: fields("static attributes", attributes=warnings),
    ast.MethodDecl: fields("function static attributes", attributes=warnings),
    ast.TypeParam: fields("name"),
    ast.TypeAlias: fields("name"),
    ast.TypeName: fields("name var"),
    ast.TypeOptional: fields("inner"),
    ast.TypeFunction: fields(""), ast.TypeTuple: fields(""), ast.TypeRecord: fields(""), ast.NoneLit: fields(""), ast.Tuple: fields(""),
    ast.Int: fields("value"), ast.Float: fields("value"), ast.String: fields("value"), ast.Bool: fields("value"),
    ast.Unary: fields("op operand"),
}
# Types are made of their parts, and shared.
TYPES = {
    model.Optional: fields("inner"), model.Tuple: fields("items"), model.Record: fields("fields open"),
    model.Function: fields("params result names required rest type_params"), model.Nominal: fields("decl args"),
    model.ClassValue: fields("decl args"), model.ModuleValue: fields("info"),
}
MAKERS = {model.Optional: model.optional, model.Tuple: model.tuple_of, model.Record: model.record, model.Function: model.function,
          model.Nominal: model.instance, model.ClassValue: model.class_value, model.ModuleValue: model.module_value}
CLASSES = (*FIELDS, *TYPES)
NAMES = [names for names, _ in (*FIELDS.values(), *TYPES.values())]


def getter(names):
    """A function that gives a list of an object's fields."""
    if len(names) > 1:
        get = attrgetter(*names)
        return lambda what: [*get(what)]
    return (lambda what: [getattr(what, names[0])]) if names else lambda what: []


# Class -> its number, how to get its fields, and (number of a field, what is seen of it).
SHAPES = {kind: (number, getter(names), [(names.index(name), see) for name, see in seen.items()])
          for number, (kind, (names, seen)) in enumerate((*FIELDS.items(), *TYPES.items()))}


def blank(kind):
    """A new object, as if it had been made of nothing."""
    if kind is Variable or kind is Parameter:
        return Variable(None, None, 0, True)
    if kind is Scope:
        return Scope(None, None, None, 0)
    made = kind.__new__(kind)
    if kind is Declaration or kind is ClassInfo or kind is Member:
        kind.__init__(made, "", "", None)
    elif kind is Variant:
        kind.__init__(made, "", None, None)
    elif kind is Alias or kind is declare.Alias or kind is model.TypeParam:
        kind.__init__(made, None)
    else:
        made.pos = 0
        for slot in kind.__slots__:
            setattr(made, slot, None)
    return made


def shown(info):
    """Name -> what a checked module shows by it."""
    for var in info.statics.values():       # what checking left open is open to all
        if var.type is None and var.kind is not BUILTIN and var.info.__class__ is not ClassInfo:
            var.type = model.DYNAMIC
    return info.statics


def reachable(scope):
    """Is it a function that can be called from elsewhere?"""
    return scope.node.__class__ is ast.Function and not scope.captures and (scope.owner is not None or scope.parent.parent is None)


class Writer:
    """Writes one image. `foreign`: object of another module -> (its module, its row)."""

    def __init__(self, foreign):
        self.foreign = foreign
        self.words = array("I")
        self.strings = {}
        self.modules = {}       # other module -> its number here
        self.mentions = {}      # those whose objects are named, as the keys
        self.rows = {}          # object -> its number
        self.waiting = []       # objects in the order of their numbers

    def write(self, names):
        """Write what names mean, and all behind it: (name, offset) of each, the offsets of the rows."""
        entries = []
        for name in sorted(names):
            entries.append((name, len(self.words)))
            self.value(names[name])
        offsets, words, rows, strings = array("I"), self.words, self.rows, self.strings
        for what in self.waiting:       # grows
            offsets.append(len(words))
            kind = what.__class__
            if kind is Variable and not what.module and what.info is None and what.kind is not BUILTIN:
                kind = Parameter
            number, get, seen = SHAPES[kind]
            words.append(number)
            values = get(what)
            for at, see in seen:
                values[at] = see(values[at])
            for value in values:
                if value is None:
                    words.append(CONSTANT)
                elif value.__class__ is str:
                    words.append(STRING | strings.setdefault(value, len(strings)) << 4)
                elif value.__class__ in SHAPES and value in rows:
                    words.append(OBJECT | rows[value] << 4)
                else:
                    self.value(value)
        return entries, offsets

    def exports(self):
        """(row, object) of the functions, classes and globals among what was written."""
        return [(row, what) for row, what in enumerate(self.waiting) if what.__class__ is ClassInfo
                or what.__class__ is Variable and what.kind is GLOBAL or what.__class__ is Scope and reachable(what)]

    def put(self, tag, number):
        self.words.append(tag | number << 4)

    def text(self, tag, text):
        self.put(tag, self.strings.setdefault(text, len(self.strings)))

    def value(self, v):
        """Write one value."""
        kind = v.__class__
        if v is None or kind is bool:
            self.put(CONSTANT, CONSTANTS.index(v))
        elif kind is str:
            self.text(STRING, v)
        elif kind is int:
            self.put(INT, v) if 0 <= v < MOST else self.text(LARGE, str(v) if abs(v) < MOST ** 4 else hex(v))
        elif kind is float:
            self.text(FLOAT, v.hex())
        elif kind is list or kind is tuple:
            self.put(LIST if kind is list else TUPLE, len(v))
            for item in v:
                self.value(item)
        elif kind is dict:
            self.put(DICT, len(v))
            for key, item in v.items():
                self.value(key)
                self.value(item)
        else:
            self.object(v, kind)

    def object(self, v, kind):
        """Write an object: a number of one."""
        number = self.rows.get(v)
        if number is not None:
            self.put(OBJECT, number)
        elif v in self.foreign:
            module, row = self.foreign[v]
            self.put(FOREIGN, self.module(module))
            self.mentions[module] = None
            self.words.append(row)
        elif kind is ModuleInfo:
            self.put(MODULE, self.module(v.statics.image))
        elif kind in SIMPLE_KINDS:
            self.text(SIMPLE, v.name)
        elif kind is Declaration and v.node is None:
            self.text(PREDEFINED, v.name)
        elif kind is ClassInfo and v.kind == "machine":
            self.text(MACHINE, v.name)
        elif kind in SHAPES:
            number = self.rows[v] = len(self.waiting)
            self.waiting.append(v)
            self.put(OBJECT, number)
        else:
            self.put(PRIMITIVE, v.number)

    def module(self, image):
        return self.modules.setdefault(image, len(self.modules))


SIMPLE_KINDS = frozenset((model.Simple, model.Number, model.Loose))


class Statics(Mapping):
    """The names of a module: each is read from its image when somebody asks for it."""

    def __init__(self, image):
        self.image = image
        self.found = {}

    def __getitem__(self, name):
        self.image.touched()
        if name not in self.found:
            self.found[name] = self.image.read(self.image.entries[name])
        return self.found[name]

    def __contains__(self, name):
        self.image.touched()
        return name in self.image.entries

    def __iter__(self):
        self.image.touched()
        return iter(self.image.entries)

    def __len__(self):
        return len(self.image.entries)


class Image:
    """What a module shows. `modules`: the Images that it names, by number; `foreign` gets where its objects are from; `touched()` is
    called whenever somebody looks at its names."""

    def __init__(self, words, offsets, entries, strings, modules, foreign, touched=None):
        self.words, self.offsets, self.entries, self.strings = words, offsets, entries, strings
        self.modules = modules
        self.foreign = foreign
        self.touched = touched
        self.objects = {}       # row -> object
        self.waiting = []       # rows whose objects have no fields yet
        self.at = 0

    def info(self, name):
        """The ModuleInfo of the module."""
        info = ModuleInfo(name)
        info.statics = Statics(self)
        return info

    def read(self, at):
        """The value at an offset."""
        self.at = at
        found = self.value()
        self.fill()
        return found

    def object(self, row):
        """The object in a row."""
        found = self.row(row)
        self.fill()
        return found

    def fill(self):
        """Read the fields of the objects that wait."""
        words, objects = self.words, self.objects
        while self.waiting:
            row = self.waiting.pop()
            at = self.offsets[row] + 1
            made = objects[row]
            for name in NAMES[words[at - 1]]:
                word = words[at]
                tag = word & 15
                if tag == CONSTANT:
                    setattr(made, name, CONSTANTS[word >> 4])
                elif tag == OBJECT and word >> 4 in objects:
                    setattr(made, name, objects[word >> 4])
                else:
                    self.at = at
                    setattr(made, name, self.value())
                    at = self.at
                    continue
                at += 1

    def row(self, row):
        """The object in a row; its fields may come later, but for a type's."""
        made = self.objects.get(row)
        if made is None:
            if row in self.objects:
                raise ValueError("a type that contains itself")
            kind = CLASSES[self.words[self.offsets[row]]]
            if kind in TYPES:
                self.objects[row] = None
                made = self.type(row, kind)
            else:
                made = blank(kind)
                self.waiting.append(row)
                self.foreign[made] = self, row
            self.objects[row] = made
        return made

    def type(self, row, kind):
        """The type in a row. Types are made of smaller types, so this ends."""
        back = self.at
        self.at = self.offsets[row] + 1
        parts = []
        for _ in TYPES[kind][0]:
            parts.append(self.value())
        self.at = back
        return MAKERS[kind](*parts)

    def value(self):
        """The value at `at`."""
        word = self.words[self.at]
        self.at += 1
        tag, number = word & 15, word >> 4
        if tag == OBJECT:
            return self.row(number)
        if tag == STRING:
            return sys.intern(self.strings[number])     # kinds of variables are compared with `is`
        if tag == CONSTANT:
            return CONSTANTS[number]
        if tag == LIST or tag == TUPLE:
            items = []
            for _ in range(number):
                items.append(self.value())
            return items if tag == LIST else tuple(items)
        if tag == DICT:
            found = {}
            for _ in range(number):
                key = self.value()
                found[key] = self.value()
            return found
        if tag == FOREIGN:
            self.at += 1
            return self.modules[number].object(self.words[self.at - 1])
        return self.simple(tag, number)

    def simple(self, tag, number):
        """A value that says all in one word."""
        if tag == INT:
            return number
        if tag == MODULE:
            return self.modules[number].module_info
        if tag == PRIMITIVE:
            return PRIMITIVES[number]
        text = self.strings[number]
        if tag == SIMPLE:
            return SIMPLE_TYPES[text]
        if tag == PREDEFINED:
            return members.BUILTINS[text]
        if tag == MACHINE:
            return MACHINE_CLASSES[text]
        return float.fromhex(text) if tag == FLOAT else int(text, 0)
