"""The untyped syntax tree: what the parser makes of a file.

In:  nothing; these are plain node classes.
Out: `Module` and below it statements and expressions.
Holds: a node is created once by the parser. `pos` is the offset in the source of the token that names the node best
(the operator of a binary expression, the `(` of a call, the name of a field or variable, the keyword of a statement),
so that an error at run time or compile time points there. Later stages add to it only what `resolve` documents
(`Name.var`, `Function.scope`); they never restructure it.
"""

from types import FunctionType


class Node:
    """Base of all nodes. `_fields` lists the child attributes in source order, `pos` is an offset into the source."""
    __slots__ = ("pos",)
    _fields = ()

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self._fields)})"


def _templates(most):
    """The code of constructors with 0 … `most` attributes besides `pos`, called v0, v1 and so on."""
    names = [f"v{i}" for i in range(most)]
    lines = [f"def init{n}({', '.join(['self', 'pos', *names[:n]])}): {'; '.join(f'self.{v} = {v}' for v in ['pos', *names[:n]])}"
             for n in range(most + 1)]
    space = {}
    exec("\n".join(lines), space)
    return [space[f"init{n}"].__code__ for n in range(most + 1)]


_codes = _templates(10)


def _node(name, fields, extra="", doc=""):
    """Make a node class with `__slots__`; `extra` are the attributes that later stages set; a last field `attributes` may be left
    out. Its constructor is flat (that of a dataclass takes twice as long), and has its code from a template: compiling 90 of
    them takes 5 ms at every start."""
    fields, extra = tuple(fields.split()), tuple(extra.split())
    slots = fields + extra
    defaults = ((),) * (fields[-1:] == ("attributes",)) + (None,) * len(extra)
    code = _codes[len(slots)].replace(co_names=("pos", *slots), co_varnames=("self", "pos", *slots))
    init = FunctionType(code, globals(), "__init__", defaults)
    return type(name, (Node,), {"__slots__": slots, "_fields": fields, "__init__": init, "__doc__": doc})


Module = _node("Module", "body", "scope", "A file: `body` is a list of statements.")

# Statements
Block = _node("Block", "body", "", "`{ … }`: a list of statements in a scope of their own.")
ExprStmt = _node("ExprStmt", "expr", "", "An expression for its effect.")
Assign = _node("Assign", "target op value", "",
               "`target op= value`; `op` is None or the binary operator's text; `target` is a Name, Field or Index.")
Let = _node("Let", "name type mutable value", "var",
            "`let name: type = value`, or `var` when `mutable`; `type` may be None, and for `var` `value` too.")
FunDecl = _node("FunDecl", "name function attributes", "var", "`fun name(…) {…}`: binds `name` in the surrounding scope.")
Return = _node("Return", "value", "", "`return value`; `value` is None when absent.")
If = _node("If", "cond then orelse", "", "`orelse` is None, a Block or another If.")
While = _node("While", "cond body")
For = _node("For", "name iterable body", "var", "`for (name in iterable) body`; `name` is a str, or a PTuple, PList or PRecord.")
Break = _node("Break", "")
Continue = _node("Continue", "")
Global = _node("Global", "names", "", "`global x;`: binds the names to the module's variables in the whole function body.")
Try = _node("Try", "body catches final_body", "", "`catches` is a list of Catch; `final_body` is a Block, or None when absent.")
Throw = _node("Throw", "value")

# Expressions
Name = _node("Name", "name", "var", "A variable; `var` is set by resolve.")
Int = _node("Int", "value")
Float = _node("Float", "value")
String = _node("String", "value", "", "`value` is a str.")
Bool = _node("Bool", "value")
NoneLit = _node("NoneLit", "")
Format = _node("Format", "value format", "", "`e:>8.2f` in an interpolation; `format` is the text behind the colon.")
Interp = _node("Interp", "parts", "", "`\"a ${e} b\"`: String nodes, and expressions or Formats, in turn.")
Unary = _node("Unary", "op operand", "", "`op` is one of - ! ~")
Binary = _node("Binary", "op left right", "",
               "`op` is one of + - * / % +% -% *% & | ^ << >> == != < <= > >=; both sides are evaluated.")
Logic = _node("Logic", "op left right", "", "`op` is && || or ??: the right side is evaluated only when needed.")
Cond = _node("Cond", "cond then orelse", "", "`cond ? then : orelse`")
Call = _node("Call", "callee args", "", "A `Field` callee makes it a method call.")
Field = _node("Field", "obj name safe", "", "`obj.name`, or `obj?.name` when `safe`.")
Index = _node("Index", "obj index")
List = _node("List", "items")
Record = _node("Record", "fields", "", "`fields` is a list of (name, value) in source order.")
Range = _node("Range", "low high inclusive")
Function = _node("Function", "name type_params params result body", "scope",
                 "A function literal or the function of a declaration: `name` is its name or None, `type_params` a list of "
                 "TypeParam, `params` a list of Param, `result` a type or None, `body` a Block, or an expression for `=> e`.")


