"""When the daemon stops: on request, or after a time without use."""

from __future__ import annotations

import asyncio
import time


class Lifecycle:
    """The request to stop, and the use of the daemon that its idle timeout is counted from."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._in_flight = 0
        self._last_use = time.monotonic()

    @property
    def is_stopping(self) -> bool:
        """Whether the daemon was asked to stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ask the daemon to stop. Only in its event loop."""
        self._stopping.set()

    async def until_stop(self) -> None:
        """Wait for the request to stop."""
        await self._stopping.wait()

    def request_started(self) -> None:
        """Count a request as in flight; the daemon is not idle while there is one."""
        self._in_flight += 1

    def request_ended(self, *, is_use: bool) -> None:
        """Count a request as answered; the idle time starts again if it was use of the daemon."""
        self._in_flight -= 1
        if is_use:
            self._last_use = time.monotonic()

    async def stop_when_idle(self, timeout: float) -> None:
        """Ask the daemon to stop once it was not used for `timeout` seconds."""
        while (rest := self._idle_rest(timeout)) > 0:
            await asyncio.sleep(rest)
        self.stop()

    def _idle_rest(self, timeout: float) -> float:
        return timeout if self._in_flight else self._last_use + timeout - time.monotonic()
