"""Text → concrete tree: what the grammar makes of a file, with every token and comment.

In:  a Source that the parser accepts.
Out: Trees, one for each use of a rule, whose leaves are Tokens. A rule that lists things makes one flat Tree.
Holds: the texts of the tokens and comments are pieces of the source, in its order; together they are all of it but blanks.
       A comment belongs to the token before it when it ends that token's line, else to the token behind it.
"""

import re

from myna.compiler.syntax import build_tables
from myna.compiler.syntax.lexer import Lexer
from myna.compiler.syntax.parser import tables

# Rules that are lists: what they make of a longer list is one Tree with all its parts.
LISTS = {name: name for name in (
    "stmts", "members", "enum_items", "catches", "attributes", "names", "type_names", "type_fields", "dotted", "type_list", "type_params",
    "param_list", "import_names", "argument_list", "items", "fields", "entries", "pattern_list", "pattern_fields", "pattern")}
LISTS |= {"arms": "arms", "open_arms": "arms"}

_string_end = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL).match
_number = re.compile(r"[0-9](?:[0-9A-Za-z_]|\.[0-9]|(?<=[eE])[+-])*").match
_hexadecimal = re.compile(r"0[xXbB][0-9A-Za-z_]*").match
_comment = re.compile(r"//[^\n]*|/\*").search
_comment_mark = re.compile(r"/\*|\*/").search


class Unsettled(Exception):
    """A text does not parse that ought to."""


class Comment:
    """A comment. `blank`: an empty line stands before it; `ends_line`: a line's end follows it; `gap`, `column`: the blanks before it and
    the column in which it begins, where it stands behind a token."""
    __slots__ = ("text", "blank", "ends_line", "gap", "column")

    def __init__(self, text, blank, ends_line, gap, column):
        self.text, self.blank, self.ends_line, self.gap, self.column = text, blank, ends_line, gap, column


class Token:
    """A token. `start`, `end`: offsets; `before`, `after`: its comments; `new_line`: it stands on another line than the token before it;
    `blank`: an empty line precedes it or, where it has comments before it, stands between the last one and it. The SEMI that a line's
    end makes has no text."""
    __slots__ = ("type", "text", "start", "end", "before", "after", "new_line", "blank")

    def __init__(self, type, text, start):
        self.type, self.text, self.start, self.end = type, text, start, start + len(text)
        self.before, self.after = [], []
        self.new_line = self.blank = False


class Tree:
    """What a rule made: `kind` is its left side, `parts` are Trees and Tokens."""
    __slots__ = ("kind", "parts", "_first")

    def __init__(self, kind, parts):
        self.kind, self.parts, self._first = kind, [], None
        self.extend(parts)

    def extend(self, parts):
        """Add parts at the end."""
        self.parts += parts
        for part in parts if self._first is None else ():
            self._first = self._first or (part if type(part) is Token else part._first)

    def first(self):
        """The first token, or None when it has none."""
        return self._first

    def tokens(self):
        """All tokens, in order."""
        stack = [self]
        while stack:
            item = stack.pop()
            if type(item) is Token:
                yield item
            else:
                stack.extend(reversed(item.parts))


def read(source):
    """The Tree of a whole file, and its `$end` token, which has the comments behind everything else."""
    made = tables()
    types, values = Lexer(made.regex, source.text, "ms", lambda *error: None).run()
    tokens = list(_tokens(source.text, types, values))
    _give_comments(source, tokens)
    return _run(made, tokens), tokens[-1]


def _tokens(text, types, values):
    """The tokens; a string with all that is inside it is one, of the type STRING, which stands in the grammar wherever such a string does."""
    depth = 0
    for type, value in zip(types, values):
        at = value[0]
        if type == "STR_HEAD":
            depth += 1
            if depth == 1:
                start = at
        elif type == "STR_TAIL":
            depth -= 1
            if depth == 0:
                yield Token("STRING", text[start:_string_end(text, at + 1).end()], start)
        elif depth == 0:
            yield Token(type, _text(text, type, value), at)


def _text(text, type, value):
    at, word = value
    if type == "STRING":
        return text[at:_string_end(text, at + 1).end()]
    if type in ("INT", "FLOAT", "BIGINT"):
        return (_hexadecimal(text, at) or _number(text, at))[0]
    if type == "ATTRIBUTE":
        return "@" + word
    return "" if word == "\n" else word


def _give_comments(source, tokens):
    """Give each comment to the token that it belongs to, and tell the tokens where lines end."""
    text, holder, end = source.text, None, 0
    for token in tokens:
        if token.type == "SEMI" and not token.text:
            continue
        separates = token.type in ("SEMI", "COMMA")     # it may go: what is before it stays with the token before
        comments = _comments(source, end, token.start)
        blank_from = comments[-1][1] if comments else end
        token.new_line = "\n" in text[end:token.start]
        token.blank = text.count("\n", blank_from, token.start) > 1
        while comments and holder and (separates or "\n" not in text[end:comments[0][0]] and (
                "\n" in text[comments[0][0]:token.start] or token.type == "$end")):
            holder.after.append(comments.pop(0)[2])
        token.before = [comment for *_, comment in comments]
        end = token.end
        if not separates:
            holder = token


def _comments(source, start, end):
    """The comments between two tokens: (start, end, Comment)."""
    text, found, last = source.text, [], start
    while (mark := _comment(text, start, end)) is not None:
        at, start = mark.span()
        if mark[0] == "/*":
            start = _block_end(text, start)
        before = text[last:at]
        gap = len(before) - len(before.rstrip(" \t"))
        ends_line = start == len(text) or text[start:end].lstrip(" \t\r\f").startswith("\n")
        found.append((at, start, Comment(text[at:start].rstrip(), before.count("\n") > 1, ends_line, gap,
                                         source.position(at)[1])))
        last = start
    return found


def _block_end(text, at):
    depth = 1
    while depth:
        mark = _comment_mark(text, at)
        at = mark.end()
        depth += 1 if mark[0] == "/*" else -1
    return at


def _run(made, tokens):
    """The LR loop, which makes Trees. The tokens are known to parse."""
    states, trees, at, state = [0], [], 0, 0
    productions = build_tables.load().PRODUCTIONS
    while True:
        step = made.default[state] or made.action[state].get(tokens[at].type)
        if step is None:
            raise Unsettled
        if step > 0:
            states.append(step)
            trees.append(tokens[at])
            at += 1
            state = step
        elif step < 0:
            kind, size, _ = productions[-step]
            parts = trees[len(trees) - size:]
            del trees[len(trees) - size:], states[len(states) - size:]
            trees.append(_tree(LISTS.get(kind, kind), parts))
            state = made.goto[states[-1]][kind]
            states.append(state)
        else:
            return trees[0]


def _tree(kind, parts):
    """A Tree; a list that grows stays one, and a rule that only names another adds nothing."""
    if kind in LISTS and parts and type(parts[0]) is Tree and parts[0].kind == kind:
        parts[0].extend(parts[1:])
        return parts[0]
    return Tree(kind, parts)
