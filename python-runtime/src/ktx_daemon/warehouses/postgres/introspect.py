"""Introspection of PostgreSQL through its catalog: one query for each kind of object.

A partitioned table is reported as one table, without its partitions.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import ServerUrl, Target, parse_server_url
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import EncodedTable, ForeignKey, Schema
from ktx_daemon.warehouses.postgres.session import Session, open_session

# From this number of tables on, foreign keys are read concurrently in a second session.
PARALLEL_TABLE_COUNT = 500

SCHEMAS = """
    SELECT nspname FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname
"""
# A table that was never analysed has no estimate; a partitioned table has one if all partitions have.
RELATIONS = """
    SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), d.description,
        CASE
            WHEN c.relkind = 'v' OR (c.reltuples = 0 AND c.relpages = 0 AND c.relkind <> 'p') THEN NULL
            WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relkind <> 'p') THEN c.reltuples
            WHEN c.relkind = 'p' THEN (
                SELECT sum(part.reltuples) FROM pg_catalog.pg_inherits AS i
                JOIN pg_catalog.pg_class AS part ON part.oid = i.inhrelid
                WHERE i.inhparent = c.oid HAVING min(part.reltuples) >= 0
            )
        END
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) AND d.objsubid = 0
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
        AND n.nspname = ANY(CAST(:schemas AS text[]))
"""
# The columns of a table are encoded as one JSON text, which is copied into the response: decoding rows in the driver,
# which is Python, is slower. Concatenating mostly constant text is faster than PostgreSQL's JSON functions.
COLUMNS = """
    SELECT n.nspname, c.relname, '[' || string_agg(
        '{"name":' || to_json(CAST(a.attname AS text))
        || ',"type":' || to_json(pg_catalog.format_type(a.atttypid, a.atttypmod))
        || ',"nullable":' || CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'false' ELSE 'true' END
        || ',"primary_key":' || CASE WHEN a.attnum = ANY(k.conkey) THEN 'true' ELSE 'false' END
        || ',"comment":' || coalesce(CAST(to_json(d.description) AS text), 'null') || '}',
        ',' ORDER BY a.attnum
    ) || ']'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) AND d.objsubid = a.attnum
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname = ANY(CAST(:schemas AS text[]))
    GROUP BY n.nspname, c.relname
"""
# The catalog repeats a key that refers to a partitioned table for each partition.
FOREIGN_KEYS = """
    SELECT n.nspname, c.relname, a.attname, fn.nspname, fc.relname, fa.attname, k.conname
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS fc ON fc.oid = k.confrelid
    JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (from_number, to_number, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.from_number
    JOIN pg_catalog.pg_attribute AS fa ON fa.attrelid = fc.oid AND fa.attnum = u.to_number
    WHERE k.contype = 'f' AND NOT c.relispartition AND NOT fc.relispartition
        AND n.nspname = ANY(CAST(:schemas AS text[]))
    ORDER BY n.nspname, c.relname, k.conname, u.position
"""

Tables = dict[tuple[str, str], EncodedTable]


def introspect(target: Target) -> Schema:
    """Read the requested schemas, or all but the system's."""
    url = parse_server_url(target.url, ("postgresql", "postgres"))
    with open_session(url, target) as session:
        schemas = _select_schemas(session, target.schemas)
        tables = _read_relations(session, schemas, target.selection)
        if not target.names_only:
            _add_details(session, url, target, schemas, tables)
        warnings = session.warnings()
    return Schema(schemas, list(tables.values()), warnings)


def _add_details(session: Session, url: ServerUrl, target: Target, schemas: list[str], tables: Tables) -> None:
    """Add columns and foreign keys."""
    query_keys = functools.partial(_query_in_second_session, url, target, schemas)
    with ThreadPoolExecutor(1) as second_session:
        pending = (
            second_session.submit(contextvars.copy_context().run, query_keys)
            if len(tables) >= PARALLEL_TABLE_COUNT
            else None
        )
        _add_columns(session, schemas, tables)
        foreign_keys = pending.result() if pending else None
    _add_foreign_keys(session.query(FOREIGN_KEYS, schemas=schemas) if foreign_keys is None else foreign_keys, tables)


def _select_schemas(session: Session, requested: list[str] | None) -> list[str]:
    if requested is None:
        return [name for (name,) in session.query(SCHEMAS)]
    existing = {name for (name,) in session.query("SELECT nspname FROM pg_catalog.pg_namespace")}
    for name in requested:
        if name not in existing:
            raise BadRequestError("schema_not_found", f"The database '{session.database}' has no schema '{name}'")
    return sorted(set(requested))


def _read_relations(session: Session, schemas: list[str], selection: Selection) -> Tables:
    tables: Tables = {}
    for schema, name, is_view, comment, rows in session.query(RELATIONS, schemas=schemas):
        if not selection.selects(schema, name):
            continue
        tables[schema, name] = EncodedTable(
            catalog=session.database,
            db=schema,
            name=name,
            kind="view" if is_view else "table",
            comment=comment,
            estimated_rows=None if rows is None else round(rows),
            foreign_keys=[],
        )
    return tables


def _add_columns(session: Session, schemas: list[str], tables: Tables) -> None:
    for schema, name, columns in session.query(COLUMNS, schemas=schemas):
        if table := tables.get((schema, name)):
            table.columns = msgspec.Raw(columns)


def _add_foreign_keys(keys: list[Any], tables: Tables) -> None:
    for schema, name, *key in keys:
        if table := tables.get((schema, name)):
            table.foreign_keys.append(ForeignKey(*key))


def _query_in_second_session(url: ServerUrl, target: Target, schemas: list[str]) -> list[Any] | None:
    """Query the foreign keys in a second session; None if the server does not accept one."""
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(open_session(url, target))
        except BadRequestError:
            return None
        return session.query(FOREIGN_KEYS, schemas=schemas)
