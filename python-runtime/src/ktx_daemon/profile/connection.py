"""The session of a profile, which is opened again after an error that has ended it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.profile.failures import LOST_SESSION
from ktx_daemon.warehouses.model.profiling import Dialect, Profiler, Rows, UnreadableError

Open = Callable[[], contextlib.AbstractContextManager[Profiler]]


class Connection(contextlib.AbstractContextManager["Connection"]):
    """One session at a time. Opening the first one raises 400."""

    def __init__(self, open_profiler: Open) -> None:
        self._open = open_profiler
        self._stack = contextlib.ExitStack()
        self._profiler: Profiler | None = None
        self._bytes: int | None = None

    def __enter__(self) -> Connection:
        self.dialect: Dialect = self._session().dialect
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement. Raises 400, and the session is usable or a new one follows."""
        profiler = self._session()
        try:
            return profiler.query(sql, seconds)
        except BadRequestError as error:
            self._recover(profiler, is_lost=error.code in LOST_SESSION)
            raise

    def read_facts(self, tables: Sequence[Any]) -> dict[tuple[str | None, str], Any]:
        """Return facts of tables by schema and name; none if the database refuses them."""
        profiler = self._session()
        try:
            return profiler.read_facts(tables)
        except BadRequestError as error:
            self._recover(profiler, is_lost=error.code in LOST_SESSION)
            return {}

    def find_partitions(self, table: Any) -> str:
        """Return a condition for the newest partitions. Raises UnreadableError and 400."""
        return self._session().find_partitions(table)

    def check_bytes(self, sql: str, limit: int | None) -> None:
        """Raise UnreadableError if the database can tell that a statement would read more bytes than a limit."""
        size = None if limit is None else self._session().estimate_bytes(sql)
        if size is not None and limit is not None and size > limit:
            raise UnreadableError(f"The statements would read {size} bytes, more than max_bytes = {limit}")

    def release(self) -> None:
        """Give up locks of the tables that were read."""
        if self._profiler is not None:
            try:
                self._profiler.release()
            except BadRequestError:
                self.reset()

    @property
    def bytes_read(self) -> int | None:
        """The bytes that all sessions have read; None if the database does not say so."""
        own = self._profiler.bytes_read if self._profiler else None
        return self._bytes if own is None else (self._bytes or 0) + own

    def _session(self) -> Profiler:
        if self._profiler is None:
            self._profiler = self._stack.enter_context(self._open())
        return self._profiler

    def _recover(self, profiler: Profiler, *, is_lost: bool) -> None:
        if not is_lost:
            try:
                profiler.recover()
                return
            except BadRequestError:
                pass
        self.reset()

    def reset(self) -> None:
        """Close the session; a new one follows."""
        self._bytes = self.bytes_read
        self._profiler = None
        with contextlib.suppress(Exception):
            self._stack.close()
