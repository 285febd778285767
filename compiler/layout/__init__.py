"""Canonical formatting of Myna programs: text → concrete tree → document → text.

In:  a Source that parses. Out: the same program laid out by one set of rules.
Holds: only blanks, line ends, and separators at line ends change: the result has the tree that the text had, every
       comment is still there, and laying it out again changes nothing.
"""

from myna.compiler.layout import concrete, document, style
from myna.compiler.source import Source
from myna.compiler.syntax.dump import dump
from myna.compiler.syntax.parser import parse

WIDTH = 120     # columns: with less, typed signatures with two or three parameters break; with more, two files no longer fit side by side


def layout(source):
    """The canonical text of the program `source`. Raises CompileError."""
    tree = dump(parse(source, "ms"))
    text = document.render(style.document(concrete.read(source)), WIDTH)
    if dump(parse(Source(source.name, text), "ms")) != tree:
        raise AssertionError(f"formatting would change what {source.name} means")
    return text
