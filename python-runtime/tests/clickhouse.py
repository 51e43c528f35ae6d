"""ClickHouse servers for tests: the newest engine, chDB behind an HTTP front, and Debian's old server.

`python -m tests.clickhouse` runs the newest engine, prints its port, and ends with the standard input.
"""

from __future__ import annotations

import os
import select
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.introspection import find_closed_port
from tests.warehouses.environment import CACHE, Environment, locked
from tests.warehouses.errors import EngineError, UnavailableError
from tests.warehouses.server import Server, is_listening

FRONT = Path(__file__).parent / "warehouses" / "programs" / "clickhouse_front.py"
DEBIAN = CACHE / "clickhouse-server"
CHDB = Environment("clickhouse", ("chdb-core", "clickhouse-connect"))
PASSWORD = "hunter2-of-clickhouse"
FORWARDED_HEADERS = ("authorization", "accept-encoding", "user-agent")
CONFIGURATION = """<yandex>
<logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<path>{folder}/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{folder}/users.xml</users_config>
<mark_cache_size>67108864</mark_cache_size>
<default_profile>default</default_profile><default_database>default</default_database>
</yandex>"""
USERS = """<yandex>
<profiles><default/></profiles>
<users><default><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default/></quotas>
</yandex>"""


@contextmanager
def chdb_server(folder: Path) -> Iterator[int]:
    """Run the front of chDB, and yield its port. It ignores users and passwords, and has no query log."""
    with skip_if_unavailable():
        CHDB.prepare()
    with running(*launch_chdb(folder)) as port:
        yield port


def launch_chdb(folder: Path) -> tuple[Server, int]:
    """Launch the front of chDB, with its data in a folder. Returns the server, and the port that it will listen on."""
    port = find_closed_port()
    return Server([CHDB.executable(), FRONT, str(port), folder / "data"], folder), port


@contextmanager
def running(server: Server, port: int) -> Iterator[int]:
    """Wait until a server listens, yield its port, and stop it."""
    try:
        server.wait_until(lambda: is_listening(port))
        yield port
    finally:
        server.stop()


@contextmanager
def skip_if_unavailable() -> Iterator[None]:
    """Skip the test if an engine cannot run here."""
    try:
        yield
    except UnavailableError as error:
        pytest.skip(str(error))


def run(port: int, *statements: str) -> str:
    """Run statements by plain HTTP, without the driver, and return the last answer."""
    answer = ""
    for statement in statements:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", statement.encode()) as response:
            answer = response.read().decode()
    return answer


@contextmanager
def debian_server(folder: Path) -> Iterator[int]:
    """Run Debian's server, whose user `default` has the password `PASSWORD`, and yield its HTTP port.

    Skips the test where it cannot be had. Version 18 has users, `system.processes` and `KILL QUERY`, but is too old for
    the driver to log in: `modern` translates for it.
    """
    with skip_if_unavailable():
        prepare_debian_server()
    with running(*launch_debian_server(folder, PASSWORD)) as port:
        yield port


def prepare_debian_server() -> None:
    """Download and unpack the packages of Debian that are not installed into the cache, without an installation.

    Raises UnavailableError where they cannot be had.
    """
    if not shutil.which("apt-get"):
        raise UnavailableError("the packages of Debian need apt-get")
    with locked(DEBIAN.with_name("clickhouse-server.lock")):
        if (DEBIAN / ".ready").exists():
            return
        shutil.rmtree(DEBIAN, ignore_errors=True)
        DEBIAN.mkdir()
        simulate = ["apt-get", "--simulate", "--no-install-recommends", "install", "clickhouse-server"]
        simulated = subprocess.run(
            simulate, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False
        )
        names = [line.split()[1] for line in simulated.stdout.splitlines() if line.startswith("Inst ")]
        if not names:
            raise UnavailableError("this distribution has no package clickhouse-server")
        _run_tool("apt-get", "download", *names)
        for package in DEBIAN.glob("*.deb"):
            _run_tool("dpkg", "-x", str(package), str(DEBIAN))
            package.unlink()
        (DEBIAN / ".ready").touch()


def _run_tool(*command: str) -> None:
    """Run a tool of Debian in the folder of its server. Raises EngineError with its output if it fails."""
    done = subprocess.run(command, cwd=DEBIAN, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"{command[0]} failed: {done.stderr.strip()}")


def launch_debian_server(folder: Path, password: str) -> tuple[Server, int]:
    """Launch Debian's server, with its files in a folder. Returns it, and the HTTP port that it will listen on."""
    port = find_closed_port()
    folder.chmod(0o755)
    files = {"folder": folder, "http": port, "tcp": find_closed_port(), "password": password}
    (folder / "config.xml").write_text(CONFIGURATION.format(**files))
    (folder / "users.xml").write_text(USERS.format(**files))
    folders = [path for lib in ("lib", "usr/lib") for path in (DEBIAN / lib).glob("*-linux-gnu*")]
    libraries = ":".join(map(str, folders))
    command = [DEBIAN / "usr" / "sbin" / "clickhouse-server", f"--config-file={folder / 'config.xml'}"]
    return Server(command, folder, {"LD_LIBRARY_PATH": libraries}), port


def modern(sql: str) -> str:
    """Translate what the driver and the connector send for version 18, which lacks a column and a format."""
    if "FROM system.settings" in sql:
        return sql.replace("value, readonly", "value, toUInt8(0) AS readonly")
    return sql.replace("FORMAT JSONCompactEachRowWithNamesAndTypes", "FORMAT JSONCompact")


@dataclass(frozen=True)
class Answer:
    """An answer that a proxy gives in place of the server."""

    body: bytes
    status: int = 200
    code: str | None = None


@contextmanager
def proxy(port: int, change: Callable[[str], str | Answer], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a proxy of a server that changes statements, or answers them; yield its port.

    A connection that the client drops is dropped to the server, too. With `tls`, it speaks HTTPS.
    """

    class Handler(_ProxyHandler):
        upstream_port = port

        def change(self, sql: str) -> str | Answer:
            return change(sql)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class _ProxyHandler(BaseHTTPRequestHandler):
    upstream_port: int

    def change(self, sql: str) -> str | Answer:
        raise NotImplementedError

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        changed = self.change(body)
        if isinstance(changed, Answer):
            self._answer(changed)
            return
        with closing(HTTPConnection("127.0.0.1", self.upstream_port)) as upstream:
            headers = {name: value for name, value in self.headers.items() if name.lower() in FORWARDED_HEADERS}
            upstream.request("POST", self.path, changed.encode(), headers)
            while not select.select([upstream.sock, self.connection], [], [], 1)[0]:
                pass
            if select.select([self.connection], [], [], 0)[0]:
                return  # the client has closed its connection
            response = upstream.getresponse()
            code = response.getheader("X-ClickHouse-Exception-Code")
            encoding = response.getheader("Content-Encoding")
            self._answer(Answer(response.read(), response.status, code), encoding)

    def _answer(self, answer: Answer, encoding: str | None = None) -> None:
        self.send_response(answer.status)
        if answer.code:
            self.send_header("X-ClickHouse-Exception-Code", answer.code)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Log nothing."""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, chdb_server(Path(temporary)) as served:
        print(served, flush=True)
        sys.stdin.read()
