"""Documents: text with places where lines may break, laid out to a width.

In:  a document: a string, a list of documents, or one of the classes below; and a width in columns.
Out: text.
Holds: a group stays on one line when it fits there and nothing in it must break; what is outside breaks first. Each document is
       looked at a bounded number of times for each group around it, so the time is about linear in the text.

The algebra is Wadler's ("A prettier printer") with what real languages need besides: documents that must break, filled rows, comments
that wait for the line's end, and one alternative.
"""


class Line:
    """A place to break: a blank (`flat=" "`) or nothing (`flat=""`) on one line. `hard`: always broken; `blank`: with an empty line before."""
    __slots__ = ("flat", "hard", "blank")

    def __init__(self, flat, hard=False, blank=False):
        self.flat, self.hard, self.blank = flat, hard, blank


LINE, SOFT, HARD, BLANK = Line(" "), Line(""), Line("", True), Line("", True, True)


class Indent:
    """A document whose lines begin a level further in."""
    __slots__ = ("body",)

    def __init__(self, body):
        self.body = body


class Group:
    """A document that is on one line or has all its own places broken. `must`: it breaks whether it fits or not; `block`: it
    is that of a block, which `opened` breaks."""
    __slots__ = ("body", "must", "block", "broken")

    def __init__(self, body, must=False, block=False):
        self.body, self.must, self.block, self.broken = body, must or must_break(body), block, False


class Fill:
    """Items with separators between, in turn, each separator broken only where the item behind it does not fit."""
    __slots__ = ("parts",)

    def __init__(self, parts):
        self.parts = parts


class Flat:
    """A document that is on one line whatever is around it; it must not hold what must break."""
    __slots__ = ("body",)

    def __init__(self, body):
        self.body = body


class Choice:
    """`short` where it fits, on one line or with its first line up to where a group in it may break; else `long`."""
    __slots__ = ("short", "long", "must")

    def __init__(self, short, long):
        self.short, self.long, self.must = short, long, must_break(short)


class Either:
    """One of two documents, by whether a group is broken: that around it, or `group`."""
    __slots__ = ("broken", "flat", "group")

    def __init__(self, broken, flat, group=None):
        self.broken, self.flat, self.group = broken, flat, group


class Suffix:
    """A comment that waits for the end of the line it stands on."""
    __slots__ = ("comment",)

    def __init__(self, comment):
        self.comment = comment


def must_break(document):
    """Whether a document cannot be on one line."""
    stack = [document]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is list:
            stack += item
        elif kind is Line and item.hard or (kind is Group or kind is Choice) and item.must:
            return True
        elif kind is Indent:
            stack.append(item.body)
        elif kind is Fill:
            stack += item.parts
        elif kind is Either and item.group is None:
            stack.append(item.flat)
    return False


class _Rest(Fill):
    """What is left of a Fill, from a separator on."""


def opened(document):
    """A document with all its blocks broken, those inside other groups aside."""
    kind = type(document)
    if kind is list:
        return [opened(part) for part in document]
    if kind is Choice:
        return opened(document.long)
    return Group(document.body, True, True) if kind is Group and document.block else document


INDENT = 4      # columns a level


def render(document, width):
    """The text of a document."""
    return _Renderer(width).run(document)


class _Renderer:
    def __init__(self, width):
        self.width = width
        self.text, self.column, self.indent = [], 0, 0
        self.suffixes = []

    def run(self, document):
        """The text: `stack` has what is still to come, as (levels of indent, whether it is flat, document)."""
        stack = [(0, False, document)]
        while stack:
            level, flat, item = stack.pop()
            kind = type(item)
            if kind is str:
                self.put(item)
            elif kind is list:
                stack.extend((level, flat, part) for part in reversed(item))
            elif kind is Line:
                if flat and not item.hard:
                    self.put(item.flat)
                else:
                    self.end_line(level, item.blank)
            elif kind is Indent:
                stack.append((level + 1, flat, item.body))
            elif kind is Group:
                item.broken = not flat and (item.must or not self.fits(stack, (level, True, item.body)))
                stack.append((level, not item.broken, item.body))
            elif kind is Fill:
                if len(item.parts) > 1:
                    stack.append((level, flat, _Rest(item.parts[1:])))
                stack.append((level, flat, item.parts[0]))
            elif kind is _Rest:
                separator, *parts = item.parts
                flat_here = flat or self.fits(stack, (level, True, [separator, parts[0]]), len(parts) > 1)
                stack.append((level, flat, Fill(parts)))
                stack.append((level, flat_here, separator))
            elif kind is Choice:
                one_line = flat or not item.must and self.fits(stack, (level, True, item.short))
                short = one_line or self.fits(stack, (level, False, item.short))
                stack.append((level, one_line, item.short if short else item.long))
            elif kind is Flat:
                stack.append((level, True, item.body))
            elif kind is Either:
                stack.append((level, flat, item.flat if (flat if item.group is None else not item.group.broken) else item.broken))
            else:
                self.suffixes.append(item.comment)
        self.flush()
        return "".join(self.text)

    def put(self, text):
        """Write text, which may have line ends of its own."""
        if self.suffixes and text.startswith("//"):     # a comment that would swallow those that wait
            self.flush()
            self.put("\n" + " " * self.indent)
        self.text.append(text)
        end = text.rfind("\n")
        self.column = self.column + len(text) if end < 0 else len(text) - end - 1

    def end_line(self, level, blank):
        """End the line, behind the comments that wait for that."""
        self.flush()
        self.text.append("\n\n" if blank else "\n")
        self.column = self.indent = INDENT * level
        self.text.append(" " * self.indent)

    def flush(self):
        """Write the comments that wait. One that stood further behind the code keeps its column where there is room, so that a row of
        them stays aligned."""
        for number, comment in enumerate(self.suffixes):
            if number and self.suffixes[number - 1].text.startswith("//"):
                self.put("\n" + " " * self.indent + comment.text)
                continue
            room = comment.column - 1 - self.column
            self.put(" " * (comment.gap if 0 < comment.gap <= 2 else max(room, 2)) + comment.text)
        self.suffixes.clear()

    def fits(self, stack, first, more=False):
        """Whether `first`, and what follows it up to the next place where the line may end, fits into the line; with `more` that place is
        right behind it."""
        left = self.width - self.column
        work, behind = [(0, False, LINE), first] if more else [first], len(stack)
        while left >= 0:
            if not work:
                if behind == 0:
                    return True
                behind -= 1
                work.append(stack[behind])
            level, flat, item = work.pop()
            kind = type(item)
            if kind is str:
                end = item.find("\n")
                left -= len(item) if end < 0 else end
                if end >= 0:
                    return left >= 0
            elif kind is list:
                work.extend((level, flat, part) for part in reversed(item))
            elif kind is Line:
                if item.hard or not flat:
                    return True
                left -= len(item.flat)
            elif kind is Indent:
                work.append((level, flat, item.body))
            elif kind is Group:
                work.append((level, not item.must and flat, item.body))
            elif kind is Flat:
                work.append((level, True, item.body))
            elif kind is Fill or kind is _Rest:
                work.extend((level, flat, part) for part in reversed(item.parts))
            elif kind is Choice:
                work.append((level, flat, item.short if flat else item.long))
            elif kind is Either:
                work.append((level, flat, item.flat if (flat if item.group is None else not item.group.broken) else item.broken))
        return False
