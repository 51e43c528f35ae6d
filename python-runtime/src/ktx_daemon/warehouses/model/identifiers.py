"""Quoting of names in SQL, by the mark of a dialect and the way to write it within a name."""

from __future__ import annotations


def in_double_quotes(name: str) -> str:
    """Return a name in double quotes, which are doubled within it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def in_backquotes(name: str) -> str:
    """Return a name in backquotes, which are doubled within it."""
    escaped = name.replace("`", "``")
    return f"`{escaped}`"


def in_escaped_backquotes(name: str) -> str:
    """Return a name in backquotes, within which a backslash is an escape."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"
