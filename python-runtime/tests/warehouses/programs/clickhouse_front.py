"""The HTTP interface of ClickHouse over chDB: every answer is the engine's own.

    python clickhouse_front.py PORT FOLDER

Each request is a session of the engine, in which the parameters of the URL are set like a server does: settings such as
`readonly`, `max_result_rows` and `max_execution_time`, the database, and the parameters of a query. The statement is
sent as it is, with its comments. chDB makes the id of a query itself; the client's is added as a comment, so that
`system.processes` shows it. What the engine lacks is not played: users and passwords are ignored, sessions are not
kept, and the rows of an INSERT have to be in its statement.
"""

from __future__ import annotations

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import chdb

# Parameters of the interface that are not settings.
INTERFACE = re.compile(
    "query|query_id|database|user|password|quota_key|default_format|session_(id|timeout|check)|(de)?compress|buffer_size"
    "|wait_end_of_query|client_protocol_version|role|param_.*"
)


class Front(BaseHTTPRequestHandler):
    """Handles one request by one session of the engine."""

    protocol_version = "HTTP/1.1"
    folder: str

    def do_GET(self) -> None:
        """Answer a query in the URL, or the probe `/ping`."""
        if urlsplit(self.path).path == "/ping":
            self._respond(200, b"Ok.\n")
        else:
            self._run("")

    def do_POST(self) -> None:
        """Answer a query in the URL or in the body."""
        self._run(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _run(self, body: str) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        written = parameters.get("query", "")
        if written and body:
            self._respond(501, b"Code: 48. DB::Exception: chDB takes no rows beside the statement. (NOT_IMPLEMENTED)\n")
            return
        session = chdb.connect(self.folder)
        try:
            prepare(session, parameters)
            sql = describe(parameters.get("query_id")) + (written or body)
            values = {name[6:]: value for name, value in parameters.items() if name.startswith("param_")}
            result = session.query(sql, parameters.get("default_format", "TabSeparated"), params=values)
            summary = {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
            self._respond(200, result.bytes() or b"", {"X-ClickHouse-Summary": json.dumps(summary)})
        except RuntimeError as error:
            code = re.match(r"Code: (\d+)", str(error))
            self._respond(500, f"{error}\n".encode(), {"X-ClickHouse-Exception-Code": code[1]} if code else {})
        finally:
            session.close()

    def _respond(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def prepare(session: chdb.state.sqlitelike.Connection, parameters: dict[str, str]) -> None:
    """Select the database and set all settings at once, as `readonly` allows no later ones."""
    if database := parameters.get("database"):
        session.query(f"USE `{database.replace('`', '')}`")
    given = {
        name: value
        for name, value in parameters.items()
        if not INTERFACE.fullmatch(name) and re.fullmatch(r"\w+", name)
    }
    settings = ", ".join(f"{name} = {quote(value)}" for name, value in given.items())
    if settings:
        session.query(f"SET {settings}")


def quote(value: str) -> str:
    """Return a string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def describe(query_id: str | None) -> str:
    """Return the comment with the id of a query."""
    return f"/* query_id: {query_id.replace('*/', '')} */ " if query_id else ""


if __name__ == "__main__":
    Front.folder = sys.argv[2]
    # The data live as long as a session does.
    keeper = chdb.connect(Front.folder)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Front).serve_forever()
