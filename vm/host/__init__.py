"""How Python reaches the native runtime: where it was built (`LIBRARY`, `LAUNCHER`, `LOADER`; `RUNTIME`, `LIBRARY_RUNTIME` and `MEANINGS` for standalone
programs), and calls into it (`library.py`)."""
import os
import sys

BUILD = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "_build")
LIBRARY = os.path.join(BUILD, "libmyna.dylib" if sys.platform == "darwin" else "libmyna.so")
LAUNCHER = os.path.join(BUILD, "myna-run")
LOADER = os.path.join(BUILD, "myna-load")      # the library as a program, for programs that call C; only where the launcher is static
RUNTIME, LIBRARY_RUNTIME = os.path.join(BUILD, "runtime"), os.path.join(BUILD, "runtime-library")      # folders: archive.py
MEANINGS = os.path.join(BUILD, "meanings")
