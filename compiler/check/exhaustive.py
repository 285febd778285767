"""Does a `match` cover all cases, and is each arm reached? Maranget's usefulness of pattern matrices.

In:  the patterns of the arms and the type of the subject. Out: the text of a value that no arm takes, or None; for an arm
     whether any value reaches it.
Holds: a pattern is None (matches everything) or (constructor, parts); a row of the matrix is a list of patterns, one a column.
       The work is bounded by MAX_STEPS: when that does not suffice nothing is reported.

A constructor is a tuple whose first item says what it is: ("variant", Variant), ("literal", value), ("none",), ("some",),
("tuple", n), ("list", n, open), ("record",), ("class", Declaration), ("type", Type).
"""
from myna.compiler.syntax import ast
from myna.compiler.types import model
from myna.compiler.types.model import BOOL, DYNAMIC, ENUM, NONE, Nominal, Optional, Record, Tuple, plain
from myna.compiler.types.unify import assignable

# Rows looked at for one arm, and for all: a match of a hundred arms of depth three takes a few thousand an arm. A million take half
# a second.
MAX_STEPS, MAX_ALL = 20_000, 1_000_000


class GivesUp(Exception):
    """The patterns are too many to tell."""


class Patterns:
    """The patterns of one match, in the form of this module."""

    def __init__(self, c, arms):
        self.c = c
        self.steps = self.all = 0   # rows looked at for this arm, and for all
        self.limit = MAX_STEPS
        self.names = ()             # fields of record patterns
        self.longest = 0            # items in list patterns
        for pattern in arms:
            for node in ast.walk(pattern):
                if node.__class__ is ast.PRecord:
                    self.names = tuple(dict.fromkeys((*self.names, *(name for name, _ in node.fields))))
                elif node.__class__ is ast.PList:
                    self.longest = max(self.longest, len(node.items) + 1)

    def rows(self, node, t):
        """The patterns that stand for `node` in a column of type `t`: several for alternatives."""
        if node.__class__ is ast.POr:
            return [row for part in node.alternatives for row in self.rows(part, t)]
        if t.__class__ is Optional:
            if is_none(node):
                return [(("none",), ())]
            return [None if row is None and not (node.__class__ is ast.PType) else (("some",), (row,))
                    for row in self.rows(node, t.inner)]
        maker = _MAKERS.get(node.__class__)
        return [None] if maker is None else maker(self, node, t)

    def parts(self, key, nodes, types):
        """The rows of a constructor with parts: each way to choose among alternatives in them."""
        rows = [()]
        for node, t in zip(nodes, types):
            choices = self.rows(node, t)
            rows = [(*row, choice) for row in rows for choice in choices]
            self.step(len(rows))
        return [(key, row) for row in rows]

    # --- the matrix ---

    def uncovered(self, rows, types):
        """The texts of values, one a column, that no row takes; None when all are taken."""
        self.step(len(rows))
        if not types:
            return None if rows else []
        t, rest = types[0], types[1:]
        groups = grouped(rows)
        used = [key for key in groups if key is not None]
        all_, complete = self.constructors(t, used) if used else ((), False)
        named = [key in groups or key[0] == "list" for key in all_]     # rows of other lists may take a list
        others = None if complete and all(named) else self.uncovered(default(groups), rest)
        if not complete and others is None:
            return None         # the rows that take all of this column are enough
        for key, is_named in zip(all_, named):
            inner = self.part_types(key, t)
            found = self.uncovered(self.specialised(groups, key, len(inner)), inner + rest) if is_named else (
                None if others is None else ["_"] * len(inner) + others)
            if found is not None:
                return [self.text(key, found[:len(inner)]), *found[len(inner):]]
        return None if complete else ["_", *others]

    def useful(self, rows, row, types):
        """Is there a value that `row` takes and none of `rows`?"""
        self.step(len(rows) + 1)
        if not types:
            return not rows
        t, rest, head = types[0], types[1:], row[0]
        if head is not None:
            inner = self.part_types(head[0], t)
            groups = grouped(rows)
            for key in self.covered(head[0]):
                inner = self.part_types(key, t)
                if self.useful(self.specialised(groups, key, len(inner)), [*head[1], *[None] * (len(inner) - len(head[1])), *row[1:]],
                               inner + rest):
                    return True
            return False
        groups = grouped(rows)
        used = [key for key in groups if key is not None]
        all_, complete = self.constructors(t, used) if used else ((), False)
        if complete:
            for key in all_:
                inner = self.part_types(key, t)
                if self.useful(self.specialised(groups, key, len(inner)), [None] * len(inner) + row[1:], inner + rest):
                    return True
            return False
        return self.useful(default(groups), row[1:], rest)

    def step(self, count):
        self.steps += count
        self.all += count
        if self.steps > self.limit or self.all > MAX_ALL:
            raise GivesUp

    def covered(self, key):
        """The constructors that a pattern's constructor takes: those of a list with `...` are several."""
        if key[0] == "list" and key[2]:
            return [("list", n, n == self.longest) for n in range(key[1], self.longest + 1)]
        return (key,)

    def specialised(self, groups, key, width):
        """What the rows that take the constructor `key` ask of its parts and of the other columns."""
        made = [[None] * width + row[1:] for row in groups.get(None, ())]
        keys = (key,)
        if key[0] == "list":
            keys = [other for other in groups if other is not None and (
                other == key or other[0] == "list" and other[2] and other[1] <= key[1])]
        for other in keys:
            made += [[*row[0][1], *[None] * (width - len(row[0][1])), *row[1:]] for row in groups.get(other, ())]
        return made

    def constructors(self, t, used):
        """All constructors of the type `t` that matter, and whether they are all that there are."""
        if t.__class__ is Optional:
            return (("none",), ("some",)), True
        if t is BOOL:
            return (("literal", True), ("literal", False)), True
        if t is NONE:
            return (("none",),), True
        if t.__class__ is Tuple:
            return (("tuple", len(t.items)),), True
        if t.__class__ is Nominal and t.decl.kind == ENUM:
            return tuple([("variant", v) for v in t.decl.variants.values()]), True
        lists = [key for key in used if key[0] == "list"]
        if lists and t.__class__ is Nominal:
            return tuple([("list", n, n == self.longest) for n in range(self.longest + 1)]), True
        if ("record",) in used and t.__class__ is Record:
            return (("record",),), True
        for key in used:
            if key[0] == "class" and t.__class__ is Nominal and t.decl is key[1]:
                return (key,), True
        return tuple(used), False

    def part_types(self, key, t):
        """The types of a constructor's parts in a column of type `t`."""
        kind = key[0]
        if kind == "variant":
            from myna.compiler.check import declare
            if not key[1].params:
                return []
            types = [declare.member_type(self.c, m) for m in key[1].params]
            return [model.substitute(p, model.arguments_of(t)) for p in types] if t.__class__ is Nominal and t.args else types
        if kind == "some":
            return [t.inner]
        if kind == "tuple":
            return list(t.items) if t.__class__ is Tuple else [DYNAMIC] * key[1]
        if kind == "list":
            element = t.args[0] if t.__class__ is Nominal and t.args else DYNAMIC
            return [element] * key[1]
        if kind == "record":
            own = dict(t.fields) if t.__class__ is Record and not t.open else {}
            return [own.get(name, DYNAMIC) for name in self.names]
        if kind == "class":
            return [DYNAMIC] * len(key[1].params)
        return []

    def text(self, key, parts):
        """A value made by the constructor, as a pattern would be written."""
        kind = key[0]
        if kind == "variant":
            return key[1].name + (f"({', '.join(parts)})" if parts else "")
        if kind == "none":
            return "None"
        if kind == "some":
            return parts[0]
        if kind == "tuple":
            return f"({', '.join(parts)})"
        if kind == "list":
            return f"[{', '.join([*parts, *(['...'] if key[2] else [])])}]"
        if kind == "record":
            return "{" + ", ".join(f"{name}: {part}" for name, part in zip(self.names, parts)) + "}"
        if kind == "class":
            return f"{key[1].name}({', '.join(parts)})"
        if kind == "literal" and isinstance(key[1], bool):
            return "true" if key[1] else "false"
        return "_"


