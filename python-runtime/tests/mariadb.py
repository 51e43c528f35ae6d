"""A MariaDB server of one test file, with settings of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.introspection import find_closed_port
from tests.warehouses.server import Server, unprivileged_user


@dataclass
class MariaDb:
    """A running server: its port on 127.0.0.1, and its socket, where `root` needs no password."""

    port: int
    socket: Path

    def run(self, *statements: str) -> list[Any]:
        """Run statements as `root`, and return the rows of the last one."""
        with closing(pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True)) as session:
            for statement in statements:
                with session.cursor() as cursor:
                    cursor.execute(statement)
                    rows = cursor.fetchall()
        return list(rows)


@contextmanager
def mariadb_server(*flags: str, files: Mapping[str, Path] | None = None) -> Iterator[MariaDb]:
    """Start a server in a temporary folder, as another user than root; `files` are options with a copy of a file."""
    installer, server = (
        shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
        for name in ("mariadb-install-db", "mariadbd")
    )
    if installer is None or server is None:
        pytest.fail("MariaDB is not installed; scripts/with-databases.mjs installs it")
    user = unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="ktx-mariadb-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        _install(installer, folder, user)
        made = MariaDb(find_closed_port(), folder / "s")
        address = ["--bind-address=127.0.0.1", f"--port={made.port}", f"--socket={made.socket}"]
        command = [server, "--no-defaults", f"--datadir={folder / 'data'}", *address, *flags]
        for option, file in (files or {}).items():
            command.append(f"--{option}={shutil.copy(file, folder / option)}")
            if user:
                shutil.chown(folder / option, user)
        running = Server(command, folder, user=user)
        try:
            running.wait_until(made.socket.exists)
            yield made
        finally:
            running.stop()


def _install(installer: str, folder: Path, user: str | None) -> None:
    command = [installer, "--no-defaults", f"--datadir={folder / 'data'}", "--auth-root-authentication-method=normal"]
    done = subprocess.run(
        [*command, "--skip-test-db"], capture_output=True, text=True, user=user, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
