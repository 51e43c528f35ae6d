"""Operation that computes the fingerprint of one statement."""

from __future__ import annotations

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.parsing import SqlError
from ktx_daemon.sql.requests import SqlStatement
from ktx_daemon.sql.skeleton import make_skeleton
from ktx_daemon.sql.templates import LiteralSlot, fill_template


class FingerprintAnalysis(msgspec.Struct, frozen=True):
    """The response of `/api/sql/analyze-for-fingerprint`."""

    fingerprint: str
    normalized_sql: str
    tables_touched: list[str]
    literal_slots: list[LiteralSlot]


def analyze_for_fingerprint(request: SqlStatement) -> FingerprintAnalysis:
    """Analyse one statement. Raises 400 with the position for SQL that cannot be parsed."""
    dialect = require_dialect(request.dialect)
    try:
        template = analyze(request.sql, dialect)
    except SqlError as error:
        raise BadRequestError("sql_parse_error", str(error)) from None
    return FingerprintAnalysis(
        fingerprint=template.fingerprint,
        normalized_sql=template.normalized_sql,
        tables_touched=[".".join(part for part in parts if part) for parts in template.tables],
        literal_slots=fill_template(template, make_skeleton(request.sql)).literal_slots,
    )
