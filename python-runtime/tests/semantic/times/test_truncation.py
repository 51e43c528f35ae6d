"""Periods and parts on real databases."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlglot import exp

from semantic_layer.model.models import Calendar, RetailYears, Weekday
from semantic_layer.model.queries import FiscalGranularity
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.truncation import TIME_UNITS, truncate
from tests.semantic.databases import Database
from tests.semantic.times.moments import TIMES, differences, values
from tests.semantic.times.oracle import start

RETAIL = [
    RetailYears("4-4-5"),
    RetailYears("4-5-4", "nearest"),
    RetailYears("5-4-4", "nearest", "sunday", 12),
    RetailYears("4-4-5", "last", "friday", 6),
]
FISCAL_UNITS = get_args(FiscalGranularity)


@pytest.mark.parametrize("unit", TIME_UNITS)
@pytest.mark.parametrize("column", ["moment", "day"])
def test_periods_and_parts(engine: Database, unit: str, column: str) -> None:
    tree = truncate(exp.column(column), unit, SqlDialect(engine.dialect))
    times = [time if column == "moment" else time.replace(hour=0, minute=0, second=0) for time in TIMES]
    expected = [[start(time, unit, Calendar())] for time in times]
    assert differences(values(engine, tree), expected, times) == []


def test_weeks_start_on_any_day(engine: Database) -> None:
    rules = [Calendar(week_start=day) for day in get_args(Weekday)]
    trees = [truncate(exp.column("moment"), "week", SqlDialect(engine.dialect), rule) for rule in rules]
    expected = [[start(time, "week", rule) for rule in rules] for time in TIMES]
    assert differences(values(engine, *trees), expected, TIMES) == []


@pytest.mark.parametrize("unit", FISCAL_UNITS)
def test_fiscal_years_start_in_any_month(engine: Database, unit: str) -> None:
    rules = [Calendar(fiscal_year_start=month) for month in range(1, 13)]
    trees = [truncate(exp.column("moment"), unit, SqlDialect(engine.dialect), rule) for rule in rules]
    expected = [[start(time, unit, rule) for rule in rules] for time in TIMES]
    assert differences(values(engine, *trees), expected, TIMES) == []


@pytest.mark.parametrize("unit", FISCAL_UNITS)
def test_retail_years_have_52_or_53_weeks(engine: Database, unit: str) -> None:
    rules = [Calendar(retail=years) for years in RETAIL]
    trees = [truncate(exp.column("moment"), unit, SqlDialect(engine.dialect), rule) for rule in rules]
    expected = [[start(time, unit, rule) for rule in rules] for time in TIMES]
    assert differences(values(engine, *trees), expected, TIMES) == []
