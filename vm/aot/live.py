"""What of a program can run: a module that is imported for one function brings no more of it into an executable than that needs.

In:  a Program. Out: `without_dead`, the same program in which functions that nothing can call do nothing.
Holds: functions, classes and globals keep their numbers. A function at a module's top level is alive when living code names it, or reads the
global that it is put into; a class when living code names it, or a class that lives has it above itself or as the type of a field; a method when its
class lives, or is a built-in type, and living code has its name as a string, or the machine itself calls it. No program makes new names; but with
reflection it may call any method of classes that live.
"""
from myna.compiler.bytecode.listing import Index, Instruction, instructions
from myna.compiler.bytecode.opcodes import BY_NAME
from myna.compiler.bytecode.primitives import HELPERS, PRIMITIVES
from myna.compiler.bytecode.program import Export, Extern, Function, FunctionRef, Type

# What the machine calls of instances, besides operators (class.c). The names of hidden methods, which only reflection calls, begin with a parenthesis.
PROTOCOL = {"to_string", "compare", "iter", "has_next", "next", "hash", "format", "to_json"}


def without_dead(program):
    """The program itself, changed; as it was where some of its code cannot be read."""
    alive = _Alive(program)
    if alive.find():
        for index, function in enumerate(program.functions):
            if index not in alive.functions:
                program.functions[index] = _nothing(function)
    return program


def _nothing(function):
    """A function that takes the same arguments, and does nothing."""
    made = Function(function.name, function.nparams, function.classic)
    made.optional, made.rest, made.captures, made.file = function.optional, function.rest, function.captures, function.file
    made.nregs = max(1, function.nparams)
    made.code.append(BY_NAME["retnone"].code)
    return made


class _Alive:
    """The search for what lives, from the top level on."""

    def __init__(self, program):
        self.program = program
        self.functions, self.classes, self.read, self.names = set(), set(), set(), set()
        self.kept = {}          # global -> functions that live once it is read
        self.called = {}        # name -> methods that live once it is known
        self.waiting = []       # functions to look at
        self.reflects = False

    def find(self):
        """Fill `functions`. False: some code cannot be read."""
        self._function(0)
        for class_ in self.program.classes:
            if class_.extends:
                self._methods(class_)
        while self.waiting:
            function = self.program.functions[self.waiting.pop()]
            items = instructions(function.code)
            if not all(item.__class__ is Instruction for item in items):
                return False
            for value in function.consts:
                self._constant(value)
            for item, after in zip(items, [*items[1:], None]):
                self._instruction(function, item, after)
        return True

    def _instruction(self, function, item, after):
        for operand, value in zip(item.op.operands, item.operands):
            if operand.kind == "G" and item.op.name != "setglobal":
                self.read.add(value)
                self._all(self.kept.pop(value, ()))
            elif operand.kind == "P":
                self._primitive(PRIMITIVES[value].name)
            elif value.__class__ is Index and function.consts[value.number].__class__ is FunctionRef:
                self._named(item, after, function.consts[value.number].index)

    def _named(self, item, after, index):
        """A function is named: to be put into a global at once, where it waits until that is read, or for anything else."""
        kept = item.op.name == "closure" and after is not None and after.op.name == "setglobal" and after.operands[0] == item.operands[0]
        if kept and after.operands[1] not in self.read:
            self.kept.setdefault(after.operands[1], []).append(index)
        else:
            self._function(index)

    def _primitive(self, name):
        """It may call methods of the library: one of its own name, or its helpers."""
        owner, _, own = name.rpartition(".")
        for each in (own, *HELPERS.get(name, ())):
            self._name(each)
        if owner == "reflect" and not self.reflects:
            self.reflects = True
            for functions in self.called.values():
                self._all(functions)
        if name == "reflect._functions":        # in classes that nothing names
            for index in range(len(self.program.classes)):
                self._class(index)

    def _name(self, name):
        if name not in self.names:
            self.names.add(name)
            self._all(self.called.pop(name, ()))

    def _constant(self, value):
        kind = value.__class__
        if kind is str:
            self._name(value)
        elif kind is Type:
            self._type(value)
        elif kind is Extern or kind is Export:
            self._type(value.type)
            if kind is Export:
                self._function(value.function)

    def _type(self, type_):
        if type_.kind == "class":
            self._class(type_.index)
        for part in type_.args:
            self._type(part)

    def _class(self, index):
        if index in self.classes:
            return
        self.classes.add(index)
        class_ = self.program.classes[index]
        for above in ([class_.parent] if class_.parent.__class__ is int else []) + class_.interfaces:
            self._class(above)
        for type_ in [*class_.supers, *class_.types]:
            self._type(type_)
        self._methods(class_)

    def _methods(self, class_):
        for name, function in class_.methods:
            operator = not name.isidentifier() and not name.startswith("(")
            if self.reflects or operator or name in PROTOCOL or name in self.names:
                self._function(function)
            else:
                self.called.setdefault(name, []).append(function)

    def _function(self, index):
        if index not in self.functions:
            self.functions.add(index)
            self.waiting.append(index)

    def _all(self, indexes):
        for index in indexes:
            self._function(index)
