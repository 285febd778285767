"""Joins units to a program: every number in their words becomes the program's.

In:  the units in the order in which they run, the units of methods of built-in types. Out: the bytes of a program, as of `codec.encode`.
Holds: the same units give the same bytes. The program's own unit, which runs last, has the first functions and the first file; classes
are in the order in which the units run, so that superclasses come first.

In a session one program goes on where others end: `Loaded` knows what the machine has of these, and numbers go on from there. Nobody
knows then what will be needed later, so each unit is taken whole.
"""
from array import array
from bisect import bisect_left
from typing import NamedTuple

from myna.compiler.bytecode import codec
from myna.compiler.bytecode.builder import Builder
from myna.compiler.bytecode.program import Class, FunctionRef, Method
from myna.compiler.lower.functions import CLASS, GLOBAL_VARIABLE
from myna.compiler.units.unit import MACHINE, SHOWN_KINDS, records, split

WINDOW = 2      # registers of a call without arguments


class Part:
    """A unit in a program. `functions`, `classes`, `globals`: number in the unit -> number in the program."""

    def __init__(self, unit, parts):
        self.unit = unit
        self.own = unit.nfunctions
        self.chosen = []            # its functions, beyond the first, that the program needs
        self.functions, self.classes, self.globals = [], [], []
        self.strings = records(unit.strings)    # as codec.string_record makes them
        self.places = split(unit.function_places)
        numbers = iter(unit.shown)
        self.shown = dict(zip(numbers, numbers))
        self.modules = [parts[path] for path in unit.modules]
        triples = iter(unit.foreign_functions)
        self.foreign = [(self.modules[module], kind, row) for kind, module, row in zip(triples, triples, triples)]

    def find(self, kind, row):
        """The number in the unit of what is shown in a row of its image."""
        return self.shown[kind + SHOWN_KINDS * row]

    def spans(self):
        """(start, end) in the words of its functions of what the program has of them."""
        starts, core = self.unit.starts, self.unit.core
        return [(0, starts[0]), *((starts[number - core], starts[number - core + 1]) for number in self.chosen)]


class Loaded:
    """What the machine has of a session: its Parts by path, those that may take part in a Clash, and how many functions, classes and globals
    there are."""

    def __init__(self):
        self.parts = {}
        self.running = []
        self.nfunctions = self.nclasses = self.nglobals = 0


def link(units, methods, loaded=None):
    """The bytes of the program, and its Clashes. `methods`: (its Methods, Unit) of each file of methods, in the order of `library.METHODS`.
    `loaded`: what the program goes on from, which gets its parts when there are no Clashes."""
    whole, before = loaded is not None, loaded or Loaded()
    by_path = {**before.parts}
    for unit in [*units, *(unit for _, unit in methods)]:
        by_path[unit.path] = Part(unit, by_path)
    parts = [*by_path.values()][len(before.parts):]
    running, added = parts[:len(units)], [(types, by_path[unit.path]) for types, unit in methods]
    found = mentioned(added, None if whole else {name for part in parts for name in part.unit.members})
    ordered = [running[-1], *reversed(running[:-1]), *parts[len(units):]]
    if whole:
        for part in parts:
            part.chosen = [*range(part.unit.core, part.own)]
    else:
        choose(ordered, found)
    nfunctions = number_functions(ordered, before.nfunctions)
    machine = machine_classes(parts)
    first = [*extensions(added, found), *(Class(name, name) for name in map(codec.record_string, machine))]
    numbers = {name: number for number, name in enumerate(machine, before.nclasses + len(first) - len(machine))}
    nclasses = number_classes(parts, numbers, before.nclasses + len(first))
    strings = {}        # record -> number in the program
    globals_ = number_globals(parts, strings, before.nglobals)
    words = [globals_, *write(parts, ordered, running, first, strings)]
    running = [*before.running, *running]
    clashing = clashes(running)
    made = codec.assemble(strings, len(globals_), len(ordered), nfunctions - before.nfunctions, nclasses - before.nclasses, words)
    if whole and not clashing:
        loaded.parts, loaded.running = by_path, [part for part in running if part.unit.named or part.unit.renamed]
        loaded.nfunctions, loaded.nclasses, loaded.nglobals = nfunctions, nclasses, before.nglobals + len(globals_)
    return made, clashing


