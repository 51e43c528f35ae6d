"""Analysis of a query log: one parse per template, which is cached for later requests."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.parsing import SqlError
from ktx_daemon.sql.skeleton import Skeleton, make_skeleton
from ktx_daemon.sql.template_cache import TemplateCache
from ktx_daemon.sql.templates import Analysis, Template, fill_template

# About 5,000 templates of typical length; a query log has about 1,000 distinct templates.
MAX_CACHE_BYTES = 3_000_000

_cache = TemplateCache(MAX_CACHE_BYTES)


class Failure(msgspec.Struct, frozen=True):
    """The reason why a statement could not be analysed, as one sentence."""

    message: str


def analyze_query_log(texts: list[str], dialect_name: str, max_workers: int | None = None) -> list[Analysis | Failure]:
    """Analyse statements of a supported dialect; large numbers of cache misses are parsed in parallel."""
    dialect = type(require_dialect(dialect_name)).__name__
    parse = functools.partial(_parse, dialect_name=dialect_name)
    return _Batch(texts, dialect, lambda misses: map_in_chunks(parse, misses, len, max_workers)).run()


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
class _SkeletonGroup:
    """The templates of a skeleton by the texts of its significant literals; `significant` is None if none is shared."""

    significant: tuple[int, ...] | None
    templates: dict[tuple[str, ...], Template] = field(default_factory=dict)


class _Batch:
    """Analyses a batch from templates; each round parses one statement for every key that missed the cache.

    The cache stores the first template of a skeleton under the skeleton, which tells its significant literals, and
    every template under the skeleton and the texts of these literals.
    """

    def __init__(self, texts: list[str], dialect: str, parse: Callable[[list[str]], list[Template | Failure]]) -> None:
        self._texts = texts
        self._dialect = dialect
        self._parse = parse
        self._skeletons = [make_skeleton(text) for text in texts]
        self._results: dict[int, Analysis | Failure] = {}
        self._groups: dict[str, _SkeletonGroup] = {}

    def run(self) -> list[Analysis | Failure]:
        """Analyse all statements; results are in the order of the texts."""
        pending = [index for index in range(len(self._texts)) if not self._answer_from_template(index)]
        while pending:
            misses = self._select_one_per_key(pending)
            parsed = self._parse([self._texts[index] for index in misses])
            for index, result in zip(misses, parsed, strict=True):
                self._add_result(index, result)
            pending = [
                index for index in pending if index not in self._results and not self._answer_from_template(index)
            ]
        return [self._results[index] for index in range(len(self._texts))]

    def _find_group(self, skeleton: Skeleton) -> _SkeletonGroup | None:
        group = self._groups.get(skeleton.key)
        if group is None and (first := _cache.get(self._dialect, skeleton.key)):
            group = self._groups[skeleton.key] = _SkeletonGroup(first.significant, {(): first})
        return group

    def _answer_from_template(self, index: int) -> bool:
        """Set the result of a statement from a template; return False on a cache miss."""
        skeleton = self._skeletons[index]
        group = self._find_group(skeleton) if skeleton else None
        if skeleton is None or group is None or group.significant is None:
            return False
        texts = _significant_texts(group.significant, skeleton)
        template = group.templates.get(texts) or _cache.get(self._dialect, skeleton.key, *texts)
        if template is None:
            return False
        group.templates[texts] = template
        self._results[index] = fill_template(template, skeleton)
        return True

    def _select_one_per_key(self, pending: list[int]) -> list[int]:
        """Select one statement for each key; a statement that shares no template is its own key."""
        selected: dict[object, int] = {}
        for index in pending:
            skeleton = self._skeletons[index]
            group = self._find_group(skeleton) if skeleton else None
            if skeleton is None or (group is not None and group.significant is None):
                selected[index] = index
            elif group is None or group.significant is None:
                selected.setdefault(skeleton.key, index)
            else:
                selected.setdefault((skeleton.key, _significant_texts(group.significant, skeleton)), index)
        return list(selected.values())

    def _add_result(self, index: int, result: Template | Failure) -> None:
        skeleton = self._skeletons[index]
        significant = None if isinstance(result, Failure) else result.significant
        if skeleton is not None:
            group = self._find_group(skeleton) or self._groups.setdefault(skeleton.key, _SkeletonGroup(significant))
            if isinstance(result, Template) and group.significant is not None:
                texts = _significant_texts(group.significant, skeleton)
                for key in {texts} if group.templates else {texts, ()}:
                    _cache.put(result, self._dialect, skeleton.key, *key)
                group.templates[texts] = result
        self._results[index] = result if isinstance(result, Failure) else fill_template(result, skeleton)


def _significant_texts(significant: tuple[int, ...], skeleton: Skeleton) -> tuple[str, ...]:
    return tuple([skeleton.literals[literal] for literal in significant])
