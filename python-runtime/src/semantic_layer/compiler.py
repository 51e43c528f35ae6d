"""Entry point: compiles a query over sources to SQL."""

from __future__ import annotations

from semantic_layer.checks.summary import describe_columns, summarize
from semantic_layer.generation.generator import generate
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from semantic_layer.planning.planner import Planner
from semantic_layer.sql.dialects import SqlDialect


def compile_query(sources: list[Source], query: Query, dialect: str, model: Model | None = None) -> CompiledQuery:
    """Compile a query to SQL. Raises SemanticError for a query that cannot be answered."""
    return compile_with(Planner(sources, SqlDialect(dialect), model), query)


def compile_with(planner: Planner, query: Query) -> CompiledQuery:
    """Compile a query over the model of a planner. Raises SemanticError for a query that cannot be answered."""
    target = planner.dialect
    plan = planner.plan(query)
    summary = summarize(plan, planner.catalog, target, query.time_zone)
    sql, count_sql = generate(plan, planner.catalog, target)
    return CompiledQuery(sql, target.name, describe_columns(plan, target), summary, count_sql)
