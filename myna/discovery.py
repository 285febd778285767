"""What in a program is run by tools: functions with an attribute, and the examples in doc comments.

In:  the text of a program. Out: `marked` functions and `examples`, with their lines.
Holds: nothing is run or compiled; a text that does not parse raises CompileError.
"""
import os
import re
from typing import NamedTuple

EXAMPLE = re.compile(r"`([^`]+)`\s+(is|throws)\s+`([^`]+)`")    # in a doc comment: an expression, and its value or the class of its error
_PUBLIC = ("FunDecl", "Let", "ClassDecl", "EnumDecl", "InterfaceDecl")


class Function(NamedTuple):
    """A function at the top level with an attribute, and the line of its name."""
    name: str
    line: int


class Example(NamedTuple):
    """`expression` is said to be `value`, or to throw an error of the class `value`, in a doc comment at `line`."""
    expression: str
    throws: bool
    value: str
    line: int

    @property
    def name(self):
        """What reports call it."""
        return f"`{self.expression}` {'throws' if self.throws else 'is'} `{self.value}`"


def parse(name, data):
    """The tree and the Source of a program. Raises CompileError."""
    from myna.compiler import driver, source
    from myna.compiler.syntax.parser import parse as tree
    text = source.decode(name, data, "ms")
    with driver.deep_recursion(text):
        return tree(text, "ms"), text


def problem(example):
    """What is wrong with an example that does not parse, or None."""
    from myna.compiler.diagnostics import CompileError
    for code in (example.expression, example.value):
        try:
            tree, _ = parse(code, f"({code})".encode())
        except CompileError as error:
            return error.diagnostics[0].message
        if len(tree.body) != 1:
            return f"`{code}` is not one expression"
    return None


def marked(tree, source, attribute):
    """The Functions at the top level of a program that have an attribute."""
    return [Function(node.name, source.position(node.pos)[0]) for node in tree.body
            if type(node).__name__ == "FunDecl" and any(each.name == attribute for each in node.attributes)]


def public_names(tree):
    """What other modules can import from a program, apart from what `let` takes apart."""
    return [node.name for node in tree.body if type(node).__name__ in _PUBLIC and not node.name.startswith("_")]


def imported(tree, folder):
    """(name, path) of the modules that a program in this folder imports whole, with paths that hold from anywhere."""
    for node in tree.body:
        if type(node).__name__ == "Import":
            near = os.path.join(folder, node.path)
            yield node.alias, near if os.path.exists(near + ".ms") else node.path


def comments(text):
    """The doc comments of a text: (line of the first line, text without the `///`)."""
    found, started = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("///"):
            if not started:
                started = number
                found.append((number, []))
            found[-1][1].append(line[3:].strip())
        else:
            started = 0
    return [(number, "\n".join(lines)) for number, lines in found]


def examples(text):
    """The Examples in the doc comments of a text."""
    return [Example(_line(found[1]), found[2] == "throws", _line(found[3]), number + comment.count("\n", 0, found.start()))
            for number, comment in comments(text) for found in EXAMPLE.finditer(comment)]


def _line(code):
    """Code that the comment's lines have broken, on one line."""
    return " ".join(code.split("\n"))
