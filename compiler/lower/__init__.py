"""Lowering: the resolved syntax tree to register bytecode (see `functions.lower`)."""

from myna.compiler.lower.functions import lower

__all__ = ["lower"]
