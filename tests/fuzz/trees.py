"""Random syntax trees of the full language, for tests of text → tree → text.

Each function takes a `random.Random` and how many levels the result may have.
"""

from myna.compiler.syntax import ast

NAMES = ("a", "b", "f", "x1", "_y", "from", "type", "init", "after")
BINARY = ("+", "-", "*", "/", "%", "+%", "-%", "*%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=")
OPERATORS = ("+", "-", "*", "==", "<", ">>", "~", "[]", "[]=")


def name(random):
    """A name."""
    return random.choice(NAMES)


def several(random, make, *rest, least=0):
    """A list of up to two things, or of `least` and one."""
    return [make(random, *rest) for _ in range(random.randrange(least, max(3, least + 2)))]


def maybe(random, make, *rest):
    """A thing or None."""
    return make(random, *rest) if random.random() < 0.5 else None


def fields(random, make, depth):
    """Pairs of a name and a thing."""
    return [(name(random), make(random, depth)) for _ in range(random.randrange(3))]


# Types

def type_name(random, depth):
    """A name, perhaps with arguments."""
    return ast.TypeName(0, random.choice(("A", "m.B", "int")), several(random, type_, depth - 1) if depth > 0 else [])


def type_(random, depth):
    """A type."""
    if depth <= 0:
        return random.choice((type_name(random, 0), ast.TypeName(0, "None", [])))
    down = depth - 1
    return random.choice((
        lambda: type_name(random, depth),
        lambda: ast.TypeOptional(0, type_(random, down)),
        lambda: ast.TypeFunction(0, several(random, type_, down), maybe(random, type_, down)),
        lambda: ast.TypeTuple(0, several(random, type_, down, least=2)),
        lambda: ast.TypeRecord(0, fields(random, type_, down)),
    ))()


def type_param(random, depth):
    """A type parameter."""
    return ast.TypeParam(0, name(random), maybe(random, type_, depth - 1))


def distinct(items):
    """`items` without those that are called as one before."""
    return list({item.name: item for item in reversed(items)}.values())


# Expressions

def literal(random):
    """A literal."""
    return random.choice((
        lambda: ast.Int(0, random.choice((0, 7, -7, 2**63 - 1, -2**63))),
        lambda: ast.Float(0, random.choice((0.5, 1e300, 1e-7))),
        lambda: ast.BigInt(0, random.choice((0, 12, 2**80))),
        lambda: ast.String(0, random.choice(("", "s", 'q"\\\n\t', "${", "é\0\r"))),
        lambda: ast.Bool(0, random.random() < 0.5),
        lambda: ast.NoneLit(0),
    ))()


def expression(random, depth):
    """An expression."""
    if depth <= 0:
        return random.choice((lambda: literal(random), lambda: ast.Name(0, name(random)), lambda: ast.This(0)))()
    down = depth - 1

    def sub():
        return expression(random, down)

    return random.choice((
        lambda: expression(random, 0),
        lambda: ast.Binary(0, random.choice(BINARY), sub(), sub()),
        lambda: ast.Unary(0, random.choice("-!~"), sub()),
        lambda: ast.Logic(0, random.choice(("&&", "||", "??")), sub(), sub()),
        lambda: ast.Cond(0, sub(), sub(), sub()),
        lambda: ast.Call(0, sub(), arguments(random, down)),
        lambda: ast.Call(0, ast.Field(0, ast.Super(0), name(random), False), arguments(random, down)),
        lambda: ast.Call(0, type_apply(random, down), arguments(random, down)),
        lambda: ast.Field(0, type_apply(random, down), name(random), False),
        lambda: type_apply(random, down),
        lambda: ast.Field(0, sub(), name(random), random.random() < 0.3),
        lambda: ast.Index(0, sub(), sub()),
        lambda: ast.List(0, several(random, expression, down)),
        lambda: ast.Tuple(0, several(random, expression, down, least=2)),
        lambda: ast.Record(0, fields(random, expression, down)),
        lambda: ast.MapLit(0, [(random.choice((ast.String(0, "k"), sub())), sub()) for _ in range(random.randrange(1, 3))]),
        lambda: ast.Range(0, sub(), sub(), random.random() < 0.5),
        lambda: ast.Is(0, sub(), type_(random, down)),
        lambda: ast.As(0, sub(), type_(random, down)),
        lambda: function(random, depth, None, []),
        lambda: ast.Match(0, sub(), several(random, arm, down)),
        lambda: receive(random, down),
    ))()


