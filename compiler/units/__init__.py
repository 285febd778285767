"""Modules that are compiled one by one: what they show (`image`), what they are (`unit`), a program of them (`link`)."""
