"""`myna build --explain`: what stayed slow in a program, shown in its source.

In:  the compiled bytes of a program, the form. Out: `explained`: text for people, a JSON object a line for tools, or a page of HTML.
Holds: the texts of files are read where the program says that they are; those that cannot be read, or have changed since, are not quoted.
Files of the standard library are left out: nobody can change them.
"""
import json
import os
from bisect import bisect_right
from functools import cached_property
from itertools import islice

from myna.compiler import diagnostics, library, source
from myna.compiler.bytecode import codec
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse
from myna.compiler.syntax.tokens import OPERATORS
from myna.compiler.syntax.unparse import unparse
from myna.vm.opt.explain import KINDS, Names, Parameter, explain

FORMS = ("text", "all", "json", "html")
MOST_TEXT = 36      # characters of an expression in a sentence
MOST_NODES = 24     # in an expression that is quoted there
MOST_SHOWN = 20     # findings that the text shows: a screen or three
MOST_CAUSES = 5     # pieces of advice at its end
MOST_LINES = 6      # of the lines of a cause that are listed


class Listing:
    """A file of the program: its Source, or None, and its tree, by position."""

    def __init__(self, name, starts, data=None):
        self.name, self.starts = name, list(starts)
        self.source = self._read(data)
        self.nodes, self.owners = {}, {}        # offset -> the Nodes there; -> (the Function around it, its declaration)
        if self.source is not None:
            self._index()

    @property
    def dialect(self):
        return "ms" if not self.name.endswith((".mit", ".mitbc")) else "classic"

    def _read(self, data):
        try:
            if data is None:
                with open(self.name, "rb") as file:
                    data = file.read()
            found = source.decode(self.name, data, self.dialect)
        except (OSError, ValueError, diagnostics.CompileError):
            return None
        return found if list(found.starts) == self.starts else None

    def _index(self):
        try:
            tree = parse(self.source, self.dialect)
        except diagnostics.CompileError:
            return
        work = [(tree, (None, None))]
        while work:
            node, owner = work.pop()
            if isinstance(node, (list, tuple)):
                work += [(item, owner) for item in reversed(node)]
            elif isinstance(node, ast.Node):
                self.nodes.setdefault(node.pos, []).append(node)
                self.owners.setdefault(node.pos, owner)
                inner = (node, owner[1] if owner[0] is None else None) if node.__class__ is ast.Function else owner
                if node.__class__ in (ast.FunDecl, ast.MethodDecl):
                    inner = (None, node)
                work += [(getattr(node, field), inner) for field in reversed(node._fields)]

    def position(self, offset):
        """The (line, column) of an offset, from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, offset):
        """The word or the operator that is meant at an offset: of a call, the name of what is called."""
        call = next((node for node in self.nodes.get(offset, ()) if node.__class__ is ast.Call), None)
        if call is not None and call.callee.__class__ in (ast.Name, ast.Field):
            offset = call.callee.pos
        return offset, self._end(offset)

    def _end(self, offset):
        if self.source is None:
            return offset
        text, end = self.source.text, offset
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        if end == offset:
            end += next((len(operator) for operator in _LONGEST_FIRST if text.startswith(operator, offset)), 1)
        return min(end, len(text))


_LONGEST_FIRST = sorted(OPERATORS, key=len, reverse=True)
_SWAPPED = (">", ">=")      # the machine has only < and <=


def operands(node):
    """The operands of the instructions that are made of a node, in their order."""
    kind = node.__class__
    if kind is ast.Binary:
        return [node.right, node.left] if node.op in _SWAPPED else [node.left, node.right]
    if kind is ast.Assign:
        return [node.target, node.value]
    if kind is ast.Unary:
        return [node.operand]
    if kind is ast.Field:
        return [node.obj]
    if kind is ast.Index:
        return [node.obj, node.index]
    if kind is ast.Call:
        callee = node.callee
        return [callee.obj if callee.__class__ is ast.Field else callee, *node.args]
    if kind is ast.Range:
        return [node.low, node.high]
    return []


def _short(node, dialect):
    """The beginning of a node's text; None where it is so large that this would say nothing."""
    if sum(1 for _ in islice(ast.walk(node), MOST_NODES + 1)) > MOST_NODES:
        return None
    text = " ".join(unparse(node, dialect).split())
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT - 1] + "…"


