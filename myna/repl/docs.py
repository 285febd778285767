"""What is known of a name: its declaration and its doc comment.

In:  the texts of the standard library and of the inputs; the table of primitives. Out: texts. Holds: a file is read when somebody asks for
one of its names.
"""
import os
import re
from functools import cache

from myna.compiler import library
from myna.compiler.bytecode.primitives import METHOD_TYPES, PRIMITIVES

DECLARATION = re.compile(r"(?:@\w+(?:\([^)]*\))? )*(?:extern \"[^\"]*\" )?(?:override |static )*(?:fun|class|interface|enum|let|var|type) "
                         r"(?P<name>\w+)[^{=]*(?:=> )?")
# A built-in type as the checker calls it -> as the table of primitives does.
PRIMITIVE_TYPES = {"Iterable": "list", **{name if name in ("string", "bytes", "int", "float", "bigint") else name.capitalize(): name for name in METHOD_TYPES}}


def doc_comments(text):
    """Name -> (declaration, doc comment) of what a text declares at its top level; of two the last."""
    found, doc = {}, []
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("///"):
            doc.append(stripped[3:].strip())
            continue
        declared = DECLARATION.match(line)
        if declared:
            found[declared["name"]] = declared[0].strip().removesuffix("=>").strip(), " ".join(doc)
        doc = []
    return found


@cache
def of_file(path):
    """The same of a file; nothing where it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return doc_comments(file.read())
    except (OSError, ValueError):
        return {}


@cache
def of_module(path):
    """The doc comment of a module: what stands above everything else in its file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return ""
    lines = text.split("\n\n", 1)[0].split("\n")
    return " ".join(line[3:].strip() for line in lines) if all(line.startswith("///") for line in lines) else ""


def of_member(owner, name):
    """(declaration, doc) of a member of a built-in type, or None."""
    for methods in library.METHODS:
        if methods.declaration in (owner, "Iterable") and name in of_file(methods.path):
            return of_file(methods.path)[name]
    return of_primitive(f"{PRIMITIVE_TYPES.get(owner, owner)}.{name}")


def of_primitive(name):
    """(call, doc) of a primitive, or None."""
    for primitive in PRIMITIVES:
        if primitive.name == name:
            call, colon, doc = primitive.doc.partition(": ")
            return (call, doc) if colon else (name, call)
    return None


def module_path(name):
    """The file of a library module."""
    return os.path.join(library.FOLDER, name + ".ms")
