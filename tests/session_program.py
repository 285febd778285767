"""Runs a program as inputs of a session: `python session_program.py [--pieces] [--heap-limit SIZE] FILE [-- ARGUMENTS]`.

As one input, or with `--pieces` its statements one by one, but declarations that follow each other together, as they may name each other. Standard output, standard error and the exit status are those of `myna run`.
"""
import sys

from myna.compiler import source
from myna.compiler.diagnostics import CompileError
from myna.compiler.session import statements
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse
from myna.repl.session import BAD_PROGRAM, Session

DECLARATIONS = (ast.FunDecl, ast.ClassDecl, ast.EnumDecl, ast.InterfaceDecl, ast.TypeAlias)
UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def size(text):
    """The number of bytes that the option --heap-limit means."""
    unit = UNITS.get(text[-1].lower())
    return int(text[:-1]) * unit if unit else int(text)


def pieces(path, split):
    """The inputs that a file is. Raises CompileError."""
    with open(path, "rb") as file:
        text = source.decode(path, file.read(), "ms").text
    return [*together(statements(text))] if split else [text]


def together(texts):
    """Texts of statements, with runs of declarations as one."""
    run = ""
    for text in texts:
        if isinstance(parse(source.Source("", text), "ms").body[0], DECLARATIONS):
            run += text[run.count("\n"):]
            continue
        if run:
            yield run
        yield text
        run = ""
    if run:
        yield run


def main(arguments):
    """Run one program; the exit status."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    arguments, own = arguments[:at], arguments[at + 1:]
    options = dict(zip(arguments, arguments[1:]))
    limit = options.get("--heap-limit")
    session = Session(heap_limit=size(limit) if limit else 0, arguments=own)
    try:
        texts = pieces(arguments[-1], "--pieces" in arguments)
    except CompileError as error:
        print(error, file=sys.stderr)
        return BAD_PROGRAM
    for text in texts:
        outcome = session.run(text, arguments[-1], results=False)
        for diagnostic in outcome.diagnostics:
            print(diagnostic.text(), file=sys.stderr)
        if outcome.status or outcome.exited:
            return outcome.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
