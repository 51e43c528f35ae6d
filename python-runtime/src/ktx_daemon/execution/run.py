"""From a request to where it runs: here, or in a process of its own for databases that are files."""

from __future__ import annotations

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.drive import run_here
from ktx_daemon.execution.isolated import execute_isolated
from ktx_daemon.execution.model import QueryResult
from ktx_daemon.execution.requests import MAX_BYTES, ExecuteSql
from ktx_daemon.introspection.target import Target
from ktx_daemon.sql.read_only import validate_read_only
from ktx_daemon.sql.requests import SqlStatement

DRIVERS = ("postgres", "mysql", "sqlite", "duckdb")
# Databases that run inside of the process that asks them.
EMBEDDED = ("sqlite", "duckdb")
MAX_ROWS = 100_000
LEAST_BYTES = 1024
# Dialects that take names, texts and comments for what the driver's database takes them for.
RELATIVES = {"postgres": ("redshift",), "mysql": ("mariadb",)}


def execute_sql(request: ExecuteSql) -> QueryResult | msgspec.Raw:
    """Run one query that only reads. Every failure is a 400 that holds no credentials."""
    _check_limits(request)
    target = Target.of(request)
    if target.driver not in DRIVERS:
        detail = f"Queries cannot be run with the driver '{target.driver}'. Known: {', '.join(DRIVERS)}"
        raise BadRequestError("unknown_driver", detail)
    dialect = request.dialect or target.driver
    _check_read_only(request.sql, dialect)
    # What another dialect takes for a comment, this database may execute.
    if dialect not in (target.driver, *RELATIVES.get(target.driver, ())):
        _check_read_only(request.sql, target.driver)
    return execute_isolated(request, target) if target.driver in EMBEDDED else run_here(request)


def _check_limits(request: ExecuteSql) -> None:
    if not 1 <= request.max_rows <= MAX_ROWS:
        raise BadRequestError("invalid_value", f"max_rows must be 1 to {MAX_ROWS}")
    if not LEAST_BYTES <= request.max_bytes <= MAX_BYTES:
        raise BadRequestError("invalid_value", f"max_bytes must be {LEAST_BYTES} to {MAX_BYTES}")


def _check_read_only(sql: str, dialect: str) -> None:
    verdict = validate_read_only(SqlStatement(sql, dialect))
    if not verdict.ok:
        raise BadRequestError("not_read_only", (verdict.error or "The statement does more than read").rstrip("."))
