"""The stop request and the idle timeout of the daemon."""

from __future__ import annotations

import asyncio
import time


class Lifecycle:
    """State of the daemon's lifecycle: the stop request, the requests in flight and the time of the last use.

    Not thread-safe: only the event loop may call it.
    """

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._in_flight = 0
        self._last_use = time.monotonic()

    @property
    def is_stopping(self) -> bool:
        """Whether a stop was requested."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Request the stop of the daemon."""
        self._stopping.set()

    async def wait_for_stop(self) -> None:
        """Wait until a stop is requested."""
        await self._stopping.wait()

    def request_started(self) -> None:
        """Count a request as in flight; the daemon is not idle while there is one."""
        self._in_flight += 1

    def request_ended(self, *, counts_as_use: bool) -> None:
        """Count a request as finished; the idle time restarts if the request counts as use of the daemon."""
        self._in_flight -= 1
        if counts_as_use:
            self._last_use = time.monotonic()

    async def stop_when_idle(self, timeout: float) -> None:
        """Request a stop once the daemon has been idle for `timeout` seconds."""
        while (remaining := self._remaining_idle_seconds(timeout)) > 0:
            await asyncio.sleep(remaining)
        self.stop()

    def _remaining_idle_seconds(self, timeout: float) -> float:
        return timeout if self._in_flight else self._last_use + timeout - time.monotonic()
