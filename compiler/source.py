"""A source text and the way from offsets to lines and columns.

In:  the name and the text (or the bytes) of a file.
Out: `Source`, which every token, node and diagnostic points into by offset.
Holds: offsets and columns count code points; lines end at `\\n`; an offset past the end means the end of the text.
"""

from bisect import bisect_right

from myna.compiler.diagnostics import CompileError, Diagnostic


class Source:
    """A named text. `name` is what messages call the file."""

    __slots__ = ("name", "text", "_starts")

    def __init__(self, name, text):
        self.name = name
        self.text = text
        self._starts = None

    def __repr__(self):
        return f"Source({self.name!r}, {len(self.text)} characters)"

    @property
    def starts(self):
        """The offsets at which the lines start, computed at the first use."""
        if self._starts is None:
            starts, find, at = [0], self.text.find, 0
            while (at := find("\n", at) + 1) > 0:
                starts.append(at)
            self._starts = starts
        return self._starts

    def position(self, offset):
        """The 1-based (line, column) of `offset`."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line_text(self, line):
        """The text of the 1-based `line`, without its line end."""
        starts = self.starts
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1]:end].removesuffix("\r")


def decode(name, data, dialect):
    """Make a Source of a file's bytes.

    Classic strings are byte strings, so classic text keeps bytes that are not UTF-8 as surrogate escapes. An `.ms`
    file must be UTF-8: otherwise CompileError.
    """
    if dialect == "classic":
        return Source(name, data.decode("utf-8", "surrogateescape"))
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = data[:error.start].decode("utf-8")
        source = Source(name, before + data[error.start:].decode("utf-8", "replace"))
        message = f"the byte 0x{data[error.start]:02x} at offset {error.start} is not valid UTF-8"
        raise CompileError([Diagnostic("E0107", message, source, len(before), len(before) + 1,
                                       "save the file in UTF-8")]) from None
