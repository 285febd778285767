"""Canonical formatting of Myna programs: text → concrete tree → document → text.

In:  a Source that parses. Out: the same program laid out by one set of rules.
Holds: only blanks, line ends, and separators at line ends change: the result has the tree that the text had, every
       comment is still there, and laying it out again changes nothing.
"""

from myna.compiler.diagnostics import CompileError
from myna.compiler.layout import concrete, document, style
from myna.compiler.layout.concrete import Unsettled
from myna.compiler.source import Source
from myna.compiler.syntax.dump import dump
from myna.compiler.syntax.parser import parse

WIDTH = 120     # columns: with less, typed signatures with two or three parameters break; with more, two files no longer fit side by side


MOST_PASSES = 5     # comments in odd places may move once or twice more


def layout(source):
    """The canonical text of the program `source`. Raises CompileError; and Unsettled where a comment stands so oddly that it cannot be moved
    without changing what the program means."""
    tree, text = dump(parse(source, "ms")), None
    for _ in range(MOST_PASSES):
        before, text = text, document.render(style.document(concrete.read(source)), WIDTH)
        source = Source(source.name, text)
        if text == before:
            break
    try:
        if dump(parse(source, "ms")) == tree and text == before:
            return text
    except CompileError:
        pass
    raise Unsettled
