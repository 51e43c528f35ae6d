"""The data policy of a connection on semantic sources and on the SQL that is compiled from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ktx_daemon.errors import BadRequestError
from ktx_daemon.semantic.requests import CompileQuery
from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.patterns import Denied
from ktx_daemon.sql.policy.violation import PolicyDeniedError, PolicyUncheckedError
from semantic_layer.checks.plain_measures import plain_kind
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.catalog import Fields, Node
from semantic_layer.model.models import Source
from semantic_layer.sql.dialects import SqlDialect


def require_allowed_query(request: CompileQuery, compiled: CompiledQuery) -> None:
    """Raise 400 `policy_denied` with the name of the source if the SQL may read what is denied."""
    try:
        check_policy(compiled.sql, compiled.dialect, request.denied)
    except PolicyDeniedError as refusal:
        source = _find_source(request, compiled, refusal)
        detail = str(refusal) if source is None else f"Cannot query the source {source.name}: {refusal}"
        raise BadRequestError("policy_denied", detail, refusal.hint) from None


def _find_source(request: CompileQuery, compiled: CompiledQuery, refusal: PolicyDeniedError) -> Source | None:
    """Return the first source of a query that is refused because of the same pattern."""
    for source in request.sources:
        if source.name in compiled.plan.sources_used:
            found = denials(source, compiled.dialect, request.denied)
            if any(denial.pattern == refusal.pattern for denial in found):
                return source
    return None


def source_warnings(sources: Iterable[Source], dialect: str, denied: Denied) -> dict[str, list[str]]:
    """Return the warnings about sources whose queries are refused, by the name of the source."""
    if not denied.tables and not denied.columns:
        return {}
    found = {source.name: list(denials(source, dialect, denied)) for source in sources}
    return {
        name: [f"{name}: {denial}; queries that need it are refused" for denial in refused]
        for name, refused in found.items()
        if refused
    }


def denials(source: Source, dialect: str, denied: Denied) -> Iterator[PolicyDeniedError]:
    """Yield why the policy refuses a source, or some of its columns, measures and segments.

    Expressions that cannot be parsed are left out: their own errors are reported elsewhere.
    """
    if source.table is None:
        yield from _denial(source.sql or "", dialect, denied)
        return
    if refused := list(_denial(_select(["1"], source.table), dialect, denied)):
        yield from refused
        return
    target = SqlDialect(dialect)
    if _is_allowed(_select(["*", *_composed_expressions(source, target)], source.table), dialect, denied):
        return  # the shorter of two statements; most tables have no denied column
    expressions = list(_expressions(source, target))
    if _is_allowed(_select(expressions or ["1"], source.table), dialect, denied):
        return
    found = (denial for text in expressions for denial in _denial(_select([text], source.table), dialect, denied))
    yield from {str(denial): denial for denial in found}.values()


def _select(expressions: list[str], table: str) -> str:
    """Return a statement that is checked only, and never sent."""
    return f"SELECT {', '.join(expressions)} FROM {table}"  # noqa: S608  # only parsed


def _expressions(source: Source, dialect: SqlDialect) -> Iterator[str]:
    for column in source.columns:
        if column.measure is None:
            yield column.expr or dialect.identifier(column.name).sql(dialect.name)
    for measure in source.measures:
        yield measure.expr
        if measure.filter:
            yield measure.filter
    yield from (segment.expr for segment in source.segments)


def _composed_expressions(source: Source, dialect: SqlDialect) -> Iterator[str]:
    """Yield the expressions that may read more than the columns of the table."""
    node = Node(source.name, Fields(source))
    yield from (column.expr for column in source.columns if column.expr)
    for measure in source.measures:
        if plain_kind(measure, node, dialect) is None:
            yield measure.expr
            if measure.filter:
                yield measure.filter
    yield from (segment.expr for segment in source.segments)


def _is_allowed(sql: str, dialect: str, denied: Denied) -> bool:
    try:
        check_policy(sql, dialect, denied)
    except PolicyDeniedError:
        return False
    return True


def _denial(sql: str, dialect: str, denied: Denied) -> Iterator[PolicyDeniedError]:
    try:
        check_policy(sql, dialect, denied)
    except PolicyUncheckedError:
        return
    except PolicyDeniedError as denial:
        yield denial
