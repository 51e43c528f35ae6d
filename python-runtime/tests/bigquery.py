"""Servers that stand in for BigQuery: local-bigquery, which runs statements, and one that plays given answers."""

from __future__ import annotations

import json
import shutil
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.clickhouse import running, skip_if_unavailable
from tests.introspection import find_closed_port
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server

PROJECT, DATASET = "ktx", "tpch"
POLL_SECONDS = 0.01  # of the end of a server
EXTENSIONS = ("icu", "ducklake", "spatial")
PACKAGES = ("local-bigquery", "google-cloud-bigquery", *(f"duckdb-extension-{name}" for name in EXTENSIONS))
EMULATOR = Environment("bigquery", PACKAGES, python=(3, 13))


def launch_emulator(folder: Path) -> tuple[Server, int]:
    """Start local-bigquery and return it with its port, on which it listens later; `EMULATOR.prepare` comes first.

    It looks for DuckDB's extensions in the home folder, where they are copied from their packages.
    """
    import duckdb  # Not for unit tests.

    port, grpc = find_closed_port(), find_closed_port()
    (platform,) = duckdb.sql("PRAGMA platform").fetchall()[0]
    (packages,) = EMULATOR.folder.glob("lib/python*/site-packages")
    for name in EXTENSIONS:
        for version in (packages / f"duckdb_extension_{name}" / "extensions").iterdir():
            target = folder / ".duckdb" / "extensions" / version.name / str(platform)
            shutil.copytree(version, target, dirs_exist_ok=True)
    address = ["--host", "127.0.0.1", "--port", str(port), "--grpc-port", str(grpc)]
    place = ["--project", PROJECT, "--dataset", DATASET, "--data-dir", str(folder / "data")]
    command = [EMULATOR.executable("local-bigquery"), *address, *place, "serve"]
    return Server(command, folder, {"HOME": str(folder)}), port


@contextmanager
def emulator(folder: Path) -> Iterator[int]:
    """Run local-bigquery and yield its port; skips the test without a Python that it supports."""
    with skip_if_unavailable():
        EMULATOR.prepare()
    with running(*launch_emulator(folder)) as port:
        yield port


def connection_url(port: int, dataset: str = DATASET, **parameters: str) -> str:
    """Return the URL of a project on a local server."""
    given = {"api_endpoint": f"http://127.0.0.1:{port}", **parameters}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    return f"bigquery://{PROJECT}/{dataset}?{query}"


def run(port: int, *statements: str) -> None:
    """Run statements on the emulator. Raises HTTPError for one that fails."""
    for statement in statements:
        default = {"projectId": PROJECT, "datasetId": DATASET}
        call_emulator(
            port, f"{PROJECT}/queries", {"query": statement, "useLegacySql": False, "defaultDataset": default}
        )


def call_emulator(port: int, path: str, body: Any = None) -> Any:
    """Send a request to the emulator, a POST if there is a body, and return the answer. Raises HTTPError."""
    url = f"http://127.0.0.1:{port}/bigquery/v2/projects/{path}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"content-type": "application/json"})) as answer:
        return json.load(answer)


