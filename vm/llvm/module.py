"""A whole program as one LLVM module.

In:  a Program that the verifier accepts. Out: `Module(program).units(triple)`, the texts of its units (`units.py`); the runtime of binaries finds in it
    myna_program, myna_program_size     the bytecode, which is loaded for its classes, constants and places
    myna_entries                        two native functions for each of the program's that may be called with words, `Value f(Process *, Value *fp)`
    with the arguments in the frame: one that begins
                                        with the checks, one behind them
    myna_classes, myna_headers          set by the runtime: each class, and the header of its instances, without the collector's byte
    myna_raw, myna_nraw                 classes with raw slots, and which those are
    myna_functions                      set by the runtime: each function as the runtime knows it
    primitives, method_rows, method_row_count   (gen/tables.py)
    myna_constants, myna_constant_refs, myna_nconstants     set by the runtime: constants, and which those are: (function, number)
"""
from myna.compiler.bytecode import codec

from .. import layout
from ..gen.tables import primitive_tables
from ..opt.heat import find_hot
from ..opt.inline import calls_of_itself, unrolled
from ..opt.program import Versions
from ..opt.registers import binds, decode
from . import emit, shapes
from .debug import quoted
from .units import divide

FIRST_MARK = 1 << 30        # number of the first node of metadata that tells of a slot: beyond those of debug information


