"""Tables with reserved names: the server accepts the canonical reference."""

from __future__ import annotations

import re
import secrets
import sqlite3
from contextlib import closing

import pytest
from sqlglot import Tokenizer

from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect
from ktx_daemon.sql.identifiers import UnresolvedTable, parse_items
from ktx_daemon.sql.plain_references import WITHOUT_SELECT, PhysicalTable
from ktx_daemon.sql.requests import TableIdentifier
from semantic_layer.sql.reserved import RESERVED
from tests.semantic.databases import DIALECTS, connect
from tests.semantic.test_names import WORDS, quoted

WITH_SELECT = [known for known in SUPPORTED_DIALECTS if known.upper() not in WITHOUT_SELECT]


def parse(text: str, dialect: str) -> PhysicalTable | UnresolvedTable:
    return parse_all([text], dialect)[0]


def parse_all(texts: list[str], dialect: str) -> list[PhysicalTable | UnresolvedTable]:
    return parse_items([TableIdentifier("k", text, dialect) for text in texts])


def keywords(dialect: str) -> list[str]:
    known = {*Tokenizer.KEYWORDS, *require_dialect(dialect).tokenizer_class.KEYWORDS}
    return sorted({word for key in known for word in re.findall(r"[a-z_]\w*", key.lower())})


@pytest.mark.parametrize("dialect", WITH_SELECT)
def test_keyword_in_a_dotted_name_is_a_name(dialect: str) -> None:
    expected: dict[str, tuple[str | None, str | None, str]] = {}
    for word in keywords(dialect):
        expected[f"{word}.t"] = expected[f"/* c */ {word} . t;"] = (None, word, "t")
        expected[f"{word}.s.t AS o"] = (word, "s", "t")
        expected[f"q.{word}"] = (None, "q", word)
    canonical = []
    for text, result in zip(expected, parse_all(list(expected), dialect), strict=True):
        assert isinstance(result, PhysicalTable), (text, result)
        assert (result.catalog, result.schema, result.name) == expected[text], text
        canonical.append(result.canonical_table)
    for text, result in zip(canonical, parse_all(canonical, dialect), strict=True):
        assert isinstance(result, PhysicalTable), (text, result)
        assert result.canonical_table == text


@pytest.mark.parametrize("dialect", WITH_SELECT)
def test_single_keyword_is_a_table_or_an_error(dialect: str) -> None:
    words = keywords(dialect)
    for word, result in zip(words, parse_all(words, dialect), strict=True):
        if isinstance(result, PhysicalTable):
            assert (result.catalog, result.schema, result.name) == (None, None, word)
        else:
            assert result.reason == "parse_error" or word in ("select", "with", "sel"), (word, result)
            assert "Token" not in result.detail


@pytest.mark.parametrize("dialect", DIALECTS)
def test_server_accepts_every_canonical_reference(dialect: str) -> None:
    with connect(dialect, f"ktx_reserved_{secrets.token_hex(4)}") as database:
        words = {word for (word,) in database.run(WORDS[dialect], ()) if re.fullmatch(r"[a-z_]+", word)}
        read = 0
        names = sorted(words | RESERVED | set(keywords(dialect)))
        for word, result in zip(names, parse_all(names, dialect), strict=True):
            if isinstance(result, UnresolvedTable):
                continue
            table = f"WITH {quoted(word, dialect)} AS (SELECT 1 AS a)"
            assert list(database.run(f"{table} SELECT * FROM {result.canonical_table}", ())) == [(1,)], word
            read += 1
        assert read > 200


def test_sqlite_has_no_other_reserved_words() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for word in ["order", "group", "indexed", "Table", "select", "user", "key", "view"]:
            result = parse(f"main.{word}", "sqlite")
            assert isinstance(result, PhysicalTable)
            connection.execute(f'CREATE TABLE "{word}" (a)')
            connection.execute(f"SELECT * FROM {result.canonical_table}")


@pytest.mark.parametrize(
    ("dialect", "text", "canonical"),
    [
        ("postgres", "order", '"order"'),
        ("postgres", "public.Order", 'public."order"'),
        ("postgres", "user", '"user"'),
        ("postgres", '"Order"', '"Order"'),
        ("postgres", "public.Orders", "public.Orders"),
        ("materialize", "s.User", 's."user"'),
        ("redshift", "s.table", 's."table"'),
        ("tsql", "dbo.Order", "dbo.[Order]"),
        ("tsql", "user", "[user]"),
        ("fabric", "dbo.User", "dbo.[User]"),
        ("snowflake", "db.s.order", 'db.s."ORDER"'),
        ("oracle", "hr.order", 'hr."ORDER"'),
        ("exasol", "order", '"ORDER"'),
        ("mysql", "shop.Order", "shop.`Order`"),
        ("bigquery", "ds.order", "ds.`order`"),
        ("spark", "db.order", "db.`order`"),
        ("trino", "hive.s.order", 'hive.s."order"'),
        ("clickhouse", "system.query_log", "system.query_log"),
        ("databricks", "hive_metastore.default.t", "hive_metastore.default.t"),
    ],
)
def test_reserved_word_is_quoted_and_folded(dialect: str, text: str, canonical: str) -> None:
    result = parse(text, dialect)
    assert isinstance(result, PhysicalTable)
    assert result.canonical_table == canonical
