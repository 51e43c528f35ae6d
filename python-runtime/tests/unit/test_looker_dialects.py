"""The addon's dialects of Looker connections are supported by the daemon."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ktx_daemon.sql.dialects import find_dialect
from ktx_daemon.sql.identifiers import parse_items
from ktx_daemon.sql.plain_references import PhysicalTable
from ktx_daemon.sql.requests import TableIdentifier

ADDON = Path(__file__).resolve().parents[3] / "src/ingest/adapters/looker/dialects.rs"


def by_prefix() -> list[tuple[str, str]]:
    table = ADDON.read_text().partition("const BY_PREFIX")[2].partition("];")[0]
    return re.findall(r'\("(\w+)", "(\w+)"\)', table)


def test_prefixes_are_found() -> None:
    assert len(by_prefix()) > 50
    assert ("memsql", "singlestore") in by_prefix()


@pytest.mark.parametrize("dialect", sorted({dialect for _, dialect in by_prefix()}))
def test_every_dialect_is_known_to_the_daemon(dialect: str) -> None:
    assert find_dialect(dialect) is not None
    for text in ("shop.orders", "shop . orders o"):
        (result,) = parse_items([TableIdentifier("k", text, dialect)])
        assert isinstance(result, PhysicalTable), result
        assert (result.schema, result.name, result.canonical_table) == ("shop", "orders", "shop.orders")


def test_prefixes_are_not_hidden_by_shorter_ones() -> None:
    """The first matching prefix wins, so longer prefixes have to be first."""
    prefixes = by_prefix()
    for place, (prefix, dialect) in enumerate(prefixes):
        first = next(known for known, _ in prefixes if prefix.startswith(known))
        assert dict(prefixes)[first] == dialect, (prefix, first, place)
