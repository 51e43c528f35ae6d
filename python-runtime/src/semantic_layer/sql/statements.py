"""Helpers for generated statements: common table expressions with unique names, aliases and substitution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import parenthesize
from semantic_layer.sql.names import unique_name


@dataclass
class Ctes:
    """The common table expressions of a statement, in order."""

    dialect: SqlDialect
    used_names: set[str] = field(default_factory=set)
    queries: list[tuple[str, exp.Query]] = field(default_factory=list)
    recursive: set[str] = field(default_factory=set)

    def reserve(self, names: Iterable[str]) -> None:
        """Keep names from being given to common table expressions."""
        self.used_names |= {name.lower() for name in names}

    def name(self, preferred: str) -> str:
        """Return a name that no other relation of the statement has."""
        name = unique_name(preferred, self.used_names)
        self.used_names.add(name.lower())
        return name

    def add(self, preferred: str, query: exp.Query) -> str:
        """Add a query and return its name."""
        name = self.name(preferred)
        self.put(name, query)
        return name

    def put(self, name: str, query: exp.Query, *, is_recursive: bool = False) -> None:
        """Add a query under a name that `name` returned."""
        self.queries.append((name, query))
        if is_recursive:
            self.recursive.add(name)

    def attach(self, select: exp.Select) -> exp.Select:
        """Add all queries to a statement."""
        for name, query in self.queries:
            alias = exp.TableAlias(this=self.dialect.identifier(name))
            if name in self.recursive:  # Redshift requires the names of the columns
                alias.set("columns", [self.dialect.identifier(column) for column in query.named_selects])
            select = select.with_(alias, as_=query, copy=False)
        if self.recursive:
            select.args["with_"].set("recursive", True)
        return select


def select_from(name: str, dialect: SqlDialect) -> exp.Select:
    """Return a SELECT without projections from a relation."""
    return exp.Select().from_(exp.Table(this=dialect.identifier(name)))


def aliased(value: exp.Expr, name: str, dialect: SqlDialect) -> exp.Expr:
    """Return a projection under a name."""
    return exp.alias_(value, dialect.identifier(name), copy=False)


def concatenate(queries: Iterable[exp.Query], *, distinct: bool = False) -> exp.Query:
    """Return the UNION ALL of queries, or their UNION if `distinct`; a single query is returned as it is."""
    return reduce(lambda union, query: union.union(query, distinct=distinct, copy=False), queries)


# BigQuery has it, but not in windows of aggregates.
_WITHOUT_NULLS_LAST = ("bigquery", "mysql", "tsql")


def window_order(value: exp.Expr, dialect: SqlDialect, *, is_descending: bool = False) -> list[exp.Expr]:
    """Return the terms of an order within a window function, with NULL last."""
    if dialect.name not in _WITHOUT_NULLS_LAST:
        return [exp.Ordered(this=value, desc=is_descending, nulls_first=False)]
    is_null = exp.Is(this=value.copy(), expression=exp.Null())
    flag = exp.Case().when(is_null, exp.Literal.number(1)).else_(exp.Literal.number(0))
    # These dialects have NULL first in an ascending order, and last in a descending one.
    return [
        exp.Ordered(this=flag, nulls_first=True),
        exp.Ordered(this=value, desc=is_descending, nulls_first=not is_descending),
    ]


def substitute(tree: exp.Expr, values: Mapping[str, exp.Expr]) -> exp.Expr:
    """Replace the placeholders of a calculation by the values of its aggregates."""

    def visit(node: exp.Expr) -> exp.Expr:
        return parenthesize(values[node.name].copy(), node) if isinstance(node, exp.Placeholder) else node

    return tree.copy().transform(visit, copy=False)
