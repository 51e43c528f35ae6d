"""The conditions of joins, as expressions over the columns of the model."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import Edge
from semantic_layer.expressions import conjuncts, invalid, map_columns, name_parts, parse


def reference(node: str, column: str) -> exp.Column:
    """Refer to a column of the model, not yet of a table: its node stands where SQL has the table."""
    return exp.Column(this=exp.to_identifier(column, quoted=True), table=exp.to_identifier(node, quoted=True))


def join_condition(edge: Edge, dialect: SqlDialect) -> exp.Expr:
    """Read the `on` of a join; its columns refer to the nodes at both ends. Raises SemanticError."""
    join, owner, other = edge.join, edge.owner, edge.other
    is_self_join = other.source.name == owner.source.name
    others = {join.alias} if is_self_join else {join.alias, join.to}

    def resolve(column: exp.Column) -> exp.Expr:
        qualifier, name = name_parts(column, join.on)
        if qualifier is None or (qualifier == owner.source.name and qualifier not in others):
            return reference(owner.name, owner.column(name).name)
        if qualifier not in others:
            known = join.alias or join.to
            raise invalid(join.on, f"names '{qualifier}'; it joins {owner.source.name} with {known} only")
        return reference(other.name, other.column(name).name)

    condition = map_columns(parse(join.on, dialect), resolve)
    ends = {column.table for column in condition.find_all(exp.Column)}
    if ends != {owner.name, other.name}:
        raise invalid(join.on, f"has to compare columns of {owner.source.name} with columns of {join.alias or join.to}")
    return condition


def canonical(condition: exp.Expr) -> frozenset[frozenset[str]]:
    """Return a form in which `a.x = b.y AND …` is equal to the same comparisons in another order."""
    return frozenset(
        frozenset((part.left.sql(), part.right.sql())) if isinstance(part, exp.EQ) else frozenset((part.sql(),))
        for part in conjuncts(condition)
    )
