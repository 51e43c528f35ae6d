"""An LRU cache of templates.

Templates are stored encoded: a decoded one is dozens of objects of 2.3 KB together, five times as much.
"""

from __future__ import annotations

import hashlib

import msgspec

from ktx_daemon.byte_cache import ByteCache
from ktx_daemon.sql.templates import Template

_decoder = msgspec.msgpack.Decoder(Template)
# Not contained in any part of a key, as statements with private-use characters have no skeleton.
_SEPARATOR = "\ue020"


class TemplateCache:
    """Caches templates up to `max_bytes`, and evicts the least recently used. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._encoded = ByteCache(max_bytes)

    @property
    def size(self) -> int:
        """The memory of all templates."""
        return self._encoded.size

    def get(self, *key: str) -> Template | None:
        """Return the template of a key, or None on a cache miss."""
        encoded = self._encoded.get(_digest(key))
        return None if encoded is None else _decoder.decode(encoded)

    def put(self, template: Template, *key: str) -> None:
        """Add or replace a template, and evict others to keep the size limit."""
        self._encoded.put(_digest(key), msgspec.msgpack.encode(template))


def _digest(key: tuple[str, ...]) -> bytes:
    return hashlib.blake2b(_SEPARATOR.join(key).encode(), digest_size=16).digest()
