"""The Python face of the `myna` command: makes sure that a checkout is built, then becomes the native launcher.

In:  the process's arguments. Out: the exit status. Holds: in an installed package `myna` is the launcher itself, and this
runs only as `python -m myna`; either way the launcher's command.c decides what happens, and starts `tools` for what it
leaves to Python. Where it cannot be executed, the shared library does the same in this process.
"""
import os
import sys

from myna import checkout
from myna.vm import host


def tools_environment():
    """The environment in which the launcher finds this Python and its tools."""
    tools = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools.py")
    return {**os.environ, "MYNA_PYTHON": sys.executable, "MYNA_TOOLS": tools}


def main():
    """Run the command. Returns only where the launcher cannot be executed."""
    try:
        if checkout.is_checkout():
            checkout.refresh()
    except KeyboardInterrupt:
        return 130
    os.environ.update(tools_environment())
    try:
        os.execv(host.LAUNCHER, sys.argv)
    except OSError:
        from myna.vm.host import library
        return library.command(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
