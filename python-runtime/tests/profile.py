"""Helpers for the tests of profiles of all databases."""

from __future__ import annotations

from typing import Any

from tests.daemon import Daemon
from tests.introspection import introspect

PATH = "/database/profile"
FACTS = ("kind", "estimated_rows", "bytes", "partition_key", "partition_filter_required")


def request_table(table: dict[str, Any], **columns: dict[str, Any]) -> dict[str, Any]:
    """Return a table of an introspection as one of a request; `columns` are options by their names."""
    return {
        **{name: table[name] for name in ("catalog", "db", "name")},
        **{name: table[name] for name in FACTS if table.get(name) is not None},
        "columns": [
            {"name": column["name"], "type": column["type"], **columns.get(column["name"], {})}
            for column in table["columns"]
        ],
    }


def profile(daemon: Daemon, driver: str, url: str, **options: Any) -> dict[str, Any]:
    request = {"connection_id": "warehouse", "driver": driver, "url": url, **options}
    found: dict[str, Any] = daemon.post_ok(PATH, request)
    return found


def profile_tables(daemon: Daemon, driver: str, url: str, schema: str | None, **options: Any) -> dict[str, Any]:
    """Profile all tables of a schema, and return them by name, each with its columns by name."""
    schemas = {"schemas": [schema]} if schema else {}
    tables = introspect(daemon, driver, url, **schemas)["tables"]
    found = profile(daemon, driver, url, tables=[request_table(table) for table in tables], **options)
    return {table["name"]: by_name(table) for table in found["tables"]}


def by_name(table: dict[str, Any]) -> dict[str, Any]:
    return {**table, "columns": {column["name"]: column for column in table["columns"]}}
