"""A program's module in units that are compiled apart.

In:  the functions of a module as text, what every unit needs, the module's tables. Out: `divide`: the texts of the units; the first has the tables.
Holds: units depend on the program alone, so the same program gives the same code on machines with one core and with many. The functions of a small
program, one unit, are seen by nobody else; those of several units see each other. A function that is inlined where it is called is in all units that
call it.
"""
import re

MOST = 400_000          # characters of the text of functions in a unit: some seconds for LLVM
_NAME = re.compile(r'@(?:"[^"]*"|[\w.$-]+)')
_HEAD = re.compile(r'define internal (.*?) (@"[^"]*")\((.*?)\) #(\d)')
_INLINED = re.compile(r'call [^@\n]* (@"[^"]*")\([^\n]*\) #3')
VARIABLES = ("myna_functions", "myna_headers", "myna_classes", "myna_constants")        # of the tables, which functions look at


def divide(before, groups, tables, after):
    """The texts of the units. `groups`: lists of functions that stay together; `before`, `after`: lines of each unit; `tables`: of the first."""
    if sum(len(text) for group in groups for text in group) <= MOST:
        return ["\n".join([*before, *(text for group in groups for text in group), *tables, *after, ""])]
    heads = {match[2]: match for group in groups for text in group if (match := _HEAD.match(text))}
    bodies = {_HEAD.match(text)[2]: text for group in groups for text in group}
    out, unit, size = [], [], 0
    for group in groups:
        if size > MOST:
            out.append(unit)
            unit, size = [], 0
        unit.append(group)
        size += sum(map(len, group))
    out.append(unit)
    return [_unit(before, unit, tables if number == 0 else [], after, heads, bodies) for number, unit in enumerate(out)]


def _unit(before, groups, tables, after, heads, bodies):
    functions = [text if _HEAD.match(text)[4] == "3" else text.replace("define internal", "define hidden", 1) for group in groups for text in group]
    own = {_HEAD.match(text)[2] for group in groups for text in group}
    todo, copies = list(functions), {}
    while todo:
        text = todo.pop()
        for name in (*_INLINED.findall(text), *(name for name in _NAME.findall(text) if name in heads and heads[name][4] == "3")):
            if name not in own and name not in copies:
                copies[name] = bodies[name] if heads[name][4] == "3" else bodies[name].replace("define internal", "define available_externally hidden", 1)
                todo.append(copies[name])
    text = "\n".join([*functions, *copies.values(), *tables])
    used = set(_NAME.findall(text))
    declared = [_declaration(heads[name]) for name in sorted(used & heads.keys() - own - copies.keys())]
    declared += [] if tables else [f"@{name} = external hidden global i8" for name in VARIABLES]
    return "\n".join([*before, *declared, text, *after, ""])


def _declaration(head):
    result, name, params, _ = head.groups()
    return f"declare hidden {result} {name}({', '.join(param.rsplit(' ', 1)[0] for param in params.split(', '))})"
