"""Templates: the shared analysis of statements that differ in literals, blanks and comments only."""

from __future__ import annotations

import msgspec

from ktx_daemon.sql.skeleton import Skeleton


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """One `?` of a template: the literal's type and its text.

    `literal` is the index of a literal of the skeleton, to which `text` is the sign; without it `text` is the literal.
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
    columns: bytes  # JSON, as in the response
    # The indexes of literals that the template depends on; None if it applies to this text only.
    significant: tuple[int, ...] | None
    # Set for logged statements: a fingerprint that also ignores the names of aliases, and the usage of columns as JSON.
    pattern: str = ""
    usage: bytes = b"{}"


class LiteralSlot(msgspec.Struct, frozen=True):
    """One `?` of a normalised statement: its position from 1, the literal's type and text."""

    position: int
    type: str
    example_value: str


class Analysis(msgspec.Struct, frozen=True):
    """The template of a statement and the literals of the statement."""

    template: Template
    literal_slots: list[LiteralSlot]


def fill_template(template: Template, skeleton: Skeleton | None) -> Analysis:
    """Return the template with the literals of a statement; `skeleton` is the skeleton of that statement."""
    texts = skeleton.literals if skeleton else ()
    slots = [
        LiteralSlot(position, slot.type, slot.text if slot.literal is None else slot.text + texts[slot.literal])
        for position, slot in enumerate(template.slots, 1)
    ]
    return Analysis(template, slots)
