"""Join conditions as expressions over columns of the model."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.joins.edges import Edge
from semantic_layer.model.references import model_column
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import expression_error, map_columns, name_parts, parse, split_conjunction


def parse_join_condition(edge: Edge, dialect: SqlDialect) -> exp.Expr:
    """Parse the `on` of a join over the columns of both nodes. Raises SemanticError."""
    join, owner, other = edge.join, edge.owner, edge.other
    is_self_join = other.source.name == owner.source.name
    others = {join.alias} if is_self_join else {join.alias, join.to}

    def resolve(column: exp.Column) -> exp.Expr:
        qualifier, name = name_parts(column, join.on)
        if qualifier is None or (qualifier == owner.source.name and qualifier not in others):
            return model_column(owner.name, owner.column(name).name)
        if qualifier not in others:
            target_name = join.alias or join.to
            raise expression_error(
                join.on, f"names '{qualifier}'; it joins {owner.source.name} with {target_name} only"
            )
        return model_column(other.name, other.column(name).name)

    condition = map_columns(parse(join.on, dialect), resolve, copy=False)
    ends = {column.table for column in condition.find_all(exp.Column)}
    if ends != {owner.name, other.name}:
        raise expression_error(
            join.on, f"has to compare columns of {owner.source.name} with columns of {join.alias or join.to}"
        )
    return condition


def canonical_form(condition: exp.Expr) -> frozenset[frozenset[str]]:
    """Return a form of a condition that is independent of the order of its comparisons and their sides."""
    return frozenset(
        frozenset((part.left.sql(), part.right.sql())) if isinstance(part, exp.EQ) else frozenset((part.sql(),))
        for part in split_conjunction(condition)
    )
