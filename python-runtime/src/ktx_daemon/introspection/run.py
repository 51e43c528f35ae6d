"""From a request to the driver that answers it."""

from __future__ import annotations

import datetime
import importlib
import math
from collections.abc import Callable
from typing import cast

from ktx_daemon import cancellation
from ktx_daemon.credentials import scrub
from ktx_daemon.errors import BadRequestError, DaemonError
from ktx_daemon.introspection.model import Introspection, Metadata, Table
from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.introspection.target import Target, secrets_of

# A driver gives the schemas that it looked at, and their tables in any order.
Driver = Callable[[Target], tuple[list[str], list[Table]]]

DRIVERS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "duckdb": "duckdb",
}
MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000


def introspect_database(request: IntrospectDatabase) -> Introspection:
    """Read the schema of a database. Every failure is a 400 that holds no credentials."""
    target = _target(request)
    try:
        schemas, tables = _driver(target)(target)
    except (DaemonError, cancellation.CancelledWorkError):
        raise
    except Exception as error:  # whatever a driver raises, its text may quote the URL
        cancellation.current().check()
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        detail = f"Introspection of '{target.connection_id}' failed: {scrub(first_line, secrets_of(target.url))}"
        raise BadRequestError("introspection_failed", detail) from None
    tables.sort(key=lambda table: (table.catalog or "", table.db or "", table.name))
    return Introspection(
        connection_id=request.connection_id,
        extracted_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
        metadata=Metadata(driver=target.driver, schemas=schemas),
        tables=tables,
    )


def _target(request: IntrospectDatabase) -> Target:
    if not 1 <= request.statement_timeout_ms <= MAX_TIMEOUT_MS:
        raise BadRequestError("invalid_value", f"statement_timeout_ms must be 1 to {MAX_TIMEOUT_MS}")
    seconds = request.connection_timeout_seconds
    if not math.isfinite(seconds) or not 0 < seconds <= MAX_TIMEOUT_MS / 1000:
        raise BadRequestError(
            "invalid_value", f"connection_timeout_seconds must be above 0, to {MAX_TIMEOUT_MS // 1000}"
        )
    name = request.driver.strip().lower()
    return Target(
        connection_id=request.connection_id,
        driver=DRIVERS.get(name, name),
        url=request.url.strip(),
        schemas=request.schemas or None,
        statement_timeout=request.statement_timeout_ms / 1000,
        connection_timeout=seconds,
    )


def _driver(target: Target) -> Driver:
    module = target.driver if target.driver in DRIVERS else "sqlalchemy"
    return cast(Driver, importlib.import_module(f"ktx_daemon.introspection.{module}").introspect)