def grouped(rows):
    """Constructor, or None of a pattern that takes everything -> the rows whose first pattern has it."""
    groups = {}
    for row in rows:
        groups.setdefault(row[0] and row[0][0], []).append(row)
    return groups


def default(groups):
    """What the rows whose first pattern takes everything ask of the other columns."""
    return [row[1:] for row in groups.get(None, ())]


def is_none(node):
    """Is it the pattern `None`?"""
    return node.__class__ is ast.PLiteral and node.value.__class__ is ast.NoneLit


# --- patterns of the tree to rows ---

def _literal(p, node, t):
    value = node.value
    if value.__class__ is ast.NoneLit:
        return [(("none",), ())]
    return [(("literal", value.value) if value.__class__ is ast.Bool else ("literal", value.__class__.__name__, value.value), ())]


def _name(p, node, t):
    variant = constructor_of(p.c, node, t)
    if variant is None and node.var is not None and getattr(node.var, "info", None) is not None:
        return [(("type", node.var), ())]       # a variant of another module
    return [None] if variant is None else [(("variant", variant), ())]


def constructor_of(c, node, t):
    """The enum's constructor that a pattern's name stands for, or None: then it binds the name. The constructors of the
    subject's own type come first."""
    if node.__class__ is ast.PName and node.var is not None and node.var.explicit and node.var.pos == node.pos:
        return None
    name = node.name.rpartition(".")[2]
    t = plain(t)
    if t.__class__ is Nominal and t.decl.kind == ENUM and name in t.decl.variants:
        return t.decl.variants[name]
    from myna.compiler.check import declare
    return declare.variant_of(node.var) or c.variants.get(name)


