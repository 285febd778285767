"""Decides which `<` open a list of types, and which `>` close one.

In:  the text of an `.ms` program, the offset of a `<` behind a name, and what stands before it.
Out: whether it opens type arguments or parameters, and the offsets of the `>` that close such a list.
Holds: a `<` opens types when a balanced list of types follows, and behind its `>` nothing that could be the right side of
       a comparison, save `(` and `{`. So `f(a < b, c > (d))` has type arguments, as in C#, and `f(a < b, c > d)` two
       comparisons. Behind the name that a declaration introduces a balanced list is enough.
       The time is linear in the text, as one look decides all the `<` that it passes.
"""

from myna.compiler.syntax.tokens import OPERAND, matcher

_TOKEN = r"\s*([A-Za-z_][A-Za-z0-9_]*|[<>(){}.,;:?])"
_RIGHT_SIDE = r"\s*(?:" + OPERAND + ")"
_LINE_END = r"[ \t\r\f]*(?://[^\n]*)?(?:\n|\Z)"


class Angles:
    """What is known about the angle brackets of one text."""

    def __init__(self, text):
        self.text = text
        self.partner = {}       # offset of a `<` → offset of its `>`
        self.opener = {}        # the reverse
        self.closing = set()    # offsets of the `>` of the lists that `opens` found
        self.known = 0          # all `<` before this offset are decided

    def opens(self, at, declares, in_brackets):
        """Whether the `<` at `at` opens types. `declares`: it stands behind the name that a declaration introduces;
        `in_brackets`: a line's end here ends no statement."""
        if at >= self.known or declares:
            self._look(at, declares, in_brackets)
        if at not in self.partner:
            return False
        self.closing.add(self.partner[at])
        return True

    def _look(self, start, declares, in_brackets):
        """Read types from behind the `<` at `start` as far as they go, and note the pairs."""
        stack, pos = [start], start + 1     # the open brackets: the offset of a `<`, or another's character
        before, have, token_at = "<", False, matcher(_TOKEN)           # the token before; whether a type ends with it
        while stack and (found := token_at(self.text, pos)) is not None:
            token, top = found[1], stack[-1]
            bound = declares and top == start and len(stack) == 1
            if not _fits(token, before, have, top, bound):
                break
            if token == ">":
                stack.pop()
                self._pair(top, found.start(1), stack, declares, in_brackets)
            elif token in ")}":
                stack.pop()
            elif token in "<({":
                stack.append(found.start(1) if token == "<" else token)
            have = token in ">)}?" or token[0] not in "<({.,;:" and token != "fun"
            before, pos = token, found.end()
        self.known = max(self.known, pos)

    def _pair(self, start, end, stack, declares, in_brackets):
        """Note the pair `start` and `end` if what follows allows it; `stack` are the brackets around it."""
        in_types = stack and type(stack[-1]) is int
        if (declares and not stack or in_types and self.text.startswith(">", end + 1)
                or self._may_follow(end + 1, stack[-1] != "{" if stack else in_brackets)):
            self.partner[start] = end
            self.opener[end] = start
            return
        while (inner := self.opener.pop(end - 1, None)) is not None:    # `>>` was a shift
            del self.partner[inner]
            end -= 1

    def _may_follow(self, pos, in_brackets):
        text = self.text
        if text.startswith((">", "="), pos):
            return False        # one operator with the `>` before it
        if not in_brackets and matcher(_LINE_END)(text, pos):
            return True
        return matcher(_RIGHT_SIDE)(text, pos) is None


def _fits(token, before, have, top, bound):
    """Whether `token` may come next in a list of types. `bound`: it is among the parameters of a declaration."""
    word = before[0] not in "<>(){}.,;:?"
    if before == "fun":
        return token == "("
    if token == ">":
        return have and type(top) is int
    if token == ")" or token == "}":
        return top == ("(" if token == ")" else "{") and (have or before == top)
    if token == "<" or token == ".":
        return have and word
    if token == ":":
        return before == ")" or word and (top == "{" or bound)
    if token == ";":
        return have and top == "{"
    if token == "," or token == "?":
        return have
    return not have             # a name, `(` or `{`
