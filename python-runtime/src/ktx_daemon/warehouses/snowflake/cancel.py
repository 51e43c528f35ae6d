"""The end of a statement on the server, asked for beside it in the same session."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from ktx_daemon.timers import calling_after

# A statement that has not arrived yet cannot be cancelled: the server is asked again after a pause.
PAUSE = 0.5
MAX_SECONDS = 5.0


class StatementCancel:
    """Cancels the statement of a session once, on a timeout or a cancellation, until it has ended."""

    def __init__(self, connection: Any) -> None:
        self.has_expired = False
        self._connection = connection
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Cancel the statement in another thread; does not block."""
        with self._lock:
            if self._thread is None and not self._finished.is_set():
                self._thread = threading.Thread(target=self._cancel, daemon=True)
                self._thread.start()

    @contextlib.contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Cancel the statement if the block takes longer than `seconds`."""

        def expire() -> None:
            self.has_expired = True
            self.start()

        with calling_after(seconds, expire):
            yield

    def finish(self) -> None:
        """Stop cancelling: the statement has ended."""
        with self._lock:
            self._finished.set()
        if self._thread:
            self._thread.join(PAUSE)

    def _cancel(self) -> None:
        deadline = time.monotonic() + MAX_SECONDS
        while not self._finished.is_set() and time.monotonic() < deadline:
            with contextlib.suppress(Exception):
                sql = f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(self._connection.session_id)})"
                self._connection.cursor().execute(sql)
            self._finished.wait(PAUSE)
