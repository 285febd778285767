"""Name resolution: which variable every name means, and how each variable is stored (see `resolver.resolve`)."""

from myna.compiler.resolve.modules import PRELUDE, imports
from myna.compiler.resolve.resolver import resolve, share

__all__ = ["PRELUDE", "imports", "resolve", "share"]