# --- what the program needs ---

def mentioned(added, names):
    """(Part, name, number) of the methods of built-in types with these names; None: of all."""
    return [(part, name, number) for _, part in added for name, number in part.unit.methods.items() if names is None or name in names]


def choose(ordered, found):
    """Choose the functions that the program needs: the first of each unit, those methods, and all that these name."""
    waiting, seen = [(part, number) for part, _, number in found], set()
    for part in ordered:
        waiting += references(part, 0, part.unit.starts[0])
    while waiting:
        part, number = waiting.pop()
        if number >= part.own:
            part, kind, row = part.foreign[number - part.own]
            number = part.find(kind, row)
        if number >= part.unit.core and (part, number) not in seen:
            seen.add((part, number))
            part.chosen.append(number)
            starts = part.unit.starts
            waiting += references(part, starts[number - part.unit.core], starts[number - part.unit.core + 1])
    for part in ordered:
        part.chosen.sort()


def references(part, start, end):
    """(Part, number) of the functions beyond the first that those between two offsets name."""
    places, words, core = part.places[codec.FUNCTION], part.unit.functions, part.unit.core
    named = {words[at] for at in places[bisect_left(places, start):bisect_left(places, end)]}
    return [(part, number) for number in named if number >= core]


def machine_classes(parts):
    """The records of the names of the machine's classes that units name, in order."""
    names = {}
    for part in parts:
        pairs = iter(part.unit.foreign_classes)
        names.update((part.strings[row], None) for module, row in zip(pairs, pairs) if module == MACHINE)
    return [*names]


def extensions(added, found):
    """The Classes that add methods to built-in types."""
    made = []
    for methods, part in added:
        own = [Method(name, part.functions[number]) for each, name, number in found if each is part]
        made += [Class(name, methods=own, extends=True) for name in methods.types]
    return made


# --- numbers ---

def number_functions(ordered, count):
    """Number the functions, from `count` on; how many there are then."""
    for part in ordered:
        table = part.functions = [*range(count, count + part.unit.core), *[0] * (part.own - part.unit.core)]
        count += part.unit.core
        for number in part.chosen:
            table[number] = count
            count += 1
    for part in ordered:        # a function of another module that nobody chose is never named
        part.functions += [other.functions[other.find(kind, row)] for other, kind, row in part.foreign]
    return count


def number_classes(parts, machine, count):
    """Number the classes, from `count` on; how many there are then. `machine`: name of a machine's class -> its number."""
    for part in parts:
        own = part.unit.nclasses
        part.classes = [*range(count, count + own)]
        pairs = iter(part.unit.foreign_classes)
        for module, row in zip(pairs, pairs):
            if module == MACHINE:
                part.classes.append(machine[part.strings[row]])
            else:
                other = part.modules[module]
                part.classes.append(other.classes[other.find(CLASS, row)])
        count += own
    return count


def number_globals(parts, strings, count):
    """Number the globals, from `count` on; the words of their names."""
    out = array("I")
    for part in parts:
        part.globals = [*range(count + len(out), count + len(out) + len(part.unit.globals))]
        out.extend([strings.setdefault(part.strings[number], len(strings)) for number in part.unit.globals])
        pairs = iter(part.unit.foreign_globals)
        part.globals += [part.modules[module].globals[part.modules[module].find(GLOBAL_VARIABLE, row)] for module, row in zip(pairs, pairs)]
    return out


# --- words ---

def write(parts, ordered, running, first, strings):
    """The words of files, classes, types of classes and functions. `first`: the Classes that are no unit's."""
    files, functions = [], []
    classes, types = own_classes(first, strings)
    for number, part in enumerate(ordered):
        unit = part.unit
        table = [strings.setdefault(record, len(strings)) for record in part.strings]
        unit.file[0] = table[unit.file[0]]
        files.append(unit.file)
        relocate(part, unit.classes, split(unit.class_places), table, number)
        relocate(part, unit.types, split(unit.type_places), table, number)
        relocate(part, unit.functions, part.places, table, number)
        functions += [unit.functions[start:end] for start, end in part.spans()]
    functions[0] = with_imports(functions[0], [part.functions[0] for part in running[:-1]])
    return [*files, classes, *(part.unit.classes for part in parts), types, *(part.unit.types for part in parts), *functions]


