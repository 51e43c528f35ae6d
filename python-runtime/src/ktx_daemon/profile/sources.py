"""Which rows of a table are measured: all, the database's own sample, or the first ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from ktx_daemon.profile.requests import ProfileTable
from ktx_daemon.warehouses.model.profiling import Dialect, Measurable, Measured, UnreadableError

SOURCE = "ktx_rows"


@dataclass(frozen=True)
class Source:
    """The rows to measure.

    `is_sample` if they are a part of the table by its estimate; of a `limit`, more rows than it shows that there are
    others. `condition` is a filter by partitions.
    """

    table: Measurable
    rows: str
    is_sample: bool = False
    limit: int | None = None
    condition: str | None = None

    def read(self, dialect: Dialect, columns: Sequence[Measured]) -> tuple[str, str]:
        """Return the beginning of a statement that reads some columns, and its FROM item."""
        where = f" WHERE {self.condition}" if self.condition else ""
        if self.limit is None and not where and not dialect.reads_once:
            return "", self.rows
        names = ", ".join(column.sql for column in columns) or "1 AS ktx"
        limit = "" if self.limit is None else f" LIMIT {self.limit + 1}"
        body = f"SELECT {names} FROM {self.rows}{where}{limit}"  # noqa: S608 - names are quoted
        keyword = f"{dialect.materialized} " if dialect.materialized else ""
        return f"WITH {SOURCE} AS {keyword}({body}) ", SOURCE


def choose_source(
    dialect: Dialect,
    table: ProfileTable,
    measurable: Measurable,
    *,
    sample_rows: int,
    max_bytes: int | None,
    condition: str | None,
    first_rows_only: bool = False,
) -> Source:
    """Choose the rows of a table. Raises UnreadableError if they are more than `max_bytes`."""
    estimate = table.estimated_rows
    if table.kind == "view" or estimate is None or first_rows_only:
        return Source(measurable, measurable.sql, limit=sample_rows, condition=condition)
    if estimate <= sample_rows:
        _check_bytes(table, 1.0, max_bytes)
        return Source(measurable, measurable.sql, condition=condition)
    sampled = dataclasses.replace(measurable, share=sample_rows / estimate)
    _check_bytes(table, sampled.share, max_bytes)
    rows = None if condition else dialect.sample(sampled)
    if rows is not None:
        return Source(sampled, rows, is_sample=True)
    part = None if condition else dialect.sample_condition(sampled)
    if part is not None:
        return Source(sampled, measurable.sql, is_sample=True, condition=part)
    return Source(sampled, measurable.sql, is_sample=True, limit=sample_rows, condition=condition)


def _check_bytes(table: ProfileTable, share: float, max_bytes: int | None) -> None:
    if max_bytes is not None and table.bytes is not None and table.bytes * share > max_bytes:
        size = round(table.bytes * share)
        raise UnreadableError(f"The statements would read {size} bytes, more than max_bytes = {max_bytes}")
