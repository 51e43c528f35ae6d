"""Analysis of a query log: one parse per template, which is cached for later requests."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
from sqlglot import Dialect

from ktx_daemon.sql.analysis import analyze, analyze_logged
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.log_skeleton import LogSkeleton, make_log_skeleton
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
    skeletons = [make_skeleton(text) for text in texts]
    templates = _find_templates(texts, skeletons, analyze, dialect_name, max_workers, "statement")
    return [
        template if isinstance(template, Failure) else fill_template(template, skeleton)
        for template, skeleton in zip(templates, skeletons, strict=True)
    ]


def find_log_templates(texts: list[str], dialect_name: str, max_workers: int | None = None) -> list[Template | Failure]:
    """Return the template of each statement; statements of one pattern may have templates of other statements of it."""
    aliases: dict[str, str] = {}
    dialect = require_dialect(dialect_name)
    skeletons = [make_log_skeleton(text, dialect, aliases) for text in texts]
    return _find_templates(texts, skeletons, analyze_logged, dialect_name, max_workers, "logged")


def _find_templates(
    texts: list[str],
    skeletons: Sequence[Skeleton | LogSkeleton | None],
    analyze_one: Callable[[str, Dialect], Template],
    dialect_name: str,
    max_workers: int | None,
    kind: str,
) -> list[Template | Failure]:
    dialect = type(require_dialect(dialect_name)).__name__
    parse = functools.partial(_parse, analyze_one=analyze_one, dialect_name=dialect_name)
    batch = _Batch(texts, skeletons, f"{kind} {dialect}", lambda misses: map_in_chunks(parse, misses, len, max_workers))
    return batch.run()


def _parse(
    texts: list[str], analyze_one: Callable[[str, Dialect], Template], dialect_name: str
) -> list[Template | Failure]:
    dialect = require_dialect(dialect_name)
    results: list[Template | Failure] = []
    for text in texts:
        try:
            results.append(analyze_one(text, dialect))
        except SqlError as error:
            results.append(Failure(str(error)))
    return results


@dataclass
class _SkeletonGroup:
    """The templates of a skeleton by the texts of its significant literals; `significant` is None if none is shared."""

    significant: tuple[int, ...] | None
    templates: dict[tuple[str, ...], Template] = field(default_factory=dict)


class _Batch:
    """Finds the templates of a batch; each round parses one statement for every key that missed the cache.

    The cache stores the first template of a skeleton under the skeleton, which tells its significant literals, and
    every template under the skeleton and the texts of these literals.
    """

    def __init__(
        self,
        texts: list[str],
        skeletons: Sequence[Skeleton | LogSkeleton | None],
        namespace: str,
        parse: Callable[[list[str]], list[Template | Failure]],
    ) -> None:
        self._texts = texts
        self._namespace = namespace
        self._parse = parse
        self._skeletons = skeletons
        self._results: dict[int, Template | Failure] = {}
        self._groups: dict[str, _SkeletonGroup] = {}

    def run(self) -> list[Template | Failure]:
        """Return the templates in the order of the texts."""
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

    def _find_group(self, skeleton: Skeleton | LogSkeleton) -> _SkeletonGroup | None:
        group = self._groups.get(skeleton.key)
        if group is None and (first := _cache.get(self._namespace, skeleton.key)):
            group = self._groups[skeleton.key] = _SkeletonGroup(first.significant, {(): first})
        return group

    def _answer_from_template(self, index: int) -> bool:
        """Set the result of a statement from a template; return False on a cache miss."""
        skeleton = self._skeletons[index]
        group = self._find_group(skeleton) if skeleton else None
        if skeleton is None or group is None or group.significant is None:
            return False
        texts = _significant_texts(group.significant, skeleton)
        template = group.templates.get(texts) or _cache.get(self._namespace, skeleton.key, *texts)
        if template is None:
            return False
        group.templates[texts] = template
        self._results[index] = template
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
        self._results[index] = result
        skeleton = self._skeletons[index]
        if skeleton is None:
            return
        significant = None if isinstance(result, Failure) else skeleton.renumber(result.significant)
        group = self._find_group(skeleton) or self._groups.setdefault(skeleton.key, _SkeletonGroup(significant))
        if isinstance(result, Failure) or significant is None or group.significant is None:
            return
        template = msgspec.structs.replace(result, significant=significant)
        texts = _significant_texts(group.significant, skeleton)
        for key in {texts} if group.templates else {texts, ()}:
            _cache.put(template, self._namespace, skeleton.key, *key)
        group.templates[texts] = template


def _significant_texts(significant: tuple[int, ...], skeleton: Skeleton | LogSkeleton) -> tuple[str, ...]:
    return tuple([skeleton.literals[literal] for literal in significant])
