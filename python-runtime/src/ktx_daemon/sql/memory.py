"""What was learned of statements, kept for later requests.

A template in use is dozens of objects of 2.3 KB together. Here it is one string of bytes under a digest, a fifth of
that. What was not asked for longest goes first.
"""

from __future__ import annotations

import hashlib
import threading
from array import array

import msgspec

from ktx_daemon.sql.analysis import Template

# What came is known by 64 bits of its digest, in rows of a table: the last few of each row. 64 KB for 8,192.
ROWS = 1024
ROW_MARKS = 8

_decoder = msgspec.msgpack.Decoder(Template)
# Stands in no outline and no literal of one: statements with private-use characters have none.
_BETWEEN = "\ue020"


class TemplateMemory:
    """Templates, so many and of so many `bytes` at the most; for all threads."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self.bytes = 0
        self._encoded: dict[bytes, bytes] = {}
        self._marks = _Marks()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._encoded)

    def recall(self, *found_by: str) -> Template | None:
        """Give the template that was kept under these texts, if it is still there."""
        key = _digest(found_by)
        with self._lock:
            encoded = self._encoded.pop(key, None)
            if encoded is None:
                return None
            self._encoded[key] = encoded
        return _decoder.decode(encoded)

    def keep(self, template: Template, *found_by: str) -> None:
        """Keep a template under texts, and let go what there is no room for any more."""
        self._keep(template, _digest(found_by))

    def keep_if_again(self, template: Template, *found_by: str) -> None:
        """Keep a template that was offered before; of one that was not only that it was now."""
        key = _digest(found_by)
        if self._marks.had(key):
            self._keep(template, key)

    def _keep(self, template: Template, key: bytes) -> None:
        encoded = msgspec.msgpack.encode(template)
        with self._lock:
            self.bytes += len(encoded) - len(self._encoded.pop(key, b""))
            self._encoded[key] = encoded
            while len(self._encoded) > self._most or self.bytes > self._most_bytes:
                self.bytes -= len(self._encoded.pop(next(iter(self._encoded))))


class _Marks:
    """Which keys came lately. That a mark may be lost between two threads does no harm."""

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * ROW_MARKS * ROWS))

    def had(self, key: bytes) -> bool:
        """Say whether the key came lately, and mark that it came."""
        mark = int.from_bytes(key[:8], "big")
        row = slice(start := mark % ROWS * ROW_MARKS, start + ROW_MARKS)
        marks = self._table[row]
        if mark in marks:
            return True
        self._table[row] = array("Q", [mark, *marks[:-1]])
        return False


def _digest(texts: tuple[str, ...]) -> bytes:
    return hashlib.blake2b(_BETWEEN.join(texts).encode(), digest_size=16).digest()