def own_classes(first, strings):
    """The words of Classes, and of their types, of which they have none."""
    names = {}
    classes, types = codec.Writer(names), codec.Writer(names)
    for class_ in first:
        codec.encode_class(class_, classes)
        codec.encode_class_types(class_, types)
    table = [strings.setdefault(codec.string_record(name), len(strings)) for name in names]
    for at in classes.places[codec.STRING]:
        classes.words[at] = table[classes.words[at]]
    for at in classes.places[codec.MACHINE]:
        classes.words[at] = table[classes.words[at] ^ codec.MACHINE_CLASS] | codec.MACHINE_CLASS
    return classes.words, types.words


def relocate(part, words, places, strings, file):
    """Give the words at some places the program's numbers."""
    functions, classes, globals_ = part.functions, part.classes, part.globals
    for at in places[codec.STRING]:
        words[at] = strings[words[at]]
    for at in places[codec.NAME]:
        words[at] = strings[words[at] - 1] + 1
    for at in places[codec.FUNCTION]:
        words[at] = functions[words[at]]
    for at in places[codec.CLASS]:
        words[at] = classes[words[at]]
    for at in places[codec.PARENT]:
        if words[at]:
            words[at] = classes[words[at] - 1] + 1
    for at in places[codec.MACHINE]:
        words[at] = strings[words[at] ^ codec.MACHINE_CLASS] | codec.MACHINE_CLASS
    for at in places[codec.GLOBAL]:
        words[at] = globals_[words[at]]
    for at in places[codec.FILE]:
        words[at] = file


def with_imports(words, imported):
    """The words of the unit that runs last, whose first function begins with calls of the main functions of the others."""
    if not imported:
        return words
    (_, _, nregs, nraw, _, _, _, ncaptures, nconsts, nhandlers, nlines, ncode, nconst_words, _) = words[:codec.FUNCTION_WORDS]
    b = Builder("", 0)
    b.function.consts += [None] * nconsts
    for number in imported:
        b.closure(0, FunctionRef(number))
        if nraw:
            b.callraw(0, 0, nraw)
        else:
            b.call(0, 0)
    more = array("I", [word for number in imported for word in (codec.K_FUNCTION, number)])
    shift, out = len(b.code), words[:codec.FUNCTION_WORDS]
    out[2], out[8], out[10] = max(nregs, WINDOW), nconsts + len(imported), nlines + len(b.lines) // 2
    out[11], out[12] = ncode + shift, nconst_words + len(more)
    at = codec.FUNCTION_WORDS + ncaptures
    out += words[codec.FUNCTION_WORDS:at + nconst_words]
    out += more
    at += nconst_words
    handlers, at = words[at:at + 4 * nhandlers], at + 4 * nhandlers
    lines, at = words[at:at + 2 * nlines], at + 2 * nlines
    for number, word in enumerate(handlers):
        out.append(word + shift if number % 4 < 3 else word)
    out += b.lines
    for number, word in enumerate(lines):
        out.append(word if number % 2 else word + shift)
    out += b.code
    return out + words[at:]


# --- what only all units together can tell ---

class Clash(NamedTuple):
    """A call at `pos` of the file `path` that names arguments of a method for which a class below has other names."""
    path: str
    pos: int
    class_: str
    method: str


def clashes(running):
    """The Clashes of a program."""
    calls = [(part, part.classes[class_], method, names, pos) for part in running for class_, method, names, pos in part.unit.named]
    found = {}
    for part in running if calls else ():
        for above, name, method, names in part.unit.renamed:
            above = {part.classes[number] for number in above}
            for caller, class_, called, wanted, pos in calls:
                if called == method and class_ in above and names[:len(wanted)] != wanted:
                    found.setdefault((caller.unit.path, pos), Clash(caller.unit.path, pos, name, method))
    return [*found.values()]
