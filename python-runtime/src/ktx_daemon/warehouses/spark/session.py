"""The interface of a session, which both wires have: statements of KTX and of a user, one at a time."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.model.rows import ResultColumn
from ktx_daemon.warehouses.spark.errors import explain
from ktx_daemon.warehouses.spark.server import Server

Result = tuple[list[ResultColumn], Iterator[list[Any]]]


class Session(ABC):
    """A session with the settings of KTX. After an abort, it cannot be used any more.

    `grace` are the seconds between the timeout on the server, if it has one, and that on this side.
    """

    grace = 0.0

    def __init__(self, server: Server, connection: network.Abortable, timeout: float) -> None:
        self.server = server
        self._connection = connection
        self._timeout = timeout

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the statements that follow."""
        self._timeout = seconds

    @abstractmethod
    def query(self, sql: str, code: ErrorCode = "connection_failed") -> Sequence[Sequence[Any]]:
        """Run a statement of KTX and return its rows; `code` is that of errors without one of their own."""

    @abstractmethod
    def stream(self, sql: str, rows: int) -> AbstractContextManager[Result]:
        """Run a checked statement of a user, and yield its columns and at most `rows` rows of JSON values.

        The statement ends on the server at the end of the block.
        """

    @abstractmethod
    def cancel(self) -> None:
        """End the running statement on the server, by another connection if this one was aborted. Never raises."""

    @contextlib.contextmanager
    def guard_statement(self, code: ErrorCode) -> Iterator[None]:
        """Guard a block that runs a statement: enforce the timeout, translate errors, and cancel it if it is left."""
        timeout_error = network.statement_timeout_error(str(self.server), self._timeout)
        try:
            with (
                cancellation.current().interrupting(self._connection.abort),
                self._connection.deadline(self._timeout + self.grace, timeout_error),
            ):
                yield
        except (BadRequestError, cancellation.CancelledWorkError):
            self.cancel()
            raise
        except Exception as error:
            self.cancel()
            cancellation.current().check()
            raise explain(error, self.server, self._timeout, code) from None
