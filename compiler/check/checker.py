"""The state of checking one module, and the dispatch to the construct files.

In:  the resolved tree. Out: `types`, node -> Type of every expression; `places`, what a value must become where it goes;
     `Variable.type`; diagnostics.
Holds:
- `EXPR[class](c, node, want)` gives the type of an expression; `want` is the expected type or None, a hint that makes
  literals and lambdas fit: whether the type fits is the caller's question;
- `STMT[class](c, node)` checks a statement; `facts` is what is known where the checker stands (see `flow`), None where no
  execution comes;
- a variable without a written type has the type of what it is first given. When it turns out to get something else as well,
  it becomes dynamic and the module is checked again (`ROUNDS` times at most), so that nothing is reported of an assumption
  that does not hold.
"""
import re

from myna.compiler import diagnostics
from myna.compiler.diagnostics import MAX_ERRORS, CompileError, Diagnostic, limited
from myna.compiler.suggest import similar
from myna.compiler.types.model import DYNAMIC, ERROR, Open

EXPR = {}       # node class -> check(c, node, want) -> Type
STMT = {}       # node class -> check(c, node)

ROUNDS = 4      # then every variable with several assignments and no written type is dynamic; code rarely needs two

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|-?[0-9][\w.]*|[A-Za-z_]\w*|\.\.\.|<<=|>>=|\.\.=|=[=>]|[-+*/%&|^<>!]=|[-+*]%|'
                    r'\|[>|]|&&|\?[?.]|<<|>>|\.\.|.', re.S)


def expression(*classes):
    """Register the decorated function as the check of expressions of these classes."""
    def add(function):
        EXPR.update(dict.fromkeys(classes, function))
        return function
    return add


def statement(*classes):
    """Register the decorated function as the check of statements of these classes."""
    def add(function):
        STMT.update(dict.fromkeys(classes, function))
        return function
    return add


class Context:
    """The function that is being checked. `result` is its written type or None; `returned` joins what it returns."""

    __slots__ = ("node", "result", "returned", "this", "decl", "static", "returns", "hint", "init")

    def __init__(self, node, result, this, decl, static):
        self.node = node
        self.result = result
        self.returned = ERROR
        self.this = this            # the type of `this`, None outside of classes
        self.decl = decl            # the Declaration whose body surrounds it
        self.static = static
        self.returns = 0            # uses of its own result while that is being inferred
        self.hint = None            # the expected result, of a lambda
        self.init = False           # in `init`, where fields get their first values


class Deferred:
    """A function whose body is checked later, and where it stands."""

    __slots__ = ("node", "scopes", "context", "facts", "state", "type", "signature")

    def __init__(self, node, scopes, context):
        self.node = node
        self.scopes = scopes
        self.context = context      # of what surrounds it
        self.facts = {}
        self.state = 0              # of its body: 0 not begun, 1 begun, 2 done
        self.signature = None       # Function, its result DYNAMIC while it is to be inferred
        self.type = None            # Function, when the result is known


