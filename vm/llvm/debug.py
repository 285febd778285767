"""Where native code comes from: LLVM's debug information, which tells debuggers and profilers functions and lines.

In:  a Program; the lines of functions as `emit.py` made them, and which words of the bytecode they stand for. Out: the same lines with
their places, and `metadata`, the module's. Holds: nothing here changes what code does, so LLVM makes the same of a module with it and
without it. What stands for no word has the place where its function begins.
"""
from bisect import bisect_right

FIRST = 10      # number of the first node of metadata; those below are the module's own
VERSION = 4     # of DWARF: debuggers and profilers of the last ten years read it
LANGUAGE = "DW_LANG_C"      # DWARF has no number for Myna, and for C debuggers assume least


class Debug:
    """The debug information of a module on its way. `folder`: from where the names of files are seen, absolute."""

    def __init__(self, program, folder):
        self.program = program
        self._nodes, self._known, self._inlined = [], {}, {}        # _inlined: Scope -> its node, and where it stands
        self._files = [self._node(f"!DIFile(filename: {quoted(file.name)}, directory: {quoted(folder)})") for file in program.files]
        self._unit = self._node(f'distinct !DICompileUnit(language: {LANGUAGE}, file: {self._files[0]}, producer: "myna", isOptimized: true, '
                                "runtimeVersion: 0, emissionKind: FullDebug)")
        self._type = self._node("!DISubroutineType(types: !{})")

    def _node(self, text):
        """The name of the node of metadata with this text."""
        distinct = text.startswith("distinct")
        if text in self._known and not distinct:
            return self._known[text]
        name = self._known[text] = f"!{FIRST + len(self._nodes)}"
        self._nodes.append(f"{name} = {text}")
        return name

    def located(self, index, lines, starts):
        """(the mark of a native function made of function `index`, its lines with their places). `starts`: (number of a line, Place or None):
        the lines from there on stand for the instruction there."""
        own = self._subprogram(index)
        begin = self._node(f"!DILocation({self._line(index, 0)}, scope: {own})")
        out, spans = [], [(0, None), *starts, (len(lines), None)]
        for (start, place), (end, _) in zip(spans, spans[1:]):
            at = begin if place is None else self._location(place, own)
            out += [text if text.endswith(":") else f"{text}, !dbg {at}" for text in lines[start:end]]
        return f" !dbg {own}", out

    def _line(self, index, word):
        function = self.program.functions[index]
        words, offsets = function.lines[::2], function.lines[1::2]
        offset = offsets[max(0, bisect_right(words, word) - 1)] if words else 0
        line_starts = self.program.files[function.file].line_starts
        line = max(1, bisect_right(line_starts, offset))
        return f"line: {line}, column: {offset - line_starts[line - 1] + 1}"

    def _subprogram(self, index):
        function = self.program.functions[index]
        file, line = self._files[function.file], self._line(index, 0).partition(",")[0]
        return self._node(f"distinct !DISubprogram(name: {quoted(function.name or 'a function')}, scope: {file}, file: {file}, {line}, scopeLine{line[4:]}, "
                          f"type: {self._type}, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: {self._unit})")

    def _location(self, place, own):
        """The node of a Place in the function whose node is `own`; what was inlined has the place of the call too."""
        scope, word = place
        where = own, ""
        if scope.call is not None:
            if scope not in self._inlined:
                call = self._node(f"distinct {self._known_text(self._location(scope.call, own))}")
                self._inlined[scope] = self._subprogram(scope.index), f", inlinedAt: {call}"
            where = self._inlined[scope]
        return self._node(f"!DILocation({self._line(scope.index, word)}, scope: {where[0]}{where[1]})")

    def _known_text(self, name):
        return self._nodes[int(name[1:]) - FIRST].partition(" = ")[2]

    def metadata(self):
        """The lines at the module's end."""
        flags = [self._node(f'!{{i32 2, !"{name}", i32 {value}}}') for name, value in (("Dwarf Version", VERSION), ("Debug Info Version", 3))]
        return [f"!llvm.dbg.cu = !{{{self._unit}}}", f"!llvm.module.flags = !{{{', '.join(flags)}}}", *self._nodes]


def quoted(text):
    """A string, or what stands behind the @ of a name, as LLVM's text has it."""
    data = text.encode("utf-8", "surrogateescape")
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:02X}" for byte in data) + '"'
