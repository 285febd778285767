"""One function of stack bytecode to register code.

In:  a `StackFunction` that passed the checker, and its Flow. Out: a `bytecode.Function` without captures.
Holds, between instructions: local i lives in R[i] (a captured one in the cell in R[i]); each entry of the abstract operand
stack is a constant, an alias of a local that has not changed since, a reference, a function, or a register. An entry's
home is the register above the home of the entry below it, or one further if that one is to be called, so that the callee
and its arguments form the window of the call. A register entry lives in its home or lower, and no entry whose home that is
needs it. Where code joins, entry i lives in R[base + 2 i], which is at or above every home that it can have had.
"""
from ..bytecode.builder import Builder
from ..bytecode.primitives import BY_NAME
from ..bytecode.program import Capture, FunctionRef, Names
from .stack_code import FUNCTION, REFERENCE, VALUE

REGISTER, LOCAL, CONSTANT = "register", "local", "constant"
MAX_CONDITION = 12              # instructions of a loop's condition that are repeated at the loop's end
NARROW = range(-128, 128)       # immediates that need no wide form
INT_MIN = -1 << 31


class Entry:
    """One place of the operand stack. `callee`: it will be called; `live`: it has not been popped."""
    __slots__ = ("kind", "value", "home", "callee", "live")

    def __init__(self, kind, value, home, callee=False):
        self.kind, self.value, self.home, self.callee, self.live = kind, value, home, callee, True

    @property
    def movable(self):
        """Whether it has a value that a register can hold."""
        return self.kind in (REGISTER, LOCAL, CONSTANT)


