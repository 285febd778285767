"""Data flows one way: which part may use which. These tables are the law; the tests walk the code's imports and includes."""
import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STANDARD_ONLY = frozenset()

# Part → what it may import from Myna, itself aside. The longest matching name of a part counts.
MAY_IMPORT = {
    "compiler": {"compiler"},
    "compiler.source": {"compiler.diagnostics"},
    "compiler.diagnostics": STANDARD_ONLY,
    "compiler.options": STANDARD_ONLY,
    "compiler.suggest": STANDARD_ONLY,
    "compiler.bytecode": {"compiler.diagnostics", "compiler.source"},
    "compiler.syntax": {"compiler.diagnostics", "compiler.source"},
    "compiler.resolve": {"compiler.syntax", "compiler.suggest", "compiler.bytecode", "compiler.diagnostics", "compiler.source"},
    "compiler.types": STANDARD_ONLY,
    "compiler.check": {"compiler.types", "compiler.suggest", "compiler.syntax", "compiler.resolve", "compiler.diagnostics", "compiler.source"},
    "compiler.explain": {"compiler.diagnostics", "compiler.driver", "compiler.bytecode.text", "compiler.classic"},
    "compiler.units": {"compiler.syntax", "compiler.resolve", "compiler.types", "compiler.check", "compiler.lower", "compiler.bytecode"},
    "compiler.layout": {"compiler.syntax", "compiler.diagnostics", "compiler.source"},
    "compiler.lower": {"compiler.syntax", "compiler.resolve", "compiler.types", "compiler.bytecode", "compiler.diagnostics", "compiler.source"},
    "compiler.classic": {"compiler.bytecode", "compiler.diagnostics", "compiler.source"},
    "vm": {"vm", "compiler.bytecode"},
    "stdlib": STANDARD_ONLY,
    "myna": {"myna", "compiler", "vm", "stdlib"},
}

# Package → the parts that may import it. llvmlite takes a tenth of a second to import, so nothing that runs scripts may.
OUTSIDE = {
    "ply": {"compiler.syntax.build_tables"},
    "llvmlite": {"vm.gen", "vm.semantics", "vm.llvm.bridge", "vm.llvm.externs"},
    "ctypes": {"vm.host"},
    "prompt_toolkit": {"myna"},
}

# The launcher's files know the runtime only by its interface, the runtime does not know them.
LAUNCHER = {"main.c", "command.c", "command.h", "launch.c", "program_cache.c"}
LAUNCHER_MAY_INCLUDE = {"command.h", "digest.h", "api.h", "build_id.h", "opcodes.h"}


def modules():
    """(name without the leading `myna.`, path) of every module of the project."""
    for part in ("compiler", "vm", "stdlib", "myna"):
        for path in sorted((ROOT / part).rglob("*.py")):
            if "_build" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                yield name.removesuffix(".__init__"), path


MODULES = dict(modules())


def is_package(name):
    """Does the module hold others?"""
    return MODULES[name].name == "__init__.py"


def imports(name):
    """The full names that a module imports; of a name taken from a package, the module's if there is one."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = node.level - is_package(name)
                package = ".".join(["myna", *name.split(".")][:-up or None])
                base = f"{package}.{base}".rstrip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(name, part):
    """Is a module the part, or inside it?"""
    return name == part or name.startswith(part + ".")


def own_part(name):
    """The row of MAY_IMPORT that a module comes under."""
    return max((part for part in MAY_IMPORT if within(name, part)), key=len)


def inner_name(name):
    """The module that an import from Myna means, named as in MODULES; None for what is not ours."""
    if not within(name, "myna"):
        return None
    for inner in (name.removeprefix("myna."), name):
        while inner:
            if inner in MODULES:
                return inner
            inner = inner.rpartition(".")[0]
    return "myna"


@pytest.mark.parametrize("name", MODULES)
def test_imports_flow_one_way(name):
    part = own_part(name)
    for imported in imports(name):
        inner = inner_name(imported)
        if inner is None or within(inner, part) or inner == "myna" and part != "myna":
            continue
        assert any(within(inner, allowed) for allowed in MAY_IMPORT[part]), f"{name} may not import {inner}"


@pytest.mark.parametrize("name", MODULES)
def test_outside_packages_stay_where_they_belong(name):
    for imported in imports(name):
        owners = OUTSIDE.get(imported.split(".")[0])
        assert owners is None or any(within(name, owner) for owner in owners), f"{name} may not import {imported}"


def test_the_table_names_what_exists():
    assert all(any(within(name, part) for name in MODULES) for part in MAY_IMPORT)


@pytest.mark.parametrize("path", sorted((ROOT / "vm" / "native").glob("*.[ch]")), ids=lambda path: path.name)
def test_native_includes(path):
    included = set(re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(encoding="utf-8"), re.M))
    if path.name in LAUNCHER:
        assert included <= LAUNCHER_MAY_INCLUDE
    else:
        assert not included & LAUNCHER
