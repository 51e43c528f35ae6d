"""A cache of decoded models with their planners: a client sends its model with each of its queries.

Decoding the model takes most of the time of a query, and most of the memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from semantic_layer.model.clock import reads_clock
from semantic_layer.model.models import Model, Source
from semantic_layer.planning.planner import Planner
from semantic_layer.sql.dialects import SqlDialect

# A planner collects what queries ask, such as join paths; it is replaced after this number of queries.
_MAX_PLANS = 1000
# Planning holds the interpreter lock; a query that waits longer for a planner makes its own.
_MAX_WAIT_SECONDS = 0.05


@dataclass
class CachedModel:
    """The sources of a model for a dialect, decoded once."""

    sources: list[Source]
    dialect: str
    model: Model
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _planner: Planner | None = None
    _plans: int = 0

    @cached_property
    def reads_clock(self) -> bool:
        """Whether an expression of the model may depend on the current time."""
        return reads_clock(self.model) or any(map(reads_clock, self.sources))

    @contextmanager
    def planner(self) -> Iterator[Planner]:
        """Lend a planner, to one thread at a time. Raises SemanticError for an invalid model or dialect."""
        if not self._lock.acquire(timeout=_MAX_WAIT_SECONDS):
            yield self._create_planner()
            return
        try:
            if self._planner is None or self._plans >= _MAX_PLANS:
                self._planner, self._plans = self._create_planner(), 0
            self._plans += 1
            yield self._planner
        finally:
            self._lock.release()

    def _create_planner(self) -> Planner:
        return Planner(self.sources, SqlDialect(self.dialect), self.model)


class ModelCache:
    """Caches models of up to `max_bytes` together, and evicts the least recently used. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._models: OrderedDict[bytes, CachedModel] = OrderedDict()
        self._sizes: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def get(self, key: bytes, size: int, load: Callable[[], CachedModel]) -> CachedModel:
        """Return the model of a key, or load it; `size` is the length of its JSON.

        Others are evicted before it is loaded, so that not both are in memory.
        """
        with self._lock:
            if key in self._models:
                self._models.move_to_end(key)
                return self._models[key]
            self._evict_to(self._max_bytes - size)
        loaded = load()
        with self._lock:
            self._models[key], self._sizes[key] = loaded, size
            self._evict_to(self._max_bytes)
        return loaded

    def _evict_to(self, size: int) -> None:
        while self._models and sum(self._sizes.values()) > size:
            del self._sizes[self._models.popitem(last=False)[0]]