class Checker:
    """See the module."""

    def __init__(self, module, source, strict):
        self.module = module
        self.source = source
        self.strict = strict
        self.errors = []
        self.warnings = []
        self.reported = set()       # (code, pos): a node may be checked more than once
        self.types = {}             # expression node -> Type
        self.places = {}            # expression node -> the Type of the place it is given to, where that is another
        self.wanted = {}            # ExprStmt that is the value of an arm -> the type expected of it
        self.functions = {}         # Function node -> its type
        self.promised = {}          # Function node of a method -> the result that what it overrides has
        self.promises = {}          # (Declaration, name of a method) -> the result that is written above the declaration, or None
        self.type_args = {}         # Call or TypeApply node -> the type arguments that it gives
        self.own = frozenset()      # as of scopes.Earlier
        self.strayed = set()        # likewise
        self.library = False        # predefined types may have members that are not known yet
        self.facts = {}
        self.context = Context(None, None, None, None, False)
        self.scopes = ({},)         # name -> Declaration, Alias or Type; innermost last
        self.variants = {}          # name -> Variant, of the enums in sight
        self.scope_of = {}          # Declaration or Alias -> scopes
        self.deferred = {}          # Variable or Function node -> Deferred
        self.queue = []             # Deferred, of module level: their bodies come after the module's statements
        self.annotated = set()      # Variables whose type is written
        self.declarations = {}      # declaring node -> Declaration
        self.declared = {}          # name -> how many of this module's classes and interfaces have such a member
        self.families = {}          # Declaration -> whether all above it is declared in this module
        self.overridden = set()     # names of methods that some class overrides
        self.bound_now = set()      # variables of patterns that were met in this round
        self.pattern_classes = {}   # PConstructor -> Declaration of the class it names
        self.breaks = []            # facts at the `break`s of the innermost loop
        self.widened = set()        # Variables that are dynamic because they get values of several types
        self.results = {}           # Function node -> inferred result, of the round before
        self.loop_writes = {}       # loop node -> variables that it assigns
        self.elements = {}          # see `evolve`, of the rounds before
        self.open = {}              # (empty literal, number of a type argument) -> its Open in this round
        self.carried = set()        # expressions with Opens in their types that did not escape
        self.again = False          # an assumption failed: check all again
        self.round = 0
        self.last_round = ROUNDS
        self.muted = 0              # above 0 nothing is reported: an expression is tried

    # --- types ---

    def expr(self, node, want=None):
        """The type of an expression."""
        t = EXPR[node.__class__](self, node, want)
        if t.__class__ is Open:
            t = DYNAMIC
        self.types[node] = t
        return t

    def outside(self, var):
        """Is it a variable of another module, whose type is known?"""
        return var.module and var.scope is not self.module.scope

    def widen(self, var):
        """`var` gets values of several types."""
        if var not in self.widened:
            self.widened.add(var)
            self.again = True
        var.type = DYNAMIC

    # --- messages ---

    def error(self, code, message, pos, help=None, end=None):
        """Report an error about the token at `pos`."""
        if not self.muted and (code, pos) not in self.reported:
            self.reported.add((code, pos))
            self.errors.append((code, message, pos, end, help))

    def similar(self, name, names, others=None):
        """`suggest.similar` for an error that will be shown, else None."""
        return similar(name, names, others) if len(self.errors) < MAX_ERRORS and not self.muted else None

    def warn(self, code, message, pos, help=None, end=None):
        """Report a warning about the token at `pos`."""
        if not self.muted and (code, pos) not in self.reported:
            self.reported.add((code, pos))
            self.warnings.append((code, message, pos, end, help))

    def diagnostics(self, rows, severity):
        """The Diagnostics of `rows`, in source order."""
        made = []
        for code, message, pos, end, help in sorted(rows, key=lambda row: (row[2], row[0])):
            if end is None:
                token = _TOKEN.match(self.source.text, pos)
                end = token.end() if token else pos + 1
            made.append(Diagnostic(code, message, self.source, pos, end, help, severity))
        return made

    def finish(self, earlier):
        """Raise CompileError when there were errors, these or `earlier` ones; else the warnings. Of errors at one place the first
        that was found is told: it is the inner one."""
        if self.errors or earlier:
            told, first = {d.pos for d in earlier}, []
            for row in self.errors:
                if row[2] not in told:
                    told.add(row[2])
                    first.append(row)
            raise CompileError(limited([*earlier, *self.diagnostics(first, "error")]))
        return self.diagnostics(self.warnings, "warning")[:MAX_ERRORS]


diagnostics.register({
    "E0601": "value of another type than its place",
    "E0602": "argument of a wrong type",
    "E0603": "wrong number of arguments",
    "E0604": "named argument that does not fit",
    "E0605": "unknown member",
    "E0606": "operands of a wrong type",
    "E0607": "missing return",
    "E0608": "returned value of a wrong type",
    "E0609": "condition that is not a bool",
    "E0610": "call of what is not a function",
    "E0611": "index of a wrong type, or of what has no elements",
    "E0612": "loop over what has no elements",
    "E0613": "value that may be None",
    "E0614": "variable used before it has a value",
    "E0615": "unknown type",
    "E0616": "wrong number of type arguments",
    "E0617": "type argument outside its bound",
    "E0619": "type alias that contains itself",
    "E0623": "member declared twice",
    "E0624": "missing `override`",
    "E0625": "override with another signature",
    "E0626": "`override` of nothing",
    "E0627": "interface method that is not implemented",
    "E0628": "interface or enum used as a constructor",
    "E0630": "assignment to a field or element that cannot change",
    "E0631": "`this` or `super` where there is none",
    "E0632": "static and instance members mixed up",
    "E0633": "field without a value",
    "E0640": "match that does not cover all cases",
    "E0641": "arm that is never reached",
    "E0642": "pattern that never matches",
    "E0643": "wrong number of parts in a pattern",
    "E0650": "cast that never succeeds",
    "E0651": "test with a result that is always the same",
    "E0652": "unreachable code",
    "E0653": "format that does not fit",
    "E0660": "implicit variable",
    "E0661": "implicit `dynamic`",
    "E0662": "unused variable",
    "E0663": "name that hides another",
    "E0664": "unused import",
    "E0665": "unused private function",
    "E0670": "attribute in a wrong place",
    "E0671": "wrong arguments of an attribute",
    "E0672": "attribute that is almost called like a known one",
    "E0673": "use of something deprecated",
    "E0680": "type that C does not have",
    "E0681": "class that is no struct of C",
})
