"""Writes the bytecode page of the language specification from the tables that define the bytecode.

In:  the tables of `opcodes` and `primitives`, and what the modules' docstrings say about the formats.
Out: `page()`, the text; `python -m myna.compiler.bytecode.spec` writes it to language-spec/bytecode.md of the checkout.
Holds: nothing is said here that is also said elsewhere.
"""
import re
from pathlib import Path

from . import codec, opcodes, primitives, text

TITLES = (      # the instruction that begins a section, and the section's title
    ("wide", "Moves and constants"), ("checkset", "Variables"), ("add", "Arithmetic"), ("add32", "Classic arithmetic and logic"),
    ("lt", "Comparisons and jumps"), ("forprep", "Loops"), ("record", "Records, lists, strings"), ("call", "Calls"),
    ("rmove", "Raw registers"), ("add.int", "Raw integers"), ("add.float", "Raw floats"))


def page():
    """The page, in Markdown."""
    parts = ["# Bytecode", "This page is generated from the instruction table by `python -m myna.compiler.bytecode.spec`.",
             "## Instructions", _prose(opcodes)]
    parts += _instructions()
    parts += ["## Primitives", _primitives(), "## Text form", _prose(text), "## Binary form", _prose(codec),
              f"The magic number is `0x{codec.MAGIC:08x}`. This table's version is `0x{codec.fingerprint():08x}`."]
    return "\n\n".join(parts) + "\n"


def _prose(module):
    """A module's docstring after its first two paragraphs, which are about the module; as it stands, in columns."""
    return "```text\n" + module.__doc__.strip().split("\n\n", 2)[2] + "\n```"


def _escape(cell):
    return cell.replace("|", "\\|").replace("<", "&lt;")


def _table(head, rows):
    lines = [head, ["---"] * len(head)] + [[_escape(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _instructions():
    """A table for each section."""
    out, titles, rows = [], dict(TITLES), []
    for op in opcodes.OPS:
        if op.name in titles:
            rows = []
            out += ["### " + titles[op.name], rows]
        operands = " ".join(f"{o.kind}:{o.name}" for o in op.operands)
        effects = " ".join(sorted(op.effects))
        rows.append((str(op.code), f"`{op.name}`", f"`{operands}`" if operands else "", effects, op.doc))
    return [part if part.__class__ is str else _table(["code", "name", "operands", "effects", "meaning"], part) for part in out]


def _primitives():
    rows = [(str(p.number), f"`{p.name}`", str(p.arity), re.sub(r"\bms\b", "Myna", p.dialects), p.doc) for p in primitives.PRIMITIVES]
    return _table(["number", "name", "arguments", "predefined in", "meaning"], rows)


def main():
    """Write the page."""
    path = Path(__file__).resolve().parents[2] / "language-spec" / "bytecode.md"
    path.write_text(page(), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
