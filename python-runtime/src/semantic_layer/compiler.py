"""Entry point: compiles a query over sources to SQL."""

from __future__ import annotations

from semantic_layer.answers import CompiledQuery
from semantic_layer.dialects import SqlDialect
from semantic_layer.generator import generate
from semantic_layer.models import Model, Source
from semantic_layer.planner import Planner
from semantic_layer.queries import Query
from semantic_layer.summary import describe_columns, summarize


def compile_query(sources: list[Source], query: Query, dialect: str, model: Model | None = None) -> CompiledQuery:
    """Compile a query to SQL. Raises SemanticError for a query that cannot be answered."""
    return compile_with(Planner(sources, SqlDialect(dialect), model), query)


def compile_with(planner: Planner, query: Query) -> CompiledQuery:
    """Compile a query over the model of a planner. Raises SemanticError for a query that cannot be answered."""
    target = planner.dialect
    plan = planner.plan(query)
    summary = summarize(plan, planner.catalog, target, query.time_zone)
    sql, count_sql = generate(plan, target)
    return CompiledQuery(sql, target.name, describe_columns(plan, target), summary, count_sql)
