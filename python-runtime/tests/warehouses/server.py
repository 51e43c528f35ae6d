"""Processes of servers: started with a log, awaited and stopped."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.warehouses.errors import EngineError

START_TIMEOUT = 180  # seconds; exceeding it fails the engine
WAIT_TIMEOUT = 30
STOP_TIMEOUT = 20
INTERVAL = 0.05
COMPUTING_INTERVAL = 0.4


class Server:
    """A server with its own process group, which receives the signals of `stop`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        folder: Path,
        variables: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.log = folder / "server.log"
        self._name = Path(command[0]).name
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
            )

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition. Raises EngineError with the end of the log if the server ends, or on a timeout."""

        def is_met() -> bool:
            if self._process.poll() is not None:
                raise EngineError(f"{self._name} ended: {self._end_of_log()}")
            return condition()

        wait_until(is_met, f"{self._name} is ready", START_TIMEOUT)

    def stop(self) -> None:
        """Stop all processes of the server: ask them first, then kill them."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            os.killpg(self._process.pid, number)
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                continue

    def _end_of_log(self) -> str:
        return self.log.read_text(errors="replace").strip()[-2000:]

    def is_computing(self) -> bool:
        """Return whether the server uses the processor for most of a short time."""
        before = self._processor_seconds()
        time.sleep(COMPUTING_INTERVAL)
        return self._processor_seconds() - before > COMPUTING_INTERVAL / 4

    def _processor_seconds(self) -> float:
        times = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def wait_until(condition: Callable[[], bool], what: str, timeout: float = WAIT_TIMEOUT) -> None:
    """Wait for a condition. Raises EngineError on a timeout; `what` completes its message."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise EngineError(f"waited {timeout} s in vain until {what}")
        time.sleep(INTERVAL)


def is_listening(port: int) -> bool:
    """Return whether a port of 127.0.0.1 accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def unprivileged_user() -> str | None:
    """Return a user for a server that refuses to run as root, or None if this user is another one."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody", "daemon") if name in names)  # cspell:disable-line
