"""Queries on PostgreSQL: a cursor in a read-only transaction, so that the server sends the requested rows only."""

from __future__ import annotations

from typing import Any

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import Query, ResultColumn, ResultRows, Rows
from ktx_daemon.warehouses.postgres.connect import open_session
from ktx_daemon.warehouses.postgres.server import parse_url
from ktx_daemon.warehouses.postgres.session import Session
from ktx_daemon.warehouses.postgres.values import TextConverter, make_converter

CURSOR = "ktx"
# The names of the columns' types, and the element types of arrays. OIDs are inlined, which saves a round trip.
TYPES = """
    SELECT pg_catalog.format_type(c.oid, c.modifier), CASE WHEN e.typtype = 'd' THEN e.typbasetype ELSE e.oid END,
        e.typdelim
    FROM (VALUES {columns}) AS c (position, oid, modifier)
    JOIN pg_catalog.pg_type AS t ON t.oid = c.oid
    LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
    ORDER BY c.position
"""


def execute(target: Target, query: Query) -> ResultRows:
    """Run the query and return its first rows."""
    url = parse_url(target.url)
    rows = Rows(query)
    with open_session(url, target) as session:
        with session.guard_statement("query_failed"):
            # The extended protocol rejects a text with several statements.
            session.connection.execute_unnamed(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {query.sql}")
            described = session.connection.describe_cursor(CURSOR)
        columns, converters = _describe_columns(session, described)
        with session.guard_statement("query_failed"):
            # One row more than requested detects a truncation.
            session.connection.stream(CURSOR, query.rows + 1, rows, converters)
    return ResultRows(columns, rows)


def _describe_columns(
    session: Session, described: list[dict[str, Any]]
) -> tuple[list[ResultColumn], list[TextConverter]]:
    if not described:
        return [], []
    listed = ", ".join(
        f"({position}, CAST({int(column['type_oid'])} AS oid), {int(column['type_modifier'])})"
        for position, column in enumerate(described)
    )
    types = session.query(TYPES.format(columns=listed))
    columns = [ResultColumn(str(column["name"]), name) for column, (name, *_) in zip(described, types, strict=True)]
    converters = [
        make_converter(int(column["type_oid"]), element or 0, delimiter or ",")
        for column, (_, element, delimiter) in zip(described, types, strict=True)
    ]
    return columns, converters
