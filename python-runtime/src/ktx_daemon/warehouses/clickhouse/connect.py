"""Read-only sessions of ClickHouse over HTTP, and the end of their statements on the server."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ktx_daemon import __version__, cancellation, request_id
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.clickhouse import settings as session_settings
from ktx_daemon.warehouses.clickhouse.server import Server
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.packages import import_driver
from ktx_daemon.warehouses.connection.target import Target

# The name of KTX in the server's logs, in `http_user_agent`.
APPLICATION = f"ktx/{__version__}"
ROWS_FORMAT = "JSONCompactEachRowWithNamesAndTypes"
# Pauses in seconds before a statement is sent again that the server refused because it runs too many.
BACKOFF = (0.2, 0.6, 1.8)
KILL_TIMEOUT = 5.0

Result = TypeVar("Result")


class Session:
    """A read-only session. Each statement is a request of its own, whose id carries that of the request to KTX."""

    def __init__(self, client: Any, server: Server, sockets: network.AbortableSockets, timeout: float) -> None:
        self.server = server
        self._client = client
        self._sockets = sockets
        self._timeout = timeout
        known = client.server_settings
        self._settings = session_settings.writable(
            {**session_settings.session_settings(timeout), **session_settings.read_only(known)}, known
        )

    @property
    def server_version(self) -> str:
        """The version of the server, in its own spelling."""
        return str(self._client.server_version)

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the statements that follow, on the server where the profile lets it change."""
        self._timeout = seconds
        if "max_execution_time" in self._settings:
            self._settings["max_execution_time"] = max(1, math.ceil(seconds))

    def query(
        self, sql: str, parameters: dict[str, Any] | None = None, code: ErrorCode = "connection_failed"
    ) -> Sequence[Sequence[Any]]:
        """Run a query of KTX and return its rows; `code` is that of errors without one of their own."""

        def send(settings: dict[str, Any]) -> Sequence[Sequence[Any]]:
            rows: Sequence[Sequence[Any]] = self._client.query(
                sql, parameters=parameters, settings=settings
            ).result_rows
            return rows

        with self.guard_statement(code) as query_id:
            return self._send(send, {"query_id": query_id, "max_result_rows": 0})

    @contextlib.contextmanager
    def stream(self, sql: str, limits: dict[str, Any]) -> Iterator[Any]:
        """Run a statement of a user, and yield the response with its rows as lines of JSON."""
        with self.guard_statement("query_failed") as query_id:
            settings = {"query_id": query_id, **session_settings.writable(limits, self._client.server_settings)}
            response = self._send(lambda sent: self._client.raw_stream(sql, fmt=ROWS_FORMAT, settings=sent), settings)
            try:
                yield response
            finally:
                is_complete = response.isclosed()
                response.close()
                if not is_complete and session_settings.CANCEL_ON_CLOSE not in self._settings:
                    self._kill(query_id)

    @contextlib.contextmanager
    def guard_statement(self, default_code: ErrorCode = "connection_failed") -> Iterator[str]:
        """Guard a block that runs a statement, and yield the id for it.

        Enforces the timeout, translates errors, and ends the statement on the server if the block is aborted.
        """
        from ktx_daemon.warehouses.clickhouse.errors import explain

        query_id = f"{request_id.session_name()}/{os.urandom(4).hex()}"
        timeout_error = network.statement_timeout_error(str(self.server), self._timeout)
        try:
            with (
                cancellation.current().interrupting(self._sockets.abort),
                self._sockets.deadline(self._timeout + network.GRACE_SECONDS, timeout_error),
            ):
                yield query_id
        except (BadRequestError, cancellation.CancelledWorkError):
            self._kill_if_aborted(query_id)
            raise
        except Exception as error:
            self._kill_if_aborted(query_id)
            cancellation.current().check()
            raise explain(error, self.server, self._timeout, default_code) from None

    def _send(self, send: Callable[[dict[str, Any]], Result], settings: dict[str, Any]) -> Result:
        """Send a statement; again after a pause if the server is busy, or without a setting that it does not allow."""
        from ktx_daemon.warehouses.clickhouse.errors import TOO_MANY_QUERIES, code_of, refused_setting

        pauses = iter(BACKOFF)
        while True:
            try:
                return send({**self._settings, **settings})
            except Exception as error:
                name = refused_setting(error)
                if name != "readonly" and (name in self._settings or name in settings):
                    self._settings.pop(str(name), None)
                    settings.pop(str(name), None)
                    continue
                pause = next(pauses, None)
                if code_of(error) != TOO_MANY_QUERIES or pause is None:
                    raise
                time.sleep(pause)
                cancellation.current().check()

    def _kill_if_aborted(self, query_id: str) -> None:
        """End a statement whose connection was aborted: a server behind a proxy may not see that it is closed."""
        if self._sockets.is_aborted:
            self._kill(query_id)

    def _kill(self, query_id: str) -> None:
        from ktx_daemon.warehouses.clickhouse.transport import open_pool

        timeout_error = network.statement_timeout_error(str(self.server), KILL_TIMEOUT)
        with (
            contextlib.suppress(Exception),
            contextlib.closing(network.AbortableSockets()) as sockets,
            open_pool(self.server, sockets, KILL_TIMEOUT) as pool,
            sockets.deadline(KILL_TIMEOUT, timeout_error),
        ):
            self._client.http = pool
            # The id needs no escape: it consists of letters, digits and `._-/`.
            self._client.command(f"KILL QUERY WHERE query_id = '{query_id}' ASYNC")


@contextlib.contextmanager
def open_session(target: Target) -> Iterator[Session]:
    """Log in, which reads the settings of the user's profile."""
    driver = import_driver("clickhouse_connect", "clickhouse")
    from ktx_daemon.warehouses.clickhouse.transport import open_pool

    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # errors are raised, too
    server = Server.from_target(target)
    with (
        contextlib.closing(network.AbortableSockets()) as sockets,
        open_pool(server, sockets, target.connection_timeout) as pool,
    ):
        client = _log_in(driver, server, target, sockets, pool)
        yield Session(client, server, sockets, target.statement_timeout)


def _log_in(driver: Any, server: Server, target: Target, sockets: network.AbortableSockets, pool: Any) -> Any:
    from ktx_daemon.warehouses.clickhouse.errors import explain

    timeout = target.connection_timeout
    driver.common.set_setting("use_protocol_version", False)  # saves a round trip
    timeout_error = network.connection_timeout_error(str(server), timeout)
    try:
        with cancellation.current().interrupting(sockets.abort), sockets.deadline(timeout, timeout_error):
            return driver.create_client(
                **server.client_arguments(target),
                pool_mgr=pool,
                send_receive_timeout=math.ceil(target.statement_timeout + network.GRACE_SECONDS),
                autogenerate_session_id=False,
                client_name=APPLICATION,
                compress=True,
            )
    except (BadRequestError, cancellation.CancelledWorkError):
        raise
    except Exception as error:
        cancellation.current().check()
        raise explain(error, server, timeout, "connection_failed") from None
