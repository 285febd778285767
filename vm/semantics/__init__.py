"""What each instruction means, written once: see protocol.py. Importing this package fills `SEMANTICS`."""
from . import arith, compare, control, data, objects  # noqa: F401  (each registers its instructions)
from .protocol import SEMANTICS, Meaning

__all__ = ["SEMANTICS", "Meaning"]
