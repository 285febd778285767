"""Syntax tree → text."""
