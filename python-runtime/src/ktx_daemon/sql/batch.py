"""Parallel analysis of many statements of one dialect; tables are resolved through the caller's catalog."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.columns import empty_clauses
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.query_log import Failure, analyze_query_log, find_log_templates
from ktx_daemon.sql.requests import AnalyzeBatch, Catalog
from ktx_daemon.sql.templates import Analysis, LiteralSlot, Template, fill_template
from ktx_daemon.sql.usage import Usage, UsedColumn

MAX_WORKERS = 32
NO_COLUMNS = msgspec.Raw(msgspec.json.encode(empty_clauses()))


class TouchedTable(msgspec.Struct, frozen=True):
    """A physical table of a statement, qualified as far as the text and the catalog allow."""

    catalog: str | None
    db: str | None
    name: str


class StatementAnalysis(msgspec.Struct, frozen=True):
    """The analysis of one statement of a batch; with an error all other fields are empty."""

    fingerprint: str = ""
    normalized_sql: str = ""
    literal_slots: list[LiteralSlot] = []
    tables_touched: list[TouchedTable] = []
    columns_by_clause: msgspec.Raw = NO_COLUMNS
    error: str | None = None


class PatternAnalysis(StatementAnalysis, frozen=True):
    """The analysis of the first statement of a pattern, and how its statements use columns.

    `pattern` is equal for statements that differ in what a fingerprint ignores or in the names of aliases.
    """

    pattern: str = ""
    usage: Usage = msgspec.field(default_factory=Usage)


class BatchAnalysis(msgspec.Struct, frozen=True, omit_defaults=True):
    """The response of `/sql/analyze-batch`, by the ids of the items.

    With `patterns_only` an item of the same pattern as an earlier one has no result but is a key of `repetitions`, with
    the id of the earlier one.
    """

    results: dict[str, StatementAnalysis | PatternAnalysis]
    repetitions: dict[str, str] = {}


def analyze_batch(request: AnalyzeBatch) -> BatchAnalysis:
    """Analyse each statement independently: a parse error affects only its own item."""
    require_dialect(request.dialect)
    if request.max_workers is not None and not 1 <= request.max_workers <= MAX_WORKERS:
        raise BadRequestError("invalid_value", f"max_workers must be 1 to {MAX_WORKERS}, not {request.max_workers}")
    repeated = [item_id for item_id, count in Counter(item.id for item in request.items).items() if count > 1]
    if repeated:
        named = ", ".join(f"'{item_id}'" for item_id in repeated)
        raise BadRequestError("duplicate_id", f"Ids must differ; given more than once: {named}")
    catalog = CatalogIndex(request.catalog)
    if request.patterns_only:
        return _analyze_patterns(request, catalog)
    analyses = analyze_query_log([item.sql for item in request.items], request.dialect, request.max_workers)
    return BatchAnalysis(
        {item.id: _build_result(analysis, catalog) for item, analysis in zip(request.items, analyses, strict=True)}
    )


def _analyze_patterns(request: AnalyzeBatch, catalog: CatalogIndex) -> BatchAnalysis:
    templates = find_log_templates([item.sql for item in request.items], request.dialect, request.max_workers)
    first_ids: dict[str, str] = {}
    answer = BatchAnalysis({}, {})
    for item, template in zip(request.items, templates, strict=True):
        if isinstance(template, Failure):
            answer.results[item.id] = StatementAnalysis(error=template.message)
        elif (first := first_ids.setdefault(template.pattern, item.id)) == item.id:
            answer.results[item.id] = _build_pattern(template, catalog)
        else:
            answer.repetitions[item.id] = first
    return answer


def _build_pattern(template: Template, catalog: CatalogIndex) -> PatternAnalysis:
    usage = msgspec.json.decode(template.usage, type=Usage)

    def resolve(column: UsedColumn) -> UsedColumn:
        table = catalog.resolve(column.catalog, column.db, column.table)
        return UsedColumn(table.catalog, table.db, table.name, column.column)

    analysis = _build_result(fill_template(template, None), catalog)
    return PatternAnalysis(
        **msgspec.structs.asdict(analysis), pattern=template.pattern, usage=usage.map_columns(resolve)
    )


def _build_result(analysis: Analysis | Failure, catalog: CatalogIndex) -> StatementAnalysis:
    if isinstance(analysis, Failure):
        return StatementAnalysis(error=analysis.message)
    template = analysis.template
    return StatementAnalysis(
        fingerprint=template.fingerprint,
        normalized_sql=template.normalized_sql,
        literal_slots=analysis.literal_slots,
        tables_touched=catalog.resolve_all(template.tables),
        columns_by_clause=msgspec.Raw(template.columns),
    )


class CatalogIndex:
    """The caller's catalog, indexed by table name."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._by_name: dict[str, set[TouchedTable]] = defaultdict(set)
        for table in catalog.tables if catalog else []:
            self._by_name[table.name.lower()].add(TouchedTable(table.catalog, table.db, table.name))
        self._resolved: dict[tuple[tuple[str | None, str | None, str], ...], list[TouchedTable]] = {}

    def resolve_all(self, tables: tuple[tuple[str | None, str | None, str], ...]) -> list[TouchedTable]:
        """Resolve all references, and return each table once."""
        if tables not in self._resolved:
            self._resolved[tables] = list(dict.fromkeys(self.resolve(*parts) for parts in tables))
        return self._resolved[tables]

    def resolve(self, catalog: str | None, db: str | None, name: str) -> TouchedTable:
        """Complete a reference if exactly one table of the catalog matches; letter case only breaks ties."""
        matches = [
            candidate
            for candidate in self._by_name.get(name.lower(), ())
            if _matches(catalog, candidate.catalog) and _matches(db, candidate.db)
        ]
        exact = [candidate for candidate in matches if candidate.name == name]
        candidates = matches if len(matches) == 1 else exact
        return candidates[0] if len(candidates) == 1 else TouchedTable(catalog, db, name)


def _matches(requested: str | None, candidate: str | None) -> bool:
    return requested is None or (candidate is not None and requested.lower() == candidate.lower())