class Sources(Names):
    """What the files of a program say. `given`: the text of its own file as bytes, where it cannot be read again."""

    def __init__(self, program, given=None):
        self.listings = [Listing(file.name, file.line_starts, given if number == 0 else None) if _is_own(file.name) else None
                         for number, file in enumerate(program.files)]

    def operand(self, file, offset, number, count):
        listing = self.listings[file]
        for node in listing.nodes.get(offset, ()) if listing else ():
            found = operands(node)
            if len(found) > count and node.__class__ in (ast.Binary, ast.Assign):
                found = [each for each in found if each.__class__ not in (ast.Int, ast.Float)]
            if number < len(found):
                return _short(found[number], listing.dialect)
        return None

    def expression(self, file, offset):
        listing = self.listings[file]
        found = next((node for node in listing.nodes.get(offset, ()) if isinstance(node, _EXPRESSIONS)), None) if listing else None
        return found and _short(found, listing.dialect)

    def parameter(self, file, offset, number):
        listing = self.listings[file]
        function, declaration = listing.owners.get(offset, (None, None)) if listing else (None, None)
        if function is None:
            return None
        if declaration.__class__ is ast.MethodDecl and not declaration.static:
            number -= 1
        if number < 0:
            return Parameter("this", "this class")
        param = function.params[number] if number < len(function.params) else None
        return param and Parameter(param.name, param.type and _short(param.type, listing.dialect))

    def declaration(self, file, offset):
        listing = self.listings[file]
        function, declaration = listing.owners.get(offset, (None, None)) if listing else (None, None)
        node = declaration or function
        return node.pos if node is not None else offset


_EXPRESSIONS = (ast.Name, ast.Call, ast.Field, ast.Index, ast.Binary, ast.List, ast.Range, ast.This, ast.Tuple, ast.Logic, ast.Cond, ast.As)


def _is_own(name):
    return not os.path.abspath(name).startswith(library.FOLDER + os.sep)


