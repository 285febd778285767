"""A program's functions, each in versions for the arguments that it is called with.

In:  a Program. Out: `Versions(program)`: `list`, the versions that can be called, with their graphs, optimised, and the reps of parameters and
result; `entrances`,
the graphs by which calls with words come in.
Holds: closed world: all calls that do not go through a function's `entry` or `known` code are in these graphs. A function has a general version,
for calls of what is not known before, and others for known calls whose arguments are known to be ints or floats, in the manner of the
Cartesian product algorithm (Agesen, 1995), with representations for types: at most `MOST` of a function.
"""
from myna.compiler.bytecode.program import Export

from . import build
from .checks import check_once
from .facts import ANY, NOTHING, UNSET, Fact, join, meet
from .graph import TAGGED
from .inline import Inliner
from .infer import Context, call_facts, callee, infer, named_functions, param_promises, result_promise
from .layouts import Layouts
from .registers import globals_read
from .scalars import replace_objects
from .targets import Targets, fold
from .unbox import rep_of, unbox

MOST = 6


class Version:
    """One version of a function: `params`: Facts; `result`: Fact; `graph` and `known`, its values' Facts."""

    def __init__(self, index, number, params):
        self.index, self.number, self.params = index, number, params
        self.result = NOTHING
        self.callers = set()
        self.reached = False    # by what can run
        self.graph = self.known = None

    def reps(self):
        """(of the parameters, of the result)"""
        return [rep_of(fact) for fact in self.params], rep_of(self.result)


