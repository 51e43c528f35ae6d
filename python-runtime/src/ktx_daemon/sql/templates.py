"""Templates: what statements have in common that differ in literals, blanks and comments only."""

from __future__ import annotations

import msgspec

from ktx_daemon.sql.skeleton import Skeleton


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """One `?` of a template: the literal's type, and its text or where to find it.

    `literal` counts the literals of the skeleton from 0; without it `text` is all of the literal, otherwise its sign.
    """

    type: str
    text: str
    literal: int | None


class Template(msgspec.Struct, frozen=True, array_like=True):
    """The analysis of a statement, with slots in place of its literals."""

    fingerprint: str
    normalized_sql: str
    slots: tuple[Slot, ...]
    tables: tuple[tuple[str | None, str | None, str], ...]
    columns: bytes  # JSON, as answers have it
    # The literals of the skeleton that the template depends on; None if it holds for this very text alone.
    significant: tuple[int, ...] | None


class LiteralSlot(msgspec.Struct, frozen=True):
    """One `?` of a normalised statement: its number from 1, the literal's type and text."""

    position: int
    type: str
    example_value: str


class Analysis(msgspec.Struct, frozen=True):
    """The template of a statement, and the statement's own literals."""

    template: Template
    literal_slots: list[LiteralSlot]


def fill(template: Template, found: Skeleton | None) -> Analysis:
    """Fill the literals of a statement into its template; `found` is the statement's skeleton."""
    texts = found.literals if found else ()
    slots = [
        LiteralSlot(position, slot.type, slot.text if slot.literal is None else slot.text + texts[slot.literal])
        for position, slot in enumerate(template.slots, 1)
    ]
    return Analysis(template, slots)
