"""What crosses the border to C: the signatures of `extern` and exported functions, classes marked `@c`.

In:  functions' signatures, Declarations. Out: errors. Holds: a type passes here exactly when the machine can hand its values over
(vm/native/c_types.c has the same rules, for constants of bytecode).
"""
from myna.compiler.check import declare
from myna.compiler.check.checker import expression
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import BIGINT, BOOL, BYTES, CLASS, DYNAMIC, INT, NONE, STRING, Nominal, Number
from myna.compiler.types.show import a

# What may stand where; each form has a name in the messages.
NOTHING, NUMBER, STRUCT, POINTER, REFERENCE, TEXT, MEMORY, CALLBACK = (
    "None", "numbers and bool", "classes marked `@c`", "pointers", "`Ref`", "string", "bytes and arrays of numbers", "functions")
ARGUMENTS = (NUMBER, TEXT, MEMORY, POINTER, REFERENCE, STRUCT, CALLBACK)
RESULTS = (NUMBER, TEXT, POINTER, STRUCT, NOTHING)
GIVEN = (NUMBER, TEXT, POINTER, REFERENCE)      # by C to a callback
RETURNED = (NUMBER, POINTER, NOTHING)           # to C
EXPORTED_GIVEN = (NUMBER, TEXT, MEMORY, POINTER, REFERENCE, STRUCT)
EXPORTED_RETURNED = (NUMBER, TEXT, POINTER, STRUCT, NOTHING)
MOST_EXPORTED = 32                              # parameters: the machine has room for so many
PARTS = (NUMBER, POINTER, STRUCT)               # of a struct; what a reference refers to
POINTER_BYTES = 8
LARGEST, DEEPEST = 65_535, 16       # bytes of a struct, structs in structs: what the machine takes
NULLABLE = (TEXT, MEMORY, POINTER, REFERENCE, CALLBACK)
FORMS = {"struct": STRUCT, "pointer": POINTER, "reference": REFERENCE}     # by the argument of `@c`


def marked(decl):
    """The `@c` of a declaration itself, or None."""
    return next((each for each in getattr(decl.node, "attributes", None) or () if each.name == "c"), None)


def written_form(attribute):
    """The form that an `@c` names, or None."""
    args = attribute.args
    return FORMS.get(args[0].value if args and args[0].__class__ is ast.String else "struct" if not args else None)


def class_form(decl):
    """What C sees of the instances of a class, or None."""
    while decl is not None:
        attribute = marked(decl)
        if attribute is not None:
            return written_form(attribute)
        decl = decl.base.decl if decl.base is not None else None
    return None


def form(t):
    """What C sees of a value of this type; None when it has no such thing."""
    inner = model.plain(t)
    kind = inner.__class__
    if inner is NONE:
        found = NOTHING
    elif kind is Number or inner is BOOL:
        found = NUMBER if inner is not BIGINT else None
    elif inner is STRING:
        found = TEXT
    elif inner is BYTES or kind is Nominal and inner.decl is builtin.ARRAY and form(inner.args[0]) is NUMBER:
        found = MEMORY
    elif kind is Nominal:
        found = class_form(inner.decl)
        if found is REFERENCE and [form(arg) in PARTS for arg in inner.args] != [True]:
            found = None
    else:
        found = CALLBACK if kind is model.Function and callback(inner) else None
    return None if t is not inner and found not in NULLABLE else found


def callback(t):
    """Can a function of this type be called by C?"""
    return (t.rest is None and t.required == len(t.params) and not t.type_params
            and all(form(p) in GIVEN for p in t.params) and form(t.result) in RETURNED)


# --- functions ---

def check(c, stmt, signature):
    """Check the parameters and the result of an `extern` function."""
    named = [each.args[0].value for each in stmt.attributes if each.name == "symbol" and each.args and each.args[0].__class__ is ast.String]
    stmt.function.body.symbol = named[0] if named else stmt.name
    border(c, stmt.function, signature, ARGUMENTS, RESULTS, "be passed to C", "come from C")


def exported(c, stmt, signature):
    """Check those of a function that C calls by a name, if it is one."""
    if any(each.name == "export" for each in stmt.attributes):
        if stmt.function.type_params:
            c.error("E0680", "a function that C calls has no type parameters", stmt.pos)
        if len(signature.params) > MOST_EXPORTED:
            c.error("E0680", f"a function that C calls has at most {MOST_EXPORTED} parameters", stmt.pos)
        border(c, stmt.function, signature, EXPORTED_GIVEN, EXPORTED_RETURNED, "come from C", "be returned to C")


