"""Myna: the command, the tools and the Python interface of the Myna language."""
import os

__version__ = "0.1.0"

# In a source checkout the compiler, the machine and the library lie beside this folder, not in it.
_checkout = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if os.path.exists(os.path.join(_checkout, "pyproject.toml")) and _checkout not in __path__:
    __path__.append(_checkout)
