"""PostgreSQL: a cursor in a transaction that cannot write, so that only the wanted rows ever leave the server."""

from __future__ import annotations

from ktx_daemon.execution.model import Fetched, Query, ResultColumn
from ktx_daemon.introspection.postgres import Session, open_session
from ktx_daemon.introspection.target import Target, parse_server_url

TYPES = """
    SELECT pg_catalog.format_type(CAST(t.oid AS oid), t.modifier)
    FROM unnest(CAST(:oids AS bigint[]), CAST(:modifiers AS int[])) WITH ORDINALITY AS t (oid, modifier, position)
    ORDER BY t.position
"""


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    url = parse_server_url(target.url, ("postgresql", "postgres"))
    with open_session(url, target) as session:
        with session.asking("query_failed"):
            # The extended protocol takes one statement at a time, whatever stands in the text.
            session.connection.execute_unnamed(f"DECLARE ktx NO SCROLL CURSOR FOR {query.sql}")
            found = session.connection.execute_unnamed(f"FETCH FORWARD {query.rows} FROM ktx")
        return Fetched(_columns(session, found.columns or []), found.rows or [])


def _columns(session: Session, described: list[dict[str, object]]) -> list[ResultColumn]:
    oids = [column["type_oid"] for column in described]
    modifiers = [column["type_modifier"] for column in described]
    types = [name for (name,) in session.query(TYPES, oids=oids, modifiers=modifiers)]
    return [ResultColumn(str(column["name"]), name) for column, name in zip(described, types, strict=True)]
