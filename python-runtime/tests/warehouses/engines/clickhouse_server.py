"""Debian's clickhouse-server: an old version with users and KILL QUERY, over plain HTTP."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from tests.clickhouse import modern, proxy
from tests.introspection import find_closed_port
from tests.warehouses.client import Client
from tests.warehouses.definitions import Definitions
from tests.warehouses.engine import Engine
from tests.warehouses.environment import CACHE, locked
from tests.warehouses.errors import EngineError, UnavailableError
from tests.warehouses.server import Server, is_listening
from tests.warehouses.tpch import Tpch

FOLDER = CACHE / "clickhouse-server"
TOO_OLD = "version 18 is too old for the driver; a proxy that translates two texts shows cancel and passwords on it"
CONFIGURATION = """<yandex>
<logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<path>{folder}/</path><tmp_path>{folder}/tmp/</tmp_path><user_files_path>{folder}/files/</user_files_path>
<users_config>{folder}/users.xml</users_config><mark_cache_size>67108864</mark_cache_size>
<default_profile>default</default_profile><default_database>default</default_database>
<query_log><database>system</database><table>query_log</table>
<flush_interval_milliseconds>100</flush_interval_milliseconds></query_log>
</yandex>"""
USERS = """<yandex>
<profiles><default><log_queries>1</log_queries></default></profiles>
<users><default><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default/></quotas>
</yandex>"""


class ClickHouseServer(Engine):
    """The server, unpacked into the cache without an installation."""

    name = "clickhouse-server"
    dialect = "clickhouse"
    driver = "clickhouse"
    definitions = Definitions(
        types={"INTEGER": "Int32", "BIGINT": "Int64", "VARCHAR": "String"},
        keys=None,
        comments=None,
        suffix=" ENGINE = MergeTree ORDER BY ({key})",
    )
    lacks: ClassVar[dict[str, str]] = dict.fromkeys(
        ("connect", "tables", "keys", "comments", "questions", "client questions", "history", "limits"), TOO_OLD
    )
    endless = "SELECT sum(number) FROM system.numbers WHERE number >= 0"
    active = "SELECT count() FROM system.processes WHERE query LIKE '%{text}%' AND query NOT LIKE '%processes%'"

    def __init__(self) -> None:
        self._proxies = ExitStack()

    def stop(self) -> None:
        """End the proxy, the client and the server."""
        self._proxies.close()
        super().stop()

    def prepare(self) -> None:
        """Download and unpack the packages of Debian that are not installed."""
        if not shutil.which("apt-get"):
            raise UnavailableError("the packages of Debian need apt-get")
        with locked(FOLDER.with_name("clickhouse-server.lock")):
            if (FOLDER / ".ready").exists():
                return
            shutil.rmtree(FOLDER, ignore_errors=True)
            FOLDER.mkdir()
            simulated = run_tool("apt-get", "--simulate", "--no-install-recommends", "install", "clickhouse-server")
            names = [line.split()[1] for line in simulated.splitlines() if line.startswith("Inst ")]
            run_tool("apt-get", "download", *names)
            for package in FOLDER.glob("*.deb"):
                run_tool("dpkg", "-x", str(package), str(FOLDER))
                package.unlink()
            (FOLDER / ".ready").touch()

    def start(self, folder: Path) -> None:
        """Start the server with a password."""
        http, password = find_closed_port(), secrets.token_hex(8)
        configuration = folder / "config.xml"
        configuration.write_text(CONFIGURATION.format(http=http, tcp=find_closed_port(), folder=folder))
        (folder / "users.xml").write_text(USERS.format(password=password))
        libraries = ":".join(str(path) for path in (FOLDER / "usr" / "lib").glob("*-linux-gnu*"))
        command = [FOLDER / "usr" / "sbin" / "clickhouse-server", f"--config-file={configuration}"]
        self.server = Server(command, folder, {"LD_LIBRARY_PATH": libraries})
        self.server.wait_until(lambda: is_listening(http))
        settings = {"port": http, "user": "default", "password": password, "database": "default"}
        self.client = Client("clickhouse_http", settings)
        translated = self._proxies.enter_context(proxy(http, modern))
        self.url = f"clickhouse://default:{password}@127.0.0.1:{translated}/default"
        self.wrong_url = f"clickhouse://default:wrong@127.0.0.1:{translated}/default"

    def fill(self, table: str, data: Tpch) -> None:
        """Insert the CSV file."""
        self.client.load(table, data.csv(table))


def run_tool(*command: str) -> str:
    """Run a tool of Debian in the folder. Raises EngineError with its output if it fails."""
    done = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False
    )
    if done.returncode != 0:
        raise EngineError(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout
