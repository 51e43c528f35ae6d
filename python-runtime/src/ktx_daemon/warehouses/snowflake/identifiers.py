"""Names and texts in statements of KTX."""

from __future__ import annotations

import re

from ktx_daemon.warehouses.model.identifiers import in_double_quotes

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


def quote(*names: str) -> str:
    """Return a qualified name with the exact letters of its parts."""
    return ".".join(map(in_double_quotes, names))


def literal(text: str) -> str:
    """Return a text as a string constant, in which a backslash is an escape."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def split(text: str) -> list[str]:
    """Return the parts of a qualified name, each with the letters that it has in the catalogue.

    A part without quotes is in upper case there.
    """
    parts = re.findall(r'"(?:[^"]|"")+"|[^."]+', text)
    return [part[1:-1].replace('""', '"') if part.startswith('"') else part.upper() for part in parts]