class Emitter:
    """Translates one function. `program` numbers functions and globals (see `mitbc`)."""

    def __init__(self, program, function, flow):
        self.program, self.source, self.flow = program, function, flow
        self.b = Builder("top level" if function.is_main else None, function.parameter_count, classic=True)
        index = {name: i for i, name in reversed(list(enumerate(function.local_vars)))}
        self.base = len(function.local_vars)
        self.cells = []             # registers of the captured locals' cells
        for name in function.local_ref_vars:
            if name not in index:
                index[name] = self.base
                self.base += 1
            self.cells.append(index[name])
        self.captured = frozenset(self.cells)
        self.high = self.base       # registers used
        self.stack = []
        self.aliases = {}           # local → entries that may be aliases of it
        self.labels = {index: self.b.label() for index in flow.joins}
        self.skip = 0               # instructions that were translated with the one before them
        self.header = None          # the label that the code since then follows, without jumps; the stack was empty there
        self.loops = {}             # header → (index of the branch after it, index of the label it jumps to, Label after it)
        self.again = None           # while a loop's condition is repeated: the Label to go to if the loop goes on
        self.at = 0

    def function(self):
        """Translate all reached instructions."""
        code, positions, reached, joins = self.source.code, self.source.positions, self.flow.reached, self.flow.joins
        self.prologue()
        falls = True                # control reaches this instruction from the one before it
        for index, (name, number) in enumerate(code):
            if self.skip:
                self.skip -= 1
                continue
            if not reached[index]:
                falls = False
                continue
            if index in joins:
                self.join(index, falls)
                self.header = None if self.stack else index
            self.at, self.b.pos = index, positions[index]
            _EMIT[name](self, number)
            falls = name not in ("goto", "return")
        if reached[-1]:
            self.b.retnone()
        return self.b.finish(self.high)

    def prologue(self):
        """Locals start as None, captured ones in cells."""
        self.b.pos = self.source.pos
        first, count = self.source.parameter_count, self.base - self.source.parameter_count
        if count == 1:
            self.b.loadnone(first)
        elif count:
            self.b.fillnone(first, count)
        for register in sorted(self.captured):
            self.b.newcell(register, register)

    # -- the abstract stack --

    def next_home(self):
        """The home of an entry pushed now."""
        if not self.stack:
            return self.base
        top = self.stack[-1]
        return top.home + 1 + top.callee

    def push(self, kind, value):
        """Push an entry that the instruction at hand makes."""
        entry = Entry(kind, value, self.next_home(), self.at in self.flow.callees)
        self.stack.append(entry)
        if kind is LOCAL:
            self.aliases.setdefault(value, []).append(entry)
        return entry

    def pop(self):
        """Pop an entry."""
        entry = self.stack.pop()
        entry.live = False
        return entry

    def use(self, register, count=1):
        """Note that the registers from `register` on are used; gives `register`."""
        if register + count > self.high:
            self.high = register + count
        return register

    def load(self, register, value):
        """R[register] := a constant."""
        if value is None:
            self.b.loadnone(register)
        elif value is True:
            self.b.loadtrue(register)
        elif value is False:
            self.b.loadfalse(register)
        elif value.__class__ is int and -32768 <= value < 32768:
            self.b.loadi(register, value)
        else:
            self.b.loadk(register, value)

    def register(self, entry):
        """The register that holds an entry's value, once it does."""
        if entry.kind is CONSTANT:
            self.load(self.use(entry.home), entry.value)
            entry.kind, entry.value = REGISTER, entry.home
        return entry.value

    def result(self):
        """The register for the result of the instruction at hand: the variable that the next one stores it in, or pushed."""
        local = self.stored_next()
        if local is None:
            return self.push(REGISTER, self.use(self.next_home())).value
        self.skip += 1
        self.keep(local)
        return local

    def stored_next(self):
        """The local, not captured, that the next instruction stores the top of the stack in; or None."""
        code, following = self.source.code, self.at + 1 + self.skip
        if following < len(code) and code[following][0] == "store_local" and code[following][1] not in self.captured:
            return code[following][1]
        return None

    def keep(self, local):
        """Entries that are aliases of a local get its value, as it is about to change."""
        for entry in self.aliases.pop(local, ()):
            if entry.live and entry.kind is LOCAL and entry.value == local:
                self.b.move(self.use(entry.home), local)
                entry.kind, entry.value = REGISTER, entry.home

    def arrange(self, entries, homes):
        """Bring the entries into these registers, all at once: one's old register may be another's new one."""
        moves = {home: e.value for e, home in zip(entries, homes) if e.kind in (REGISTER, LOCAL) and e.value != home}
        self.parallel_move(moves, max([*homes, *moves.values()]) + 1)
        for entry, home in zip(entries, homes):
            if entry.kind is CONSTANT:
                self.load(self.use(home), entry.value)
            entry.kind, entry.value, entry.home = REGISTER, self.use(home), home

    def parallel_move(self, moves, spare):
        """R[to] := R[from] for each pair of the dict `moves`; cycles are broken with the register `spare`."""
        waiting = {}                # register → moves that still read it
        for source in moves.values():
            waiting[source] = waiting.get(source, 0) + 1
        ready = [to for to in moves if to not in waiting]
        while moves:
            if not ready:           # only cycles are left: each register is read once
                to = next(iter(moves))
                self.b.move(self.use(spare), to)
                for other, source in moves.items():
                    if source == to:
                        moves[other] = spare
                        waiting[spare] = 1
                del waiting[to]
                ready.append(to)
            to = ready.pop()
            source = moves.pop(to)
            self.b.move(self.use(to), source)
            waiting[source] -= 1
            if not waiting[source]:
                del waiting[source]
                if source in moves:
                    ready.append(source)

    def settle(self):
        """Bring the whole stack to where it lives when code joins."""
        entries = [(e, self.base + 2 * i) for i, e in enumerate(self.stack)]
        movable = [(e, home) for e, home in entries if e.movable]
        for entry, home in entries:
            entry.home = home
        if movable:
            self.arrange(*zip(*movable))

    def join(self, index, falls):
        """Begin a place that jumps lead to."""
        if falls:
            self.settle()
        self.b.place(self.labels[index])
        self.at = index
        for entry in self.stack:
            entry.live = False
        self.stack = []
        for depth, (kind, number) in enumerate(self.flow.joins[index]):
            home = self.base + 2 * depth
            value = self.use(home) if kind is VALUE else number
            self.stack.append(Entry(REGISTER if kind is VALUE else kind, value, home))

    # -- instructions --

    def load_const(self, number):
        """… → … constant"""
        self.push(CONSTANT, self.source.constants[number])

    def load_func(self, number):
        """… → … function"""
        self.push(FUNCTION, number)

    def push_ref(self, number):
        """… → … reference"""
        self.push(REFERENCE, number)

    def load_local(self, number):
        """… → … value"""
        if number in self.captured:
            self.b.getcell(self.result(), number)
        else:
            self.push(LOCAL, number)

    def store_local(self, number):
        """… value → …"""
        entry = self.pop()
        if number in self.captured:
            self.b.setcell(number, self.register(entry))
        elif entry.kind is not LOCAL or entry.value != number:
            self.keep(number)
            if entry.kind is CONSTANT:
                self.load(number, entry.value)
            else:
                self.b.move(number, entry.value)

    def load_global(self, number):
        """… → … value"""
        self.b.getglobal(self.result(), self.program.global_index(self.source.names[number]))

    def store_global(self, number):
        """… value → …"""
        self.b.setglobal(self.register(self.pop()), self.program.global_index(self.source.names[number]))

    def load_ref(self, _):
        """… reference → … value"""
        number = self.pop().value
        if number < len(self.cells):
            self.b.getcell(self.result(), self.cells[number])
        else:
            self.b.getupcell(self.result(), number - len(self.cells))

    def store_ref(self, _):
        """… reference value → …"""
        value, number = self.register(self.pop()), self.pop().value
        if number < len(self.cells):
            self.b.setcell(self.cells[number], value)
        else:
            self.b.setupcell(value, number - len(self.cells))

    def alloc_record(self, _):
        """… → … record"""
        register = self.result()
        self.b.record(register, register, Names())

    def field_load(self, number):
        """… record → … value"""
        record = self.register(self.pop())
        self.b.getfield(self.result(), record, self.source.names[number])

    def field_store(self, number):
        """… record value → …"""
        value, record = self.pop(), self.pop()
        record = self.register(record)
        self.b.setfield(record, self.register(value), self.source.names[number])

    def index_load(self, _):
        """… record index → … value"""
        index, record = self.pop(), self.pop()
        record = self.register(record)
        if is_field_name(index):
            self.b.getfield(self.result(), record, index.value)
        else:
            index = self.register(index)
            self.b.getindex(self.result(), record, index)

    def index_store(self, _):
        """… record index value → …"""
        value, index, record = self.pop(), self.pop(), self.pop()
        record = self.register(record)
        if is_field_name(index):
            self.b.setfield(record, self.register(value), index.value)
        else:
            index = self.register(index)
            self.b.setindex(record, index, self.register(value))

    def alloc_closure(self, count):
        """… function reference₁ … referenceₘ → … closure"""
        captures = tuple(self.capture(self.pop().value) for _ in range(count))[::-1]
        number = self.pop().value
        primitive = self.source.primitive(number)
        if primitive:
            self.b.builtin(self.result(), BY_NAME[primitive].number)
        else:
            index = self.program.function_index(self.source.functions[number], captures)
            self.b.closure(self.result(), FunctionRef(index))

    def capture(self, reference):
        """The Capture that a reference stands for."""
        if reference < len(self.cells):
            return Capture(False, True, self.cells[reference])
        return Capture(True, True, reference - len(self.cells))

    def call(self, count):
        """… closure argument₁ … argumentₘ → … result"""
        start = len(self.stack) - count - 1
        entries = self.stack[start:]
        window = entries[0].home
        self.arrange(entries, [window] + list(range(window + 2, window + 2 + count)))
        for entry in entries:
            entry.live = False
        del self.stack[start:]
        self.use(window, count + 2)
        self.b.call(window, count)
        self.push(REGISTER, window).home = window

    def return_(self, _):
        """… value →"""
        entry = self.pop()
        if entry.kind is CONSTANT and entry.value is None:
            self.b.retnone()
        else:
            self.b.ret(self.register(entry))

    def arithmetic(self, emit, immediate=None):
        """… left right → … result; with `immediate` a small constant on the right needs no register."""
        right, left = self.pop(), self.pop()
        left = self.register(left)
        if immediate and is_small(right):
            immediate(self.result(), left, right.value)
        else:
            right = self.register(right)
            emit(self.result(), left, right)

    def add(self, _):
        """Sum, or concatenation."""
        self.arithmetic(self.b.add32, self.b.add32i)

    def sub(self, _):
        """Difference."""
        self.arithmetic(self.b.sub32, self.b.sub32i)

    def mul(self, _):
        """Product."""
        self.arithmetic(self.b.mul32)

    def div(self, _):
        """Quotient."""
        self.arithmetic(self.b.div32)

    def and_(self, _):
        """Conjunction of two booleans."""
        self.arithmetic(self.b.and_)

    def or_(self, _):
        """Disjunction of two booleans."""
        self.arithmetic(self.b.or_)

    def neg(self, _):
        """Negation; that of a constant is a constant."""
        entry = self.pop()
        if entry.kind is CONSTANT and entry.value.__class__ is int:
            self.push(CONSTANT, entry.value if entry.value == INT_MIN else -entry.value)
        else:
            value = self.register(entry)
            self.b.neg32(self.result(), value)

    # -- conditions and jumps --

    def negations(self):
        """(how many `not`s follow, the label index of an `if` right after them or None)."""
        code, following = self.source.code, self.at + 1
        while following < len(code) and code[following][0] == "not":
            following += 1
        count = following - self.at - 1
        if following < len(code) and code[following][0] == "if":
            return count, self.source.places[code[following][1]]
        return count, None

    def comparison(self, branch, value):
        """A comparison with what consumes it: `branch(holds, left, right, label)` or `value(holds, left, right)`.

        `holds` is False for the opposite: integers are totally ordered, so that a negated comparison is one.
        """
        count, target = self.negations()
        if target is not None:
            self.skip = count + 1
            if len(self.stack) > 2:
                self.settle()
            right, left = self.pop(), self.pop()
            branch((count % 2 == 0) == (self.again is None), left, right, self.again or self.labels[target])
            self.branched(target)
            return
        right, left = self.pop(), self.pop()
        left, right = self.register(left), self.register(right)
        self.skip = count
        value(count % 2 == 0, left, right)

    def gt(self, _):
        """left > right"""
        b = self.b
        self.comparison(
            self.ordered(b.jlt, b.jnlt, b.jgti, b.jngti, b.jlti, b.jnlti),
            lambda holds, x, y: b.lt(self.result(), y, x) if holds else b.le(self.result(), x, y))

    def geq(self, _):
        """left >= right"""
        b = self.b
        self.comparison(
            self.ordered(b.jle, b.jnle, b.jgei, b.jngei, b.jlei, b.jnlei),
            lambda holds, x, y: b.le(self.result(), y, x) if holds else b.lt(self.result(), x, y))

    def ordered(self, less, not_less, right_small, not_right_small, left_small, not_left_small):
        """The branch of an ordering, from the instructions for right < left, left > i, i > right and their opposites."""
        def branch(holds, left, right, label):
            if is_small(right):
                (right_small if holds else not_right_small)(self.register(left), right.value, label)
            elif is_small(left):
                (left_small if holds else not_left_small)(self.register(right), left.value, label)
            else:
                left, right = self.register(left), self.register(right)
                (less if holds else not_less)(right, left, label)
        return branch

    def eq(self, _):
        """left == right"""
        b = self.b
        self.comparison(self.equality, lambda holds, x, y: (b.eq if holds else b.ne)(self.result(), x, y))

    def equality(self, holds, left, right, label):
        """The branch of `eq`."""
        b = self.b
        if is_small(left) or is_none(left):
            left, right = right, left
        if is_none(right):
            (b.jnone if holds else b.jnotnone)(self.register(left), label)
        elif is_small(right):
            (b.jeqi if holds else b.jnei)(self.register(left), right.value, label)
        else:
            left, right = self.register(left), self.register(right)
            (b.jeq if holds else b.jne)(left, right, label)

    def not_(self, _):
        """Negation of a boolean."""
        count, target = self.negations()        # besides this one
        if target is not None:
            self.skip = count + 1
            self.branch(count % 2 == 1, target)
            return
        self.skip = count
        entry = self.pop()
        if entry.kind is CONSTANT and entry.value.__class__ is bool:
            self.push(CONSTANT, entry.value == (count % 2 == 1))
            return
        value = self.register(entry)
        if count % 2:                           # an even number in all: still raises unless it is a boolean
            self.b.not_(self.use(entry.home), value)
            value = entry.home
        self.b.not_(self.result(), value)

    def if_(self, number):
        """Jump if the boolean on the stack is true."""
        self.branch(True, self.source.places[number])

    def branch(self, wanted, target):
        """Jump if the boolean on the stack is `wanted`."""
        if len(self.stack) > 1:
            self.settle()
        entry, label = self.pop(), self.again or self.labels[target]
        wanted = wanted == (self.again is None)
        if entry.kind is CONSTANT and entry.value.__class__ is bool:
            if entry.value is wanted:
                self.b.jump(label)
        else:
            (self.b.jtrue if wanted else self.b.jfalse)(self.register(entry), label)
        self.branched(target)

    def branched(self, target):
        """A branch to `target` was translated: if it ends the condition of a loop, note that."""
        if self.header is not None and self.again is None:
            if self.at - self.header <= MAX_CONDITION and not self.stack:
                self.loops[self.header] = (self.at, target, self.b.here())
            self.header = None

    def goto(self, number):
        """Jump; to the start of a loop: test the condition here, which saves a jump each turn."""
        target, following = self.source.places[number], self.at + 1
        self.settle()
        if target in self.loops:
            target = self.repeat_condition(target)
        if self.flow.reached.find(1, following) != target:      # else only code that never runs lies between
            self.b.jump(self.labels[target])

    def repeat_condition(self, header):
        """Translate a loop's condition once more, going on with the loop if it holds. Gives the label to go to if not."""
        last, target, self.again = self.loops[header]
        index = header + 1
        while index <= last:
            self.at, self.b.pos = index, self.source.positions[index]
            name, number = self.source.code[index]
            _EMIT[name](self, number)
            index += 1 + self.skip
            self.skip = 0
        self.again = None
        return target

    def dup(self, _):
        """… x → … x x"""
        top = self.stack[-1]
        self.push(top.kind, top.value)

    def swap(self, _):
        """… x y → … y x"""
        upper, lower = self.pop(), self.pop()
        home = lower.home
        upper.home, lower.home = home, home + 1 + upper.callee
        upper.live = lower.live = True
        moving = [e for e in (upper, lower) if e.kind is REGISTER and upper.movable]
        if moving:
            self.arrange(moving, [e.home for e in moving])
        self.stack += (upper, lower)

    def discard(self, _):
        """… x → …"""
        self.pop()

    def nothing(self, _):
        """Labels are placed where code joins; loop markers do nothing."""


