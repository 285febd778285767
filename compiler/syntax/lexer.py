"""Text → tokens, for both dialects.

In:  a source text, and the master regular expression that PLY made of the rules in `tokens.py`.
Out: two lists of equal length, token types and token values (offset, text or literal), closed by `$end`.
Holds: offsets ascend. In `ms` a statement that ends at a line's end, before a `}`, an `else` or the end of the file is
       followed by a SEMI token of the lexer's making, whose text is a newline. In classic all semicolons are the
       program's own.

The rule for line ends: a newline becomes a semicolon where the token before it can end a statement, the token after
it cannot go on with one, and the innermost open bracket is not a `(`, `[` or `<`. The `)` of `if (…)` and its like ends
nothing, and that of parameters only where no `{` follows.

What depends on its place, in `ms`: a `{` opens a record, a map, or a type or pattern of these, where an operand or type
is expected, and behind the `=>` of an arm if a field follows; else a block. A `?` belongs to the type before it when
nothing that could begin an operand follows, or when `{` or a line's end does and no blank stands before the `?`.
The `=>` of an arm is that which belongs to no function. `from`, `type`, `init` and `after` are words at the beginning of a
statement, member or arm when what follows shows it.
"""

import re

from myna.compiler.syntax.angles import Angles
from myna.compiler.syntax.tokens import (
    BEFORE_RECORD, CONTEXTUAL, CONTINUES, KEYWORDS, OPERAND, OPERATORS, STATEMENT_ENDS, matcher)

_HEADS = frozenset(("IF", "WHILE", "FOR", "CATCH", "ATTRIBUTE"))      # more follows their `)`
_DECLARES = frozenset(("FUN", "CLASS", "INTERFACE", "ENUM", "TYPE"))
_BEGINS = frozenset(("SEMI", "LBRACE", "RBRACE", "COMMA"))     # what a statement, member or arm may stand behind
_BEFORE_RESULT = frozenset(("HEAD", "PARAMS"))     # the `:` behind it is that of a function's result
_CLOSED = {"h": "HEAD", "p": "PARAMS", "H": "MATCHED"}      # what a `)` is to the token after it
_PERHAPS = frozenset(("LBRACE", "IF"))
_BLOCKS = "{mf"     # a line's end ends a statement in these brackets, and at the top level
_OPENS = {"LPAREN": "(", "LBRACKET": "[", "LBRACE": "{", "LRECORD": "{", "STR_HEAD": "$", "TLT": "<"}
_CLOSES = frozenset(("RPAREN", "RBRACKET", "RBRACE", "STR_TAIL"))
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "r": "\r", "0": "\0", "$": "$"}
_CLASSIC_ESCAPES = frozenset('nt"\\')
_MAX_DIGITS = 200   # a longer number is out of range whatever its base, and Python's `int` is slow on very long ones

_QUOTES = dict(zip("“”„‘’'`", "”””’’'`"))      # of other languages, with what ends a string begun with them
_FRACTION = re.compile(r"[0-9_]+(?:[.eE])").match     # a decimal float, however long
_MAX_BIG = 3500     # Python reads and writes no number of more than 4300 digits

_FIELD = r'\s*(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\\n]*")\s*:'
_AFTER_QUESTION = r"[ \t\r\f]*(?:\(|" + OPERAND + ")"
_OPEN_END = r"[ \t\r\f]*(?:[{\n]|//)"

_chunk_ms = re.compile(r'[^"\\$]*').match
_chunk_classic = re.compile(r'[^"\\]*').match
_format_text = re.compile(r'[^}"\\$\n]*').match
_unicode_escape = re.compile(r"\{([0-9A-Fa-f]{1,6})\}").match
_comment_mark = re.compile(r"/\*|\*/").search
_unknown_run = re.compile(r"[^\s!-~]*").match


