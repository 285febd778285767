"""What a compile error looks like: the line, the span, the help; and its form for tools."""
import json

import runner


def _errors(name, *options):
    result = runner.run(runner.HERE / "errors" / name, "interp", options)
    assert result.status == runner.DOES_NOT_COMPILE and not result.stdout
    return result.stderr


def test_message_shows_the_place_and_a_suggestion():
    """cite: err.compile.2"""
    lines = _errors("unknown_name_suggestion.ms").splitlines()
    assert lines[0].endswith("unknown_name_suggestion.ms:2:7: error[E0301]: nothing is called `countr`")
    assert lines[1].strip() == "print(countr)"
    assert lines[2].strip() == "^" * len("countr") and lines[2].index("^") == lines[1].index("countr")
    assert "did you mean `counter`?" in lines[3]


def test_json_has_one_object_a_line():
    found = [json.loads(line) for line in _errors("three_errors.ms", "--format=json").splitlines()]
    assert [error["line"] for error in found] == [3, 5, 6]
    assert all(error["severity"] == "error" and error["code"].startswith("E") and error["message"] for error in found)
