"""Commands of the REPL: what begins with a colon.

In:  a Repl and the text behind the colon. Out: what the command prints. Holds: a command that cannot be done says why, and changes nothing.
"""
import sys
from typing import NamedTuple


class Command(NamedTuple):
    """A command: what follows its name, what it does, and how."""
    argument: str
    doc: str
    run: object


def run(repl, text):
    """Run the command in a text."""
    word, _, argument = text.partition(" ")
    name = named(word)
    if name is None:
        from difflib import get_close_matches
        near = get_close_matches(word, COMMANDS, 1)
        fail(repl, f"there is no command :{word}{f'; did you mean :{near[0]}?' if near else ''} :help lists them")
    elif COMMANDS[name].argument[:1].isalpha() and not argument.strip():
        fail(repl, f":{name} {COMMANDS[name].argument}: {COMMANDS[name].doc}")
    else:
        COMMANDS[name].run(repl, argument.strip())


def named(word):
    """The command that a word names: itself, or the only one that begins so; else None."""
    if word in COMMANDS:
        return word
    found = [name for name in COMMANDS if name.startswith(word)] if word else []
    return found[0] if len(found) == 1 else None


def fail(repl, text):
    """Say why a command cannot be done."""
    repl.failed = True
    print(f"myna: {text}", file=sys.stderr, flush=True)


def help_(repl, argument):
    """Print all commands."""
    rows = [(f":{name} {command.argument}".rstrip(), command.doc) for name, command in COMMANDS.items()]
    width = max(len(left) for left, _ in rows) + 2
    for left, doc in rows:
        print(f"{left:{width}}{doc}")
    print("A command may be shortened. `_` is the last value. An empty line ends an input that waits for more.")


def time_(repl, argument):
    """Run an input and print how long that took."""
    outcome = repl.evaluate(argument)
    if not outcome.diagnostics:
        print(f"{outcome.running * 1000:.3f} ms, and {outcome.compiling * 1000:.1f} ms to compile it")


def type_(repl, argument):
    """Print the type of an expression, which is not run."""
    from myna.compiler.diagnostics import CompileError
    from myna.compiler.types.show import show
    try:
        t = repl.session.compiler.type_of(argument)
    except CompileError as error:
        return repl.complain(error.diagnostics)
    if t is None:
        return fail(repl, "that is no expression")
    print(show(t))


def dis(repl, argument):
    """Print bytecode."""
    text = repl.session.compiler.listings(argument or None)
    print(text.rstrip("\n")) if text else fail(repl, f"no function is called {argument}" if argument else "there was no input yet")


def doc(repl, argument):
    """Print what is known of a name."""
    from myna.repl.about import about
    text = about(repl.session, repl.inputs, argument)
    print(text) if text else fail(repl, f"nothing is known of {argument}")


def load(repl, argument):
    """Run a file."""
    try:
        repl.load(argument)
    except (OSError, ValueError) as error:
        fail(repl, f"cannot read {argument}: {getattr(error, 'strerror', None) or error}")


def reload(repl, argument):
    """Begin anew with the files that were loaded."""
    if not repl.files:
        return fail(repl, "no file was loaded")
    files = [*repl.files]
    reset(repl, "")
    for path in files:
        load(repl, path)


def save(repl, argument):
    """Write all inputs to a file."""
    try:
        with open(argument, "w", encoding="utf-8") as file:
            file.writelines(text.strip("\n") + "\n" for text in repl.inputs)
    except (OSError, ValueError) as error:
        fail(repl, f"cannot write {argument}: {getattr(error, 'strerror', None) or error}")


def reset(repl, argument):
    """Forget everything."""
    repl.reset()


def quit_(repl, argument):
    """End the session."""
    from myna.repl.loop import Leave
    raise Leave


COMMANDS = {
    "type": Command("INPUT", "tell the type of an expression without running it", type_),
    "doc": Command("NAME", "tell what is known of a name, such as `x`, `List.push`, `math.sin` or `E0301`", doc),
    "dis": Command("[NAME]", "print the bytecode of a function, or of the last input", dis),
    "time": Command("INPUT", "run an input and tell how long that took", time_),
    "load": Command("FILE", "run a file in this session", load),
    "reload": Command("", "begin anew with the files that were loaded", reload),
    "save": Command("FILE", "write all inputs of this session that compiled to a file", save),
    "reset": Command("", "forget all that was declared", reset),
    "help": Command("", "print this", help_),
    "quit": Command("", "end the session, as Ctrl-D does", quit_),
}
