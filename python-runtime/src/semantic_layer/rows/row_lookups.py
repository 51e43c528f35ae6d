"""Lookups: values that a row finds in a subquery by its grain, such as whether it has rows of another source.

A subquery has one row for each combination of its keys and is joined by them, so that it multiplies no rows, in every
dialect. (Several databases run no correlated subqueries.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.catalog import Node
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name


class Finder(Protocol):
    """A subquery with one row for each combination of its keys; equal subqueries have equal labels."""

    @property
    def label(self) -> str:
        """The name of what it finds, for the alias."""

    def select(self, keys: Sequence[str]) -> exp.Select:
        """Return the subquery, with its keys under the given names. Raises SemanticError."""


class Lookup(exp.Expression):
    """The column `value` of the row of the subquery of `finder` whose keys equal `expressions`; NULL without one."""

    arg_types: ClassVar[dict[str, bool]] = {"expressions": True, "finder": True, "value": True}


def grain_of(node: Node, what: str) -> list[str]:
    """Return the columns of the grain of a source. Raises SemanticError if it declares none."""
    if not node.source.grain:
        message = f"{what} is found by the grain of {node.source.name}, which declares none; add its `grain`"
        raise SemanticError(Problem.INVALID_MODEL, message)
    return node.source.grain


class Lookups:
    """The subqueries that are joined to one SELECT."""

    def __init__(self, select: exp.Select, dialect: SqlDialect) -> None:
        self._select = select
        self._dialect = dialect
        self._aliases: dict[tuple[str, tuple[exp.Expr, ...]], str] = {}

    def attach(self, tree: exp.Expr) -> exp.Expr:
        """Return the tree with its lookups replaced by columns of joined subqueries."""
        if tree.find(Lookup) is None:
            return tree
        return tree.transform(lambda node: self._column(node) if isinstance(node, Lookup) else node)

    def _column(self, lookup: exp.Expr) -> exp.Expr:
        finder: Finder = lookup.args["finder"]
        keys = tuple(lookup.expressions)
        identity = (finder.label, keys)
        if identity not in self._aliases:
            self._aliases[identity] = self._join(finder, keys)
        return self._dialect.column(lookup.args["value"], self._aliases[identity])

    def _join(self, finder: Finder, keys: tuple[exp.Expr, ...]) -> str:
        names = [f"key_{number}" for number in range(1, len(keys) + 1)]
        query = finder.select(names)
        alias = unique_name("found", {table.alias_or_name.lower() for table in self._tables()})
        conditions = [
            exp.EQ(this=self._dialect.column(name, alias), expression=key.copy())
            for name, key in zip(names, keys, strict=True)
        ]
        table = query.subquery(alias=exp.TableAlias(this=self._dialect.identifier(alias)), copy=False)
        self._select.join(exp.Join(this=table, side="LEFT", on=exp.and_(*conditions)), copy=False)
        return alias

    def _tables(self) -> list[exp.Expr]:
        joins = self._select.args.get("joins") or []
        return [self._select.args["from_"].this, *(join.this for join in joins)]
