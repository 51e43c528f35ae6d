"""Creates the databases of the search's bench, and the questions of TPC-DS.

python data.py schema NAME FILE    (shop, erp, desk or konzern; desk is a SQLite file, the others are DuckDB files)
python data.py wide FILE QUERIES N (100,000 columns in a SQLite file, and a JSON list of texts to search for)
python data.py tpcds FILE          (with the DuckDB of requirements.txt; prints the questions as JSON)
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from pathlib import Path

import decoys
import duckdb

HERE = Path(__file__).resolve().parent
MACROS = (HERE.parent / "relationships" / "sets" / "macros.sql", HERE / "schemas" / "macros.sql")
TABLES = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1"
WIDE_TABLES = 2000
WIDE_COLUMNS = 50


def schema(name: str, file: str) -> None:
    """Create a schema with its decoys."""
    source = Path(file).with_suffix(".duckdb")
    with duckdb.connect(str(source)) as connection:
        for script in (*MACROS, HERE / "schemas" / f"{name}.sql"):
            connection.execute(script.read_text(encoding="utf-8"))
        own = [table for (table,) in connection.execute(TABLES).fetchall()]
        for statement in decoys.statements(name, own):
            connection.execute(statement)
        drop_macros(connection)
    if Path(file) != source:
        # Imported here, as it needs packages of the runtime's tests that TPC-DS does not.
        from databases import copy_to_sqlite

        with contextlib.closing(sqlite3.connect(file)) as target, target:
            copy_to_sqlite(source, target)


def drop_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the functions of `macros.sql`."""
    query = (
        "SELECT function_name, function_type FROM duckdb_functions() WHERE function_type LIKE '%macro' AND NOT internal"
    )
    for name, kind in connection.execute(query).fetchall():
        connection.execute(f"DROP MACRO {'TABLE ' if kind == 'table_macro' else ''}{name}")


def wide(file: str, queries: str, number: str) -> None:
    """Create tables of many columns, with names of the words that decoys have; each fifth query has a wrong letter."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        for table in range(WIDE_TABLES):
            columns = ", ".join(f"{wide_name(table, column)} TEXT" for column in range(WIDE_COLUMNS))
            connection.execute(f"CREATE TABLE {wide_name(table)} ({columns})")
    texts = []
    for query in range(int(number)):
        table, column = (decoys.digest("query", query, limit) % limit for limit in (WIDE_TABLES, WIDE_COLUMNS))
        words = [*wide_name(table).split("_")[:2], *wide_name(table, column).split("_")[: 1 + query % 2]]
        if query % 5 == 0:
            words[0] = words[0][:2] + words[0][3:]
        texts.append(" ".join(words))
    Path(queries).write_text(json.dumps(texts), encoding="utf-8")


def wide_name(table: int, column: int | None = None) -> str:
    """Return the name of a table or of one of its columns, distinct by its number."""
    style = decoys.STYLES["shop"][0]
    subjects, aspects = style.subjects.split(), style.aspects.split()
    if column is None:
        return f"{subjects[table % len(subjects)]}_{aspects[table // 30 % len(aspects)]}_{table}"
    words = [word for names in style.columns.values() for word in names.split()]
    return f"{subjects[decoys.digest(table, column) % len(subjects)]}_{words[column % len(words)]}_{column}"


def tpcds(file: str) -> None:
    """Create TPC-DS by DuckDB's extension, and print its queries as questions."""
    from tpcds import EXTENSION, questions

    with duckdb.connect(file) as connection:
        connection.execute(f"LOAD '{EXTENSION}'")
        connection.execute("CALL dsdgen(sf = 0.01)")
        queries = connection.execute("SELECT query_nr, query FROM tpcds_queries() ORDER BY 1").fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    print(json.dumps(questions(queries, columns)))


if __name__ == "__main__":
    {"schema": schema, "wide": wide, "tpcds": tpcds}[sys.argv[1]](*sys.argv[2:])
