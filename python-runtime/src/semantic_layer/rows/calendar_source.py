"""The source of the calendar table as SQL: the periods of days, of other periods, and of a range."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.catalog import Catalog, Node
from semantic_layer.model.queries import TimeUnit
from semantic_layer.rows.physical import expand_column, source_relation
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.calendar_tables import require_single_definition
from semantic_layer.times.truncation import truncate

KEY = "period_key"
"""The column of a relation by which its row is found: a day, or the first day of a period."""
_ALIAS = "days"


@dataclass(frozen=True)
class CalendarSource:
    """The calendar table of a model, with its columns by their units; `day` is one of them."""

    node: Node
    columns: dict[str, str]
    dialect: SqlDialect

    def periods_by(self, key: TimeUnit, unit: TimeUnit) -> exp.Select:
        """Return the period of each day, or of each period of the unit `key`.

        A period whose days are in several periods of the unit has none.
        """
        select = self._select().select(exp.alias_(self._day(key), KEY), copy=False)
        if key == "day":
            return select.select(exp.alias_(self._day(unit), unit), copy=False)
        first, last = exp.Min(this=self._day(unit)), exp.Max(this=self._day(unit))
        single = exp.Case().when(exp.EQ(this=first, expression=last), first.copy())
        return select.select(exp.alias_(single, unit), copy=False).group_by(self._day(key), copy=False)

    def periods_between(self, bounds: str, unit: TimeUnit) -> exp.Select:
        """Return the periods, as `period`, of the days from `low` to `high` of the only row of `bounds`."""
        table = exp.Table(this=self.dialect.identifier(bounds))
        low, high = self.dialect.column("low", bounds), self.dialect.column("high", bounds)
        select = self._select().join(exp.Join(this=table, kind="CROSS"), copy=False)
        within = exp.Between(this=self._day("day"), low=low, high=high)
        has_period = exp.not_(exp.Is(this=self._day(unit), expression=exp.Null()))
        select = select.where(within, has_period, copy=False)
        return select.select(exp.alias_(self._day(unit), "period"), copy=False).distinct(copy=False)

    def _select(self) -> exp.Select:
        return exp.Select().from_(source_relation(self.node.source, _ALIAS, self.dialect), copy=False)

    def _day(self, unit: str) -> exp.Expr:
        """Return a column as a date."""
        column = expand_column(self.node, self.columns[unit], _ALIAS, self.dialect)
        return truncate(column, "day", self.dialect)


def read_calendar(catalog: Catalog, dialect: SqlDialect) -> CalendarSource:
    """Return the calendar table of a model, which has one. Raises SemanticError for one that gives no certain days."""
    calendar = catalog.model.calendar
    table = calendar.table
    assert table is not None  # noqa: S101
    node = catalog.sources.get(table.source)
    if node is None:
        message = f"The calendar table is the source '{table.source}', which the connection does not have"
        raise SemanticError(Problem.INVALID_MODEL, message)
    columns = {"day": table.day, **require_single_definition(table, calendar)}
    for unit, name in columns.items():
        _require_dates(node, unit, name)
    if node.source.grain != [table.day]:
        message = f"The calendar table {table.source} needs the grain [{table.day}], one row for each day"
        raise SemanticError(Problem.INVALID_MODEL, message)
    return CalendarSource(node, columns, dialect)


def _require_dates(node: Node, unit: str, name: str) -> None:
    column = node.column(name)
    if column.type != "time" or column.time_zone is not None:
        what = f"of type {column.type}" if column.type != "time" else f"in the time zone {column.time_zone}"
        message = f"{node.name}.{name}, the {unit} of the calendar table, is {what}; it has to be a date"
        raise SemanticError(Problem.INVALID_MODEL, message)
