"""An LRU cache of templates.

Templates are stored encoded: a decoded one is dozens of objects of 2.3 KB together, five times as much.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import msgspec

from ktx_daemon.sql.templates import Template

# The memory of an entry besides the encoded template: its key and its slot in the dictionary.
ENTRY_BYTES = 250

_decoder = msgspec.msgpack.Decoder(Template)
# Not contained in any part of a key, as statements with private-use characters have no skeleton.
_SEPARATOR = "\ue020"


class TemplateCache:
    """Caches templates up to `max_bytes`, and evicts the least recently used. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self.size = 0
        self._max_bytes = max_bytes
        self._entries: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, *key: str) -> Template | None:
        """Return the template of a key, or None on a cache miss."""
        digest = _digest(key)
        with self._lock:
            encoded = self._entries.get(digest)
            if encoded is None:
                return None
            self._entries.move_to_end(digest)
        return _decoder.decode(encoded)

    def put(self, template: Template, *key: str) -> None:
        """Add or replace a template, and evict others to keep the size limit."""
        digest, encoded = _digest(key), msgspec.msgpack.encode(template)
        with self._lock:
            replaced = self._entries.pop(digest, None)
            self.size += _size(encoded) - (0 if replaced is None else _size(replaced))
            self._entries[digest] = encoded
            while self.size > self._max_bytes:
                self.size -= _size(self._entries.popitem(last=False)[1])


def _size(encoded: bytes) -> int:
    return len(encoded) + ENTRY_BYTES


def _digest(key: tuple[str, ...]) -> bytes:
    return hashlib.blake2b(_SEPARATOR.join(key).encode(), digest_size=16).digest()
