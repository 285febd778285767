"""How Python reaches the native runtime: where it was built (`LIBRARY`, `LAUNCHER`, `RUNTIME`), and calls into it (`library.py`)."""
import os
import sys

BUILD = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "_build")
LIBRARY = os.path.join(BUILD, "libmyna.dylib" if sys.platform == "darwin" else "libmyna.so")
LAUNCHER = os.path.join(BUILD, "myna-run")
RUNTIME = os.path.join(BUILD, "runtime.a")
