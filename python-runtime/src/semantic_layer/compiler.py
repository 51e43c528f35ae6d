"""The door of this package: from sources and a query to SQL."""

from __future__ import annotations

from semantic_layer.dialects import SqlDialect
from semantic_layer.generator import generate
from semantic_layer.models import CompiledQuery, Query, Source
from semantic_layer.planner import Planner
from semantic_layer.summary import columns_of, summary_of


def compile_query(sources: list[Source], query: Query, dialect: str) -> CompiledQuery:
    """Write the SQL that answers a query. Raises SemanticError for what cannot be answered."""
    target = SqlDialect(dialect)
    plan = Planner(sources, target).plan(query)
    return CompiledQuery(generate(plan, target), target.name, columns_of(plan, target), summary_of(plan, target))
