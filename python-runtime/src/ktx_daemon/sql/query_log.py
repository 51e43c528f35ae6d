"""Analyses the statements of a query log: one parse for each template, which a cache keeps for later requests."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.parsing import SqlError
from ktx_daemon.sql.skeleton import Skeleton, skeleton
from ktx_daemon.sql.template_cache import TemplateCache
from ktx_daemon.sql.templates import Analysis, Template, fill

# Some 5,000 templates of usual length; a query log has about 1,000 kinds of statements.
MAX_CACHE_BYTES = 3_000_000

_cache = TemplateCache(MAX_CACHE_BYTES)


class Failure(msgspec.Struct, frozen=True):
    """Why a statement could not be analysed, as one sentence."""

    message: str


def analyze_query_log(texts: list[str], dialect_name: str, max_workers: int | None = None) -> list[Analysis | Failure]:
    """Analyse statements of a known dialect; cache misses are parsed on several cores if that pays."""
    dialect = type(require_dialect(dialect_name)).__name__
    parse = functools.partial(_parse, dialect_name=dialect_name)
    return _Batch(texts, dialect, lambda missed: map_in_chunks(parse, missed, len, max_workers)).run()


def _parse(texts: list[str], dialect_name: str) -> list[Template | Failure]:
    dialect = require_dialect(dialect_name)
    results: list[Template | Failure] = []
    for text in texts:
        try:
            results.append(analyze(text, dialect))
        except SqlError as error:
            results.append(Failure(str(error)))
    return results


@dataclass
class _Kind:
    """The templates of one skeleton, by the texts of its significant literals. Without these, none is shared."""

    significant: tuple[int, ...] | None
    templates: dict[tuple[str, ...], Template] = field(default_factory=dict)


class _Batch:
    """Answers statements from templates; each round parses one statement for every key that missed.

    The cache has the first template of a skeleton under the skeleton alone, for its significant literals, and every
    template under the skeleton and the texts of these.
    """

    def __init__(self, texts: list[str], dialect: str, parse: Callable[[list[str]], list[Template | Failure]]) -> None:
        self._texts = texts
        self._dialect = dialect
        self._parse = parse
        self._skeletons = [skeleton(text) for text in texts]
        self._results: dict[int, Analysis | Failure] = {}
        self._kinds: dict[str, _Kind] = {}

    def run(self) -> list[Analysis | Failure]:
        """Analyse everything; results are in the order of the texts."""
        pending = [index for index in range(len(self._texts)) if not self._hit(index)]
        while pending:
            missed = self._one_of_each_key(pending)
            parsed = self._parse([self._texts[index] for index in missed])
            for index, result in zip(missed, parsed, strict=True):
                self._add(index, result)
            pending = [index for index in pending if index not in self._results and not self._hit(index)]
        return [self._results[index] for index in range(len(self._texts))]

    def _kind(self, found: Skeleton) -> _Kind | None:
        kind = self._kinds.get(found.key)
        if kind is None and (first := _cache.get(self._dialect, found.key)):
            kind = self._kinds[found.key] = _Kind(first.significant, {(): first})
        return kind

    def _hit(self, index: int) -> bool:
        """Answer a statement from a template; False is a cache miss."""
        found = self._skeletons[index]
        kind = self._kind(found) if found else None
        if found is None or kind is None or kind.significant is None:
            return False
        texts = _texts(kind.significant, found)
        template = kind.templates.get(texts) or _cache.get(self._dialect, found.key, *texts)
        if template is None:
            return False
        kind.templates[texts] = template
        self._results[index] = fill(template, found)
        return True

    def _one_of_each_key(self, pending: list[int]) -> list[int]:
        """Choose one statement for each key; what shares no template is its own key."""
        chosen: dict[object, int] = {}
        for index in pending:
            found = self._skeletons[index]
            kind = self._kind(found) if found else None
            if found is None or (kind is not None and kind.significant is None):
                chosen[index] = index
            elif kind is None or kind.significant is None:
                chosen.setdefault(found.key, index)
            else:
                chosen.setdefault((found.key, _texts(kind.significant, found)), index)
        return list(chosen.values())

    def _add(self, index: int, result: Template | Failure) -> None:
        found = self._skeletons[index]
        significant = None if isinstance(result, Failure) else result.significant
        if found is not None:
            kind = self._kind(found) or self._kinds.setdefault(found.key, _Kind(significant))
            if isinstance(result, Template) and kind.significant is not None:
                texts = _texts(kind.significant, found)
                for key in {texts} if kind.templates else {texts, ()}:
                    _cache.put(result, self._dialect, found.key, *key)
                kind.templates[texts] = result
        self._results[index] = result if isinstance(result, Failure) else fill(result, found)


def _texts(significant: tuple[int, ...], found: Skeleton) -> tuple[str, ...]:
    return tuple([found.literals[literal] for literal in significant])
