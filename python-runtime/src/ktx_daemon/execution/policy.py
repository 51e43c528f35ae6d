"""The data policy on a statement that is run, with what its server knows.

That are the schemas in which it looks up names without one, and the partitions, parents and children of tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlglot import exp

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.dispatch import run_in_process
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.limits import MAX_ANSWER_BYTES
from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.relatives import Relative, Relatives
from ktx_daemon.sql.policy.violation import PolicyDeniedError
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.rows import QueryResult

# Statements that return these schemas, one a row.
_PATHS = {
    "postgres": "SELECT pg_catalog.unnest(pg_catalog.current_schemas(true))::pg_catalog.text",
    "mysql": "SELECT DATABASE()",
    "clickhouse": "SELECT currentDatabase()",
}
_MAX_SCHEMAS = 1000
_MAX_RELATIVES = 100_000
# Ancestors and descendants of tables by inheritance, which partitions have as well. A statement on a table reads the
# rows of its descendants; they may be read by their own names, too. The cast cuts names as the server does.
_RELATIVES = """
WITH RECURSIVE named AS (
    SELECT c.oid FROM pg_catalog.pg_class AS c
    WHERE pg_catalog.lower(CAST(c.relname AS pg_catalog.text)) IN ({names})
), up (oid, relative) AS (
    SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits AS i JOIN named AS n ON n.oid = i.inhrelid
    UNION SELECT u.oid, i.inhparent FROM up AS u JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = u.relative
), down (oid, relative) AS (
    SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN named AS n ON n.oid = i.inhparent
    UNION SELECT d.oid, i.inhrelid FROM down AS d JOIN pg_catalog.pg_inherits AS i ON i.inhparent = d.relative
)
SELECT n.nspname, c.relname, rn.nspname, rc.relname
FROM (SELECT * FROM up UNION SELECT * FROM down) AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS rc ON rc.oid = r.relative
JOIN pg_catalog.pg_namespace AS rn ON rn.oid = rc.relnamespace
WHERE c.relkind IN ('r', 'p', 'f')
"""


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
    path: Sequence[str] | None = None
    try:
        names = check_policy(request.sql, dialect, request.denied)
    except PolicyDeniedError:
        if target.engine not in _PATHS:
            raise
        check_policy(request.sql, dialect, request.denied, path=[])
        path = _read_path(request, target.engine)
        names = check_policy(request.sql, dialect, request.denied, path)
    if names and target.engine == "postgres" and (relatives := _read_relatives(request, names)).pairs:
        path = _read_path(request, target.engine) if path is None else path
        check_policy(request.sql, dialect, request.denied, path, relatives)


def _read_path(request: ExecuteSql, engine: str) -> list[str]:
    rows = [msgspec.json.decode(row, type=list[str | None]) for row in _ask(request, _PATHS[engine], _MAX_SCHEMAS).rows]
    return [schema for row in rows for schema in row if schema is not None]


def _read_relatives(request: ExecuteSql, names: Iterable[str]) -> Relatives:
    """Return the relatives of all tables with one of the names, in any schema and letter case."""
    literals = (exp.Literal.string(name).sql("postgres") for name in sorted(names))
    listed = ", ".join(
        f"pg_catalog.lower(CAST(CAST({text} AS pg_catalog.name) AS pg_catalog.text))" for text in literals
    )
    found = _ask(request, _RELATIVES.format(names=listed), _MAX_RELATIVES)
    if found.truncated:
        raise BadRequestError(
            "policy_denied",
            "The tables of the statement have too many partitions to tell whether the data policy denies one",
            "Name the partitions to read in place of their parent",
        )
    return Relatives(tuple(msgspec.json.decode(row, type=Relative) for row in found.rows))


def _ask(request: ExecuteSql, sql: str, max_rows: int) -> QueryResult:
    asked = msgspec.structs.replace(request, sql=sql, max_rows=max_rows, max_bytes=MAX_ANSWER_BYTES)
    return run_in_process(asked)
