"""Many statements of one dialect, analysed over the cores, their tables resolved through the caller's catalog."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.columns import empty_clauses
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.query_log import Failure, analyze_query_log
from ktx_daemon.sql.requests import AnalyzeBatch, Catalog
from ktx_daemon.sql.templates import Analysis, LiteralSlot

MAX_WORKERS = 32
NO_COLUMNS = msgspec.Raw(msgspec.json.encode(empty_clauses()))


class TouchedTable(msgspec.Struct, frozen=True):
    """A physical table of a statement, as far as the text and the catalog tell."""

    catalog: str | None
    db: str | None
    name: str


class StatementAnalysis(msgspec.Struct, frozen=True):
    """The analysis of one statement of a batch; with an error everything else is empty."""

    fingerprint: str = ""
    normalized_sql: str = ""
    literal_slots: list[LiteralSlot] = []
    tables_touched: list[TouchedTable] = []
    columns_by_clause: msgspec.Raw = NO_COLUMNS
    error: str | None = None


class BatchAnalysis(msgspec.Struct, frozen=True):
    """The answer of `/sql/analyze-batch`, by the ids of the items."""

    results: dict[str, StatementAnalysis]


def analyze_batch(request: AnalyzeBatch) -> BatchAnalysis:
    """Analyse every statement by itself: one that cannot be parsed leaves the others alone."""
    require_dialect(request.dialect)
    if request.max_workers is not None and not 1 <= request.max_workers <= MAX_WORKERS:
        raise BadRequestError("invalid_value", f"max_workers must be 1 to {MAX_WORKERS}, not {request.max_workers}")
    repeated = [item_id for item_id, count in Counter(item.id for item in request.items).items() if count > 1]
    if repeated:
        named = ", ".join(f"'{item_id}'" for item_id in repeated)
        raise BadRequestError("duplicate_id", f"Ids must differ; given more than once: {named}")
    analyses = analyze_query_log([item.sql for item in request.items], request.dialect, request.max_workers)
    known = KnownTables(request.catalog)
    return BatchAnalysis(
        {item.id: _answer(analysis, known) for item, analysis in zip(request.items, analyses, strict=True)}
    )


def _answer(analysis: Analysis | Failure, known: KnownTables) -> StatementAnalysis:
    if isinstance(analysis, Failure):
        return StatementAnalysis(error=analysis.message)
    template = analysis.template
    return StatementAnalysis(
        fingerprint=template.fingerprint,
        normalized_sql=template.normalized_sql,
        literal_slots=analysis.literal_slots,
        tables_touched=known.resolve_all(template.tables),
        columns_by_clause=msgspec.Raw(template.columns),
    )


class KnownTables:
    """The caller's catalog, by table name."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._by_name: dict[str, set[TouchedTable]] = defaultdict(set)
        for table in catalog.tables if catalog else []:
            self._by_name[table.name.lower()].add(TouchedTable(table.catalog, table.db, table.name))
        self._resolved: dict[tuple[tuple[str | None, str | None, str], ...], list[TouchedTable]] = {}

    def resolve_all(self, tables: tuple[tuple[str | None, str | None, str], ...]) -> list[TouchedTable]:
        """Complete every reference, and give each table once."""
        if tables not in self._resolved:
            self._resolved[tables] = list(dict.fromkeys(self.resolve(*parts) for parts in tables))
        return self._resolved[tables]

    def resolve(self, catalog: str | None, db: str | None, name: str) -> TouchedTable:
        """Complete a reference if exactly one known table fits; the letter case decides only between several."""
        fits = [
            known
            for known in self._by_name.get(name.lower(), ())
            if _fits(catalog, known.catalog) and _fits(db, known.db)
        ]
        exact = [known for known in fits if known.name == name]
        candidates = fits if len(fits) == 1 else exact
        return candidates[0] if len(candidates) == 1 else TouchedTable(catalog, db, name)


def _fits(wanted: str | None, known: str | None) -> bool:
    return wanted is None or (known is not None and wanted.lower() == known.lower())
