"""Servers that stand in for BigQuery: local-bigquery, which runs statements, and one that plays given answers."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import duckdb

from tests.introspection import find_closed_port
from tests.warehouses.environment import Environment
from tests.warehouses.server import Server, is_listening

PROJECT, DATASET = "ktx", "tpch"
EXTENSIONS = ("icu", "ducklake", "spatial")
PACKAGES = ("local-bigquery", "google-cloud-bigquery", *(f"duckdb-extension-{name}" for name in EXTENSIONS))
EMULATOR = Environment("bigquery", PACKAGES, python=(3, 13))


def launch_emulator(folder: Path) -> tuple[Server, int]:
    """Start local-bigquery and return it with its port, on which it listens later; `EMULATOR.prepare` comes first.

    It looks for DuckDB's extensions in the home folder, where they are copied from their packages.
    """
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
    """Run local-bigquery and yield its port. Raises UnavailableError without a Python that it supports."""
    EMULATOR.prepare()
    server, port = launch_emulator(folder)
    try:
        server.wait_until(lambda: is_listening(port))
        yield port
    finally:
        server.stop()


def connection_url(port: int, dataset: str = DATASET, **parameters: str) -> str:
    """Return the URL of a project on a local server."""
    given = {"api_endpoint": f"http://127.0.0.1:{port}", **parameters}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    return f"bigquery://{PROJECT}/{dataset}?{query}"


def run(port: int, *statements: str) -> None:
    """Run statements on the emulator. Raises HTTPError for one that fails."""
    for statement in statements:
        default = {"projectId": PROJECT, "datasetId": DATASET}
        call(port, f"{PROJECT}/queries", {"query": statement, "useLegacySql": False, "defaultDataset": default})


def call(port: int, path: str, body: Any = None) -> Any:
    """Send a request to a local server, a POST if there is a body, and return the answer."""
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
    """The answers of a server, and the requests that it received. A subclass or `answer` decides by the request."""

    def __init__(self, answer: Callable[[Call], Reply | None]) -> None:
        self.calls: list[Call] = []
        self.port = 0
        self._answer = answer

    def reply(self, call: Call) -> Reply:
        self.calls.append(call)
        return self._answer(call) or failure(404, "notFound", f"Not found: {call.path}")


@contextmanager
def play(answer: Callable[[Call], Reply | None]) -> Iterator[Player]:
    """Run a server with given answers on a port of 127.0.0.1."""
    player = Player(answer)
    handler = type("Handler", (_Handler,), {"player": player})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        player.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield player
        server.shutdown()
        thread.join()


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
