"""PostgreSQL: a cursor in a transaction that cannot write, so that only the wanted rows ever leave the server."""

from __future__ import annotations

from typing import Any

from ktx_daemon.execution.model import Fetched, Query, ResultColumn, Rows
from ktx_daemon.execution.postgres_values import Reader, reader
from ktx_daemon.introspection.postgres_session import Session, open_session
from ktx_daemon.introspection.target import Target, parse_server_url

CURSOR = "ktx"
# What a column's type is called, and what an array consists of: the numbers stand in the text, one message for all.
TYPES = """
    SELECT pg_catalog.format_type(c.oid, c.modifier), CASE WHEN e.typtype = 'd' THEN e.typbasetype ELSE e.oid END,
        e.typdelim
    FROM (VALUES {columns}) AS c (position, oid, modifier)
    JOIN pg_catalog.pg_type AS t ON t.oid = c.oid
    LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
    ORDER BY c.position
"""


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    url = parse_server_url(target.url, ("postgresql", "postgres"))
    rows = Rows(query)
    with open_session(url, target) as session:
        with session.asking("query_failed"):
            # The extended protocol takes one statement at a time, also for a text with several.
            session.connection.execute_unnamed(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {query.sql}")
            described = session.connection.describe_cursor(CURSOR)
        columns, readers = _columns(session, described)
        with session.asking("query_failed"):
            # One row more than wanted shows that there are more.
            session.connection.stream(CURSOR, query.rows + 1, rows, readers)
    return Fetched(columns, rows)


def _columns(session: Session, described: list[dict[str, Any]]) -> tuple[list[ResultColumn], list[Reader]]:
    if not described:
        return [], []
    listed = ", ".join(
        f"({position}, CAST({int(column['type_oid'])} AS oid), {int(column['type_modifier'])})"
        for position, column in enumerate(described)
    )
    types = session.query(TYPES.format(columns=listed))
    columns = [ResultColumn(str(column["name"]), name) for column, (name, *_) in zip(described, types, strict=True)]
    readers = [
        reader(int(column["type_oid"]), element or 0, delimiter or ",")
        for column, (_, element, delimiter) in zip(described, types, strict=True)
    ]
    return columns, readers
