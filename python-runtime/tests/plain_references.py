"""Both ways to read a reference to a table: the fast path and the parser."""

from __future__ import annotations

from ktx_daemon.sql.identifiers import UnresolvedTable, parse_items
from ktx_daemon.sql.plain_references import PhysicalTable, plain_reference_parser
from ktx_daemon.sql.requests import TableIdentifier


def read_plain(text: str, dialect: str) -> PhysicalTable | None:
    references = plain_reference_parser(dialect)
    return references.parse(text) if references else None


def parsed(text: str, dialect: str) -> PhysicalTable | UnresolvedTable:
    (result,) = parse_items([TableIdentifier("k", text, dialect)])
    return result
