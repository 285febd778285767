"""What was likely meant by a name that means nothing: a name alike, or what another language's name is called here.

In:  the name and the names that would do. Out: a help text, or None.
Holds: the cost is bounded, whatever the number and length of the names.
"""

MAX_CANDIDATES = 2000   # comparing one takes some 10 µs
MAX_LENGTH = 60         # of a name that is compared; the time is quadratic in it

# Names of other languages -> what is written here, for values, members and types.
VALUES = {
    "null": "None", "nil": "None", "undefined": "None", "none": "None", "nullptr": "None", "NULL": "None", "True": "true",
    "False": "false", "TRUE": "true", "FALSE": "false", "self": "this", "me": "this", "Self": "this", "println": "print", "printf": "print",
    "puts": "print", "echo": "print", "console": "print(…)", "System": "print(…)", "range": "a..b", "string": "str", "String": "str",
    "toString": "str", "to_string": "str", "repr": "str", "parseInt": "int", "parseFloat": "float", "Number": "float", "ord": "text.code_at(0)",
    "isinstance": "value is Type", "typeof": "type_of", "type": "type_of", "not": "!", "list": "[…]", "dict": "Map", "set": "Set", "array": "Array",
    "HashMap": "Map", "Dict": "Map", "HashSet": "Set", "Math": "math", "Exception": "Error", "super": "super.method(…)",
}
MEMBERS = {
    "size": "length", "len": "length", "count": "length", "append": "push", "add": "push", "push_back": "push", "strip": "trim",
    "lstrip": "trim_start", "rstrip": "trim_end", "includes": "contains", "substring": "slice", "substr": "slice",
    "uppercase": "upper", "touppercase": "upper", "toupper": "upper", "lowercase": "lower", "tolowercase": "lower", "tolower": "lower",
    "containskey": "has", "haskey": "has", "contains": "has", "find": "index_of", "foreach": "each", "concat": "extend", "removeat": "remove", "delete": "remove",
    "items": "entries", "getmessage": "message", "stack": "trace", "isempty": "length == 0",
}
TYPES = {
    "str": "string", "String": "string", "integer": "int", "Int": "int", "Integer": "int", "long": "int", "double": "float", "Float": "float",
    "Double": "float", "number": "float", "boolean": "bool", "Bool": "bool", "Boolean": "bool", "void": "None", "Void": "None",
    "null": "None", "none": "None", "Unit": "None", "any": "dynamic", "Any": "dynamic", "object": "dynamic", "Object": "dynamic",
    "list": "List", "map": "Map", "dict": "Map", "Dict": "Map", "HashMap": "Map", "set": "Set", "Exception": "Error", "char": "string",
    "uint": "u64", "byte": "u8", "Optional": "T?",
}


def similar(name, names, others=None):
    """The help "did you mean" with the name that is meant by `name`: one of `names`, or what `others` (VALUES, MEMBERS, TYPES) says."""
    names = [*names]
    found = (_other(name, names, others) if others is not None else None) or _alike(name, names)
    return f"did you mean `{found}`?" if found else None


def _other(name, names, others):
    found = others.get(name) or others.get(_plain(name))
    if found is None or others is MEMBERS and found.partition(" ")[0] not in names:
        return None
    return found


def _plain(name):
    """`name` without what differs between styles of writing names."""
    return name.replace("_", "").lower()


def _alike(name, names):
    import difflib      # not needed on the way to running a program
    size, plain = len(name), _plain(name)
    if size > MAX_LENGTH:
        return None
    near = sorted({other for other in names if abs(len(other) - size) <= 2 + size // 4})[:MAX_CANDIDATES]
    for other in near:
        if _plain(other) == plain and other != name:
            return other
    close = difflib.get_close_matches(name, near, 1, 0.65)
    return close[0] if close else None
