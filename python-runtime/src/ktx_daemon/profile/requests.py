"""Request types of the profile."""

from __future__ import annotations

import msgspec

from ktx_daemon.warehouses.model.tables import Kind

# Tables with more rows are profiled on a sample.
DEFAULT_SAMPLE_ROWS = 1_000_000


class ProfileColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column to profile; `type` is the spelling of the introspection.

    Values of a `masked` column are counted and never returned. Those of a column that looks sensitive, by its name or
    by its content, are treated in the same way unless it is `unmasked`.
    """

    name: str
    type: str
    masked: bool = False
    unmasked: bool = False


class ProfileTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table to profile, with the facts of its introspection that the statements depend on.

    A `restricted` table has columns that the data policy denies, so that no text of the database about it is shown.
    """

    catalog: str | None
    db: str | None
    name: str
    columns: list[ProfileColumn]
    kind: Kind = "table"
    estimated_rows: int | None = None
    bytes: int | None = None
    partition_key: str | None = None
    partition_filter_required: bool = False
    restricted: bool = False


class TableColumns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of a table, in the order of a key."""

    catalog: str | None
    db: str | None
    name: str
    columns: list[str]


class LinkCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from", "target": "to"}):
    """A possible foreign key to count exactly: the columns of `from` refer to those of `to`, in the same order."""

    source: TableColumns
    target: TableColumns


class ProfileDatabase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/database/profile`. The URL contains credentials and is excluded from logs, errors and `repr`.

    `hashes` is the number of distinct values of each column whose hashes are returned, 0 for none. `keys` and `links`
    are counted exactly; `counted` are their tables, which are not profiled: types decide how values are compared, and
    policies whether the text of an error is shown. Limits: tables with more than `sample_rows` rows are sampled;
    `table_timeout_ms` is for all statements of a table, `scan_timeout_ms` for the request, which then answers with what
    it has measured; a table that the engine estimates at more than `max_bytes` is not read.
    """

    connection_id: str
    driver: str
    url: str
    tables: list[ProfileTable] = []
    keys: list[TableColumns] = []
    links: list[LinkCheck] = []
    counted: list[ProfileTable] = []
    hashes: int = 0
    sample_rows: int = DEFAULT_SAMPLE_ROWS
    max_bytes: int | None = None
    table_timeout_ms: int = 60_000
    statement_timeout_ms: int = 30_000
    scan_timeout_ms: int | None = None
    connection_timeout_seconds: float = 5
    max_concurrent_statements: int = 4

    def __repr__(self) -> str:
        return f"ProfileDatabase({self.connection_id!r}, {self.driver!r})"