# Types, as written
TypeName = _node("TypeName", "name args", "var", "`Name<…>`; `name` may be dotted (`json.ParseError`), `args` a list of types.")
TypeOptional = _node("TypeOptional", "inner", "", "`T?`")
TypeFunction = _node("TypeFunction", "params result", "", "`fun(int, int): int`; `result` is None when absent.")
TypeTuple = _node("TypeTuple", "items", "", "`(int, string)`")
TypeRecord = _node("TypeRecord", "fields", "", "`{x: int, y: int}`: a list of (name, type).")
TypeParam = _node("TypeParam", "name bound", "", "`T: Bound`; `bound` is a type or None.")

# Declarations
Param = _node("Param", "name type default rest attributes", "var",
              "A parameter; `type` and `default` are None when absent, `rest` is true for `...xs`. Only fields have `attributes`.")
LetPattern = _node("LetPattern", "pattern mutable value", "", "`let (a, b) = value`, `let {x, y} = value`.")
Attribute = _node("Attribute", "name args", "", "`@name(args)`; stands in the `attributes` of what it precedes.")
ClassDecl = _node("ClassDecl", "name type_params params base base_args interfaces members attributes", "var info",
                  "`class C<T>(params) extends base(base_args) implements interfaces { members }`; `base` is a type or None. "
                  "`params` are Params, and fields too. `members` holds FieldDecl, MethodDecl, InitDecl and nested declarations.")
InterfaceDecl = _node("InterfaceDecl", "name type_params bases members attributes", "var info",
                      "`interface I<T> extends bases { … }`; a MethodDecl without a body has `function.body` None.")
EnumDecl = _node("EnumDecl", "name type_params variants members attributes", "var info",
                 "`enum E<T> { A, B(x: int) … }`; `variants` are Variants, `members` MethodDecls.")
Variant = _node("Variant", "name params attributes", "info", "One constructor of an enum; `params` is None for one without parentheses.")
FieldDecl = _node("FieldDecl", "name type mutable static value attributes", "", "`var f: T = e;` or `let …` in a class; `value` may be None.")
NEGATION = "-()"    # the name of the method `-` without parameters, beside which a class may have `-` with one
MethodDecl = _node("MethodDecl", "name function override static attributes", "",
                   "`fun name(…) …` in a class; an operator method's name is its symbol (`+`, `==`, `[]`, `[]=`), or NEGATION.")
InitDecl = _node("InitDecl", "body", "", "`init { … }`: runs after the fields are set. `body` is a Block.")
TypeAlias = _node("TypeAlias", "name type_params type", "var", "`type Name<T> = type`")
Import = _node("Import", "path alias", "var", "`import a` or `import \"lib/a\" as b`; `alias` is the name it is bound to.")
ImportFrom = _node("ImportFrom", "path names", "", "`from m import a, b as c`: a list of ImportName.")
ImportName = _node("ImportName", "name alias", "var", "`alias` equals `name` when not given.")
Extern = _node("Extern", "library", "symbol",
               "The body of `extern \"library\" fun name(…): result`: a C function; `symbol` is its name in C, set by check.")
Catch = _node("Catch", "name type body", "var", "`catch (name: type) body`; `name` and `type` may be None.")

# Expressions of the full language
This = _node("This", "", "var")
Super = _node("Super", "", "var", "Only as the object of a method call: `super.m(…)`.")
Is = _node("Is", "value type", "", "`value is type`")
As = _node("As", "value type", "", "`value as type`")
Tuple = _node("Tuple", "items")
MapLit = _node("MapLit", "entries", "", "`{\"a\": 1, [key]: 2}`: a list of (key expression, value).")
BigInt = _node("BigInt", "value", "", "`12n`")
NamedArg = _node("NamedArg", "name value", "", "`width: 3` in `f(x, width: 3)`: after the positional arguments.")
TypeApply = _node("TypeApply", "callee args", "", "`Box<int>`: explicit type arguments before a call.")
Match = _node("Match", "subject arms", "", "`match (subject) { arms }`, an expression; `arms` are Arms.")
Receive = _node("Receive", "arms after after_body", "",
                "`receive { arms, after n => after_body }`; `after` and `after_body` are None when absent.")
Arm = _node("Arm", "pattern guard body", "scope", "`pattern if guard => body`; `body` an expression or a Block, `guard` or None.")

# Patterns
PWild = _node("PWild", "", "", "`_`")
PLiteral = _node("PLiteral", "value", "", "A literal; `value` is an expression node (a negative number is folded).")
PName = _node("PName", "name", "var", "Binds a name, or stands for the enum constructor of that name: resolve decides.")
PType = _node("PType", "name type", "var", "`name: Type`; `name` is None for `_: Type`.")
PConstructor = _node("PConstructor", "name args", "var", "`Node(l, x, r)`; `name` may be dotted (`Tree.Node`).")
PTuple = _node("PTuple", "items")
PList = _node("PList", "items rest", "", "`[a, b, ...rest]`; `rest` is None, or a PName or PWild.")
PRecord = _node("PRecord", "fields", "", "`{x, y: pattern}`: a list of (name, pattern).")
POr = _node("POr", "alternatives", "", "`a | b`: each binds the same names.")


def walk(node):
    """Yield `node` and all nodes below it, parents first. Iterative: depth is bounded by memory only."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Node):
            yield item
            stack.extend(getattr(item, f) for f in reversed(item._fields))
        elif isinstance(item, (list, tuple)):
            stack.extend(reversed(item))
