"""The sources that a plan reads in subqueries, beside those that it joins."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from semantic_layer.model.catalog import Catalog
from semantic_layer.planning.existence import existences
from semantic_layer.planning.plan import Plan, rows_of


def looked_up_sources(plan: Plan, catalog: Catalog) -> list[str]:
    """Return the names of the sources of conditions on rows that exist, and of the measures of columns."""
    trees = [item.condition for item in plan.row_filters]
    for item in plan.row_filters:
        trees += [existence.condition for existence in existences(item.condition)]
    trees += [item.tree for item in plan.dimensions]
    trees += [aggregate.tree for fact in rows_of(plan.facts) for aggregate in fact.aggregates]
    return list(dict.fromkeys(name for tree in trees for name in _sources(tree, catalog)))


def _sources(tree: exp.Expr, catalog: Catalog) -> Iterator[str]:
    for column in tree.find_all(exp.Column):
        if not column.table or isinstance(column.this, exp.Star):
            continue
        node = catalog.node(column.table)
        yield node.source.name
        declared = node.fields.columns.get(column.name)
        source = declared.measure.rpartition(".")[0] if declared is not None and declared.measure else ""
        if source in catalog.nodes:
            yield catalog.nodes[source].source.name
