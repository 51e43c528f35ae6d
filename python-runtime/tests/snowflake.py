"""A local server that answers the Snowflake driver by recorded answers, whose shapes are those of its documentation."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

WAIT_TIMEOUT = 30  # seconds; a statement that is not cancelled in time is answered anyway
POLL_INTERVAL = 0.01
CANCEL = re.compile(r"SYSTEM\$CANCEL_ALL_QUERIES")


@dataclass(frozen=True)
class Result:
    """The rows of a statement; a column is a name and the members of its `rowtype` that are not the default."""

    columns: Sequence[tuple[str, dict[str, Any]]]
    rows: Sequence[Sequence[str | None]] = ()

    def body(self) -> dict[str, Any]:
        default = {"nullable": True, "scale": None, "precision": None, "length": None, "byteLength": None}
        rowtype = [{"name": name, **default, "type": "text", **kind} for name, kind in self.columns]
        data = {
            "parameters": [{"name": "TIMEZONE", "value": "UTC"}],
            "rowtype": rowtype,
            "rowset": self.rows,
            "total": len(self.rows),
            "returned": len(self.rows),
            "queryId": "01b2c3d4-0000-1111-0000-222233334444",
            "queryResultFormat": "json",
            "statementTypeId": 4096,
        }
        return {"data": data, "code": None, "message": None, "success": True}


@dataclass(frozen=True)
class Failure:
    """An error of the server with its number; `status` is that of HTTP."""

    code: str
    message: str
    state: str = "42000"
    status: int = 200

    def body(self) -> dict[str, Any]:
        data = {"errorCode": self.code, "sqlState": self.state, "queryId": "01b2c3d4-0000-1111-0000-222233334444"}
        return {"data": data, "code": self.code, "message": self.message, "success": False}


# An answer that is not given until the statement is cancelled.
ENDLESS = Failure("000604", "SQL execution canceled", "57014")
Answer = Result | Failure
ONE = Result([("A", {"type": "fixed", "precision": 1, "scale": 0})], [["1"]])


def texts(names: Sequence[str], *rows: Sequence[Any]) -> Result:
    """Return rows of texts, like those of SHOW."""
    return Result(
        [(name, {}) for name in names], [[None if value is None else str(value) for value in row] for row in rows]
    )


@dataclass
class Recorder:
    """What the server was asked: the data of logins, and statements with their parameters."""

    logins: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    running: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answer: Callable[[str], Answer]
    login: Failure | None = None
    seen: Recorder


@contextmanager
def snowflake_server(
    answer: Callable[[str], Answer] = lambda _: ONE, login: Failure | None = None
) -> Iterator[tuple[str, Recorder]]:
    """Run a server, and yield `host=…&port=…&protocol=http` for a URL, and the recorder."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.answer, server.login, server.seen = answer, login, Recorder()
        thread = threading.Thread(target=server.serve_forever, args=(POLL_INTERVAL,), daemon=True)
        thread.start()
        yield f"host=127.0.0.1&port={server.server_port}&protocol=http", server.seen
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send({"success": True, "data": {}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        parts = urlsplit(self.path)
        seen = self.server.seen
        seen.paths.append(parts.path)
        if parts.path == "/session/v1/login-request":
            seen.queries.append({name: values[0] for name, values in parse_qs(parts.query).items()})
            self._log_in(json.loads(body)["data"])
        elif parts.path == "/queries/v1/query-request":
            self._run(json.loads(body)["sqlText"])
        else:
            self._send({"success": True, "data": {}})

    def _log_in(self, data: dict[str, Any]) -> None:
        self.server.seen.logins.append(data)
        if self.server.login:
            self._send(self.server.login.body(), self.server.login.status)
            return
        parameters = [{"name": name, "value": value} for name, value in data["SESSION_PARAMETERS"].items()]
        session = {"token": "session-token", "masterToken": "master-token", "sessionId": 42, "parameters": parameters}
        info = {"databaseName": "SHOP", "schemaName": "PUBLIC", "warehouseName": "WH", "roleName": "ANALYST"}
        more = {"sessionInfo": info, "validityInSeconds": 3600, "masterValidityInSeconds": 14400}
        self._send({"success": True, "data": {**session, **more, "serverVersion": "9.38.1"}})

    def _run(self, sql: str) -> None:
        seen = self.server.seen
        seen.statements.append(sql)
        if CANCEL.search(sql):
            seen.cancelled.set()
            self._send(texts(["status"], ["1 queries cancelled."]).body())
            return
        answer = self.server.answer(sql)
        if answer is ENDLESS:
            seen.running += 1
            seen.cancelled.wait(WAIT_TIMEOUT)
            seen.running -= 1
        self._send(answer.body(), answer.status if isinstance(answer, Failure) else 200)

    def _send(self, body: dict[str, Any], status: int = 200) -> None:
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Log nothing."""