class Versions:
    """All that is compiled of a program. `inlined`: functions are in the place of calls of them, and objects that do not escape are not made."""

    def __init__(self, program, inlined=True):
        self.program = program
        self.by_key, self.of = {}, {}
        self.context = Context(program, self._result, self._general_result, self._get_global, self._set_global)
        self.globals, self.readers = {}, {}
        named = named_functions(program)
        self.promises = [param_promises(program, index, named) for index in range(len(program.functions))]
        self.waiting, self.current = [], None
        graphs = [build.body(program, index) for index in range(len(program.functions))]
        self.layouts = Layouts(program, graphs)
        self.targets = Targets(program, graphs)
        self.exported = {value.function for f in program.functions for value in f.consts if value.__class__ is Export}
        # What may be called by what is not known.
        self.open = {0, *self.exported, *self.targets.made, *(method.function for class_ in program.classes for method in class_.methods)}
        for graph in graphs:
            calls = [node for block in graph.blocks for node in block.nodes if node.op == "callknown"]
            self.open.update(callee(node) for node in calls if not self._direct(callee(node), node))
        self.inliner = Inliner(program, self.targets, self.promises) if inlined else None
        for index, graph in enumerate(graphs):
            version = self._make(index, self.promises[index] if index in self.open else [NOTHING] * len(self.promises[index]))
            version.graph = graph
            self._open_up(graph)
        self._settle()
        self._forget_unread()
        for version in self._all():
            fold(version.graph, version.known, program)
            unbox(version.graph, version.known, self._call_reps(version.graph), rep_of(version.result), self.layouts)
            check_once(version.graph, version.known, self.layouts)
        self._reach()

    def general(self, index):
        """The version that takes any arguments."""
        return self.of[index][0]

    def chosen(self, graph, node):
        """The version that a known call enters; None: the call is not made directly."""
        index = callee(node)
        if not self._direct(index, node):
            return None
        return node.data.get("version")

    def _direct(self, index, node):
        """Is a known call of a function with these arguments made directly?"""
        f = self.program.functions[index]
        return node.data["n"] == f.nparams and ("target" in node.data or not f.captures)

    def _entrance(self, index, checks):
        """The graph of what enters a function with words: behind its checks, or with arguments that pass them."""
        graph = build.checked(self.program, index) if checks else build.direct(self.program, index)
        params = [Fact(ANY | UNSET)] * graph.function.nparams if checks else self.promises[index]
        known, _ = infer(graph, self.context, params)
        return unbox(graph, known, self._call_reps(graph), TAGGED, self.layouts, tagged_params=True)

    # -- what is needed --

    def _forget_unread(self):
        """Drop assignments to variables that nothing reads: named functions mostly, which are called directly."""
        read = globals_read(self.program)
        for version in self._all():
            for block in version.graph.blocks:
                block.nodes = [node for node in block.nodes if node.op != "setglobal" or node.data["g"] in read]

    def _reach(self):
        """Find what can be called: `list`, and `entrances`, by function: [the graph behind the checks, the one with checks or None]."""
        self.list, self.entrances = [], {}
        methods = [method.function for class_ in self.program.classes for method in class_.methods]
        for index in (0, *methods, *sorted(self.exported)):
            self._reach_function(index)
        for version in self.list:           # which grows
            self._reach_from(version.graph)

    def _reach_version(self, version):
        if not version.reached:
            version.reached = True
            self.list.append(version)

    def _reach_function(self, index):
        """The function may be called with words."""
        if index in self.entrances:
            return
        self._reach_version(self.general(index))
        checks = self._entrance(index, True) if self.program.functions[index].checks else None
        self.entrances[index] = [self._entrance(index, False), checks]
        if checks:
            self._reach_from(checks)

    def _reach_from(self, graph):
        for block in graph.blocks:
            for node in block.nodes:
                if node.op == "callknown" and (version := self.chosen(graph, node)):
                    self._reach_version(version)
                elif node.op in ("callknown", "closure"):
                    self._reach_function(callee(node))

    # -- the fixed point --

    def _make(self, index, params):
        versions = self.of.setdefault(index, [])
        version = Version(index, len(versions), params)
        versions.append(version)
        self.waiting.append(version)
        return version

    def _find(self, index, arguments):
        """The version for these arguments."""
        promised = self.promises[index]
        wanted = [Fact(given.forms) if rep_of(given) != TAGGED else promise for given, promise in zip(arguments, promised)]
        reps = [rep_of(fact) for fact in wanted]
        general = self.general(index)
        if reps == [rep_of(fact) for fact in promised]:
            found = general
        else:
            key = index, tuple(reps)
            found = self.by_key.get(key)
            if found is None:
                found = self.by_key[key] = general if len(self.of[index]) >= MOST else self._make(index, [NOTHING] * len(wanted))
        if found is general and index in self.open:
            return found
        known = [fact if rep != TAGGED else meet(fact, given) for fact, rep, given in zip(promised if found is general else wanted, reps, arguments)]
        params = [join(old, new) for old, new in zip(found.params, known)]
        if params != found.params:
            found.params = params
            if found not in self.waiting:
                self.waiting.append(found)
        return found

    def _result(self, node, index, arguments):
        if not self._direct(index, node):
            return result_promise(self.program.functions[index])
        if not all(fact.forms for fact in arguments):
            return NOTHING
        version = self._find(index, arguments)
        version.callers.add(self.current)
        return version.result

    def _general_result(self, index):
        version = self.general(index)
        version.callers.add(self.current)
        return version.result

    def _get_global(self, number):
        """What all assignments give a variable; that it is not set yet is noticed where it is read."""
        self.readers.setdefault(number, set()).add(self.current)
        fact = self.globals.get(number, NOTHING)
        return Fact(fact.forms & ~UNSET, fact.type)

    def _set_global(self, number, fact):
        old = self.globals.get(number, NOTHING)
        self.globals[number] = new = join(old, fact)
        if new != old:
            self.waiting += [reader for reader in self.readers.get(number, ()) if reader not in self.waiting]

    def _settle(self):
        while self.waiting:
            while self.waiting:
                self._infer(self.waiting.pop())
            for version in self._all():
                self._choose(version)

    def _infer(self, version):
        self.current = version
        if not all(fact.forms for fact in version.params):
            return              # nothing calls it yet
        if version.graph is None:
            version.graph = build.body(self.program, version.index)
            self._open_up(version.graph)
        version.known, result = infer(version.graph, self.context, version.params)
        promise = result_promise(self.program.functions[version.index])
        if result.forms & promise.forms and rep_of(promise) != TAGGED:
            result = promise
        elif result.type is None and promise.type is not None and result.forms == promise.forms:
            result = promise
        result = join(version.result, result)
        if result != version.result:
            version.result = result
            self.waiting += [caller for caller in version.callers if caller not in self.waiting]

    def _open_up(self, graph):
        self.targets.expand(graph)
        if self.inliner:
            self.inliner.run(graph)
            replace_objects(graph, self.program)

    def _all(self):
        """The versions that something may call."""
        return [version for versions in list(self.of.values()) for version in versions if version.known is not None]

    def _choose(self, version):
        """Note in each known call which version it enters."""
        for block in version.graph.blocks:
            for node in block.nodes:
                if node.op == "callknown" and self._direct(callee(node), node):
                    arguments, index = call_facts(version.known, node), callee(node)
                    if not all(fact.forms for fact in arguments):       # it never runs
                        arguments = self.promises[index]
                    node.data = {**node.data, "version": self._find(index, arguments)}

    def _call_reps(self, graph):
        def reps(node):
            if node.op == "enter":
                params, result = self.general(graph.index).reps()
                return params + [TAGGED], result
            version = self.chosen(graph, node)
            return version.reps() if version is not None else None
        return reps