class Lexer:
    """Makes the tokens of one text. `error(code, message, pos, end, help)` is told of each lexical error."""

    def __init__(self, regex, text, dialect, error):
        self.regex = regex
        self.text = text
        self.ms = dialect == "ms"
        self.keywords = KEYWORDS[dialect]
        self.error = error
        self.angles = Angles(text) if self.ms else None
        # The open brackets, innermost last: ( [ { < themselves and $ for a `${`; for the ( of a head h, of a function's p,
        # of a match's H; for the { of a match m, or f when the head of a function in it has been read but not its `=>`.
        self.brackets = []
        self.questions = []     # of each `${` in `brackets`: how many `?` wait for their `:`
        self.broken = False     # the text ends inside a string or comment: nothing more can be known

    def run(self, start=0, brackets=()):
        """The tokens from the offset `start` on, inside the open `brackets`: (types, values)."""
        types, values, self.brackets = [], [], list(brackets)
        self.questions = [0] * self.brackets.count("$")
        stack, text, pos, ms, match = self.brackets, self.text, start, self.ms, self.regex.match
        keywords, operators, group = self.keywords, OPERATORS, self.regex.groupindex
        name, newline, string, operator = (group["t_" + t] for t in ("NAME", "NEWLINE", "STRING", "OPERATOR"))
        opening = group["t_OPEN"]
        last = "SEMI"           # the type of the token before; HEAD is the `)` of a head
        new_line = False        # in ms: a line has ended since then
        while (found := match(text, pos)) is not None:
            kind = found.lastindex
            word = found[kind]
            pos = found.end()
            at = pos - len(word)
            if kind == name:
                type = keywords.get(word, "NAME")
                value = (at, word)
                if ms and type != "NAME":
                    if last == "DOT" or last == "SAFEDOT":
                        type = "NAME"
                    elif type in CONTEXTUAL:
                        if not (new_line or last in _BEGINS) or matcher(CONTEXTUAL[type])(text, pos) is None or (
                                type == "AFTER" and stack[-1:] != ["m"]):
                            type = "NAME"
                    elif type == "ELSE" and last in STATEMENT_ENDS and last != "RBRACE":
                        types.append("SEMI")
                        values.append((at, "\n"))
            elif kind == newline:
                new_line = ms
                continue
            elif kind == operator:
                type = operators[word]
                value = (at, word)
            elif kind == string:
                type = "STRING"
                value = (at, word[1:-1])
            else:
                type, value, pos = self._other(found.lastgroup, word, at, pos, last, types)
                if type is None:
                    new_line = new_line or (ms and value)
                    continue
            if new_line:
                new_line = False
                if last in STATEMENT_ENDS and type not in CONTINUES and (not stack or stack[-1] in _BLOCKS) and not (
                        type in _PERHAPS and self._goes_on(type, last, types)):
                    types.append("SEMI")
                    values.append((self._line_end(values), "\n"))
                    if type == "LRECORD":       # behind a `return` that ends its line
                        type = "LBRACE"
            if kind >= opening:
                last = self._bracket(type, at, last, types, values)
            else:
                last = type
            types.append(type)
            values.append(value)
        self._finish(last, types, values)
        return types, values

    def _goes_on(self, type, last, types):
        """Whether the `{` or `if` that begins a line belongs to what stands before: the head of a function or class, or
        the pattern of an arm."""
        if type == "IF":
            return self.brackets[-1:] == ["m"]
        return last == "PARAMS" or types[-2:-1] != [] and types[-2] in _DECLARES

    def _line_end(self, values):
        """The offset of the end of the line on which the last token stands."""
        end = self.text.find("\n", values[-1][0]) if values else -1
        return end if end >= 0 else len(self.text)

    def _finish(self, last, types, values):
        end = len(self.text)
        if self.ms and last in STATEMENT_ENDS and (not self.brackets or self.brackets[-1] in _BLOCKS):
            types.append("SEMI")
            values.append((self._line_end(values), "\n"))
        types.append("$end")
        values.append((end, ""))

    def _bracket(self, type, at, last, types, values):
        """Keep count of the brackets, and end the statement before a `}`. Returns the type as the next token sees it."""
        stack = self.brackets
        if type in _OPENS:
            if type == "LBRACE" and stack and stack[-1] == "f":
                stack[-1] = "m"             # the function's body
            if type == "STR_HEAD":
                self.questions.append(0)
            call = last == "NAME" and len(types) > 1 and types[-2] not in _DECLARES
            stack.append(_OPENS[type] if call else bracket(type, last, types))
        elif type in _CLOSES and stack:
            if type == "RBRACE" and self.ms and last in STATEMENT_ENDS:
                types.append("SEMI")
                values.append((at, "\n"))
            closed = stack.pop()
            if closed == "$":
                self.questions.pop()
            if closed == "p" and stack and stack[-1] == "m":
                stack[-1] = "f"
            return _CLOSED.get(closed, type)
        elif type == "STR_MID":
            self.questions[-1] = 0
        return type

    def _other(self, group, word, at, pos, last, types):
        """A token that needs more than a look into a table: (type, value, end), the type None when there is none."""
        if group == "t_CONTEXTUAL":
            return self._contextual(word, at, pos, last, types)
        if group == "t_OPEN":
            record = word == "{" and (last in BEFORE_RECORD or last == "ARM" and matcher(_FIELD)(self.text, pos))
            return "LRECORD" if record else OPERATORS[word], (at, word), pos
        if group == "t_CLOSE":
            if word == "}" and self.brackets and self.brackets[-1] == "$":
                return self._string(at, pos, "STR_TAIL", "STR_MID")
            return OPERATORS[word], (at, word), pos
        if group == "t_NUMBER":
            return self._number(word, at, pos)
        if group == "t_QUOTE":
            return self._string(at, pos, "STRING", "STR_HEAD")
        if group == "t_LINE_COMMENT":
            return None, False, pos
        if group == "t_BLOCK_COMMENT":
            return self._comment(at, pos)
        if group == "t_ATTRIBUTE" and self.ms:
            return "ATTRIBUTE", (at, word[1:]), pos
        return self._unknown(word[0], at, at + 1)

    def _contextual(self, word, at, pos, last, types):
        """`<`, `>` and `?`, which are operators or part of a type, `=>`, of a function or of an arm, and `:`, which may begin a format."""
        if not self.ms:
            return OPERATORS[word], (at, word), pos
        stack = self.brackets
        if word == "<":
            if last == "NAME" and self.angles.opens(at, types[-2:-1] and types[-2] in _DECLARES,
                                                    stack and stack[-1] not in _BLOCKS):
                stack.append("<")
                return "TLT", (at, word), pos
        elif word == "?":
            if not matcher(_AFTER_QUESTION)(self.text, pos) and (
                    not matcher(_OPEN_END)(self.text, pos) or not self.text[at - 1:at].isspace()):
                return "OPTIONAL", (at, word), pos
            if stack and stack[-1] == "$":
                self.questions[-1] += 1
        elif word == ":":
            if stack and stack[-1] == "$" and last not in _BEFORE_RESULT:
                if not self.questions[-1]:
                    return self._format(at, pos)
                self.questions[-1] -= 1
        elif word == "=>":
            if stack and stack[-1] == "m":
                return "ARM", (at, word), pos
            if stack and stack[-1] == "f":
                stack[-1] = "m"
        elif at in self.angles.closing:
            if stack and stack[-1] == "<":
                stack.pop()
            return "TGT", (at, ">"), at + 1
        return OPERATORS[word], (at, word), pos

    def _format(self, at, pos):
        """The format of an interpolation, up to its `}`."""
        end = _format_text(self.text, pos).end()
        value = pos, self.text[pos:end]
        if not self.text.startswith("}", end):
            self.error("E0108", "this format has no end", at, end, 'close it with }; it cannot hold " \\ or $')
            self.broken = True
            end = len(self.text)
        return "FORMAT", value, end

    def _unknown(self, word, at, pos):
        if word == "\ufeff" and at == 0:
            return None, False, pos
        if word == "#" and at == 0 and self.text.startswith("#!"):
            end = self.text.find("\n")
            return None, False, end if end >= 0 else len(self.text)
        pos = _unknown_run(self.text, pos).end()
        help = None
        if word in _QUOTES:
            help = 'strings are written in plain double quotes: "text"'
            end = self._line_end([(at, word)])
            close = self.text.find(_QUOTES[word], pos, end)
            if close >= 0:
                self.error("E0101", f"unknown character `{word}`", at, close + 1, help)
                return "STRING", (at, self.text[pos:close]), close + 1
        elif word == "#":
            help = "a comment begins with //"
        self.error("E0101", f"unknown character `{word}`" if word.isprintable() else
                   f"unknown character U+{ord(word):04X}", at, pos, help)
        return None, False, pos

    def _comment(self, at, pos):
        """Skip a block comment; they nest. Classic has none: it reads the two characters as operators."""
        if not self.ms:
            self.error("E0212", "classic programs have no `/* */` comments", at, pos, "begin each line with //")
        depth = 1
        while depth:
            mark = _comment_mark(self.text, pos)
            if mark is None:
                self.error("E0106", "this comment has no end", at, at + 2, "close it with */")
                self.broken = True
                return None, True, len(self.text)
            pos = mark.end()
            depth += 1 if mark[0] == "/*" else -1
        return None, "\n" in self.text[at:pos], pos

    def _number(self, word, at, pos):
        """The token of a number; whether an int is in range is seen in the tree, where a minus may stand before it."""
        if len(word) > _MAX_DIGITS and word.isdigit():
            word = word.lstrip("0") or "0"
        if word.isdigit() and len(word) <= _MAX_DIGITS:
            return "INT", (at, int(word)), pos
        if self.ms and word[-1] == "n" and len(word) <= _MAX_BIG and (value := _number_value(word[:-1])).__class__ is int:
            return "BIGINT", (at, value), pos
        if not self.ms:
            known = "is out of range" if word.isdigit() else "is not a decimal integer"
            self.error("E0105" if word.isdigit() else "E0212", f"`{_short(word)}` {known}", at, pos,
                       "classic programs have 32-bit integers, written in decimal")
            return "INT", (at, 0), pos
        value = _number_value(word) if len(word) <= _MAX_DIGITS or _FRACTION(word) else None
        if value is None:
            if len(word) > _MAX_DIGITS and word.replace("_", "").isdigit():
                self.error("E0105", f"`{_short(word)}` is out of range", at, pos, None)
            else:
                self.error("E0104", f"`{_short(word)}` is not a number", at, pos, _number_help(word))
            return "INT", (at, 0), pos
        if value == float("inf"):
            self.error("E0105", f"`{_short(word)}` is too large for a float", at, pos, None)
        return "INT" if isinstance(value, int) else "FLOAT", (at, value), pos

    def _string(self, at, pos, whole, part):
        """The rest of a string: a `whole` token up to its `"`, or a `part` of it up to a `${`."""
        text, size, chunk, pieces = self.text, len(self.text), _chunk_ms if self.ms else _chunk_classic, []
        while True:
            found = chunk(text, pos)
            pieces.append(found[0])
            pos = found.end()
            mark = text[pos:pos + 1]
            if mark == '"':
                return whole, (at, "".join(pieces)), pos + 1
            if mark == "\\" and pos + 1 < size:
                piece, pos = self._escape(pos)
                pieces.append(piece)
            elif mark == "$":
                if text.startswith("${", pos):
                    return part, (at, "".join(pieces)), pos + 2
                pieces.append("$")
                pos += 1
            else:
                self._open_string(at, pos, whole)
                return whole, (at, "".join(pieces)), pos

    def _open_string(self, at, pos, whole):
        start = at if whole == "STRING" else self._string_start(at)
        self.broken = True
        self.error("E0102", "this string has no end", start, start + 1, 'close it with "')

    def _string_start(self, at):
        """Where the string began whose interpolation ended at `at`: near enough is the quote before it on its line."""
        return max(self.text.rfind('"', 0, at), 0)

    def _escape(self, pos):
        """The character for the escape at `pos`, and the offset behind it."""
        letter = self.text[pos + 1]
        if letter in _ESCAPES and (self.ms or letter in _CLASSIC_ESCAPES):
            return _ESCAPES[letter], pos + 2
        if letter == "u" and self.ms:
            found = _unicode_escape(self.text, pos + 2)
            if found and (code := int(found[1], 16)) <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code), found.end()
            end = found.end() if found else pos + 2
            self.error("E0103", f"`{self.text[pos:end]}` is no code point", pos, end, r"write \u{1F600}, up to \u{10FFFF}")
            return "\ufffd", end
        shown = letter if letter.isprintable() else f"U+{ord(letter):04X}"
        known = r"\n \t \r \0 \\ \" \$ \u{…}" if self.ms else r'\n \t \\ \"'
        self.error("E0103", f"unknown escape `\\{shown}`", pos, pos + 2, f"the escapes are {known}")
        return letter, pos + 2


