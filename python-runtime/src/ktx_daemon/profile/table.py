"""Measures one table: its aggregates and its values, each by one statement for up to some hundred columns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import UNSET

from ktx_daemon import cancellation
from ktx_daemon.cancellation import CancelledWorkError
from ktx_daemon.errors import BadRequestError, DaemonError
from ktx_daemon.profile.bisection import bisect_failures
from ktx_daemon.profile.columns import Column, Value, Whole, describe
from ktx_daemon.profile.connection import Connection
from ktx_daemon.profile.failures import describe_failure, may_quote_values
from ktx_daemon.profile.requests import ProfileDatabase, ProfileTable
from ktx_daemon.profile.sources import Source, choose_source
from ktx_daemon.profile.statements import Measures, Wanted, aggregate, read_values
from ktx_daemon.warehouses.model.profile import TableProfile
from ktx_daemon.warehouses.model.profiling import Kind, Measurable, Rows, UnreadableError
from ktx_daemon.warehouses.model.sampling import expect_distinct

# Facts of the database about tables, by schema and name.
Facts = Mapping[tuple[str | None, str], Any]
# Rows of the second attempt, after the first one has failed or took too long.
REDUCED_SHARE = 10
# Errors that a second attempt would have, too.
FINAL_ERRORS = ("permission_denied", "authentication_failed", "database_locked")
# Errors that are not those of a single column.
TABLE_ERRORS = (*FINAL_ERRORS, "statement_timeout")


class TableMeasurement:
    """The measurement of one table, with the time and the statements that it has taken."""

    def __init__(self, connection: Connection, request: ProfileDatabase, table: ProfileTable, facts: Facts) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._request = request
        self._table = table
        self._facts = facts.get((table.db, table.name))
        self._statements = 0
        self._began = time.monotonic()
        self._rows = 0

    def measure(self) -> TableProfile:
        """Return the profile, or the reason why there is none; a statement that fails is tried in a simpler form."""
        before = self._connection.bytes_read
        try:
            profile = self._measure_twice()
        except (UnreadableError, BadRequestError) as error:
            profile = self._unread(self._explain(error))
        except (CancelledWorkError, DaemonError, ImportError):
            raise
        except Exception as error:
            # Its text may quote a value.
            cancellation.current().check()
            self._connection.reset()
            profile = self._unread(f"Its results cannot be read: {type(error).__name__}")
        after = self._connection.bytes_read
        if after is not None:
            profile.bytes = after - (before or 0)
        return profile

    def _measure_twice(self) -> TableProfile:
        try:
            profile = self._measure()
            is_empty = profile.sampled_rows == 0
        except BadRequestError as error:
            if error.code in FINAL_ERRORS or self._seconds_left() <= 0:
                raise
            first = error
        else:
            # The database's sample of a small share may have no rows.
            return self._measure(first_rows=True) if is_empty else profile
        try:
            return self._measure(first_rows=True, is_reduced=True)
        except BadRequestError:
            raise first from None

    def _measure(self, *, first_rows: bool = False, is_reduced: bool = False) -> TableProfile:
        columns = [Column.of(column, self._dialect) for column in self._table.columns]
        source = self._choose_source(columns, first_rows=first_rows, is_reduced=is_reduced)
        for chunk in self._chunks(columns):
            self._count(source, chunk, Measures.SAFE if is_reduced else Measures.ALL)
        for chunk in self._chunks([each for each in columns if each.wants_values(self._request.hashes)]):
            if not self._succeeds(partial(self._read_values, source, chunk)):
                bisect_failures(chunk, lambda part: self._succeeds(partial(self._read_values, source, part)))
        return self._describe(source, columns)

    def _choose_source(self, columns: Sequence[Column], *, first_rows: bool, is_reduced: bool) -> Source:
        table, rows = self._table, self._request.sample_rows
        name = self._dialect.table(table.catalog, table.db, table.name)
        return choose_source(
            self._dialect,
            table,
            Measurable(name, [each.measured for each in columns], facts=self._facts),
            sample_rows=max(1, rows // REDUCED_SHARE) if is_reduced else rows,
            max_bytes=self._request.max_bytes,
            condition=self._connection.find_partitions(table) if table.partition_filter_required else None,
            first_rows_only=first_rows,
        )

    def _chunks(self, columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
        """Yield the columns of each statement; a table without columns has one for its rows."""
        size = self._dialect.columns_per_statement
        for begin in range(0, len(columns), size):
            yield columns[begin : begin + size]
        if not self._table.columns:
            yield []

    def _count(self, source: Source, columns: Sequence[Column], wanted: Measures) -> None:
        """Count columns. If that fails, and the nulls can be counted, find the columns that make it fail."""
        try:
            self._aggregate(source, columns, wanted)
        except BadRequestError as error:
            if self._is_of_table(error):
                raise
            try:
                self._aggregate(source, columns, Measures.NULLS)
            except BadRequestError:
                raise error from None
            bisect_failures(columns, lambda part: self._try_to_count(source, part, wanted))

    def _try_to_count(self, source: Source, columns: Sequence[Column], wanted: Measures) -> bool:
        """Count columns, a single one without its mean if that fails."""
        is_last = len(columns) > 1 or wanted is Measures.SAFE
        attempts = [wanted] if is_last else [wanted, Measures.RANGES]
        return any(self._succeeds(partial(self._aggregate, source, columns, each)) for each in attempts)

    def _succeeds(self, run: Callable[[], None]) -> bool:
        try:
            run()
        except BadRequestError as error:
            if self._is_of_table(error):
                raise
            return False
        return True

    def _is_of_table(self, error: BadRequestError) -> bool:
        return error.code in TABLE_ERRORS or self._seconds_left() <= 0

    def _aggregate(self, source: Source, columns: Sequence[Column], wanted: Measures) -> None:
        hidden = [each.is_hidden for each in columns]
        measured = [each.measured for each in columns]
        sql, names = aggregate(self._dialect, source, measured, hidden=hidden, wanted=wanted)
        ((rows, *results),) = self._query(sql)
        self._rows = int(rows)
        for column, own in zip(columns, names, strict=True):
            counts = dict(zip(own, results[: len(own)], strict=True))
            del results[: len(own)]
            distinct = self._distinct(source, column, counts)
            column.is_counted = self._is_counted(source, column)
            column.set_counts(self._rows, counts, distinct, is_exact=not self._is_part(source))

    def _distinct(self, source: Source, column: Column, counts: Mapping[str, Any]) -> int | None:
        """Return the number of distinct values in the rows that were read; None if it is unknown."""
        if "distinct" in counts:
            return int(counts["distinct"] or 0)
        values, total = int(counts["count"]), self._table.estimated_rows
        has_statistics = source.is_sample and self._dialect.has_statistics(source.table, column.measured)
        if not has_statistics or not values or not total or column.measured.kind is Kind.OPAQUE:
            return None
        column.known_distinct = self._dialect.distinct_by_statistics(source.table, column.measured, total)
        share = source.table.share
        return max(1, round(expect_distinct(column.known_distinct, values / share, share)))

    def _is_counted(self, source: Source, column: Column) -> bool:
        count = partial(self._dialect.count_distinct, column.measured)
        return not source.is_sample or count(exact=False) == count(exact=True)

    def _is_part(self, source: Source) -> bool:
        """Return whether there are more rows than those that were read."""
        is_cut = source.limit is not None and self._rows > source.limit
        return source.is_sample or source.condition is not None or is_cut

    def _read_values(self, source: Source, columns: Sequence[Column]) -> None:
        if not columns:
            return
        wanted = [
            Wanted(index, column.measured, column.limit, column.is_hidden) for index, column in enumerate(columns)
        ]
        found = self._query(read_values(self._dialect, source, wanted))
        for column in columns:
            column.values = []
        for index, hashed, text, count in found:
            values = columns[int(index)].values
            if values is not None:
                values.append(Value(int(hashed), text, int(count)))

    def _describe(self, source: Source, columns: Sequence[Column]) -> TableProfile:
        table, is_sample = self._table, self._is_part(source)
        hashes = self._request.hashes > 0
        # An old estimate may be below what was read.
        known = table.estimated_rows
        rows = (None if known is None else max(known, self._rows)) if is_sample else self._rows
        whole = Whole(rows) if is_sample else None
        return TableProfile(
            table.catalog,
            table.db,
            table.name,
            rows=rows,
            rows_exact=not is_sample,
            columns=[describe(column, self._dialect, whole, hashes=hashes) for column in columns],
            statements=self._statements,
            seconds=self._seconds(),
            sampled_rows=self._rows if is_sample else UNSET,
        )

    def _query(self, sql: str) -> Rows:
        self._connection.check_bytes(sql, self._request.max_bytes)
        left, limit = self._seconds_left(), self._request.statement_timeout_ms / 1000
        if left <= 0:
            raise self._too_slow()
        self._statements += 1
        try:
            return self._connection.query(sql, min(left, limit))
        except BadRequestError as error:
            if error.code == "statement_timeout" and left <= limit:
                raise self._too_slow() from None
            raise

    def _too_slow(self) -> UnreadableError:
        return UnreadableError(
            f"Its statements took longer than table_seconds = {self._request.table_timeout_ms / 1000:g}"
        )

    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)

    def _seconds_left(self) -> float:
        return self._request.table_timeout_ms / 1000 - (time.monotonic() - self._began)

    def _explain(self, error: UnreadableError | BadRequestError) -> str:
        if isinstance(error, UnreadableError):
            return str(error)
        table = self._table
        names = [table.name, table.db or "", table.catalog or "", *(column.name for column in table.columns)]
        return describe_failure(error, names, has_text=not may_quote_values(table))

    def _unread(self, reason: str) -> TableProfile:
        table = self._table
        return TableProfile(
            table.catalog,
            table.db,
            table.name,
            rows=table.estimated_rows,
            rows_exact=False,
            columns=[],
            statements=self._statements,
            seconds=self._seconds(),
            unread=reason,
        )
