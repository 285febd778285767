"""What name resolution finds out: variables, and the functions they belong to.

In:  nothing; `resolver` fills these classes. Out: `Name.var`, `Let.var`, `For.var`, `Try.var`, `FunDecl.var` are
`Variable`s, `Function.scope` and `Module.scope` are `Scope`s.
Holds: "sequence numbers" count the events of one walk in source order (a function literal, a variable's first
assignment, a block's end), so "a happens textually before b" is one comparison.
"""

# How a variable is stored. REGISTER: in a register of its function; closures that use it copy the value. CELL: a register
# of its function holds a shared cell. GLOBAL: in `Program.globals`. BUILTIN: a predefined name that is never assigned.
# STATIC: nowhere; `Variable.info` says what it is (a class, a static method, a type's alias, a module). UNKNOWN: nothing declares
# the name, which was reported.
REGISTER, CELL, GLOBAL, BUILTIN, STATIC, UNKNOWN = "register", "cell", "global", "builtin", "static", "unknown"

NEVER = 1 << 62     # a sequence number later than all events


class Region:
    """A run of statements; its last event comes before `end`. `repeats`: it may run again in one activation."""

    __slots__ = ("end", "repeats")

    def __init__(self, repeats):
        self.end = NEVER
        self.repeats = repeats


class Variable:
    """One variable. What is known about it while resolving, then its `kind`, then what lowering keeps in it.

    An *explicit* variable is a parameter or stands in a `let`, `var`, `fun`, `for` or `catch`; its declaration comes
    before every use in its own function. An *implicit* one is declared by assignment, for its whole function.
    """

    __slots__ = ("name", "scope", "pos", "explicit", "assignable", "module", "writes", "seq", "region", "born", "first_capture",
                 "last_capture", "kind", "tracked", "checked", "early", "index", "type", "register", "raw", "assigned", "info", "home", "deprecated")

    def __init__(self, name, scope, pos, explicit, assignable=True):
        self.name = name
        self.scope = scope              # the function it belongs to
        self.pos = pos
        self.explicit = explicit
        self.assignable = assignable
        self.module = False             # stands at the module's top level: a global when a function uses it
        self.writes = 0                 # assignments, not counting an explicit variable's declaration
        self.seq = 0                    # when it gets its first value; 0: not yet (explicit), at entry (parameter)
        self.region = None              # where it gets its first value
        self.born = 0                   # number of its function's uses before its first assignment
        self.first_capture = NEVER      # creation of the first and the last closure that uses it
        self.last_capture = 0
        self.kind = REGISTER
        self.tracked = False            # its own function may read it unset: check where that cannot be excluded
        self.checked = False            # a closure may read it unset: always check there
        self.early = False              # a closure is made before its declaration: its cell is made at the block's entry
        self.index = 0                  # GLOBAL: index into the globals; BUILTIN: the primitive
        self.type = None                # checking: its type; None: not known yet
        self.register = -1              # lowering: of REGISTER and CELL
        self.raw = -1                   # lowering: the raw register of a float that lives in one
        self.assigned = False           # lowering: known to be set at this point (only kept for `tracked` ones)
        self.home = None                # of a declared function: the order.Home it stands in, where others stand above it
        self.deprecated = None          # checking: the declaration of a function that should not be used any more
        self.info = None                # what a declaration says of it: `classes.ClassInfo`, `classes.Alias`, ast.Function

    def __repr__(self):
        return f"<{self.kind} {self.name}>"


class Scope:
    """One function, or the module (`parent` is None)."""

    __slots__ = ("parent", "node", "name", "seq", "params", "variables", "global_names", "uses", "resolved", "captures",
                 "token", "early_cells", "body_number", "size", "owner", "class_")

    def __init__(self, parent, node, name, seq, owner=None):
        self.parent = parent
        self.node = node
        self.name = name                # for traces; None when the function has none
        self.seq = seq                  # when its closure is made
        self.params = []                # Variables in order
        self.variables = {}             # name -> implicit Variable (in classic programs parameters too)
        self.global_names = set()       # of `global` statements
        self.uses = []                  # Name nodes that are resolved after the walk, in source order
        self.resolved = {}              # name -> Variable, a cache
        self.captures = {}              # Variable of an outer function -> index into the closure's captured values
        self.token = None               # classic: the Variable whose cell identifies an activation
        self.early_cells = {}           # Block node -> Variables whose cells are made when it is entered
        self.body_number = 0            # classic: functions with equal syntax trees share it
        self.size = 0                   # classic: events and uses in it, a cheap fingerprint of its syntax tree
        self.owner = owner              # of a method or an initialiser: the ClassInfo. It captures nothing
        self.class_ = owner or (parent.class_ if parent is not None else None)      # whose `this` is meant inside

    def capture(self, var):
        """Make `var`, of an enclosing function, available in this one and all functions between."""
        scope = self
        while scope.parent is not var.scope:
            scope.captures.setdefault(var, len(scope.captures))
            scope = scope.parent
        scope.captures.setdefault(var, len(scope.captures))
        if scope.seq < var.first_capture:
            var.first_capture = scope.seq
        if scope.seq > var.last_capture:
            var.last_capture = scope.seq


class Earlier:
    """What a session has before an input: `names`, name -> Variable of what is known; `types` and `variants`, what of these the checker knows as
    such; `own`, those Variables that its inputs have
    declared, also those that are hidden by others now, and static ones of classes. Checking fills `strayed`: those of them that the
    input gives a value of another type."""

    __slots__ = ("names", "types", "variants", "own", "strayed")

    def __init__(self):
        self.names = {}
        self.types, self.variants = {}, {}
        self.own = set()
        self.strayed = set()


class Resolution:
    """The result for a module: its `scope`, all function scopes, the names of its globals, the classes; `info`, the
    ModuleInfo of a module that is imported; the names of all members that its text mentions; whether it mentions `type_of`; `own`, those
    Variables of other modules that it may assign, as of Earlier."""

    __slots__ = ("scope", "scopes", "globals", "classes", "info", "members", "reflects", "own")

    def __init__(self, scope, scopes):
        self.scope = scope
        self.scopes = scopes
        self.globals = []
        self.classes = []
        self.info = None
        self.members = set()
        self.reflects = False
        self.own = frozenset()