def type_apply(random, depth):
    """Type arguments: they stand behind a name only."""
    callee = random.choice((ast.Name(0, name(random)), ast.Field(0, expression(random, depth - 1), name(random), False)))
    return ast.TypeApply(0, callee, several(random, type_, depth, least=1))


def arguments(random, depth):
    """The arguments of a call."""
    named = [ast.NamedArg(0, name(random), expression(random, depth)) for _ in range(random.randrange(2))]
    return several(random, expression, depth) + named


def function(random, depth, called, type_params):
    """A function of either form."""
    body = block(random, depth - 1) if random.random() < 0.5 else expression(random, depth - 1)
    return ast.Function(0, called, type_params, params(random, depth - 1), maybe(random, type_, depth - 1), body)


def params(random, depth):
    """The parameters of a function."""
    found = distinct([ast.Param(0, name(random), maybe(random, type_, depth), maybe(random, expression, depth), False,
                                 attributes(random) if random.random() < 0.2 else [])
                      for _ in range(random.randrange(3))])
    if random.random() < 0.2:
        found.append(ast.Param(0, "rest", maybe(random, type_, depth), None, True))
    return found


def receive(random, depth):
    """A `receive`, with or without `after`."""
    after = maybe(random, expression, depth)
    return ast.Receive(0, several(random, arm, depth), after, None if after is None else body(random, depth))


def body(random, depth):
    """The right side of an arm."""
    return block(random, depth) if random.random() < 0.5 else expression(random, depth)


def arm(random, depth):
    """An arm of `match`."""
    return ast.Arm(0, pattern(random, depth), maybe(random, expression, depth), body(random, depth))


# Patterns

def pattern(random, depth):
    """A pattern."""
    if depth <= 0:
        return random.choice((lambda: ast.PWild(0), lambda: ast.PName(0, name(random)), lambda: ast.PLiteral(0, literal(random))))()
    down = depth - 1
    return random.choice((
        lambda: pattern(random, 0),
        lambda: ast.PType(0, maybe(random, name), type_(random, down)),
        lambda: ast.PConstructor(0, random.choice(("A", "m.B")), several(random, pattern, down)),
        lambda: structure(random, depth),
        lambda: ast.POr(0, several(random, pattern, down, least=2)),
    ))()


def structure(random, depth):
    """A pattern that `let` may have."""
    down = depth - 1
    return random.choice((
        lambda: ast.PTuple(0, several(random, pattern, down, least=2)),
        lambda: ast.PList(0, several(random, pattern, down), random.choice((None, ast.PWild(0), ast.PName(0, "r")))),
        lambda: ast.PRecord(0, fields(random, pattern, down)),
    ))()


# Statements

def block(random, depth):
    """A block."""
    return ast.Block(0, several(random, statement, depth - 1) if depth > 0 else [])


