"""Dispatches an introspection to its warehouse."""

from __future__ import annotations

import dataclasses

from msgspec import UNSET

from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.warehouses.connection.concurrency import limited
from ktx_daemon.warehouses.connection.target import Target, translate_errors
from ktx_daemon.warehouses.interface import load_introspect
from ktx_daemon.warehouses.model.selection import Selection
from ktx_daemon.warehouses.model.tables import Introspection, Metadata
from ktx_daemon.warehouses.model.values import format_now


def introspect_database(request: IntrospectDatabase) -> Introspection:
    """Read the schema of a database. Every failure is a 400 without credentials."""
    selection = Selection(request.include, request.exclude)
    target = dataclasses.replace(
        Target.from_request(request, request.schemas), selection=selection, names_only=request.names_only
    )
    with translate_errors(target, "introspection_failed", "Introspection"), limited(target) as allowed:
        result = load_introspect(target)(allowed)
    return Introspection(
        connection_id=request.connection_id,
        extracted_at=format_now(),
        metadata=Metadata(target.driver, result.schemas, list(target.warehouse.limitations) or UNSET),
        tables=sorted(result.tables, key=lambda table: (table.catalog or "", table.db or "", table.name)),
        facts=result.facts,
        warnings=result.warnings + selection.warnings(),
    )