class Module:
    """The module of a program on its way."""

    def __init__(self, program, inline=True, debug=None):
        self.program = program
        self.debug = debug          # Debug, if there is to be debug information
        self.inline = inline        # fast paths where they may run often; else they are called
        self.constants = {}         # (function, number of a constant) -> its place in the pool
        self.binders, self.wide = {}, {}
        self.marks = {}             # (class, slot) -> the metadata that tells which raw slot a load or store is of

    def constant(self, function, number):
        """The place of a function's constant in the pool."""
        return self.constants.setdefault((function, number), len(self.constants))

    def slot_mark(self, class_, slot):
        """The name of the metadata that tells that a load or store is of a raw slot, and of which."""
        key = self.versions.layouts.owner(class_, slot), slot
        return self.marks.setdefault(key, f"!{FIRST_MARK + 2 * len(self.marks)}")

    def _slot_marks(self):
        for (class_, slot), mark in self.marks.items():
            type_ = f"!{int(mark[1:]) + 1}"
            yield f"{mark} = !{{{type_}, {type_}, i64 0}}"
            yield f'{type_} = !{{!"number {class_}.{slot}", !8, i64 0}}'

    def binds(self, index):
        """Does the function look for type arguments behind its call?"""
        if index not in self.binders:
            self.binders[index] = binds(self.program.functions[index])
        return self.binders[index]

    def units(self, triple, whole=False):
        """The texts of the module's units; `whole`: it is to be one."""
        self.versions = Versions(self.program)
        self.hot = find_hot(self.versions) if self.inline else set()
        graphs = [version.graph for version in self.versions.list]
        self.called = {self.versions.chosen(graph, node) for graph in graphs for block in graph.blocks for node in block.nodes if node.op == "callknown"}
        groups = [self._version(version) for version in self.versions.list]
        for index, (known, entry) in self.versions.entrances.items():
            groups.append(self._entry("known", index, known))
            if entry:
                groups.append(self._entry("entry", index, entry))
        debug = self.debug.metadata() if self.debug else []
        before, after = [f'target triple = "{triple}"', *self._declarations()], [*_METADATA, *self._slot_marks(), *debug]
        if whole or debug:
            groups = [[text for group in groups for text in group]]
        return divide(before, groups, self._tables(), after)

    def located(self, index, lines, starts):
        """See `Debug.located`: without debug information, the lines as they are."""
        return self.debug.located(index, lines, starts) if self.debug else ("", lines)

    def symbol(self, index, kind):
        """The name of a native function that is made of a function: readable, since profilers show it."""
        return f"@{quoted(f'{self.program.functions[index].name or str()}#{index}.{kind}')}"

    def _version(self, version):
        """The functions of a version: one, and copies which are inlined where it calls itself."""
        calls = calls_of_itself(version, self.versions.chosen)
        depth = unrolled(version, len(calls)) if version.graph.blocks[0] in self.hot else 0
        names = [self.symbol(version.index, kind) for kind in (version.number, *(f"{version.number}.{number}" for number in range(1, depth + 1)))]
        room = depth * (version.graph.extra + max((node.data["a"] + layout.FRAME_HEADER for node in calls), default=0))
        return [emit.emit(self, version.graph, name, version.reps()[1], following, None if number else room)
                for number, (name, following) in enumerate(zip(names, [*names[1:], names[0]]))]

    def _entry(self, kind, index, graph):
        """The function that takes its arguments from the frame, and the one with the arguments as words that it calls."""
        f, lines, arguments = graph.function, [], []
        for register in [*range(f.nparams), *([-2] if f.captures else [])]:
            lines += [f"  %p{len(arguments)} = getelementptr i64, ptr %fp, i64 {register}", f"  %a{len(arguments)} = load i64, ptr %p{len(arguments)}"]
            arguments.append(f"i64 %a{len(arguments)}")
        list_ = ", ".join(["ptr %process", "ptr %fp", *arguments])
        name = self.symbol(index, f"with.{kind}")
        mark, lines = self.located(index, [*lines, f"  %r = call i64 {name}({list_})", "  ret i64 %r"], [])
        return [emit.emit(self, graph, name), "\n".join([f"define internal i64 {self.symbol(index, kind)}(ptr %process, ptr %fp) #0{mark} {{", *lines, "}", ""])]

    def wide_places(self, index):
        """The words of a function's instructions that stand behind a prefix."""
        if index not in self.wide:
            self.wide[index] = {item.end - item.op.words for item in decode(self.program.functions[index]) if item.end - item.op.words != item.at}
        return self.wide[index]

    def _declarations(self):
        out = ["declare zeroext i1 @rt_overflow(ptr) #1", "declare zeroext i1 @rt_stack(ptr, ptr, i64) #1", "declare void @rt_passed(ptr, ptr, i32) #1",
               "declare i64 @rt_caught(ptr, ptr) #1", *(f"declare {{ i64, i1 }} @llvm.s{kind}.with.overflow.i64(i64, i64)" for kind in ("add", "sub", "mul"))]
        return out + [f"declare {convention} i8 @{name}({', '.join(types)})" for name, convention, types in shapes.functions()]

    def _tables(self):
        n = len(self.program.functions)
        entries = []
        for index in range(n):
            known, entry = self.versions.entrances.get(index, (None, None))
            names = (self.symbol(index, "entry" if entry else "known"), self.symbol(index, "known")) if known else ("null", "null")
            entries.append(f"[2 x ptr] [ptr {names[0]}, ptr {names[1]}]")
        data = codec.encode(self.program)
        refs = ", ".join(f"[2 x i32] [i32 {function}, i32 {number}]" for function, number in self.constants)
        count = len(self.constants)
        escaped = "".join(f"\\{byte:02X}" for byte in data)
        classes = len(self.program.classes)
        raw = [f"[2 x i64] [i64 {number}, i64 {slots - (slots >> 63 << 64)}]" for number, slots in enumerate(self.versions.layouts.raw) if slots]
        return [f"@myna_raw = hidden constant [{len(raw)} x [2 x i64]] [{', '.join(raw)}]", f"@myna_nraw = hidden constant i32 {len(raw)}",
                f"@myna_headers = hidden global [{classes} x i64] zeroinitializer", f"@myna_classes = hidden global [{classes} x ptr] zeroinitializer",
                f"@myna_functions = hidden global [{n} x ptr] zeroinitializer", f"@myna_constants = hidden global [{count} x i64] zeroinitializer",
                f"@myna_constant_refs = hidden constant [{count} x [2 x i32]] [{refs}]", f"@myna_nconstants = hidden constant i32 {count}",
                f"@myna_entries = hidden constant [{n} x [2 x ptr]] [{', '.join(entries)}]",
                f'@myna_program = hidden constant [{len(data)} x i8] c"{escaped}", align 8', f"@myna_program_size = hidden constant i64 {len(data)}",
                *primitive_tables(self.program, data)]


_METADATA = [
    "attributes #0 = { nounwind }", "attributes #1 = { nounwind cold }", "attributes #2 = { noinline }", "attributes #3 = { alwaysinline nounwind }",
    '!0 = !{!"branch_weights", i32 2000, i32 1}', "!1 = !{}", '!2 = !{!"branch_weights", i32 1, i32 2000}',
    '!3 = !{!"Myna"}', '!4 = !{!"description", !3, i64 0}', "!5 = !{!4, !4, i64 0}", '!6 = !{!"value", !3, i64 0}', "!7 = !{!6, !6, i64 0}", '!8 = !{!"number", !3, i64 0}',     # as `gen/meanings.py: alias_kinds`
]
