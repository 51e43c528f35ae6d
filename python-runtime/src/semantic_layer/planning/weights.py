"""Allocation of measures to the links of a bridge with a `weight`.

The value of a row is divided among its links: the sum of value * weight over the links of a group. The weights are
shares of the source whose key is the first column of the bridge's grain (`[product_id, tag_id]`: of a product). If they
add up to 1 for each of its rows, the groups add up to the total. A row without links counts whole, in the group NULL.
From the other source (products by tag: from tags), a row has no shares and counts once in each group.
"""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.edges import Cardinality
from semantic_layer.joins.joins import Instance, JoinTree
from semantic_layer.joins.uniqueness import compared_columns
from semantic_layer.measures.aggregation import Aggregate
from semantic_layer.planning.plan import Fact, Plan, rows_of
from semantic_layer.sql.expressions import is_not_null


def weighted_links(fact: Fact) -> list[Instance]:
    """Return the bridges with a weight over which a fact reaches its dimensions.

    Raises SemanticError if many rows lead to a bridge, so that the weights of one row of the fact do not add up to 1.
    """
    links: dict[str, Instance] = {}
    for dimension in fact.dimensions:
        for node in dimension.nodes:
            for steps in _ways_over_weights(fact.tree, node):
                link, before = steps[0], steps[1:]
                many = next((item for item in before if _finds_many(item) and not _is_weighted(fact.tree, item)), None)
                if many is not None:
                    raise _not_allocatable_error(fact, link, many)
                links[link.alias] = link
    return list(links.values())


def is_repeated(fact: Fact, node: str) -> bool:
    """Return whether a row of a fact counts whole in several groups of a node."""
    return any(_finds_many(item) and not _is_weighted(fact.tree, item) for item in _way(fact.tree, node))


def reject_overlap(plan: Plan, keys: set[str], within: set[str], what: str) -> None:
    """Raise SemanticError if a row of an aggregate counts in several groups with the same values of `within`.

    `keys` are those of aggregates, `within` the names of dimensions; `what` adds the groups up, for the error.
    """
    for fact in rows_of(plan.facts):
        if keys.isdisjoint(aggregate.key for aggregate in fact.aggregates):
            continue
        others = [item for item in fact.dimensions if item.name not in within]
        many = [item.field for item in others if any(is_repeated(fact, node) for node in item.nodes)]
        if many:
            message = f"{what}, but a row of {fact.root.name} counts in every group of {', '.join(many)} that it is in"
            raise SemanticError(Problem.INVALID_QUERY, f"{message}; leave that dimension or the calculation out")


def allocate(aggregate: Aggregate, weights: list[exp.Expr]) -> exp.Expr:
    """Return an aggregate over links, of which each has a part of its row. Raises SemanticError for most aggregates."""
    tree = aggregate.tree
    weight = reduce(lambda product, factor: exp.Mul(this=product, expression=factor), weights)
    value = tree.this
    if isinstance(value, exp.Distinct) or tree.expressions:
        raise _aggregate_error(aggregate)
    if isinstance(tree, exp.Sum):
        return exp.Sum(this=exp.Mul(this=exp.paren(value.copy()), expression=exp.paren(weight)))
    if not isinstance(tree, exp.Count):
        raise _aggregate_error(aggregate)
    if not isinstance(value, exp.Star):
        is_value = is_not_null(exp.paren(value.copy()))
        weight = exp.Case().when(is_value, weight)
    return exp.func("COALESCE", exp.Sum(this=weight), exp.Literal.number(0))


def link_weight(key: exp.Expr, weight: exp.Expr) -> exp.Expr:
    """Return the weight of a link with the key column `key`, or 1 for a row without links."""
    has_no_link = exp.Is(this=key, expression=exp.Null())
    return exp.Case().when(has_no_link, exp.Literal.number(1)).else_(weight)


def _way(tree: JoinTree, node: str) -> list[Instance]:
    """Return the tables on the way to a node, the last first."""
    way, instance = [], tree.instance(node)
    while instance.parent is not None:
        way.append(instance)
        instance = instance.parent
    return way


def _ways_over_weights(tree: JoinTree, node: str) -> list[list[Instance]]:
    way = _way(tree, node)
    return [way[index:] for index, item in enumerate(way) if _is_weighted(tree, item)]


def _finds_many(item: Instance) -> bool:
    return item.edge is not None and item.edge.cardinality is Cardinality.TO_MANY


def _is_weighted(tree: JoinTree, item: Instance) -> bool:
    """Return whether a table has the shares of the rows before it."""
    source = item.node.source
    if item.edge is None or not _finds_many(item) or not source.bridge or source.weight is None:
        return False
    if not source.grain:
        message = f"The bridge {source.name} has a weight but no grain; declare the columns of its two joins"
        raise SemanticError(Problem.INVALID_MODEL, message)
    return source.grain[0] in compared_columns(tree.condition(item.edge), item.edge.end)


def _not_allocatable_error(fact: Fact, link: Instance, many: Instance) -> SemanticError:
    message = (
        f"{link.node.name}.{link.node.source.weight} cannot divide rows of {fact.root.name}, as each of them has many "
        f"of {many.node.name}; use measures of {many.node.name}"
    )
    return SemanticError(Problem.INVALID_QUERY, message)


def _aggregate_error(aggregate: Aggregate) -> SemanticError:
    message = (
        f"'{aggregate.label}' cannot be divided among the links of a bridge by their weight; sum(…), count(*), "
        "count(…) and count_if(…) can, each without DISTINCT"
    )
    return SemanticError(Problem.INVALID_QUERY, message)
