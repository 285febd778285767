"""The compiler and the machine take the same texts for formats, and the machine's texts are Python's where both have them."""
import itertools

import pytest
import runner
from myna.compiler.types.formats import MOST_DECIMALS, MOST_WIDTH, fault

PARTS = (("", "<", "*^", "é>", "="), ("", "+"), ("", "#"), ("", "0"), ("", "7"), ("", ","), ("", ".2"), ("", "b", "d", "c", "x", "f", "g", "%", "s"))
VALUES = {"int": ("1234", 1234), "float": ("1234.5625", 1234.5625), "string": ('"abc"', "abc")}
FORMATS = ["".join(parts) for parts in itertools.product(*PARTS)][::7]
OTHERS = ["", ".", "8.", "q", "dd", "<<", "<<8", "é", "é8", "+-", " ", "-", "^^", "08,.3f", f"{MOST_WIDTH}", f"{MOST_WIDTH + 1}", "9" * 30,
          f".{MOST_DECIMALS}f", f".{MOST_DECIMALS + 1}f", f".{MOST_WIDTH + 1}"]


def texts(written, tmp_path):
    """What the machine makes of a value in each of the formats; None where it raises."""
    path = tmp_path / "formats.ms"
    path.write_text("fun show(form) { try { print(\"=\" + format(" + written + ", form)) } catch (e: ValueError) { print(\"\") } }\n"
                    + "".join(f'show("{form}")\n' for form in [*FORMATS, *OTHERS]), encoding="utf-8")
    lines = runner.run(path, "interp").stdout.encode("latin-1").decode("utf-8").split("\n")[:-1]
    return [line[1:] if line else None for line in lines]


@pytest.mark.parametrize("kind", VALUES)
def test_both_agree(kind, tmp_path):
    written, value = VALUES[kind]
    found = texts(written, tmp_path)
    assert len(found) == len(FORMATS) + len(OTHERS)
    for form, text in zip([*FORMATS, *OTHERS], found):
        assert (fault(form, kind, "") is None) == (text is not None), form
        if text is not None and python_has(form, kind):
            assert text == format(value, form), form


def python_has(form, kind):
    """Does Python mean the same by a format? A precision without a type it takes for another than `g`."""
    return kind != "float" or form[-1:].isalpha() or form[-1:] == "%" or "." not in form


def test_fault_names_what_is_wrong():
    assert fault("q", "int", "an int") == "`q` is no format"
    assert fault("s", "int", "an int") == "`s` is no format of an int"
    assert fault("99999999", "int", "an int") == f"the width of the format is greater than {MOST_WIDTH}"
