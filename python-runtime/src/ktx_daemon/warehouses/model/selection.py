"""Selection of the tables to read, by patterns of their names."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence


class Selection:
    """The tables that match `include`, or all without it, and do not match `exclude`.

    A pattern is a glob (`*`, `?`, `[a-z]`); letter case is ignored. It is compared with `schema.table`, and with the
    name of the table alone if the pattern has no dot.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = [_Pattern(text) for text in include]
        self._exclude = [_Pattern(text) for text in exclude]

    def selects(self, schema: str | None, name: str) -> bool:
        """Return whether a table is read."""
        # Every pattern is compared, so that `warnings` knows those that match no table.
        included = [pattern.matches(schema, name) for pattern in self._include]
        excluded = [pattern.matches(schema, name) for pattern in self._exclude]
        return (any(included) or not included) and not any(excluded)

    def warnings(self) -> list[str]:
        """Return a warning for each pattern that has matched no table."""
        patterns = [("include", pattern) for pattern in self._include]
        patterns += [("exclude", pattern) for pattern in self._exclude]
        return [
            f"The pattern '{pattern.text}' of {key} matches no table" for key, pattern in patterns if not pattern.used
        ]


class _Pattern:
    def __init__(self, text: str) -> None:
        self.text = text
        self.used = False
        self._has_schema = "." in text
        self._expression = re.compile(fnmatch.translate(text), re.IGNORECASE)

    def matches(self, schema: str | None, name: str) -> bool:
        text = f"{schema}.{name}" if self._has_schema and schema is not None else name
        found = self._expression.match(text) is not None
        self.used = self.used or found
        return found
