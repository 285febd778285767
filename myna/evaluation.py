"""`myna eval`: runs texts as inputs of one session, and prints the values of those that have one.

In:  texts, or `-` for standard input. Out: printed forms of values, the exit status of the first input that fails.
"""
import sys

from myna.subcommand import OK, Usage, report_all


def evaluate(files, options):
    """Run the texts, one after the other, until one fails."""
    from myna.repl.session import Session
    if not files:
        raise Usage("eval: what? An expression or statements, in quotes; `-` is standard input")
    session = Session()
    try:
        for text in files:
            outcome = session.run(sys.stdin.read() if text == "-" else text)
            if outcome.value is not None:
                outcome = session.run("print(_)")
            report_all(outcome.diagnostics, "text")
            if outcome.status != OK or outcome.exited:
                return outcome.status
    finally:
        sys.stdout.flush()
        session.end()
    return OK
