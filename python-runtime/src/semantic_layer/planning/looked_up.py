"""The sources that a plan reads in subqueries, beside those that it joins."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from semantic_layer.model.catalog import Catalog
from semantic_layer.planning.calendar_units import calendar_units
from semantic_layer.planning.existence import existences
from semantic_layer.planning.plan import Plan, rows_of


def looked_up_sources(plan: Plan, catalog: Catalog) -> list[str]:
    """Return the names of the sources of conditions on rows that exist, of measures of columns, and of the calendar."""
    trees = [item.condition for item in plan.row_filters]
    for item in plan.row_filters:
        trees += [existence.condition for existence in existences(item.condition)]
    trees += [item.tree for item in plan.dimensions]
    trees += [aggregate.tree for fact in rows_of(plan.facts) for aggregate in fact.aggregates]
    found = [name for tree in trees for name in _sources(tree, catalog)]
    calendar = catalog.model.calendar
    if calendar.table is not None and calendar_units(plan, calendar):
        found.append(calendar.table.source)
    return list(dict.fromkeys(found))


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
