"""Names of columns and tables in generated SQL."""

from __future__ import annotations

import re

_MAX_NAME = 60


def slug(text: str) -> str:
    """Return a column name from the letters and digits of an expression."""
    name = re.sub(r"\W+", "_", text.lower()).strip("_")[:_MAX_NAME].rstrip("_") or "measure"
    return f"m_{name}" if name[0].isdigit() else name


def unique_name(preferred: str, used_names: set[str]) -> str:
    """Return the preferred name, with a numeric suffix if it is used; `used_names` are in lower case."""
    name, number = preferred, 1
    while name.lower() in used_names:
        number += 1
        name = f"{preferred}_{number}"
    return name