def _type(p, node, t):
    wanted = p.c.types.get(node.type, DYNAMIC)
    if wanted is DYNAMIC or assignable(t, wanted, False) and not t.loose:
        return [None]
    return [(("type", wanted), ())]


def _constructor(p, node, t):
    variant = constructor_of(p.c, node, t)
    if variant is not None:
        inner = p.part_types(("variant", variant), t)
        return p.parts(("variant", variant), padded(node.args, len(inner)), inner)
    decl = p.c.pattern_classes.get(node)
    if decl is None:
        return [(("type", node), ())]
    return p.parts(("class", decl), padded(node.args, len(decl.params)), [DYNAMIC] * len(decl.params))


def padded(nodes, count):
    """`nodes`, made `count` many: a wrong number is reported elsewhere."""
    return [*nodes, *([ast.PWild(0)] * (count - len(nodes)))][:count]


def _tuple(p, node, t):
    key = ("tuple", len(node.items))
    return p.parts(key, node.items, p.part_types(key, t) if t.__class__ is not Tuple or len(t.items) == len(node.items)
                   else [DYNAMIC] * len(node.items))


def _list(p, node, t):
    key = ("list", len(node.items), node.rest is not None)
    return p.parts(key, node.items, p.part_types(key, t))


def _record(p, node, t):
    given = dict(node.fields)
    return p.parts(("record",), [given.get(name) or ast.PWild(0) for name in p.names], p.part_types(("record",), t))


_MAKERS = {ast.PLiteral: _literal, ast.PName: _name, ast.PType: _type, ast.PConstructor: _constructor, ast.PTuple: _tuple,
           ast.PList: _list, ast.PRecord: _record}


# --- the question ---

def examine(c, node, arms, t):
    """Warn of arms of the match that are never reached, and report what no arm covers. `t` is the subject's type."""
    patterns = Patterns(c, [arm.pattern for arm in arms])
    try:
        rows = []
        for arm in arms:
            patterns.steps = 0
            rows.append(patterns.rows(arm.pattern, t))
    except GivesUp:
        return
    for question, limit in ((_reached, MAX_STEPS), (_covered, MAX_ALL)):
        patterns.steps, patterns.all, patterns.limit = 0, 0, limit
        try:
            question(c, patterns, node, arms, rows, t)
        except GivesUp:
            pass


def _reached(c, patterns, node, arms, rows, t):
    """Warn of arms that are never reached."""
    before = Rivals()
    for arm, own in zip(arms, rows):
        patterns.steps = 0
        if not any(patterns.useful(before.of(row), [row], [t]) for row in own):
            c.warn("E0641", "this arm is never reached: the arms before it take all that it takes", arm.pattern.pos)
        if arm.guard is None:
            before.add(own)


class Rivals:
    """Rows by what they begin with, so that an arm is compared only with those that may take something of what it takes."""

    def __init__(self):
        self.all = []
        self.by_start = {}      # (constructor, constructor of its first part or None) -> rows; None -> those that take everything
        self.by_head = {}       # constructor -> rows

    def add(self, rows):
        """Enter the rows of an arm."""
        for row in rows:
            start = _start(row)
            self.all.append([row])
            self.by_start.setdefault(start, []).append([row])
            self.by_head.setdefault(start and start[0], []).append([row])

    def of(self, row):
        """The rows that may take something of what `row` takes."""
        start = _start(row)
        if start is None:
            return self.all
        found = [*self.by_start.get(None, ())]
        if start[1] is None:
            return found + self.by_head.get(start[0], [])
        return found + self.by_start.get(start, []) + self.by_start.get((start[0], None), [])


def _start(row):
    """The constructor of a row and that of its first part. Lists overlap, so all of them count as one."""
    if row is None:
        return None
    key, parts = row
    first = parts[0] if parts else None
    return "list" if key[0] == "list" else key, None if first is None or first[0][0] == "list" else first[0]


def _covered(c, patterns, node, arms, rows, t):
    rows = [[row] for arm, own in zip(arms, rows) if arm.guard is None for row in own]
    if t.loose or any(row[0] is None for row in rows):
        return
    found = patterns.uncovered(rows, [t])
    if found is not None:
        help = "add an arm for it, or `_ => …` for all that is left"
        c.error("E0640", f"not covered: {found[0]}", node.pos, help)
