"""Introspection of other databases through a SQLAlchemy dialect that the user has installed."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import Any, cast

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.tables import Column, Kind, Schema, Table, describe_foreign_key
from ktx_daemon.warehouses.sqlalchemy.connect import create_engine


def introspect(target: Target) -> Schema:
    """Read the requested schemas, or the default one. A driver that hangs is abandoned after the timeout."""
    engine = create_engine(target)
    timeout = target.connection_timeout + target.statement_timeout
    thread = concurrent.futures.ThreadPoolExecutor(1)
    try:
        return thread.submit(_read_schema, engine, target).result(timeout)
    except concurrent.futures.TimeoutError:
        cancellation.current().check()
        raise BadRequestError("statement_timeout", f"The database did not answer within {timeout:g} s") from None
    finally:
        thread.shutdown(wait=False, cancel_futures=True)


def _read_schema(engine: Any, target: Target) -> Schema:
    import sqlalchemy

    with contextlib.closing(engine.connect()) as connection:
        inspector = sqlalchemy.inspect(connection)
        schemas = sorted(set(target.schemas or [inspector.default_schema_name or "main"]))
        tables = [table for schema in schemas for table in _read_tables(inspector, schema, target)]
    return Schema(schemas, tables)


def _read_tables(inspector: Any, schema: str, target: Target) -> list[Table]:
    names = dict.fromkeys(inspector.get_table_names(schema), "table")
    names.update(dict.fromkeys(inspector.get_view_names(schema), "view"))
    selected = {name: kind for name, kind in names.items() if target.selection.selects(schema, name)}
    if target.names_only:
        return [Table(None, schema, name, cast(Kind, kind)) for name, kind in selected.items()]
    return [_read_table(inspector, schema, name, kind) for name, kind in selected.items()]


def _read_table(inspector: Any, schema: str, name: str, kind: Any) -> Table:
    keys = inspector.get_pk_constraint(name, schema)["constrained_columns"] if kind == "table" else []
    columns = [
        Column(column["name"], str(column["type"]), column["nullable"], column["name"] in keys, column.get("comment"))
        for column in inspector.get_columns(name, schema)
    ]
    foreign_keys = [
        column
        for key in (inspector.get_foreign_keys(name, schema) if kind == "table" else [])
        for column in describe_foreign_key(
            key["name"],
            key["referred_schema"] or schema,
            key["referred_table"],
            zip(key["constrained_columns"], key["referred_columns"], strict=False),
        )
    ]
    return Table(None, schema, name, kind, _read_comment(inspector, schema, name), None, columns, foreign_keys)


def _read_comment(inspector: Any, schema: str, name: str) -> str | None:
    try:
        text = inspector.get_table_comment(name, schema)["text"]
    except NotImplementedError:
        return None
    return str(text) if text else None
