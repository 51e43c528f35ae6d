"""Names for the columns and tables of the SQL that is written."""

from __future__ import annotations

import re

_MAX_NAME = 60


def slug(text: str) -> str:
    """Return a name for the column of an expression: its letters and digits."""
    name = re.sub(r"\W+", "_", text.lower()).strip("_")[:_MAX_NAME].rstrip("_") or "measure"
    return f"m_{name}" if name[0].isdigit() else name


def free_name(wanted: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if it is taken; `taken` is in lower case."""
    name, number = wanted, 1
    while name.lower() in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
