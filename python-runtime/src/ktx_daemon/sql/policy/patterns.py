"""Patterns of denied tables and columns. Must not import sqlglot, because the daemon imports them at start-up."""

from __future__ import annotations

import fnmatch
import functools
import re
import unicodedata
from collections.abc import Sequence

import msgspec

# Categories of characters that collations may ignore: combining marks, control and format characters.
_IGNORED = ("M", "C")


class DeniedPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern as it is written in `ktx.yaml`, and a glob for each part of its name."""

    pattern: str
    parts: list[str]

    def matches_table(self, name: TableName) -> bool:
        """Return whether a name may be that of a table of the pattern."""
        return _matches(self.parts, name)

    def matches_table_of_column(self, name: TableName) -> bool:
        """Return whether a name may be that of the table of a column of the pattern."""
        return _matches(self.parts[:-1], name)

    def has_wildcard(self, index: int) -> bool:
        """Return whether a part of the name has a wildcard."""
        return re.search(r"[*?\[]", self.parts[index]) is not None

    def matches_column(self, name: str) -> bool:
        """Return whether a column has the name of the pattern's column."""
        return _glob(self.parts[-1]).match(fold(name)) is not None


class Denied(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a connection denies: patterns of tables, and of columns with their tables."""

    tables: list[DeniedPattern] = []
    columns: list[DeniedPattern] = []


class TableName(msgspec.Struct, frozen=True):
    """A table as a statement names it; a qualifier is null if the statement does not tell it.

    A name with a wildcard is that of several tables, which begin with the text before it.
    """

    catalog: str | None
    db: str | None
    name: str
    is_wildcard: bool = False


def fold(name: str) -> str:
    """Fold a name so that names are equal if the most tolerant collation of identifiers says so.

    SQL Server ignores the width of letters and spaces at the end; some collations ignore accents.
    """
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name).casefold().replace("\u0131", "i")
        name = "".join(letter for letter in decomposed if unicodedata.category(letter)[0] not in _IGNORED)
    return name.lower().rstrip()


def _matches(parts: Sequence[str], name: TableName) -> bool:
    """Compare from the last part; a qualifier that either side lacks may be any."""
    if not parts:
        return True
    *qualifiers, last = parts
    if name.is_wildcard:
        if not _may_begin_with(last, fold(name.name.partition("*")[0])):
            return False
    elif _glob(last).match(fold(name.name)) is None:
        return False
    given = (name.db, name.catalog)
    pairs = zip(reversed(qualifiers), given, strict=False)
    return all(part is None or _glob(glob).match(fold(part)) is not None for glob, part in pairs)


def _may_begin_with(glob: str, prefix: str) -> bool:
    """Return whether a name that matches the glob may begin with a prefix."""
    literal = fold(re.split(r"[*?\[]", glob, maxsplit=1)[0])
    return literal.startswith(prefix) or (prefix.startswith(literal) and len(literal) < len(glob))


@functools.lru_cache(maxsize=4096)
def _glob(text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(fold(text)))
