"""Chips by name: the built-in table, packs of the user, and the search in both (docs/chips.md)."""
