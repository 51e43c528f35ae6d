"""Quoting of identifiers."""

from __future__ import annotations


def quote_identifier(name: str) -> str:
    """Return a quoted identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
