"""What happens at a syntax error: it is said once, in plain words, and the parse goes on where that makes sense.

In:  the parser's stacks and the tokens, at a token that no rule takes.
Out: a diagnostic, and the stacks and tokens from which the parser's loop goes on.
Holds: every call that resumes makes the loop take at least one token of the text more, so the parse ends. A mistake
       with one likely cause (a missing `;` or `)`, `=` for `==`) is repaired by changing tokens; else the statement is
       given up: the stack goes back to the list of statements around it, and the tokens go on behind it. Errors on a
       line that already has one, and in brackets that an error has left open, are taken for consequences and not said.
"""

from myna.compiler.syntax.advice import LOOP, advice, expected
from myna.compiler.syntax.lexer import bracket
from myna.compiler.syntax.tokens import CONTINUES, KEYWORDS, OPERATORS, STATEMENT_ENDS

MAX_ATTEMPTS = 500          # recoveries, those from unreported consequences included
MAX_RELEXED = 2_000_000     # characters that may be read anew, over all errors: a second or two

_CLOSER = {"LPAREN": "RPAREN", "LBRACKET": "RBRACKET", "LBRACE": "RBRACE", "LRECORD": "RBRACE", "STR_HEAD": "STR_TAIL"}
_CLOSERS = frozenset(_CLOSER.values())
_STARTS = frozenset(
    "LET VAR GLOBAL IF WHILE FOR BREAK CONTINUE RETURN TRY THROW CLASS INTERFACE ENUM IMPORT FROM EXTERN TYPE".split())
_INNER = frozenset("CLASS INTERFACE ENUM IMPORT EXTERN EXTENDS IMPLEMENTS OVERRIDE STATIC IS AS".split())   # no operands
_RESUMES = frozenset(("stmts", "members", "enum_items", "arms"))      # lists that go on behind an item with an error
_ENDS = frozenset(("SEMI", "RBRACE", "LBRACE", "ELSE", "$end"))     # what may stand behind a forgotten `)`
_TEXT = {type: text for text, type in OPERATORS.items()} | {"LRECORD": "{", "ARM": "=>", "STRING": "\"…\""}
_WORDS = frozenset(type for type in KEYWORDS["ms"].values())


