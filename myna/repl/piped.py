"""Inputs from a pipe or a file.

In:  standard input, read to its end. Out: its statements and commands, one by one. Holds: lines stay where they are, so that messages
name their numbers. What does not parse as a whole is taken line by line, as it would be typed.
"""
import sys


def inputs(repl):
    """The inputs."""
    from myna.compiler.diagnostics import CompileError
    from myna.compiler.session import statements
    data = sys.stdin.buffer.read().decode("utf-8", "replace").replace("\r\n", "\n")
    try:
        yield from list(statements(data))
    except (CompileError, RecursionError):
        yield from by_lines(data)


def by_lines(text):
    """Lines, or several where one lacks its end."""
    from myna.compiler.session import unfinished
    waiting, above = "", 0
    for number, line in enumerate(text.split("\n")):
        if not waiting:
            above = number
        waiting += line + "\n"
        if waiting.lstrip().startswith(":") or not comments(waiting) and not unfinished(waiting):
            if waiting.strip():
                yield waiting if waiting.lstrip().startswith(":") else "\n" * above + waiting
            waiting = ""
    if waiting.strip():
        yield "\n" * above + waiting


def comments(text):
    """Is a text a comment, which may belong to what follows?"""
    return all(line.lstrip().startswith("//") for line in text.strip().split("\n"))
