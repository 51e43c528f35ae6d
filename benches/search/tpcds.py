"""Questions from the queries of TPC-DS: words of a query without its tables and joins, and the tables that it needs.

Words are split from the names of the result, the texts that the query compares with, and the columns that are no key.
TPC-DS names each column with a prefix of its table, as `ss_` of store_sales: `tpcds` keeps these prefixes as words,
`tpcds, no prefixes` is the harder set without.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

PACKAGES = Path(duckdb.__file__).resolve().parent.parent
EXTENSION = next(PACKAGES.glob("duckdb_extension_tpcds/extensions/*/tpcds.duckdb_extension"))
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
# A query lists 400 postal codes.
LISTED = 3


def questions(queries: list[tuple[int, str]], columns: list[tuple[str, str]]) -> list[dict]:
    """Return two questions for each query, one of each set."""
    tables = {table for table, _ in columns}
    names = {column for _, column in columns}
    result = []
    for number, sql in queries:
        query = sqlglot.parse_one(sql, read="duckdb")
        needed = sorted(f"main.{name}" for name in {table.name.lower() for table in query.find_all(exp.Table)} & tables)
        texts = terms(query, names)
        for kind, parts in (("tpcds", texts), ("tpcds, no prefixes", [without_prefix(text, names) for text in texts])):
            words = dict.fromkeys(word for part in parts for word in split(part))
            result.append({"schema": "tpcds", "kind": kind, "id": number, "words": " ".join(words), "tables": needed})
    return result


def terms(query: exp.Expression, names: set[str]) -> list[str]:
    """Return the names of the result, the texts, and the columns that are no key, each once."""
    found = list(query.named_selects)
    found += [literal.name for literal in query.find_all(exp.Literal) if is_text(literal)]
    columns = [column.name.lower() for column in query.find_all(exp.Column)]
    found += [name for name in columns if name in names]
    return [name for name in dict.fromkeys(found) if not name.endswith("_sk")]


def is_text(literal: exp.Literal) -> bool:
    """Say whether a literal is a text, no date and among the first ones of a list."""
    rest = literal.parent.expressions[LISTED:] if isinstance(literal.parent, exp.In) else []
    return literal.is_string and not DATE.match(literal.name) and all(literal is not other for other in rest)


def without_prefix(text: str, names: set[str]) -> str:
    """Remove the prefix of a table from the name of a column."""
    return text.split("_", 1)[1] if text.lower() in names else text


def split(text: str) -> list[str]:
    """Return the words of a name or text in lower case."""
    return re.findall(r"[^\W_]+", text.lower())
