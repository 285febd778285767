"""The C tests of the native runtime, with the compiler's run-time checks."""
import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("native_run", Path(__file__).with_name("run.py"))
run = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(run)


@pytest.mark.parametrize("variant", run.VARIANTS)
@pytest.mark.parametrize("test", run.tests(), ids=lambda test: test.stem)
def test_native(test, variant):
    try:
        done = run.run(test, variant)
    except run.Unavailable as reason:
        pytest.skip(str(reason))
    assert done.returncode == 0, done.stdout[-4000:]
