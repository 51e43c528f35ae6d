"""The time limit of a scan, which a request for profiles gets what is left of."""

from __future__ import annotations

import time

import msgspec

from ktx_daemon.profile.requests import ProfileDatabase

# Why a table was not measured, or a key or a link not counted; clients compare it.
LIMIT_REACHED = "the time limit of the scan was reached"


class Deadline:
    """The end of a request, from its begin in this process."""

    def __init__(self, request: ProfileDatabase) -> None:
        self._request = request
        limit = request.scan_timeout_ms
        self._end = None if limit is None else time.monotonic() + limit / 1000

    def is_over(self) -> bool:
        """Return whether no statement may begin."""
        left = self._left_ms()
        return left is not None and left <= 0

    def limited(self) -> ProfileDatabase:
        """Return the request with time limits that end with the scan, at least 1 ms."""
        left = self._left_ms()
        if left is None:
            return self._request
        left = max(left, 1)
        return msgspec.structs.replace(
            self._request,
            table_timeout_ms=min(self._request.table_timeout_ms, left),
            statement_timeout_ms=min(self._request.statement_timeout_ms, left),
            scan_timeout_ms=left,
        )

    def _left_ms(self) -> int | None:
        return None if self._end is None else int((self._end - time.monotonic()) * 1000)
