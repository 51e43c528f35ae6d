"""Measures of rows that a later row of a source follows within a duration (conversions).

A row counts once, however many rows follow it. The pairs of rows are found by the equality of their columns; their
times restrict the pairs, as several databases have no joins on other conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.models import Column, FollowedBy, Measure
from semantic_layer.model.references import model_column
from semantic_layer.rows.physical import expand_column, source_relation
from semantic_layer.rows.row_functions import reject_row_functions
from semantic_layer.rows.row_lookups import Lookup, grain_of
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import (
    expression_error,
    has_aggregate,
    is_not_null,
    map_columns,
    name_parts,
    parse,
    split_conjunction,
)
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.durations import parse_duration

_FOUND, _FIRST, _LATER = "is_found", "first_row", "later_row"
_DATES = ("day", "week", "month", "quarter", "year")


def followed(node: Node, measure: Measure, later: FollowedBy, catalog: Catalog, dialect: SqlDialect) -> exp.Expr:
    """Return the condition that a later row follows a row of a measure. Raises SemanticError."""
    label = f"{node.source.name}.{measure.name}"
    finder = _FollowedFinder(label, node, catalog.node(later.source), measure.time, later, dialect)
    keys = [model_column(node.name, name) for name in grain_of(node, f"The later row of {label}")]
    finder.select([f"key_{number}" for number in range(len(keys))])  # reports what is wrong
    lookup = Lookup(expressions=keys, finder=finder, value=_FOUND)
    return exp.paren(is_not_null(lookup), copy=False)


@dataclass(frozen=True, eq=False)
class _FollowedFinder:
    """The rows of `first` that are followed; equal measures have equal labels."""

    label: str
    first: Node
    later: Node
    time: str | None
    followed_by: FollowedBy
    dialect: SqlDialect

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _FollowedFinder) and other.label == self.label

    def __hash__(self) -> int:
        return hash(self.label)

    def select(self, keys: Sequence[str]) -> exp.Select:
        rows, others = (
            source_relation(node.source, alias, self.dialect)
            for node, alias in ((self.first, _FIRST), (self.later, _LATER))
        )
        grain = [self._column(self.first, name, _FIRST) for name in self.first.source.grain]
        columns = [exp.alias_(value, self.dialect.identifier(key)) for value, key in zip(grain, keys, strict=True)]
        found = exp.alias_(exp.Literal.number(1), self.dialect.identifier(_FOUND))
        select = exp.Select().from_(rows, copy=False)
        select = select.join(exp.Join(this=others, on=self._equalities()), copy=False).where(*self._times())
        if self.followed_by.filter is not None:
            select = select.where(self._filter(self.followed_by.filter))
        return select.select(*columns, found, copy=False).distinct()

    def _column(self, node: Node, name: str, alias: str) -> exp.Expr:
        return expand_column(node, name, alias, self.dialect)

    def _equalities(self) -> exp.Expr:
        text = self.followed_by.on

        def resolve(column: exp.Column) -> exp.Expr:
            qualifier, name = name_parts(column, text)
            if qualifier == self.later.name:
                return self._column(self.later, name, _LATER)
            if qualifier in (None, self.first.source.name):
                return self._column(self.first, name, _FIRST)
            raise expression_error(text, f"names '{qualifier}'; it compares a row with one of {self.later.name}")

        tree = parse(text, self.dialect)
        if not all(isinstance(part, exp.EQ) for part in split_conjunction(tree)):
            raise expression_error(text, "is no equality of columns, such as user_id = orders.user_id")
        return map_columns(tree, resolve)

    def _filter(self, text: str) -> exp.Expr:
        def resolve(column: exp.Column) -> exp.Expr:
            qualifier, name = name_parts(column, text)
            if qualifier not in (None, self.later.name):
                raise expression_error(text, f"names '{qualifier}'; it is about the columns of {self.later.name}")
            return self._column(self.later, name, _LATER)

        tree = parse(text, self.dialect)
        reject_row_functions(tree, text)
        if has_aggregate(tree):
            raise expression_error(text, "is a condition over rows and cannot hold an aggregate")
        return exp.paren(map_columns(tree, resolve), copy=False)

    def _times(self) -> list[exp.Expr]:
        """Return the conditions that the later row is at the same time or later, and within the duration."""
        first = self._time(self.first, self.time)
        later = self._time(self.later, self.followed_by.time)
        if first.time_zone != later.time_zone:
            message = f"The times of {self.first.name}.{first.name} and {self.later.name}.{later.name} are in zones"
            raise SemanticError(
                Problem.INVALID_MODEL, f"{message} that differ; declare columns in the same `time_zone`"
            )
        start, time = (
            self._column(node, column.name, alias)
            for node, column, alias in ((self.first, first, _FIRST), (self.later, later, _LATER))
        )
        is_date = True if first.granularity in _DATES else None
        end = shift(start.copy(), parse_duration(self.followed_by.within), self.dialect, is_date=is_date)
        start, time, end = (self._comparable(value) for value in (start, time, end))
        return [exp.GTE(this=time, expression=start), exp.LT(this=time.copy(), expression=end)]

    def _time(self, node: Node, name: str | None) -> Column:
        found = name or node.source.time
        if found is None:
            message = f"{self.label} is followed by rows of {self.later.name}, and {node.name} declares no `time`"
            raise SemanticError(Problem.INVALID_MODEL, f"{message}; declare it in the source")
        column = node.column(found)
        if column.type != "time":
            raise SemanticError(Problem.WRONG_TYPE, f"{node.name}.{found} is of type {column.type}, and not a time")
        return column

    def _comparable(self, time: exp.Expr) -> exp.Expr:
        """Return a time; in SQLite, whose times are texts of several forms, in one form."""
        return exp.Anonymous(this="DATETIME", expressions=[time]) if self.dialect.name == "sqlite" else time
