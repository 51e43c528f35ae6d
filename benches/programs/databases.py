"""Makes databases for the bench, and asks them what a scan asks.

python databases.py schema-sqlite FILE TABLES
python databases.py schema-postgres URL TABLES
python databases.py statements URL FILE      (a JSON list, into what stands for pg_stat_statements)
python databases.py scan-sqlite FILE         (the queries of a scan, rows thrown away)
python databases.py sql-postgres             (the queries of a scan, as psql takes them)
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

from ktx_daemon.introspection import postgres, sqlite
from pg8000.native import Connection

STATISTICS = """
    CREATE TABLE pg_stat_statements (
        userid oid, dbid oid, toplevel bool, queryid int8, query text, calls int8, total_exec_time float8, rows int8
    )
"""
FILL = """
    INSERT INTO pg_stat_statements
    SELECT 10, (SELECT oid FROM pg_database WHERE datname = current_database()), true, n, query, 10 + n, n, n
    FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS given (query, n)
"""


def tables(count: int) -> Iterator[str]:
    """Write tables of 12 columns, of which each but the first refers to another."""
    columns = ", ".join(
        f"c{number} varchar({number + 10}) NOT NULL" for number in range(10)
    )
    for number in range(count):
        parent = f"REFERENCES t{(number - 1) // 2}" if number else ""
        yield f"CREATE TABLE t{number} (id integer PRIMARY KEY, parent integer {parent}, {columns})"


def connect(url: str) -> Connection:
    """Open a session of a URL with user, password and port."""
    parts = urlsplit(url)
    return Connection(
        unquote(parts.username or ""),
        host=parts.hostname or "",
        port=parts.port or 5432,
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
    )


def run(what: str, *words: str) -> None:
    """Do what the first word says."""
    if what == "schema-sqlite":
        sqlite3.connect(words[0]).executescript(";\n".join(tables(int(words[1]))))
    elif what == "schema-postgres":
        session, made = connect(words[0]), tables(int(words[1]))
        # One transaction locks every table that it makes, and the server has room for some thousand locks.
        while chunk := list(itertools.islice(made, 200)):
            session.run(";\n".join(chunk))
    elif what == "statements":
        session = connect(words[0])
        session.run("DROP TABLE IF EXISTS pg_stat_statements")
        session.run(STATISTICS)
        session.run(
            FILL, queries=json.loads(Path(words[1]).read_text(encoding="utf-8"))
        )
    elif what == "scan-sqlite":
        connection = sqlite3.connect(words[0])
        for query in (sqlite.COLUMNS, sqlite.FOREIGN_KEYS):
            connection.execute(query).fetchall()
    elif what == "sql-postgres":
        queries = (
            postgres.SCHEMAS,
            postgres.RELATIONS,
            postgres.COLUMNS,
            postgres.FOREIGN_KEYS,
        )
        print(";".join(re.sub(r":schemas\b", "'{public}'", query) for query in queries))
    else:
        raise SystemExit(f"Unknown: {what}")


if __name__ == "__main__":
    run(*sys.argv[1:])