def bracket(type, last, types):
    """How an opening bracket is kept in `Lexer.brackets`; `last` and `types` are the tokens before it."""
    if type == "LPAREN":
        if last == "MATCH":
            return "H"
        if last in _HEADS:
            return "h"
        if _takes_params(last, types):
            return "h" if types[-2:-1] in _IN_TYPE or types[-4:] in _IN_PATTERN else "p"
    elif type == "LBRACE" and (last == "MATCHED" or last == "RECEIVE"):
        return "m"
    return _OPENS[type]


# What stands before the `fun` of a type, in an arm: its `)` announces no `=>` but the arm's.
_IN_TYPE = (["IS"], ["AS"])
_IN_PATTERN = tuple([before, "NAME", "COLON", "FUN"] for before in ("COMMA", "SEMI", "LBRACE", "BAR"))


def _takes_params(last, types):
    """Whether the next `(` opens parameters: it follows `fun`, or the name, symbol or type parameters behind `fun` or `class`."""
    if last == "FUN" or types[-2:-1] == ["FUN"] or types[-2:-1] == ["CLASS"]:
        return True
    if last == "RBRACKET":
        return types[-3:] == ["FUN", "LBRACKET", "RBRACKET"]
    if last == "ASSIGN":
        return types[-4:] == ["FUN", "LBRACKET", "RBRACKET", "ASSIGN"]
    if last != "TGT":
        return False
    depth = 0
    for at in range(len(types) - 1, 1, -1):
        depth += (types[at] == "TGT") - (types[at] == "TLT")
        if depth == 0:
            return types[at - 2] == "FUN" or types[at - 2] == "CLASS"
    return False


def _number_value(word):
    """The int or float that `word` writes, or None when it writes none."""
    base = {"0x": 16, "0b": 2}.get(word[:2].lower())
    try:
        if base:
            return int(word[2:], base)
        return int(word) if word.replace("_", "").isdigit() else float(word)
    except ValueError:
        return None


def _number_help(word):
    if word[:2].lower() in ("0x", "0b"):
        return "write 0x and hexadecimal digits, or 0b and binary digits; _ may stand between two digits"
    if "_" in word:
        return "_ may stand between two digits only"
    return "a name cannot begin with a digit"


def _short(word):
    return word if len(word) <= 40 else word[:37] + "…"