def is_small(entry):
    """Whether the entry is an integer that fits a byte immediate."""
    return entry.kind is CONSTANT and entry.value.__class__ is int and entry.value in NARROW


def is_none(entry):
    """Whether the entry is the constant None."""
    return entry.kind is CONSTANT and entry.value is None


def is_field_name(entry):
    """Whether the entry is a constant string that names a field as `.name` could."""
    return entry.kind is CONSTANT and entry.value.__class__ is str and entry.value.isidentifier()


_EMIT = {
    "load_const": Emitter.load_const, "load_func": Emitter.load_func, "load_local": Emitter.load_local,
    "store_local": Emitter.store_local, "load_global": Emitter.load_global, "store_global": Emitter.store_global,
    "push_ref": Emitter.push_ref, "load_ref": Emitter.load_ref, "store_ref": Emitter.store_ref,
    "alloc_record": Emitter.alloc_record, "field_load": Emitter.field_load, "field_store": Emitter.field_store,
    "index_load": Emitter.index_load, "index_store": Emitter.index_store, "alloc_closure": Emitter.alloc_closure,
    "call": Emitter.call, "return": Emitter.return_, "add": Emitter.add, "sub": Emitter.sub, "mul": Emitter.mul,
    "div": Emitter.div, "neg": Emitter.neg, "gt": Emitter.gt, "geq": Emitter.geq, "eq": Emitter.eq, "and": Emitter.and_,
    "or": Emitter.or_, "not": Emitter.not_, "goto": Emitter.goto, "if": Emitter.if_, "label": Emitter.nothing,
    "dup": Emitter.dup, "swap": Emitter.swap, "pop": Emitter.discard, "startwhile": Emitter.nothing,
    "endwhile": Emitter.nothing,
}