class Recovery:
    """The errors of one parse."""

    def __init__(self, made, context, lexer):
        self.action, self.goto, self.default = made.action, made.goto, made.default
        self.rules = made.rules
        self.context = context
        self.lexer = lexer
        self.count = 0
        self.relexed = 0
        self.given_up = -1      # where the last statement was that was given up
        self.symbol = [None] * len(self.action)     # state → the token type or nonterminal that leads to it
        for row in self.action:
            for type, step in row.items():
                if step is not None and step > 0:
                    self.symbol[step] = type
        for row in self.goto:
            for nonterminal, state in row.items():
                self.symbol[state] = nonterminal

    # The loop's way in

    def resume(self, states, symbols, types, values, at):
        """Report the error at the token `at`; give the (types, values, at) to go on with, or None at the end."""
        self.states, self.symbols, self.types, self.values, self.at = states, symbols, types, values, at
        self.count += 1
        if self.context.full or self.count > MAX_ATTEMPTS or self.relexed > MAX_RELEXED:
            self.context.too_many(*self._span(at))
            return None
        for diagnose in (self._end_of_file, self._reserved_word, self._headless, self._assignment, self._chain, self._arrow,
                         self._missing, self._stray_bracket, self._wrong_bracket):
            repair = diagnose()
            if repair is not None:
                break
        else:
            self._unexpected()
            repair = self._give_up
        return repair()

    # What may be wrong: each looks for one kind of mistake, and reports it and returns the repair, or returns None.

    def _end_of_file(self):
        if self.type() != "$end":
            return None
        if self.lexer.broken:
            return self._stop
        opener = self._open_bracket()
        if opener is None and self.accepts("SEMI", "$end"):
            self._report_semicolon(True)
        elif opener is None:
            self._report("E0205", f"the file ends in the middle of a statement: expected {expected(self)}", self.at)
        elif self.given_up < opener[1]:
            self._report_open(opener)
        return self._stop

    def _reserved_word(self):
        type, word = self.type(), self.word()
        if type in _WORDS and self.accepts("NAME") and (not self.accepts("INT") or type in _INNER and not self._starts_line()):
            loop = self.types[max(self.at - 2, 0):self.at] == ["FOR", "LPAREN"] and type in ("LET", "VAR")
            self._report("E0206", f"`{word}` is a reserved word and cannot be a name", self.at, LOOP if loop else self._rename(word))
            if loop:
                return self._give_up
            return self._as_name if self.accepts("NAME") and not self.accepts("BREAK") else self._give_up
        before = self.types[self.at - 1] if self.at else None
        if type in ("ASSIGN", "DOT", "AUGASSIGN") and before in _WORDS and before not in ("TRUE", "FALSE", "NONE"):
            word = self.values[self.at - 1][1]
            self._report("E0206", f"`{word}` is a reserved word and cannot be a name", self.at - 1, self._rename(word))
            return self._give_up
        return None

    def _headless(self):
        owners = {"ELSE": "if", "CATCH": "try", "FINALLY": "try"}
        owner = owners.get(self.type())
        if owner is None or not self._at_statement():
            return None
        help = None
        if owner == "if" and self.at and self.types[self.at - 1] == "SEMI" and self.values[self.at - 1][1] == ";":
            help = "no semicolon stands between the `}` of an `if` and its `else`"
        self._report("E0207", f"this `{self.word()}` belongs to no `{owner}`", self.at, help)
        return self._give_up

    def _assignment(self):
        if self.type() not in ("ASSIGN", "AUGASSIGN") or not self.accepts("COMPARE"):
            return None
        operator, opener = self.word(), self._open_bracket(("IF", "WHILE"))
        help = "to compare, write ==" if operator == "=" else None
        if opener is not None:
            self._report("E0208", f"`{operator}` assigns, but a condition is expected here", self.at, help)
        else:
            self._report("E0208", f"`{operator}` assigns, and an assignment is a statement of its own", self.at, help)
        return lambda: self._replace("COMPARE", "==")

    def _chain(self):
        type = self.type()
        if type not in ("COMPARE", "RANGE") or not self.accepts("ADD"):
            return None
        conjunction = "&" if self.context.classic else "&&"
        if type == "COMPARE":
            self._report("E0210", "comparisons do not chain", self.at,
                         f"write a < b {conjunction} b < c, or use parentheses")
        else:
            self._report("E0210", "ranges do not chain", self.at)
        return lambda: self._replace("AMP", "&")

    def _arrow(self):
        """`=`, `:` or `->` for `=>`, or `->` for the `:` of a result."""
        arrow = "ARM" if self.accepts("ARM") else "ARROW"
        if not self.accepts(arrow):
            return None
        thin = self.type() == "MINUS" and self.values[self.at + 1] == (self.values[self.at][0] + 1, ">")
        result = thin and self.accepts("COLON") and self.types[self.at + 2] in ("NAME", "NONE", "LPAREN")
        if not thin and self.type() != "ASSIGN" and not (self.type() == "COLON" and arrow == "ARM"):
            return None
        found = "->" if thin else self.word()
        self._report("E0201", f"expected `{':' if result else '=>'}`, found `{found}`", self.at)
        if thin:
            del self.types[self.at + 1], self.values[self.at + 1]
        return lambda: self._replace("COLON" if result else arrow, ":" if result else "=>")

    def _missing(self):
        """A `;`, or closing brackets and perhaps a `;`, whose absence alone is the mistake."""
        fresh = self._starts_line()
        if self.accepts("SEMI", self.type()):
            self._report_semicolon(fresh or self.type() == "RBRACE")
            return lambda: self._insert(["SEMI"])
        if not (fresh or self.type() in _ENDS):
            return None
        closers = []
        for opener, pos in self._open_brackets():
            if opener not in ("LPAREN", "LBRACKET") or len(closers) == 3:
                return None
            closers.append(_CLOSER[opener])
            for inserted in (closers, closers + ["SEMI"]) if fresh else (closers,):
                if self.accepts(*inserted, self.type()):
                    self._report_open((opener, pos))
                    return lambda: self._insert(inserted)
        return None

    def _stray_bracket(self):
        if self.type() not in _CLOSERS or self.type() == "STR_TAIL":
            return None
        if self.type() not in [_CLOSER[opener] for opener, _ in self._open_brackets()]:
            if self._open_bracket() is None or self.type() == "RBRACE":
                self._report("E0204", f"this `{self.word()}` closes no bracket", self.at)
                return self._drop if self._at_statement() else self._give_up
        return None

    def _wrong_bracket(self):
        opener = self._open_bracket()
        if self.type() not in ("RPAREN", "RBRACKET") or opener is None or opener[0] == "STR_HEAD":
            return None
        closer = _CLOSER[opener[0]]
        if closer == self.type() or not self.accepts(closer):
            return None
        line = self.context.source.position(opener[1])[0]
        self._report("E0203", f"expected `{_TEXT[closer]}` to close the `{_TEXT[opener[0]]}` of line {line}, "
                     f"found `{self.word()}`", self.at)
        if self.accepts(closer, self.type()):
            return lambda: self._insert([closer])
        return lambda: self._replace(closer, _TEXT[closer])

    def _unexpected(self):
        self._report("E0201", f"expected {expected(self)}, found {self._describe()}", self.at, advice(self))

    # Repairs

    def _stop(self):
        return None

    def _as_name(self):
        at = self.at + 1
        if self.type() not in STATEMENT_ENDS and self.types[at] not in CONTINUES and "\n" in self.context.source.text[
                self.values[self.at][0]:self.values[at][0]]:
            self.types.insert(at, "SEMI")
            self.values.insert(at, (self.values[at][0], "\n"))
        return self._replace("NAME", self.word())

    def _replace(self, type, text):
        self.types[self.at] = type
        self.values[self.at] = (self.values[self.at][0], text)
        return self.types, self.values, self.at

    def _drop(self):
        return self.types, self.values, self.at + 1

    def _insert(self, inserted):
        """Go on as if the token types `inserted` stood before the token: its brackets are read anew with them."""
        pos = self.values[self.at][0]
        if inserted == ["SEMI"]:
            self.types.insert(self.at, "SEMI")
            self.values.insert(self.at, (pos, ";"))
            return self.types, self.values, self.at
        types, values = list(inserted), [(pos, _TEXT[type]) for type in inserted]
        if self.type() == "SEMI" and self.word() == "\n":
            types.append("SEMI")
            values.append(self.values[self.at])
        closed = sum(type in _CLOSERS for type in inserted)
        brackets = self._lexer_brackets()
        rest = self._relex(pos, brackets[:len(brackets) - closed])
        return types + rest[0], values + rest[1], 0

    def _give_up(self):
        """Take back the statement, and go on behind it."""
        states, symbols = self.states, self.symbols
        pos = self.given_up = self.values[self.at][0]
        opened = []
        while self.symbol[states[-1]] not in _RESUMES:
            opener = self.symbol[states.pop()]
            symbols.pop()
            if opener in _CLOSER:
                opened.append(opener)
        opened.reverse()
        at = self._skip(self.types, self.values, self.at, opened)
        if at is not None:
            return self.types, self.values, at
        # The statement's own brackets do not close: its end is sought as if it had none open.
        types, values = self._relex(pos, self._lexer_brackets())
        return types, values, self._skip(types, values, 0, None)

    def _relex(self, pos, brackets):
        self.relexed += len(self.context.source.text) - pos
        return self.lexer.run(pos, brackets)

    def _skip(self, types, values, at, opened):
        """The index behind the statement that token `at` is in, where the brackets `opened` are open; None when they
        do not close. With `opened` None the statement has none, and a bracket that closes nothing is passed over."""
        strict, stack = opened is not None, list(opened or ())
        in_block = any(self.symbol[state] == "LBRACE" for state in self.states)
        start = at
        while True:
            type = types[at]
            if type == "$end":
                return None if strict and stack else at
            if type in _CLOSER:
                stack.append(type)
            elif stack:
                if type in _CLOSERS:
                    if _CLOSER[stack[-1]] != type:
                        if strict:
                            return None
                    else:
                        closed = stack.pop()
                        if not stack and closed == "LBRACE" and types[at + 1] not in ("ELSE", "CATCH", "FINALLY", "SEMI"):
                            return at + 1
                elif strict and type in _STARTS and stack[-1] != "LBRACE":
                    return None
            elif type == "SEMI":
                if types[at + 1] not in ("ELSE", "CATCH", "FINALLY"):
                    return at + 1
            elif type == "RBRACE":
                return at if in_block else at + 1
            elif type in _STARTS and (at > start or self.accepts(type)):
                return at
            at += 1

    # What is known at the error

    def type(self):
        """The type of the token at the error."""
        return self.types[self.at]

    def word(self):
        """Its text; of a literal, the value."""
        return self.values[self.at][1]

    def accepts(self, *types):
        """Whether the parser would take the tokens `types` from here."""
        states = list(self.states)
        for type in types:
            while True:
                step = self.default[states[-1]] or self.action[states[-1]].get(type)
                if step is None:
                    return False
                if step >= 0:
                    states.append(step)
                    break
                _, size, left = self.rules[-step]
                if size:
                    del states[-size:]
                states.append(self.goto[states[-1]][left])
        return True

    def at_body(self):
        """Whether the body of an `if`, `while` or `for` is expected here."""
        return self.accepts("WHILE") and not self._at_statement()

    def _at_statement(self):
        return self.symbol[self.states[-1]] == "stmts"

    def first_of_statement(self):
        """The statement's first token if it is a name, else None; looked for among the last 20 tokens."""
        first = None
        for at in range(self.at - 1, max(self.at - 20, -1), -1):
            if self.types[at] in ("SEMI", "LBRACE", "RBRACE"):
                break
            first = self.values[at][1] if self.types[at] == "NAME" else None
        return first

    def opened(self):
        """The type of the innermost open bracket, or None."""
        return next(self._open_brackets(), (None,))[0]

    def _starts_line(self):
        """Whether the token is the first on its line."""
        if not self.at:
            return True
        return "\n" in self.context.source.text[self.values[self.at - 1][0]:self.values[self.at][0]]

    def _open_brackets(self):
        """The (token type, offset) of the brackets open here, innermost first."""
        for state, value in zip(reversed(self.states), reversed(self.symbols)):
            if self.symbol[state] in _CLOSER:
                yield self.symbol[state], value[0]

    def _open_bracket(self, owners=None):
        """The innermost open bracket, or None; with `owners`, only if it follows a token of these types."""
        for index in range(len(self.states) - 1, 0, -1):
            type = self.symbol[self.states[index]]
            if type in _CLOSER:
                if owners is not None and self.symbol[self.states[index - 1]] not in owners:
                    return None
                return type, self.symbols[index][0]
        return None

    def _lexer_brackets(self):
        """The open brackets as the lexer keeps them, outermost first."""
        names = [self.symbol[state] for state in self.states]
        brackets = []
        for index, type in enumerate(names):
            if type in _CLOSER or type == "TLT":
                matched = names[index - 4:index] == ["MATCH", "LPAREN", "expr", "RPAREN"]
                before = [name for name in names[max(index - 4, 0):index] if name != "generics"]
                brackets.append(bracket(type, "MATCHED" if matched else before[-1], before))
        return brackets

    # Words

    def _report(self, code, message, at, help=None):
        self._report_at(code, message, *self._span(at), help)

    def _report_at(self, code, message, pos, end, help=None):
        context = self.context
        line = context.source.position(self.values[self.at][0])[0]
        if line in context.error_lines:
            return
        context.error_lines.add(line)
        context.error(code, message, pos, end, help)

    def _report_open(self, opener):
        type, pos = opener
        if type == "STR_HEAD":
            self._report_at("E0203", "the `${` of this string is never closed", pos, pos + 1, "close it with }")
            return
        self._report_at("E0203", f"this `{_TEXT[type]}` is never closed", pos, pos + 1,
                        f"expected `{_TEXT[_CLOSER[type]]}` before {self._describe()}")

    def _report_semicolon(self, fresh):
        if fresh and self.at:
            end = self._end(self.at - 1)
            self._report_at("E0202", "expected `;` at the end of this statement", end - 1, end, "add ;")
        else:
            self._unexpected()

    def _span(self, at):
        pos = self.values[at][0]
        return pos, max(pos + 1, self._end(at))

    def _end(self, at):
        """The offset behind the token `at`: the next token less the blanks before it, or the end of its line."""
        pos, text = self.values[at]
        if self.types[at] in ("STRING", "STR_HEAD", "STR_MID", "STR_TAIL", "INT", "FLOAT", "BIGINT"):
            limit = self.values[at + 1][0] if at + 1 < len(self.values) else len(self.context.source.text)
            return max(pos + 1, pos + len(self.context.source.text[pos:limit].split("//")[0].split("\n")[0].rstrip()))
        return pos + len(text)

    def _rename(self, word):
        return f"choose another name, such as {word}_"

    def name(self, type):
        """A token type as a message calls it."""
        if type == "SEMI" and not self.context.classic:
            return "the end of the statement"
        return f"`{_TEXT.get(type, type.lower())}`"

    def _describe(self):
        type, word = self.type(), self.word()
        if type == "$end":
            return "the end of the file"
        if type == "SEMI" and word == "\n":
            return "the end of the statement"
        if type in ("STRING", "STR_HEAD", "STR_MID", "STR_TAIL"):
            return "a string"
        if type in ("INT", "FLOAT", "BIGINT"):
            return "a number"
        return f"`{word if len(word) <= 40 else word[:37] + '…'}`"
