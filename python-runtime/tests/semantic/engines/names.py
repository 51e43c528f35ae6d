"""Reserved words as names of tables, sources, columns and results, and in expressions without quotes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from semantic_layer.model.models import Source
from tests.semantic.databases import TableData
from tests.semantic.engines.outcomes import Outcome, Target, ask, difference

WORDS = """
all any array as at begin case check collate column current_date date day default desc distinct end exists extract
filter first for from full group having if in index interval is join key last left like limit lists map natural not
null number offset on or order over partition percent range rank right row rows sample select set settings some struct
system table tablesample time timestamp to top type union unique unnest user using value values view when where window
with year
"""
LONG_NAME = "the_name_of_a_measure_that_is_longer_than_any_of_the_databases_accepts_" * 6


def check(database: Target) -> Iterator[Outcome]:
    """Yield the outcome of each word, and of a name that is too long."""
    for word in WORDS.split():
        tables: dict[str, TableData] = {
            word: ({"id": "int", "amount": "int", word: "text"}, [[1, 5, "x"], [2, 7, "x"]])
        }
        database.load(tables)
        query = {
            "measures": [{"name": word, "expr": f"sum({word}.amount)"}],
            "dimensions": [f"{word}.{word}"],
            "filters": [f"{word}.amount > 1"],
        }
        yield ask(
            word, _sources(word, database.quoted(word)), query, database, partial(difference, expected=[("x", 12.0)])
        )
        database.drop(tables)
    yield from _check_long_name(database)


def _check_long_name(database: Target) -> Iterator[Outcome]:
    tables: dict[str, TableData] = {"t": ({"id": "int", "amount": "int", "t": "text"}, [[1, 5, "x"]])}
    database.load(tables)
    measures = [{"name": f"{LONG_NAME}{end}", "expr": f"{end}(t.amount)"} for end in ("min", "max")]
    query = {"measures": measures, "dimensions": ["t.t"]}
    yield ask("a long name", _sources("t", "t"), query, database, partial(difference, expected=[("x", 5.0, 5.0)]))
    database.drop(tables)


def _sources(name: str, table: str) -> list[Source]:
    columns: list[Any] = [{"name": "id", "type": "number"}, {"name": "amount", "type": "number"}]
    columns.append({"name": name, "type": "string"})
    return msgspec.convert([{"name": name, "table": table, "grain": ["id"], "columns": columns}], list[Source])
