"""Reserved words and special characters in names of columns, sources and results."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.sql.reserved import RESERVED
from tests.semantic.databases import DIALECTS, Database, connect

# The keywords of each server; SQLite has no such list.
WORDS = {
    "duckdb": "SELECT keyword_name FROM duckdb_keywords()",
    "postgres": "SELECT word FROM pg_get_keywords()",
    "mysql": "SELECT LOWER(word) FROM information_schema.keywords",
    "sqlite": "SELECT 'abort' UNION SELECT 'raise' UNION SELECT 'nothing' UNION SELECT 'autoincrement'",
}
SPECIAL_NAMES = [
    "größe",
    "MixedCase",
    "with space",
    'qu"ote',
    "back`tick",
    "brack]et",
    "1st",
    "o'brien",
    "ключ",
    "名",
]
SPECIAL_NAMES += ["semi;colon", "--comment", "/*comment*/", "back\\slash", "$1", "@name", ":name", "?", "new\nline"]


SOURCES = ["order", "words", "größer als", "raise"]


def source(name: str, columns: list[str]) -> dict[str, Any]:
    declared = [{"name": column, "type": "number"} for column in columns]
    return {"name": name, "table": "words", "columns": declared}


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_names_{secrets.token_hex(4)}") as connected:
        yield connected


def quoted(name: str, dialect: str) -> str:
    mark = "`" if dialect == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def test_names_of_columns_sources_and_results(database: Database) -> None:
    words = {word for (word,) in database.run(WORDS[database.dialect], ()) if word.isidentifier()}
    names = [*sorted(words | RESERVED), *SPECIAL_NAMES]
    columns = ", ".join(f"{quoted(name, database.dialect)} INTEGER" for name in ("the first", *names))
    database.run(f"CREATE TABLE words ({columns})", ())
    values = ", ".join(str(number) for number in range(len(names) + 1))
    database.run(f"INSERT INTO words VALUES ({values})", ())
    model = msgspec.convert([source(name, names) for name in SOURCES], list[Source])
    for name, columns_of_source in ((SOURCES[0], names), *((name, names[:2]) for name in SOURCES[1:])):
        measures = [
            {"expr": f"max({quoted(name, database.dialect)}.{quoted(column, database.dialect)})", "name": column}
            for column in columns_of_source
        ]
        query = {"measures": measures, "order_by": [{"field": columns_of_source[0], "direction": "desc"}]}
        sql = compile_query(model, msgspec.convert(query, Query), database.dialect).sql
        assert database.rows(sql) == [tuple(float(number) for number in range(1, len(columns_of_source) + 1))]


@pytest.mark.parametrize(
    ("dialect", "name", "written"),
    [
        ("postgres", "amount", "amount"),
        ("postgres", "orderId", '"orderId"'),
        ("postgres", "order", '"order"'),
        ("postgres", "größe", '"größe"'),
        ("mysql", "order item", "`order item`"),
        ("mysql", "orderId", "orderId"),
        ("bigquery", "group", "`group`"),
        ("tsql", "user", "[user]"),
        ("tsql", "brack]et", "[brack]]et]"),
        ("snowflake", "AMOUNT", "AMOUNT"),
        ("snowflake", "amount", "amount"),
        ("snowflake", "orderId", '"orderId"'),
        ("snowflake", "order", '"ORDER"'),
        ("duckdb", 'quote"d', '"quote""d"'),
    ],
)
def test_names_are_quoted_where_required(dialect: str, name: str, written: str) -> None:
    assert SqlDialect(dialect).identifier(name).sql(dialect=dialect) == written


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_fields_are_written_as_the_generator_writes_them(dialect: str) -> None:
    target = SqlDialect(dialect)
    words = {*RESERVED, *map(str.lower, target.sqlglot.tokenizer_class.KEYWORDS), *SPECIAL_NAMES, "plain", "1st", "A1"}
    for name in words:
        for source in (None, "t", name):
            assert target.write_field(name, source) == target.write(target.field(name, source), pretty=False)