class Report:
    """All that there is to say of a program."""

    def __init__(self, data, given=None):
        self.program = codec.decode(data)
        self.sources = Sources(self.program, given)
        found, self.heat = explain(self.program, self.sources)        # (number of a file, line) -> level
        self.findings = [each for each in found if self.sources.listings[each.file] is not None]

    @cached_property
    def slow(self):
        """The Findings that a programmer can do something about."""
        return [finding for finding in self.findings if not finding.note]

    def listing(self, finding):
        return self.sources.listings[finding.file]

    def line(self, finding):
        """The line of a Finding."""
        return self.listing(finding).position(finding.pos)[0]

    def causes(self):
        """(Cause, its Findings) for those with advice, what matters most first."""
        found = {}
        for finding in self.slow:
            if finding.help:
                found.setdefault(finding.cause.key, (finding.cause, []))[1].append(finding)
        return sorted(found.values(), key=lambda item: -sum(finding.weight for finding in item[1]))

    # -- text --

    def text(self, color, everything):
        """For people; `everything`: notes too, and all."""
        shown = groups(self.findings if everything else self.slow, self.line)[:None if everything else MOST_SHOWN]
        told = [self._finding(group[0], len(group) - 1, color) for group in shown]
        return "\n".join([*told, *self._summary(sum(map(len, shown)), everything)]) + "\n"

    def _finding(self, finding, more, color):
        """A finding as text; `more` like it are in the line."""
        listing = self.listing(finding)
        pos, end = listing.span(finding.pos)
        line, column = listing.position(pos)
        style = diagnostics.style(color)
        severity = "note" if finding.note else "slow"
        mark = style["help"] if finding.note else style["warning"]
        loops = "in a loop" if finding.level == 1 else f"in {finding.level} loops"
        loops += f", {more} more in this line" * (more > 0)
        out = [f"{style['bold']}{listing.name}:{line}:{column}:{style['off']} {mark}{severity}[{finding.kind}]{style['off']}"
               f"{style['bold']}: {finding.message}{style['off']} ({loops})"]
        if listing.source is not None:
            out += diagnostics.quote(listing.source, pos, end, mark, style["off"])
        if finding.why:
            out.append(f"    why: {finding.why}")
        if finding.help:
            out.append(f"    {style['help']}help:{style['off']} {finding.help}")
        return "\n".join(out)

    def _summary(self, shown, everything):
        notes = len(self.findings) - len(self.slow)
        if not self.slow:
            yield "Nothing in loops is slower than it needs to be." + (f" {count_of(notes, 'note')} on what the language asks for: --explain=all."
                                                                        if notes and not everything else "")
            return
        kinds = {}
        for finding in self.slow:
            kinds[finding.kind] = kinds.get(finding.kind, 0) + 1
        if shown:
            yield ""
        yield f"{count_of(len(self.slow), 'place')} in loops {'is' if len(self.slow) == 1 else 'are'} slower than need be: " \
              + ", ".join(f"{KINDS[kind].title} ({count})" for kind, count in sorted(kinds.items(), key=lambda item: -item[1])) + "."
        if not everything and (shown < len(self.slow) or notes):
            left = [f"{len(self.slow) - shown} more"] * (shown < len(self.slow)) + [f"{count_of(notes, 'note')} on checks, versions and the like"] * bool(notes)
            yield f"--explain=all shows {' and '.join(left)}; --explain=html makes a page of all."
        causes = self.causes()[:MOST_CAUSES]
        if causes:
            yield "What would help most:"
        for cause, findings in causes:
            yield f"  - {cause.help} ({count_of(len(findings), 'place')}: {self._lines(findings)})"

    def _lines(self, findings):
        lines = sorted({(self.listing(finding).name, self.line(finding)) for finding in findings})
        names = {name for name, _ in lines}
        texts = [str(line) if len(names) == 1 else f"{os.path.basename(name)}:{line}" for name, line in lines]
        return f"{'line' if len(texts) == 1 else 'lines'} {', '.join(texts[:MOST_LINES])}{', …' * (len(texts) > MOST_LINES)}"

    # -- tools --

    def json(self):
        """For tools: one JSON object a line."""
        out = []
        for finding in self.findings:
            listing = self.listing(finding)
            (line, column), (end_line, end_column) = map(listing.position, listing.span(finding.pos))
            out.append(json.dumps({"kind": finding.kind, "severity": "note" if finding.note else "slow", "message": finding.message, "file": listing.name,
                                   "line": line, "column": column, "end_line": end_line, "end_column": end_column, "level": finding.level, "cost": KINDS[finding.kind].cost,
                                   "why": finding.why or None, "help": finding.help}, ensure_ascii=False))
        return "".join(line + "\n" for line in out)


def groups(findings, line=lambda finding: 0):
    """Those of one kind, line and cause together, in the order of the first of each."""
    found = {}
    for finding in findings:
        cause = finding.cause.key if finding.cause else finding.message
        found.setdefault((finding.kind, finding.file, line(finding), finding.note, cause), []).append(finding)
    return list(found.values())


def count_of(number, noun):
    """A number and what is counted: "1 place", "2 places"."""
    return f"{number} {noun}" + "s" * (number != 1)


def explained(data, form, given=None, color=False):
    """The bytes of what is said about a program. `given`: the text of its own file, where that cannot be read again."""
    report = Report(data, given)
    if form == "json":
        text = report.json()
    elif form == "html":
        from myna.explain_page import page
        text = page(report)
    else:
        text = report.text(color, form == "all")
    return text.encode("utf-8", "replace")
