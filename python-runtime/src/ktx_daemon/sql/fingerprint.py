"""The fingerprint of one statement."""

from __future__ import annotations

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.requests import SqlStatement
from ktx_daemon.sql.templates import Failure, LiteralSlot, analyze_all


class FingerprintAnalysis(msgspec.Struct, frozen=True):
    """The answer of `/api/sql/analyze-for-fingerprint`."""

    fingerprint: str
    normalized_sql: str
    tables_touched: list[str]
    literal_slots: list[LiteralSlot]


def analyze_for_fingerprint(request: SqlStatement) -> FingerprintAnalysis:
    """Analyse one statement. SQL that cannot be parsed is a 400 with the position."""
    (analysis,) = analyze_all([request.sql], request.dialect, max_workers=1)
    if isinstance(analysis, Failure):
        raise BadRequestError("sql_parse_error", analysis.message)
    template = analysis.template
    return FingerprintAnalysis(
        fingerprint=template.fingerprint,
        normalized_sql=template.normalized_sql,
        tables_touched=[".".join(part for part in parts if part) for parts in template.tables],
        literal_slots=analysis.literal_slots,
    )
