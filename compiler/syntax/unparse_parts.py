"""The text of types, declarations, `match` and patterns, for `unparse`.

In:  a node of these kinds. Out: its pieces, as `unparse._Writer` has them.
"""

from myna.compiler.syntax import ast


class Line:
    """A line break with the current indentation."""


LINE = Line()


class In:
    """Pieces to be written one level deeper."""

    def __init__(self, pieces):
        self.pieces = pieces


def joined(nodes, separator):
    """The nodes with the text `separator` between them."""
    pieces = []
    for node in nodes:
        pieces += [separator, node]
    return pieces[1:]


def braced(lines):
    """`{`, the lists of pieces `lines` one a line, `}`."""
    pieces = []
    for line in lines:
        pieces += [LINE, *line]
    return ["{", In(pieces), LINE, "}"] if pieces else ["{}"]


def angles(types):
    """The types in angle brackets; nothing when there are none."""
    return ["<", *joined(types, ", "), ">"] if types else []


class Parts:
    """A method a node class, named by it."""

    # Types

    def _TypeName(self, node):
        return [node.name, *angles(node.args)]

    def _TypeOptional(self, node):
        alone = type(node.inner) in (ast.TypeFunction, ast.TypeOptional)
        return ["(", node.inner, ")?"] if alone else [node.inner, "?"]

    def _TypeFunction(self, node):
        pieces = ["fun(", *joined(node.params, ", "), ")"]
        # Without a result it is in parentheses: what comes next could be taken for its body.
        return ["(", *pieces, ")"] if node.result is None else [*pieces, ": ", node.result]

    def _TypeTuple(self, node):
        return ["(", *joined(node.items, ", "), ")"]

    def _TypeRecord(self, node):
        pieces = []
        for name, field in node.fields:
            pieces += [", ", name, ": ", field]
        return ["{", *pieces[1:], "}"]

    def _TypeParam(self, node):
        return [node.name, *self._typed(node.bound)]

    # Variables and functions

    def _Let(self, node):
        return ["var " if node.mutable else "let ", node.name, *self._typed(node.type), *self._value(node.value), self.end]

    def _LetPattern(self, node):
        return ["var " if node.mutable else "let ", node.pattern, " = ", node.value, self.end]

    def _value(self, value):
        return [" = ", value] if value is not None else []

    def _typed(self, type):
        return [": ", type] if type is not None else []

    def _Attribute(self, node):
        return ["@", node.name, *(["(", *joined(node.args, ", "), ")"] if node.args else [])]

    def _attributes(self, node, end=LINE):
        return [piece for attribute in node.attributes for piece in (attribute, end)]

    def _FunDecl(self, node):
        body = node.function.body
        if type(body) is ast.Extern:            # no `{` may follow a `)` directly
            return [*self._attributes(node), *self._function(f'extern "{self._escaped(body.library)}" fun {node.name}', node.function, ";")]
        return [*self._attributes(node), *self._function("fun " + node.name, node.function, self.end)]

    def _function(self, head, function, end):
        """The pieces of a function; `end` closes its statement unless a block does."""
        pieces = [head, *angles(function.type_params), "(", *joined(function.params, ", "), ")", *self._typed(function.result)]
        if function.body is None or type(function.body) is ast.Extern:
            return pieces + [end]
        if type(function.body) is ast.Block:
            return pieces + [" ", function.body]
        return pieces + [" => ", function.body, end]

    def _Param(self, node):
        return [*self._attributes(node, " "), "..." if node.rest else "", node.name, *self._typed(node.type), *self._value(node.default)]

    # Classes and their like

    def _ClassDecl(self, node):
        pieces = [*self._attributes(node), "class ", node.name, *angles(node.type_params)]
        if node.params:
            pieces += ["(", *joined(node.params, ", "), ")"]
        if node.base is not None:
            pieces += [" extends ", node.base]
            if node.base_args:
                pieces += ["(", *joined(node.base_args, ", "), ")"]
        if node.interfaces:
            pieces += [" implements ", *joined(node.interfaces, ", ")]
        return [*pieces, " ", *self._members(node)]

    def _members(self, node):
        return braced([member] for member in node.members)

    def _InterfaceDecl(self, node):
        bases = [" extends ", *joined(node.bases, ", ")] if node.bases else []
        return [*self._attributes(node), "interface ", node.name, *angles(node.type_params), *bases, " ", *self._members(node)]

    def _EnumDecl(self, node):
        lines = [[variant, ","] for variant in node.variants] + [[member] for member in node.members]
        return [*self._attributes(node), "enum ", node.name, *angles(node.type_params), " ", *braced(lines)]

    def _Variant(self, node):
        return [*self._attributes(node), node.name, *(["(", *joined(node.params, ", "), ")"] if node.params is not None else [])]

    def _FieldDecl(self, node):
        head = ("static " if node.static else "") + ("var " if node.mutable else "let ")
        return [*self._attributes(node), head, node.name, *self._typed(node.type), *self._value(node.value), self.end]

    def _MethodDecl(self, node):
        head = ("static " if node.static else "") + ("override " if node.override else "") + "fun " + node.function.name
        return [*self._attributes(node), *self._function(head, node.function, self.end)]

    def _InitDecl(self, node):
        return ["init ", node.body]

    def _TypeAlias(self, node):
        return ["type ", node.name, *angles(node.type_params), " = ", node.type, self.end]

    # Modules

    def _module(self, path):
        return path if self.plain_name(path) else f'"{self._escaped(path)}"'

    def _Import(self, node):
        return ["import ", self._module(node.path), *([f" as {node.alias}"] if node.alias != node.path else []), self.end]

    def _ImportFrom(self, node):
        return ["from ", self._module(node.path), " import ", *joined(node.names, ", "), self.end]

    def _ImportName(self, node):
        return [node.name, *([f" as {node.alias}"] if node.alias != node.name else [])]

    # Match and patterns

    def _Match(self, node):
        return ["match (", node.subject, ") ", *braced([arm] for arm in node.arms)]

    def _Receive(self, node):
        lines = [[arm] for arm in node.arms]
        if node.after is not None:
            lines.append(["after ", node.after, *self._arm_body(node.after_body)])
        return ["receive ", *braced(lines)]

    def _Arm(self, node):
        return [node.pattern, *([" if ", node.guard] if node.guard is not None else []), *self._arm_body(node.body)]

    def _arm_body(self, body):
        if type(body) is ast.Block:
            return [" => ", body]
        self._guard(body)
        return [" => ", body, ","]

    def _PWild(self, node):
        return ["_"]

    def _PLiteral(self, node):
        return [node.value]

    def _PName(self, node):
        return [node.name]

    def _PType(self, node):
        return [node.name or "_", ": ", node.type]

    def _PConstructor(self, node):
        return [node.name, *(["(", *self._patterns(node.args), ")"] if node.args or "." not in node.name else [])]

    def _patterns(self, patterns):
        return joined(patterns, ", ")

    def _PTuple(self, node):
        return ["(", *self._patterns(node.items), ")"]

    def _PList(self, node):
        rest = ["...", node.rest] if node.rest is not None else []
        return ["[", *self._patterns(node.items), ", " if rest and node.items else "", *rest, "]"]

    def _PRecord(self, node):
        fields = []
        for name, pattern in node.fields:
            short = type(pattern) is ast.PName and pattern.name == name
            fields.append([name] if short else [name, ": ", pattern])
        return ["{", *[piece for field in fields for piece in (", ", *field)][1:], "}"]

    def _POr(self, node):
        pieces = []
        for item in node.alternatives:
            pieces += [" | ", *(["(", item, ")"] if type(item) is ast.POr else [item])]
        return pieces[1:]
