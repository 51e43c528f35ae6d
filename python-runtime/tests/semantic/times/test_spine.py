"""All periods between two times, on real databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlglot
from sqlglot import exp

from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Calendar, RetailYears
from semantic_layer.model.queries import TimeUnit
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.times.durations import Duration
from semantic_layer.times.spine import needs_recursive, spine
from semantic_layer.times.truncation import TIME_PARTS, TIME_UNITS, next_period, truncate
from tests.semantic.databases import Database, normalize
from tests.semantic.times.oracle import later, start

DEFAULT = Calendar()
RETAIL = Calendar(retail=RetailYears("4-5-4"))
LOW, HIGH = "2023-02-10 10:00:00", "2025-03-12 01:00:00"


def periods(database: Database, unit: TimeUnit, low: str, high: str, calendar: Calendar = DEFAULT) -> list[object]:
    """Return the periods that a database generates between those of two times."""
    return [row[0] for row in database.rows(write(SqlDialect(database.dialect), unit, low, high, calendar))]


def write(dialect: SqlDialect, unit: TimeUnit, low: str, high: str, calendar: Calendar = DEFAULT) -> str:
    query = spine("bounds", unit, dialect, "calendar_days", calendar)
    ends = [truncate(cast(text, dialect), unit, dialect, calendar) for text in (low, high)]
    columns = "{} AS low, {} AS high".format(*(dialect.write(tree, pretty=False) for tree in ends))
    recursive = "RECURSIVE " if needs_recursive(dialect, unit) else ""
    text = dialect.write(query, pretty=False)
    return (
        f"WITH {recursive}bounds AS (SELECT {columns}), calendar_days AS ({text})"
        " SELECT period FROM calendar_days ORDER BY period"
    )


def cast(text: str, dialect: SqlDialect) -> exp.Expr:
    types = {"sqlite": "text", "mysql": "datetime", "clickhouse": "Nullable(DateTime64(6, 'UTC'))"}
    kind = exp.DataType.build(types.get(dialect.name, "timestamp"), dialect=dialect.sqlglot)
    return exp.cast(exp.Literal.string(text) if text else exp.null(), kind)


@pytest.mark.parametrize("unit", [unit for unit in TIME_UNITS if unit not in TIME_PARTS and unit != "second"])
@pytest.mark.parametrize("calendar", [Calendar("sunday", 4), RETAIL], ids=["months", "weeks"])
def test_every_period_is_generated(engine: Database, unit: TimeUnit, calendar: Calendar) -> None:
    low = LOW if unit != "minute" else "2025-03-01 00:00:00"
    first, end = datetime.fromisoformat(low), datetime.fromisoformat(HIGH)
    step = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}.get(unit, timedelta(days=1))
    times = [first + index * step for index in range((end - first) // step + 1)]
    expected = {normalize(start(time, unit, calendar)) for time in [*times, end]}
    assert periods(engine, unit, low, HIGH, calendar) == sorted(expected)


@pytest.mark.parametrize("calendar", [Calendar("sunday", 4), RETAIL], ids=["months", "weeks"])
@pytest.mark.parametrize("unit", ["week", "quarter", "fiscal_month", "fiscal_quarter", "fiscal_year"])
def test_periods_follow_each_other(engine: Database, unit: TimeUnit, calendar: Calendar) -> None:
    days = [date(2010, 1, 1) + timedelta(days=count) for count in range(4800)]
    starts = sorted({str(start(datetime(day.year, day.month, day.day), unit, calendar)) for day in days})[-14:]
    dialect = SqlDialect(engine.dialect)
    trees = [next_period(cast(day, dialect), unit, dialect, calendar) for day in starts[:-1]]
    columns = ", ".join(f"{dialect.write(tree, pretty=False)} AS c{index}" for index, tree in enumerate(trees))
    assert list(engine.rows(f"SELECT {columns}")[0]) == [f"{day} 00:00:00" for day in starts[1:]]


def test_forty_years_of_days_are_generated(engine: Database) -> None:
    days = [date(1990, 1, 1) + timedelta(days=count) for count in range(14_610)]
    assert periods(engine, "day", "1990-01-01", "2029-12-31") == [normalize(day) for day in days]


def test_one_period_is_generated(engine: Database) -> None:
    assert periods(engine, "month", "2024-02-29", "2024-02-29") == ["2024-02-01 00:00:00"]


@pytest.mark.parametrize("unit", ["hour", "month"])
def test_no_period_is_generated_without_bounds(engine: Database, unit: TimeUnit) -> None:
    assert periods(engine, unit, "", "") == []


def test_seconds_are_generated(engine: Database) -> None:
    last = later(datetime(2024, 2, 29, 23, 59, 50), Duration(20, "second"))
    found = periods(engine, "second", "2024-02-29 23:59:50", last.isoformat(" "))
    assert (len(found), found[-1]) == (21, "2024-03-01 00:00:10")


@pytest.mark.parametrize("unit", TIME_PARTS)
def test_parts_have_no_gaps(unit: TimeUnit) -> None:
    with pytest.raises(SemanticError, match=f"The gaps of {unit} cannot be filled"):
        spine("bounds", unit, SqlDialect("postgres"), "calendar")


@pytest.mark.parametrize("dialect", SUPPORTED)
@pytest.mark.parametrize("unit", ["hour", "week", "month", "fiscal_month"])
@pytest.mark.parametrize("calendar", [DEFAULT, RETAIL], ids=["months", "weeks"])
def test_names_are_quoted_and_every_dialect_parses(dialect: str, unit: TimeUnit, calendar: Calendar) -> None:
    target = SqlDialect(dialect)
    text = target.write(spine('a "b', unit, target, "the; days", calendar), pretty=False)
    tree = sqlglot.parse_one(text, dialect=target.sqlglot)
    assert target.write(tree, pretty=False) == text
    assert {table.name for table in tree.find_all(exp.Table)} <= {'a "b', "the; days"}
