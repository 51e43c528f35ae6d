"""Plain references are read without the parser, with its results."""

from __future__ import annotations

import pytest

from ktx_daemon.sql import identifiers
from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect
from ktx_daemon.sql.identifiers import parse_table_identifiers
from ktx_daemon.sql.plain_references import WITHOUT_SELECT
from ktx_daemon.sql.requests import ParseTableIdentifiers, TableIdentifier
from tests.plain_references import parsed, read_plain


@pytest.mark.parametrize("dialect", [known for known in SUPPORTED_DIALECTS if known.upper() not in WITHOUT_SELECT])
def test_plain_references_need_no_parser(dialect: str) -> None:
    own = require_dialect(dialect)
    quoted = f"{own.IDENTIFIER_START}Order details-1{own.IDENTIFIER_END}"
    for text in ("orders", "shop.orders", " db_1.shop.orders ", f"shop.{quoted}", f"{quoted}.x AS o", "shop.orders o"):
        table = read_plain(text, dialect)
        assert table == parsed(text, dialect), text
        assert table is not None, text


@pytest.mark.parametrize(
    "text", ["my-project.shop.orders", "`my-project.shop.orders` AS t", "`shop.orders`", "p-q.shop"]
)
def test_plain_paths_of_bigquery_need_no_parser(text: str) -> None:
    table = read_plain(text, " BigQuery")
    assert table == parsed(text, " BigQuery")
    assert table is not None


def test_results_keep_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    parse = identifiers.parse_items
    monkeypatch.setattr(
        identifiers, "parse_items", lambda items: seen.extend(item.sql_table_name for item in items) or parse(items)
    )
    texts = {"a": "shop.orders", "b": "x . y", "c": "SELECT 1", "d": "x . y", "e": "z"}
    items = [TableIdentifier(key, text, "postgres") for key, text in texts.items()]
    results = parse_table_identifiers(ParseTableIdentifiers(items))["results"]
    assert list(results) == list(texts)
    assert [result.ok for result in results.values()] == [True, True, False, True, True]
    assert seen == ["x . y", "SELECT 1"]