def border(c, node, signature, arguments, results, given, returned):
    """Check that each parameter is one of the forms `arguments`, the result one of `results`."""
    types = iter(signature.params)
    for param in node.params:
        if param.rest:
            c.error("E0680", "C knows no rest parameter", param.pos, "declare the function once for each number of arguments that you need")
        else:
            place(c, next(types), param.type, param.pos, arguments, given)
    if node.result is not None:
        place(c, signature.result, node.result, node.pos, results, returned)
    elif node.body.__class__ is not ast.Extern:
        c.error("E0680", "the result of a function that C calls must be written", node.pos, "write `: None` if there is none")


def place(c, t, written, pos, allowed, verb):
    """Check one type at the border."""
    if t is model.ERROR or form(t) in allowed:
        return
    if t is DYNAMIC:
        c.error("E0680", "what C gets or gives needs a type", pos, f"possible are {listed(allowed)}")
    else:
        c.error("E0680", f"{a(t)} cannot {verb}", written.pos, f"possible are {listed(allowed)}")


def listed(forms):
    """The forms in a message."""
    return f"{', '.join(forms[:-1])} and {forms[-1]}"


@expression(ast.Extern)
def body(c, node, want):
    """The body of an `extern` function gives what is written."""
    return NONE if want is None else want


# --- classes ---

def check_class(c, decl):
    """Check a class that is marked, or below one that is."""
    attribute = marked(decl)
    above = class_form(decl.base.decl) if decl.kind == CLASS and decl.base is not None else None
    if attribute is None and above is None:
        return
    pos = decl.node.pos
    if decl.kind != CLASS:
        c.error("E0681", f"only classes are structs of C, not {decl.kind}s", pos)
    elif attribute is not None and written_form(attribute) is None:
        c.error("E0671", "`@c` takes nothing, or one of \"struct\", \"pointer\" and \"reference\"", attribute.pos)
    elif decl.base is not None and (attribute is not None or above is not POINTER):
        c.error("E0681", "a struct of C is no subclass and has none", pos, "put the other struct into a field")
    elif decl.type_params and class_form(decl) is not REFERENCE:
        c.error("E0681", "a struct of C has no type parameters", pos)
    elif above is not None:
        fields(c, decl, (), "a class below a pointer has no fields")
    elif class_form(decl) is STRUCT:
        fields(c, decl, PARTS, f"possible are {listed(PARTS)}")
        if not own_fields(decl):
            c.error("E0681", "a struct of C has at least one field", pos)
        elif size(c, decl, (), {}) is None:
            c.error("E0681", f"`{decl.name}` contains itself, or is too large", pos, "a struct refers to another one by a pointer")
    elif [declare.member_type(c, member) for member in own_fields(decl)] != ([INT] if class_form(decl) is POINTER else [*decl.type_params]):
        c.error("E0681", "a pointer has one field, an int; a reference one of the type that is its parameter", pos)


def own_fields(decl):
    """The fields of the instances, those of superclasses aside."""
    return [member for member in decl.members.values() if member.kind == "field"]


def fields(c, decl, allowed, help):
    """Check that all fields are of these forms."""
    for member in own_fields(decl):
        t = declare.member_type(c, member)
        if t is not model.ERROR and form(t) not in allowed:
            c.error("E0681", f"the field `{member.name}` cannot be {a(t)} in C", member.pos, help)


def size(c, decl, around, known):
    """(bytes, alignment) of a struct that lies in those `around` it; None: it contains itself, or is too large."""
    if decl in around or len(around) == DEEPEST:
        return None
    if decl not in known:
        at, strictest = 0, 1
        for member in own_fields(decl):
            part = part_size(c, declare.member_type(c, member), (*around, decl), known)
            if part is None or at > LARGEST:
                return None
            at = -(-at // part[1]) * part[1] + part[0]
            strictest = max(strictest, part[1])
        known[decl] = -(-at // strictest) * strictest, strictest
    return known[decl] if known[decl][0] <= LARGEST else None


def part_size(c, t, around, known):
    """The same of a field."""
    if t.__class__ is Nominal and form(t) is STRUCT:
        return size(c, t.decl, around, known)
    bytes_ = 1 if t is BOOL else t.bits // 8 if t.__class__ is Number and t.bits else POINTER_BYTES
    return bytes_, bytes_
