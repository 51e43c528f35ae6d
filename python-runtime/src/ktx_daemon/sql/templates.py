"""Statements are taken apart once for all that differ in their literals only; the rest is filling in.

What is found stays in this process, within bounds, for later requests.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from sqlglot.dialects.dialect import Dialect

from ktx_daemon.sql.analysis import Template, analyze
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.memory import TemplateMemory
from ktx_daemon.sql.outline import Outline, outline
from ktx_daemon.sql.parsing import SqlError

# An ingest has about 1,000 kinds of statements; so many of usual length take 2 MB.
MAX_TEMPLATES = 4_000
MAX_BYTES = 3_000_000


class LiteralSlot(msgspec.Struct, frozen=True):
    """One `?` of a normalised statement: its number from 1, the literal's type and text."""

    position: int
    type: str
    example_value: str


class Analysis(msgspec.Struct, frozen=True):
    """A statement: what it has in common with others, and its own literals."""

    template: Template
    literal_slots: list[LiteralSlot]


class Failure(msgspec.Struct, frozen=True):
    """Why a statement could not be taken apart, as one sentence."""

    message: str


@dataclass
class _Family:
    """The templates of one outline, by the texts of the literals that matter."""

    significant: tuple[int, ...] | None
    templates: dict[tuple[str, ...], Template] = field(default_factory=dict)


# Under dialect and key of the outline stands the first template of each family, which says what literals matter; where
# some do, every template stands also under their texts.
_memory = TemplateMemory(MAX_TEMPLATES, MAX_BYTES)


def analyze_all(texts: list[str], dialect_name: str, max_workers: int | None = None) -> list[Analysis | Failure]:
    """Analyse statements of a dialect that is known; what is new is divided over the cores if that pays."""
    dialect = require_dialect(dialect_name)
    name = type(dialect).__name__
    learn = functools.partial(_learn, dialect_name=dialect_name)
    return _Batch(texts, name, lambda chosen: map_in_chunks(learn, chosen, len, max_workers)).run()


def _learn(texts: list[str], dialect_name: str) -> list[Template | Failure]:
    dialect = require_dialect(dialect_name)
    return [_learn_one(text, dialect) for text in texts]


def _learn_one(text: str, dialect: Dialect) -> Template | Failure:
    try:
        return analyze(text, dialect)
    except (SqlError, RecursionError) as error:
        return Failure(str(error) if isinstance(error, SqlError) else "The SQL text is too deep")


class _Batch:
    """Statements that are answered from templates; in each round one of every kind that is not known is learned."""

    def __init__(self, texts: list[str], dialect: str, learn: Callable[[list[str]], list[Template | Failure]]) -> None:
        self._texts = texts
        self._dialect = dialect
        self._learn = learn
        self._outlines = [outline(text) for text in texts]
        # Of many statements others like them will follow; one alone may be the only one of its kind.
        self._remember = _memory.keep if len(texts) > 1 else _memory.keep_if_again
        self._found: dict[int, Analysis | Failure] = {}
        self._families: dict[str, _Family] = {}

    def run(self) -> list[Analysis | Failure]:
        """Analyse everything, in the order of the texts."""
        waiting = [index for index in range(len(self._texts)) if not self._recall(index)]
        while waiting:
            chosen = self._one_of_each(waiting)
            learned = self._learn([self._texts[index] for index in chosen])
            for index, result in zip(chosen, learned, strict=True):
                self._keep(index, result)
            waiting = [index for index in waiting if index not in self._found and not self._recall(index)]
        return [self._found[index] for index in range(len(self._texts))]

    def _family(self, known: Outline) -> _Family | None:
        family = self._families.get(known.key)
        if family is None and (first := _memory.recall(self._dialect, known.key)):
            family = self._families[known.key] = _Family(first.significant, {(): first})
        return family

    def _recall(self, index: int) -> bool:
        known = self._outlines[index]
        family = self._family(known) if known else None
        if known is None or family is None or family.significant is None:
            return False
        texts = _texts_that_matter(family.significant, known)
        template = family.templates.get(texts) or _memory.recall(self._dialect, known.key, *texts)
        if template is None:
            return False
        family.templates[texts] = template
        self._found[index] = _fill(template, known)
        return True

    def _one_of_each(self, waiting: list[int]) -> list[int]:
        """Choose statements of which no two have the same template, as far as that is known."""
        kinds: dict[object, int] = {}
        for index in waiting:
            known = self._outlines[index]
            family = self._family(known) if known else None
            if known is None or (family is not None and family.significant is None):
                kinds[index] = index
            elif family is None or family.significant is None:
                kinds.setdefault(known.key, index)
            else:
                kinds.setdefault((known.key, _texts_that_matter(family.significant, known)), index)
        return list(kinds.values())

    def _keep(self, index: int, result: Template | Failure) -> None:
        known = self._outlines[index]
        significant = None if isinstance(result, Failure) else result.significant
        if known is not None:
            family = self._family(known) or self._families.setdefault(known.key, _Family(significant))
            if isinstance(result, Template) and family.significant is not None:
                texts = _texts_that_matter(family.significant, known)
                for found_by in {texts} if family.templates else {texts, ()}:
                    self._remember(result, self._dialect, known.key, *found_by)
                family.templates[texts] = result
        self._found[index] = result if isinstance(result, Failure) else _fill(result, known)


def _texts_that_matter(significant: tuple[int, ...], known: Outline) -> tuple[str, ...]:
    return tuple([known.texts[literal] for literal in significant])


def _fill(template: Template, known: Outline | None) -> Analysis:
    texts = known.texts if known else ()
    slots = [
        LiteralSlot(position, slot.type, slot.text if slot.literal is None else slot.text + texts[slot.literal])
        for position, slot in enumerate(template.slots, 1)
    ]
    return Analysis(template, slots)
