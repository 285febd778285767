"""Programs with comments, empty lines and line ends put anywhere: `myna fmt` keeps the comments and the meaning, and is done after one run."""
import random
from pathlib import Path

import pytest

from myna.compiler import layout
from myna.compiler.diagnostics import CompileError
from myna.compiler.layout import concrete
from myna.compiler.source import Source
from myna.compiler.syntax.parser import parse

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((ROOT / "examples").glob("*.ms")) + sorted((ROOT / "tests" / "lang").glob("[a-m]*.ms"))
ROUNDS = 25         # programs a seed; each takes some 0.1 s
LARGEST = 6000      # characters


def scrambled(text, rng):
    """A text with trivia put between some of its tokens."""
    pieces, last, share = [], 0, rng.choice([0.02, 0.1, 0.3])
    for number, token in enumerate(concrete.read(Source("before", text))[0].tokens()):
        if not token.text:
            continue
        gap = text[last:token.start]
        if rng.random() < share:
            gap = rng.choice([gap + "\n", f"{gap} /* c{number} */ ", f" // d{number}\n{gap}", f"{gap}\n\n   // e{number}\n", gap + "\n\n\n",
                              f"/* f{number}\n b */{gap}", gap + "    "])
        pieces += [gap, text[token.start:token.end]]
        last = token.end
    return "".join([*pieces, text[last:]])


def comments(text):
    """The comments of a text."""
    tree, end = concrete.read(Source("after", text))
    return sorted(comment.text for token in [*tree.tokens(), end] for comment in token.before + token.after)


@pytest.mark.parametrize("seed", range(4))
def test_comments_anywhere(seed):
    rng, settled, rounds = random.Random(seed), 0, 0
    while rounds < ROUNDS:
        text = rng.choice(PROGRAMS).read_text(encoding="utf-8")
        try:
            if len(text) > LARGEST or not parse(Source("before", text), "ms"):
                continue
            made = scrambled(text, rng)
            parse(Source("scrambled", made), "ms")
        except CompileError:
            continue            # a line's end in a place where it ends a statement
        rounds += 1
        try:
            result = layout.layout(Source("scrambled", made))
        except layout.Unsettled:
            continue
        settled += 1
        assert comments(result) == comments(made)
        assert layout.layout(Source("again", result)) == result
    assert settled >= ROUNDS - 1
