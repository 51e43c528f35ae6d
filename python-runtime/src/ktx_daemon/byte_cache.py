"""An LRU cache of encoded values by a digest of their key."""

from __future__ import annotations

import threading
from collections import OrderedDict

# The memory of an entry besides its value: its key and its slot in the dictionary.
ENTRY_BYTES = 250


class ByteCache:
    """Caches values up to `max_bytes`, and evicts the least recently used. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self.size = 0
        self._max_bytes = max_bytes
        self._entries: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None on a cache miss."""
        with self._lock:
            value = self._entries.get(key)
            if value is not None:
                self._entries.move_to_end(key)
            return value

    def put(self, key: bytes, value: bytes) -> None:
        """Add or replace a value, and evict others to keep the size limit."""
        with self._lock:
            replaced = self._entries.pop(key, None)
            self.size += _size(value) - (0 if replaced is None else _size(replaced))
            self._entries[key] = value
            while self.size > self._max_bytes:
                self.size -= _size(self._entries.popitem(last=False)[1])


def _size(value: bytes) -> int:
    return len(value) + ENTRY_BYTES
