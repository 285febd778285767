"""Programs as graphs, for tests of the optimiser."""
from myna.compiler import driver
from myna.compiler.source import Source
from myna.vm.opt.graph import verify
from myna.vm.opt.program import Versions


def program(source):
    return driver.compile_source(Source("test.ms", source))


def function(compiled, name):
    """The number of the function of this name."""
    return next(i for i, f in enumerate(compiled.functions) if f.name == name)


def versions(source, name, inlined=True):
    """The optimised versions of a function, verified."""
    compiled = program(source)
    found = Versions(compiled, inlined)
    for version in found.list:
        verify(version.graph)
    return found.of[function(compiled, name)]


def operations(graph):
    return [node.op for block in graph.blocks for node in block.nodes]
