"""Functions that stand below their first use: where in their block they are made.

In:  the statements of a block, and which of them mention which functions of the block. Out: the statements in another order.
Holds: a function moves up to just before the first statement that mentions it, unless nothing but functions is made between the
two; and so do those that it mentions. Making a function has no effect, so nothing else changes. What never moves stays as
cheap as it was: a closure copies the variables above it, but shares those below.
"""
from heapq import heapify, heappop, heappush
from itertools import accumulate

from myna.compiler.syntax import ast

MAX_ROUNDS = 3      # a function that has moved may mention another one for the first time: `targets` finds those at once


class Home:
    """The block that functions stand in, while it is walked. `at` is the number of the statement at hand."""

    __slots__ = ("body", "at", "places", "first", "edges")

    def __init__(self, body):
        self.body = body
        self.at = 0
        self.places = {}        # Variable of a function -> number of its declaration
        self.first = {}         # number of a declaration -> number of the first statement above it that mentions it
        self.edges = {}         # number of a declaration -> numbers of those that it mentions
        for number, stmt in enumerate(body):
            if stmt.__class__ is ast.FunDecl:
                self.places[stmt.var] = number
                stmt.var.home = self

    def mention(self, var):
        """The statement at hand uses a function of the block."""
        place, at = self.places[var], self.at
        if at < place:
            self.first.setdefault(place, at)
        if self.body[at].__class__ is ast.FunDecl:
            self.edges.setdefault(at, set()).add(place)

    def leave(self, may_move):
        """The walk of the block is done: move the functions that must be made earlier. Gives whether there were any."""
        for var in self.places:
            var.home = None
        target = self.targets() if may_move else None
        if not target:
            return False
        above = {}
        for place in sorted(target):
            above.setdefault(target[place], []).append(self.body[place])
        self.body[:] = [each for number, stmt in enumerate(self.body)
                        for each in (*above.get(number, ()), *(() if number in target else (stmt,)))]
        return True

    def targets(self):
        """Number of a declaration -> number of the statement before which it must stand."""
        others = [0, *accumulate(stmt.__class__ is not ast.FunDecl for stmt in self.body)]
        waiting = [(at, place) for place, at in self.first.items() if others[at] < others[place]]
        heapify(waiting)
        target = {}
        while waiting:
            at, place = heappop(waiting)
            if place not in target:
                target[place] = at
                for mentioned in self.edges.get(place, ()):
                    if others[at] < others[mentioned]:
                        heappush(waiting, (at, mentioned))
        return target


def home_of(body):
    """The Home of a block in which functions stand below other statements, else None."""
    above = False
    for stmt in body:
        if stmt.__class__ is not ast.FunDecl:
            above = True
        elif above:
            return Home(body)
    return None
