"""Inputs from a terminal that can only print: no colours, no editing but the terminal's own.

In:  lines. Out: inputs. Holds: an input ends with the line that completes it, or an empty one.
"""
import sys

PROMPT, MORE = "> ", ". "


def inputs(repl):
    """The inputs. Ctrl-C drops the one at hand, the end of the file ends all."""
    while True:
        try:
            text = one()
        except KeyboardInterrupt:
            print()
            continue
        if text is None:
            print()
            return
        yield text


def one():
    """One input; None at the end."""
    text, prompt = "", PROMPT
    while True:
        print(prompt, end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return text or None
        text += line
        if complete(text) or not line.strip():
            return text
        prompt = MORE


def complete(text):
    """Can an input be run?"""
    if not text.strip() or text.lstrip().startswith(":"):
        return True
    from myna.compiler.session import unfinished
    return not unfinished(text)
