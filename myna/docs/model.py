"""What there is to document: modules, what they declare, and what their doc comments say.

In:  paths of programs. Out: Modules.
Holds: only what other modules can use is in it: no names that begin with `_`, no tests, no benchmarks. A doc comment belongs to the declaration below it, the first of
a file, with an empty line below, to the module.
"""
import os
from typing import NamedTuple

from myna import discovery
from myna.compiler.syntax import ast
from myna.compiler.syntax.unparse import unparse
from myna.subcommand import read

KINDS = {"class": "Classes", "interface": "Interfaces", "enum": "Enums", "type": "Types", "function": "Functions", "value": "Values",
         "method": "Methods"}
_DECLARATIONS = {"FunDecl": "function", "MethodDecl": "method", "ClassDecl": "class", "InterfaceDecl": "interface", "EnumDecl": "enum",
                 "TypeAlias": "type", "Let": "value", "FieldDecl": "value"}


class Item(NamedTuple):
    """A declaration: `signature` as the source would write it, `line` its place (0: none), `members` Items."""
    kind: str
    name: str
    signature: str
    doc: str
    line: int = 0
    members: tuple = ()


class Module(NamedTuple):
    """A documented file: `name` is its path as an import writes it; `text` the source, "" for what is built in."""
    name: str
    doc: str
    items: tuple
    text: str = ""


def modules(paths):
    """The Modules of some files. Raises CompileError or Failure."""
    root = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths]) if paths else ""
    return [_module(os.path.relpath(os.path.splitext(os.path.abspath(path))[0], root).replace(os.sep, "/"), path) for path in paths]


def library():
    """The Modules of the standard library, the predefined names, and the methods of built-in types."""
    from myna.compiler import library as place
    from myna.compiler.bytecode.primitives import METHOD_TYPES, PRIMITIVES
    found = [_with_primitives(module) for module in modules(
        [os.path.join(place.FOLDER, name) for name in sorted(os.listdir(place.FOLDER)) if name.endswith(".ms")])]
    predefined = tuple(_primitive(each, "function") for each in PRIMITIVES if "ms" in each.dialects.split() and "." not in each.name)
    built_in = [Module("predefined", "Functions that every program has without an import. Those of `iter` need none either.", predefined)]
    for type in METHOD_TYPES:
        items = [_primitive(each, "method") for each in PRIMITIVES if each.type == type and not each.name.partition(".")[2].startswith("_")]
        for methods in place.METHODS:
            if methods.types[0] == type and methods.file != "iterable":
                items += [item._replace(kind="method") for item in _module(type, methods.path).items]
        if items:
            built_in.append(Module(type, f"Methods of the built-in type `{type}`.", _ordered(items)))
    iterable = _module("Iterable", os.path.join(place.FOLDER, "methods", "iterable.ms"))
    built_in.append(iterable._replace(items=tuple(item._replace(kind="method") for item in iterable.items)))
    return found + built_in


def _primitive(primitive, kind):
    call, colon, doc = primitive.doc.partition(": ")
    return Item(kind, primitive.name.rpartition(".")[2], call if colon else primitive.name, (doc or call)[:1].upper() + (doc or call)[1:])


def _with_primitives(module):
    """A library module with its functions that are written in C."""
    from myna.compiler.bytecode.primitives import PRIMITIVES
    own = [_primitive(each, "function") for each in PRIMITIVES
           if each.name.startswith(module.name + ".") and not each.name.partition(".")[2].startswith("_") and each.type is None]
    return module._replace(items=_ordered([*module.items, *own]))


def _module(name, path):
    """The Module of one file."""
    tree, source = discovery.parse(*read(path))
    docs = {number + len(text.split("\n")): text for number, text in discovery.comments(source.text)}     # by the line below
    lines = source.text.split("\n")
    items = [item for node in tree.body for item in _items(node, source, docs, lines)]
    first = next(iter(discovery.comments(source.text)), None)
    end = first and first[0] + len(first[1].split("\n"))
    about = first[1] if first and not any(line.strip() and not line.lstrip().startswith("//") for line in lines[:first[0] - 1]) and (
        end > len(lines) or not lines[end - 1].strip()) else ""
    return Module(name, about, _ordered(items), source.text)


def _ordered(items):
    kinds = list(KINDS)
    return tuple(sorted(items, key=lambda item: (kinds.index(item.kind), item.name)))


def _items(node, source, docs, lines):
    """The Item of a declaration, if it is one, and public."""
    kind = _DECLARATIONS.get(type(node).__name__)
    if kind is None or node.name.startswith("_") or any(each.name in ("test", "bench") for each in getattr(node, "attributes", ())):
        return
    line = source.position(node.pos)[0]
    above = line
    while above > 1 and lines[above - 2].strip().startswith("@"):
        above -= 1
    members = []
    if kind in ("class", "interface", "enum"):
        members = [Item("variant", each.name, unparse(each), docs.get(source.position(each.pos)[0], ""), source.position(each.pos)[0])
                   for each in getattr(node, "variants", ())]
        members += [item for member in node.members for item in _items(member, source, docs, lines)]
    yield Item(kind, "-" if node.name == ast.NEGATION else node.name, _signature(node), docs.get(above, ""), line, tuple(members))


def _signature(node):
    """How a declaration begins, without attributes and body."""
    kind = type(node).__name__
    values = {name: getattr(node, name) for name in node._fields}
    if "attributes" in values:
        values["attributes"] = []
    if kind == "FunDecl" and type(node.function.body) is not ast.Extern or kind == "MethodDecl":
        function = node.function
        bare = ast.Function(function.pos, function.name, function.type_params, function.params, function.result, None)
        method = ast.MethodDecl(node.pos, node.name, bare, getattr(node, "override", False), getattr(node, "static", False), [])
        return unparse(method).removesuffix(";")
    if "value" in values and not _short(node.value):
        values["value"] = None
    if "members" in values:
        values["members"] = []
    if kind == "EnumDecl":
        values["variants"] = []
    text = unparse(type(node)(node.pos, *values.values())) if "value" not in values or values["value"] is not None else (
        f"{'var' if node.mutable else 'let'} {node.name}" + (f": {unparse(node.type)}" if node.type else ""))
    return text.removesuffix(";").removesuffix("{}").rstrip().removesuffix("{\n}").rstrip()


def _short(value):
    return type(value) in (ast.Int, ast.Float, ast.String, ast.Bool, ast.NoneLit, ast.BigInt) and len(unparse(value)) <= 60