@dataclass(frozen=True)
class Call:
    """A request that the player received; `body` is JSON, or the fields of a form."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """An answer of the player: JSON, or text that is not JSON."""

    body: Any = field(default_factory=dict)
    status: int = 200


def failure(status: int, reason: str, message: str) -> Reply:
    """Return an error as BigQuery has it."""
    errors = [{"reason": reason, "message": message, "domain": "global"}]
    return Reply({"error": {"code": status, "message": message, "errors": errors}}, status)


class Player:
    """A server with given answers, and the requests that it received; None is `notFound`."""

    def __init__(self, answer: Callable[[Call], Reply | None]) -> None:
        self.calls: list[Call] = []
        self.port = 0
        self._answer = answer

    def reply(self, call: Call) -> Reply:
        self.calls.append(call)
        return self._answer(call) or failure(404, "notFound", f"Not found: {call.path}")

    @property
    def statements(self) -> list[str]:
        """The statements of the jobs, without dry runs."""
        bodies = [call.body["configuration"] for call in self.calls if call.path.endswith("/jobs")]
        return [body["query"]["query"] for body in bodies if not body["dryRun"]]


@contextmanager
def play(answer: Callable[[Call], Reply | None], tls: ssl.SSLContext | None = None) -> Iterator[Player]:
    """Run a server with given answers on a port of 127.0.0.1."""
    player = Player(answer)
    handler = type("Handler", (_Handler,), {"player": player})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        player.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        yield player
        server.shutdown()
        thread.join()


Result = tuple[str, list[list[Any]]]


class Jobs:
    """Answers to jobs: the result of a statement is found when it starts, and returned when it is asked for."""

    def __init__(self, find: Callable[[str], Result | Reply], statement_type: str = "SELECT", size: int = 0) -> None:
        self._find = find
        self._results: dict[str, Result | Reply] = {}
        self._dry_run = {"totalBytesProcessed": str(size), "query": {"statementType": statement_type}}

    def __call__(self, call: Call) -> Reply | None:
        """Answer a request for a job, or for its result."""
        if call.path.endswith("/jobs"):
            return self._start(call.body)
        if call.path.endswith("/cancel"):
            return Reply()
        found = self._results.get(call.path.rpartition("/")[2])
        return result_page(*found) if isinstance(found, tuple) else found

    def _start(self, job: Any) -> Reply:
        if job["configuration"]["dryRun"]:
            return Reply({"statistics": self._dry_run})
        reference = job["jobReference"]
        self._results[reference["jobId"]] = self._find(job["configuration"]["query"]["query"])
        return Reply({"jobReference": {"location": "EU", **reference}})


def result_page(types: str, rows: list[list[Any]], **more: Any) -> Reply:
    """Return a page of rows with columns of types that are separated by blanks; `[]` after one is an array.

    The first value of a record, which is a dictionary of texts and lists of texts, has the names of its fields.
    """
    fields = [_field(f"c{number}", kind, [row[number] for row in rows]) for number, kind in enumerate(types.split())]
    encoded = [{"f": [{"v": _encode(value)} for value in row]} for row in rows]
    return Reply({"jobComplete": True, "schema": {"fields": fields}, "rows": encoded, **more})


def _field(name: str, kind: str, values: list[Any]) -> dict[str, Any]:
    field = {"name": name, "type": kind.removesuffix("[]"), "mode": "REPEATED" if kind.endswith("[]") else "NULLABLE"}
    if kind == "RECORD[]":
        record = next((records[0] for records in values if records), {})
        field["fields"] = [
            _field(key, "STRING[]" if isinstance(value, list) else "STRING", []) for key, value in record.items()
        ]
    return field


def _encode(value: Any) -> Any:
    if isinstance(value, dict):
        return {"f": [{"v": _encode(each)} for each in value.values()]}
    if isinstance(value, list):
        return [{"v": _encode(item)} for item in value]
    return value if value is None else json.dumps(value) if isinstance(value, bool) else str(value)


def forward(port: int, change: Callable[[str], str]) -> Callable[[Call], Reply]:
    """Return an answer that asks the emulator, after a change of each statement."""

    def answer(call: Call) -> Reply:
        if call.body:
            query = call.body["configuration"]["query"]
            query["query"] = change(query["query"])
        path = f"{call.path}?{urlencode(call.parameters)}" if call.parameters else call.path
        try:
            return Reply(call_emulator(port, path, call.body))
        except HTTPError as error:
            return Reply(json.load(error), error.code)

    return answer


class _Handler(BaseHTTPRequestHandler):
    player: Player

    def do_GET(self) -> None:
        self._reply(None)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        is_json = text.startswith(("{", "["))
        self._reply(json.loads(text) if is_json else {name: values[0] for name, values in parse_qs(text).items()})

    def _reply(self, body: Any) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = parts.path.removeprefix("/bigquery/v2/projects/")
        reply = self.player.reply(Call(self.command, path, parameters, headers, body))
        content = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Log nothing."""
