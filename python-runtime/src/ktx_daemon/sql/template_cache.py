"""An LRU cache of templates.

A decoded template is dozens of objects, 2.3 KB together; encoded it takes a fifth of that.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import msgspec

from ktx_daemon.sql.templates import Template

# What the interpreter takes for an entry besides the encoded template: its key and its place in the dictionary.
ENTRY_BYTES = 250

_decoder = msgspec.msgpack.Decoder(Template)
# In no part of a key: statements with private-use characters have no skeleton.
_SEPARATOR = "\ue020"


class TemplateCache:
    """Templates of at most `max_bytes` when encoded; the least recently used are evicted. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self.size = 0
        self._max_bytes = max_bytes
        self._entries: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, *key: str) -> Template | None:
        """Return the template of a key; None is a cache miss."""
        digest = _digest(key)
        with self._lock:
            encoded = self._entries.get(digest)
            if encoded is None:
                return None
            self._entries.move_to_end(digest)
        return _decoder.decode(encoded)

    def put(self, template: Template, *key: str) -> None:
        """Add or replace a template, and evict others if there is no room for it."""
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