def statement(random, depth):
    """A statement."""
    value = expression(random, max(depth, 0))
    target = random.choice((ast.Name(0, name(random)), ast.Field(0, value, name(random), False), ast.Index(0, value, value)))
    simple = (
        lambda: ast.ExprStmt(0, value),
        lambda: ast.Assign(0, target, random.choice((None, "+", "<<")), value),
        lambda: let(random, value),
        lambda: ast.LetPattern(0, structure(random, 1), random.random() < 0.5, value),
        lambda: ast.Return(0, random.choice((None, value))),
        lambda: ast.Throw(0, value),
        lambda: random.choice((ast.Break(0), ast.Continue(0))),
        lambda: ast.Global(0, list(NAMES[:random.randrange(1, 3)])),
        lambda: ast.Import(0, random.choice(("a", "lib/a")), "b"),
        lambda: ast.ImportFrom(0, random.choice(("a", "lib/a")), [ast.ImportName(0, "a", "a"), ast.ImportName(0, "b", "c")]),
        lambda: ast.TypeAlias(0, "T", [], type_(random, 2)),
        lambda: ast.FunDecl(0, "e", ast.Function(0, "e", [], params(random, 1), maybe(random, type_, 1), ast.Extern(0, "lib")), []),
    )
    if depth <= 0:
        return random.choice(simple)()
    return random.choice(simple + (
        lambda: declared_function(random, depth),
        lambda: ast.If(0, value, block(random, depth), random.choice((None, block(random, depth), ast.If(
            0, value, block(random, depth), None)))),
        lambda: ast.While(0, value, block(random, depth)),
        lambda: ast.For(0, random.choice((name(random), structure(random, 1))), value, block(random, depth)),
        lambda: block(random, depth),
        lambda: try_(random, depth),
        lambda: class_(random, depth),
        lambda: ast.InterfaceDecl(0, "I", generics(random, depth), several(random, type_name, 1), several(random, method, depth - 1, True),
                                  attributes(random)),
        lambda: enum(random, depth),
    ))()


def let(random, value):
    """A `let` or `var`."""
    mutable = random.random() < 0.5
    return ast.Let(0, name(random), maybe(random, type_, 2), mutable, None if mutable and random.random() < 0.5 else value)


def try_(random, depth):
    """A `try` with `catch` or `finally` parts."""
    catches = [random.choice((ast.Catch(0, None, None, block(random, depth)),
                              ast.Catch(0, name(random), maybe(random, type_, 1), block(random, depth))))
               for _ in range(random.randrange(3))]
    return ast.Try(0, block(random, depth), catches, block(random, depth) if not catches or random.random() < 0.5 else None)


def attributes(random):
    """Attributes of a declaration."""
    return [ast.Attribute(0, "test", several(random, expression, 1)) for _ in range(random.randrange(2))]


def generics(random, depth):
    """The type parameters of a declaration."""
    return distinct(several(random, type_param, depth))


def declared_function(random, depth):
    """The declaration of a function."""
    called = name(random)
    return ast.FunDecl(0, called, function(random, depth, called, generics(random, 2)), attributes(random))


def class_(random, depth):
    """A class."""
    base = maybe(random, type_name, 1)
    return ast.ClassDecl(0, "C", generics(random, 2), params(random, 1), base, [] if base is None else arguments(random, 1),
                         several(random, type_name, 1), several(random, member, depth - 1), attributes(random))


def member(random, depth):
    """A member of a class."""
    return random.choice((
        lambda: ast.FieldDecl(0, name(random), maybe(random, type_, 2), random.random() < 0.5, random.random() < 0.5,
                              maybe(random, expression, depth), attributes(random)),
        lambda: method(random, depth, False),
        lambda: ast.InitDecl(0, block(random, depth)),
        lambda: ast.TypeAlias(0, "T", generics(random, 1), type_(random, 2)),
        lambda: ast.ClassDecl(0, "D", [], [], None, [], [], several(random, method, depth, False), []),
    ))()


def method(random, depth, abstract):
    """A method, perhaps without a body."""
    called = random.choice((*NAMES, *OPERATORS))
    made = function(random, max(depth, 0), called, generics(random, 1) if called in NAMES else [])
    if abstract and random.random() < 0.5:
        made.body = None
    override, static = random.choice(((False, False), (True, False), (False, True)))
    return ast.MethodDecl(0, ast.NEGATION if called == "-" and not made.params else called, made, override, static, attributes(random))


def enum(random, depth):
    """An enum."""
    variants = [ast.Variant(0, variant, maybe(random, params, 1), attributes(random)) for variant in ("A", "B", "Cc")[:random.randrange(4)]]
    return ast.EnumDecl(0, "E", generics(random, 1), variants, several(random, method, depth - 1, False), attributes(random))
