"""From a request to the driver that answers it."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable
from typing import cast

from ktx_daemon.introspection.model import Found, Introspection, Metadata
from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.introspection.target import DRIVERS, Target, explaining

Driver = Callable[[Target], Found]


def introspect_database(request: IntrospectDatabase) -> Introspection:
    """Read the schema of a database. Every failure is a 400 that holds no credentials."""
    target = Target.of(request, request.schemas)
    with explaining(target, "introspection_failed", "Introspection"):
        found = _driver(target)(target)
    return Introspection(
        connection_id=request.connection_id,
        extracted_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
        metadata=Metadata(driver=target.driver, schemas=found.schemas),
        tables=sorted(found.tables, key=lambda table: (table.catalog or "", table.db or "", table.name)),
        warnings=found.warnings,
    )


def _driver(target: Target) -> Driver:
    module = target.driver if target.driver in DRIVERS else "sqlalchemy"
    return cast(Driver, importlib.import_module(f"ktx_daemon.introspection.{module}").introspect)
