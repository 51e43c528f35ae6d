"""Introspection of BigQuery. A schema is a data set, a catalog a project; names are case-sensitive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.connect import open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.tables import Column, Field, Schema, Table
from ktx_daemon.warehouses.model.values import format_seconds

MAX_FIELDS = 1000


def introspect(target: Target) -> Schema:
    """Read the requested data sets, that of the URL, or all of the project."""
    with open_session(target) as session:
        from ktx_daemon.warehouses.bigquery.catalog import group_datasets
        from ktx_daemon.warehouses.bigquery.datasets import select_datasets
        from ktx_daemon.warehouses.bigquery.tables import list_tables

        datasets = select_datasets(session, target.schemas)
        listed = list_tables(session, datasets, target.selection)
        warnings: list[str] = []
        if not target.names_only:
            for catalog in group_datasets(session, datasets):
                inside = [each for each in listed if each.dataset in catalog.datasets]
                if inside:
                    _add_details(catalog, inside, warnings)
    names = [
        each.name if each.project == session.address.project else f"{each.project}.{each.name}" for each in datasets
    ]
    return Schema(sorted(names), [each.table for each in listed], list(dict.fromkeys(warnings)))


def _add_details(catalog: Any, listed: Sequence[Any], warnings: list[str]) -> None:
    """Add columns, comments, sizes and keys to the tables of one location."""
    from ktx_daemon.warehouses.bigquery.keys import add_keys

    sources = {(each.dataset.name, each.source): each.table for each in listed}
    members = {(each.dataset.name, name): each.table for each in listed for name in each.members}
    _add_columns(sources, listed, catalog.columns([each.source for each in listed if each.source[-8:].isdigit()]))
    _optional(lambda: _add_comments(sources, catalog.comments()), warnings)
    _optional(lambda: _add_storage(members, catalog.storage()), warnings)
    if any(each.table.kind == "view" for each in listed):
        _optional(lambda: _add_definitions(sources, catalog.definitions()), warnings)
    _optional(lambda: add_keys(sources, catalog.keys()), warnings)


def _optional(add: Callable[[], None], warnings: list[str]) -> None:
    """Add what needs rights of its own; without them, add the error to `warnings`."""
    try:
        add()
    except BadRequestError as error:
        if error.code != "permission_denied":
            raise
        warnings.append(error.line())


def _add_columns(sources: dict[tuple[str, str], Table], listed: Sequence[Any], rows: Iterable[list[Any]]) -> None:
    from ktx_daemon.warehouses.bigquery.tables import pseudo_columns

    columns: dict[tuple[str, str], dict[int, Column]] = {}
    fields: dict[tuple[str, str, int], list[Field]] = {}
    for schema, table, position, name, nullable, path, kind, comment in rows:
        if (schema, table) not in sources:
            continue
        if path is None or path == name:
            column = Column(name, kind, nullable, False, comment or None)
            columns.setdefault((schema, table), {})[position] = column
        else:
            fields.setdefault((schema, table, position), []).append(_describe_field(path, kind, comment))
    for each in listed:
        place = (each.dataset.name, each.source)
        found = columns.get(place, {})
        for position, column in found.items():
            if nested := fields.get((*place, position)):
                column.fields = sorted(nested, key=lambda field: field.path)[:MAX_FIELDS]
        each.table.columns = [found[position] for position in sorted(found)] + pseudo_columns(each)


def _describe_field(path: str, kind: str, comment: str | None) -> Field:
    """Return a field, whose path does not name the column."""
    field = Field(path.split(".")[1:], kind)
    return Field(field.path, kind, comment) if comment else field


def _add_comments(sources: dict[tuple[str, str], Table], rows: Iterable[list[Any]]) -> None:
    for schema, name, comment in rows:
        if table := sources.get((schema, name)):
            table.comment = "\n".join(filter(None, (comment, table.comment)))


def _add_definitions(sources: dict[tuple[str, str], Table], rows: Iterable[list[Any]]) -> None:
    for schema, name, sql in rows:
        if table := sources.get((schema, name)):
            table.define(sql)


def _add_storage(members: dict[tuple[str, str], Table], rows: Iterable[list[Any]]) -> None:
    """Add rows, bytes and the time of the last change; those of all shards together."""
    changed: dict[int, int] = {}
    for schema, name, count, size, seconds in rows:
        table = members.get((schema, name))
        if table is None or table.kind == "view" or table.engine == "EXTERNAL":
            continue
        table.estimated_rows = (table.estimated_rows or 0) + int(count or 0)
        table.bytes = (table.bytes or 0) + int(size or 0)
        changed[id(table)] = max(changed.get(id(table), 0), int(seconds or 0))
        if changed[id(table)]:
            table.modified_at = format_seconds(changed[id(table)])
