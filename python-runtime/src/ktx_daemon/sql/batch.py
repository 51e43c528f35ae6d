"""Many statements of one dialect, analysed over the cores, their tables resolved through the caller's catalog."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.analysis import LiteralSlot, analyze
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.columns import columns_by_clause, empty_clauses
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.parsing import SqlError
from ktx_daemon.sql.requests import AnalyzeBatch, BatchItem, Catalog
from ktx_daemon.sql.tables import name_parts, physical_tables

MAX_WORKERS = 32


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
    columns_by_clause: dict[str, list[str]] = msgspec.field(default_factory=empty_clauses)
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
    work = functools.partial(_analyze_items, dialect_name=request.dialect, catalog=request.catalog)
    results = map_in_chunks(work, request.items, lambda item: len(item.sql), request.max_workers)
    return BatchAnalysis({item.id: result for item, result in zip(request.items, results, strict=True)})


def _analyze_items(items: list[BatchItem], dialect_name: str, catalog: Catalog | None) -> list[StatementAnalysis]:
    dialect = require_dialect(dialect_name)
    known = KnownTables(catalog)
    return [_analyze_item(item.sql, dialect, known) for item in items]


def _analyze_item(sql: str, dialect: Dialect, known: KnownTables) -> StatementAnalysis:
    try:
        analysis = analyze(sql, dialect)
        return StatementAnalysis(
            fingerprint=analysis.fingerprint,
            normalized_sql=analysis.normalized_sql,
            literal_slots=analysis.literal_slots,
            tables_touched=known.resolve_all(physical_tables(analysis.statement)),
            columns_by_clause=columns_by_clause(analysis.statement),
        )
    except (SqlError, RecursionError) as error:
        return StatementAnalysis(error=str(error) if isinstance(error, SqlError) else "The SQL text is too deep")


class KnownTables:
    """The caller's catalog, by table name."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._by_name: dict[str, set[TouchedTable]] = defaultdict(set)
        for table in catalog.tables if catalog else []:
            self._by_name[table.name.lower()].add(TouchedTable(table.catalog, table.db, table.name))

    def resolve_all(self, tables: list[exp.Table]) -> list[TouchedTable]:
        """Complete every reference, and give each table once."""
        return list(dict.fromkeys(self.resolve(*name_parts(table)) for table in tables))

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
