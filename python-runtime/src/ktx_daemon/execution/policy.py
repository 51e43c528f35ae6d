"""The data policy on a statement that is run, with the schemas in which its server looks up names without one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.dispatch import run_in_process
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.violation import PolicyDeniedError
from ktx_daemon.warehouses.connection.target import Target

# Statements that return these schemas, one a row.
_PATHS = {
    "postgres": "SELECT pg_catalog.unnest(pg_catalog.current_schemas(true))::pg_catalog.text",
    "mysql": "SELECT DATABASE()",
    "clickhouse": "SELECT currentDatabase()",
}
_MAX_SCHEMAS = 1000


def require_allowed(request: ExecuteSql, dialects: Iterable[str], target: Target) -> None:
    """Raise 400 `policy_denied` if the read-only statement of a request may read what is denied.

    The server is asked only if the statement is allowed but for names without a schema.
    """
    try:
        for dialect in dialects:
            _check(request, dialect, target)
    except PolicyDeniedError as refusal:
        raise BadRequestError("policy_denied", str(refusal), refusal.hint) from None


def _check(request: ExecuteSql, dialect: str, target: Target) -> None:
    try:
        check_policy(request.sql, dialect, request.denied)
    except PolicyDeniedError:
        if target.engine not in _PATHS:
            raise
        check_policy(request.sql, dialect, request.denied, path=[])
        check_policy(request.sql, dialect, request.denied, _read_path(request, target.engine))


def _read_path(request: ExecuteSql, engine: str) -> list[str]:
    asked = msgspec.structs.replace(request, sql=_PATHS[engine], max_rows=_MAX_SCHEMAS, max_bytes=MAX_ANSWER_BYTES)
    rows = [msgspec.json.decode(row, type=list[str | None]) for row in run_in_process(asked).rows]
    return [schema for row in rows for schema in row if schema is not None]
