"""Measures the tables, keys and links of a request, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.profile import pairs
from ktx_daemon.profile.connection import Connection
from ktx_daemon.profile.deadline import LIMIT_REACHED, Deadline
from ktx_daemon.profile.failures import LOST_SESSION, describe_failure, may_quote_values
from ktx_daemon.profile.requests import LinkCheck, ProfileDatabase, ProfileTable, TableColumns
from ktx_daemon.profile.table import Facts, TableMeasurement
from ktx_daemon.warehouses.connection.target import Target, translate_errors
from ktx_daemon.warehouses.interface import load_open_profiler
from ktx_daemon.warehouses.model.profile import KeyCount, LinkCount, TableProfile
from ktx_daemon.warehouses.model.profiling import UnreadableError

Result = TypeVar("Result")


class Measurements(msgspec.Struct):
    """The results of a request in its order."""

    tables: list[TableProfile] = []
    keys: list[KeyCount] = []
    links: list[LinkCount] = []


def measure(request: ProfileDatabase) -> Measurements:
    """Measure everything that a request asks for. Raises 400 if no session can be opened."""
    target = Target.from_request(request)
    open_profiler = load_open_profiler(target)
    found, deadline = Measurements([], [], []), Deadline(request)
    with (
        translate_errors(target, "query_failed", "The profile"),
        Connection(lambda: open_profiler(target)) as connection,
    ):
        large = [table for table in request.tables if (table.estimated_rows or 0) > request.sample_rows]
        facts = connection.read_facts(large) if large else {}
        for table in request.tables:
            cancellation.current().check()
            found.tables.append(_measure_table(connection, deadline, table, facts))
            connection.release()
        counter = _Counter(connection, request, deadline)
        found.keys = [counter.count_key(key) for key in request.keys]
        found.links = [counter.count_link(link) for link in request.links]
    return found


def _measure_table(connection: Connection, deadline: Deadline, table: ProfileTable, facts: Facts) -> TableProfile:
    """Measure a table within the time limit of the scan, which is the reason if it ends the statements."""
    request = deadline.limited()
    if deadline.is_over():
        return TableProfile(
            table.catalog, table.db, table.name, table.estimated_rows, False, [], 0, 0.0, unread=LIMIT_REACHED
        )
    profile = TableMeasurement(connection, request, table, facts).measure()
    if profile.unread is not UNSET and deadline.is_over():
        profile.unread = LIMIT_REACHED
    return profile


def measure_encoded(body: bytes) -> Measurements:
    """Measure an encoded request, in a child process."""
    return measure(msgspec.json.decode(body, type=ProfileDatabase))


class _Counter:
    """Counts keys and links; a statement that fails makes a sentence."""

    def __init__(self, connection: Connection, request: ProfileDatabase, deadline: Deadline) -> None:
        self._connection = connection
        self._request = request
        self._deadline = deadline
        tables = [*request.tables, *request.counted]
        self._types = pairs.find_types(tables)
        self._tables = {(table.catalog, table.db, table.name): table for table in tables}

    def count_key(self, key: TableColumns) -> KeyCount:
        """Count a key."""
        sql = pairs.count_key(self._connection.dialect, key)
        return self._run(
            lambda: pairs.read_key(self._query(sql)),
            lambda reason: KeyCount(0, 0, 0, uncounted=reason),
            [key],
        )

    def count_link(self, link: LinkCheck) -> LinkCount:
        """Count a link; if its columns cannot be compared, their texts are."""
        return self._run(
            lambda: self._compare(link),
            lambda reason: LinkCount(0, 0, 0, 0, 0, uncounted=reason),
            [link.source, link.target],
        )

    def _compare(self, link: LinkCheck) -> LinkCount:
        dialect = self._connection.dialect
        sql = pairs.count_link(dialect, link, self._types)
        texts = pairs.count_link(dialect, link, self._types, as_texts=True)
        try:
            return pairs.read_link(self._query(sql))
        except BadRequestError as error:
            if error.code in LOST_SESSION or error.code == "permission_denied" or sql == texts:
                raise
        return pairs.read_link(self._query(texts))

    def _shows_text(self, columns: TableColumns) -> bool:
        """Return whether the text of an error is shown; the columns of a table that is not requested are not known."""
        table = self._tables.get((columns.catalog, columns.db, columns.name))
        return table is not None and not may_quote_values(table)

    def _query(self, sql: str) -> Sequence[Any]:
        self._connection.check_bytes(sql, self._request.max_bytes)
        (row,) = self._connection.query(sql, self._deadline.limited().statement_timeout_ms / 1000)
        return row

    def _run(self, count: Callable[[], Result], fail: Callable[[str], Result], tables: list[TableColumns]) -> Result:
        cancellation.current().check()
        if self._deadline.is_over():
            return fail(LIMIT_REACHED)
        try:
            return count()
        except UnreadableError as error:
            return fail(str(error))
        except BadRequestError as error:
            if self._deadline.is_over():
                return fail(LIMIT_REACHED)
            names = [name for table in tables for name in (table.name, table.db or "", *table.columns)]
            return fail(describe_failure(error, names, has_text=all(map(self._shows_text, tables))))
        finally:
            self._connection.release()
