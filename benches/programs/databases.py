"""Create databases for the bench, and run the queries of a scan.

python databases.py schema-sqlite FILE TABLES
python databases.py schema-postgres URL TABLES
python databases.py statements URL FILE      (a JSON list, into a table that replaces pg_stat_statements)
python databases.py scan-sqlite FILE         (runs the queries of a scan and discards the rows)
python databases.py sql-postgres             (prints the queries of a scan for psql)
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ktx_daemon.warehouses.postgres import catalog_sql as postgres
from ktx_daemon.warehouses.sqlite import introspect as sqlite
from pg8000.native import Connection

STATISTICS = """
    CREATE TABLE pg_stat_statements (
        userid oid, dbid oid, toplevel bool, queryid int8, query text, calls int8, total_exec_time float8, rows int8
    )
"""
FILL = """
    INSERT INTO pg_stat_statements
    SELECT 10, (SELECT oid FROM pg_database WHERE datname = current_database()), true, n, query, 10 + n, n, n
    FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS queries (query, n)
"""
# What the catalog of the server has of what is not in every version.
CATALOG = {
    "function.row_security_active",
    "pg_attribute.attgenerated",
    "pg_attribute.attidentity",
    "pg_class.relispartition",
    "pg_constraint.convalidated",
    "pg_index.indnkeyatts",
}


def tables(count: int) -> Iterator[str]:
    """Yield SQL of tables with 12 columns; each but the first refers to another table."""
    columns = ", ".join(
        f"c{number} varchar({number + 10}) NOT NULL" for number in range(10)
    )
    for number in range(count):
        parent = f"REFERENCES t{(number - 1) // 2}" if number else ""
        yield f"CREATE TABLE t{number} (id integer PRIMARY KEY, parent integer {parent}, {columns})"


def connect(url: str) -> Connection:
    """Connect to a URL with user, password and port."""
    parts = urlsplit(url)
    return Connection(
        unquote(parts.username or ""),
        host=parts.hostname or "",
        port=parts.port or 5432,
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
    )


def run(command: str, *args: str) -> None:
    """Run a command."""
    if command == "schema-sqlite":
        sqlite3.connect(args[0]).executescript(";\n".join(tables(int(args[1]))))
    elif command == "schema-postgres":
        session, statements = connect(args[0]), tables(int(args[1]))
        # A transaction locks every table that it creates, and the server has room for some thousand locks.
        while chunk := list(itertools.islice(statements, 200)):
            session.run(";\n".join(chunk))
    elif command == "statements":
        session = connect(args[0])
        session.run("DROP TABLE IF EXISTS pg_stat_statements")
        session.run(STATISTICS)
        session.run(
            FILL, queries=json.loads(Path(args[1]).read_text(encoding="utf-8"))
        )
    elif command == "scan-sqlite":
        connection = sqlite3.connect(args[0])
        for query in (sqlite.COLUMNS, sqlite.INDEXES, sqlite.FOREIGN_KEYS):
            connection.execute(query).fetchall()
    elif command == "sql-postgres":
        catalog = postgres.Catalog(CATALOG)
        queries = (
            postgres.SCHEMAS,
            catalog.relations(),
            catalog.table_columns(),
            catalog.foreign_keys(),
            catalog.indexes(),
        )
        text = ";".join(queries).replace(":values", "'{}'")
        print(re.sub(r":schemas\b", "'{public}'", text))
    else:
        raise SystemExit(f"Unknown command: {command}")


if __name__ == "__main__":
    run(*sys.argv[1:])
