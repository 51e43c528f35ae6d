"""Checks of optimizer hints, which are never sent, but reject a statement if they would change settings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot.dialects.dialect import Dialect

from ktx_daemon.sql.parsing import SqlError, tokenize

_SETTING = re.compile(r"\bset(?:_var)?\s*\(", re.IGNORECASE)


def check_hints(hints: Iterable[str], dialect: Dialect) -> None:
    """Reject hints that change settings, and hints that cannot be tokenized. Raises SqlError."""
    for hint in hints:
        if _SETTING.search(hint):
            raise SqlError("Optimizer hints that change settings are not allowed")
        tokenize(hint, dialect)
