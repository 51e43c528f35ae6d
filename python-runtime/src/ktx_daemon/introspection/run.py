"""Dispatches an introspection to its driver."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.introspection.model import DriverResult, Introspection, Metadata
from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.introspection.selection import Selection
from ktx_daemon.introspection.target import DRIVERS, Target, translate_errors

Driver = Callable[[Target], DriverResult]


def introspect_database(request: IntrospectDatabase) -> Introspection:
    """Read the schema of a database. Every failure is a 400 without credentials."""
    selection = Selection(request.include, request.exclude)
    target = dataclasses.replace(
        Target.from_request(request, request.schemas), selection=selection, names_only=request.names_only
    )
    with translate_errors(target, "introspection_failed", "Introspection"):
        result = _load_driver(target)(target)
    return Introspection(
        connection_id=request.connection_id,
        extracted_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
        metadata=Metadata(driver=target.driver, schemas=result.schemas),
        tables=sorted(result.tables, key=lambda table: (table.catalog or "", table.db or "", table.name)),
        warnings=result.warnings + selection.warnings(),
    )


def _load_driver(target: Target) -> Driver:
    module = target.driver if target.driver in DRIVERS else "sqlalchemy"
    return cast(Driver, importlib.import_module(f"ktx_daemon.introspection.{module}").introspect)
