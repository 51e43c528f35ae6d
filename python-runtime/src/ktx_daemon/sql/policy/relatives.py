"""Tables that have rows of each other, which the text of a statement does not tell: partitions and inheritance."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ktx_daemon.sql.policy.patterns import TableName, fold


class Relative(msgspec.Struct, frozen=True, array_like=True):
    """A table, and one that it inherits from or that inherits from it, directly or through others."""

    db: str
    name: str
    relative_db: str
    relative_name: str


class Relatives(msgspec.Struct, frozen=True):
    """The relatives of the tables of a statement."""

    pairs: tuple[Relative, ...] = ()

    def add_to(self, names: list[TableName]) -> list[TableName]:
        """Return tables and all their relatives; a table without a schema may be in any."""
        return [*names, *(relative for name in names for relative in self._of(name))]

    def _of(self, name: TableName) -> Iterable[TableName]:
        for pair in self.pairs:
            is_same_schema = name.db is None or fold(name.db) == fold(pair.db)
            if is_same_schema and fold(name.name) == fold(pair.name):
                yield TableName(name.catalog, pair.relative_db, pair.relative_name)


NO_RELATIVES = Relatives()
