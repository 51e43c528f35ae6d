"""Sums of times and durations on real databases."""

from __future__ import annotations

import datetime
import sqlite3
from contextlib import closing

import pytest
import sqlglot
from sqlglot import exp

from semantic_layer.errors import SemanticError
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.times.arithmetic import shift
from semantic_layer.times.durations import Duration, parse_duration
from semantic_layer.times.truncation import truncate
from tests.semantic.databases import Database
from tests.semantic.times.moments import TIMES, differences, values
from tests.semantic.times.oracle import later

DURATIONS = ["1 month", "13 months", "1 quarter", "1 year", "4 years", "1 day", "45 days", "2 weeks"]
SHORT = ["1 hour", "90 minutes", "100000 seconds"]


@pytest.mark.parametrize("sign", [1, -1])
def test_times_are_shifted(engine: Database, sign: int) -> None:
    durations = [parse_duration(text) for text in (*DURATIONS, *SHORT)]
    durations = durations if sign > 0 else [-duration for duration in durations]
    trees = [shift(exp.column("moment"), duration, SqlDialect(engine.dialect)) for duration in durations]
    expected = [[later(time, duration) for duration in durations] for time in TIMES]
    assert differences(values(engine, *trees), expected, TIMES) == []


def test_dates_stay_dates(engine: Database) -> None:
    durations = [parse_duration(text) for text in DURATIONS]
    dialect = SqlDialect(engine.dialect)
    dates = [exp.column("day"), truncate(exp.column("moment"), "day", dialect)]
    trees = [shift(day, duration, dialect, is_date=True) for day in dates for duration in durations]
    expected = [[later(time.date(), duration) for duration in durations] * 2 for time in TIMES]
    assert differences(values(engine, *trees), expected, TIMES) == []
    written = [dialect.write(tree, pretty=False) for tree in trees]
    rows = engine.run(f"SELECT {', '.join(f'{sql} AS c{index}' for index, sql in enumerate(written))} FROM moments", ())
    assert {type(value) for row in rows for value in row} <= {datetime.date, str}
    assert {len(str(value)) for row in rows for value in row} == {len("2024-01-31")}


@pytest.mark.parametrize("rest", ["", " 10:20", " 10:20:30.5", "T10:20:30+02:00"])
def test_the_rest_of_a_text_is_kept_in_sqlite(rest: str) -> None:
    dialect = SqlDialect("sqlite")
    sql = dialect.write(shift(exp.column("x"), Duration(1, "month"), dialect))
    with closing(sqlite3.connect(":memory:")) as connection:
        rows = connection.execute(f"SELECT {sql} FROM (SELECT ? AS x)", (f"2024-01-31{rest}",)).fetchall()
    assert rows == [(f"2024-02-29{rest}",)]


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_an_operation_is_enclosed(dialect: str) -> None:
    target = SqlDialect(dialect)
    tree = shift(exp.column("a") + exp.column("b"), Duration(1, "day"), target)
    text = target.write(tree, pretty=False)
    assert target.write(sqlglot.parse_one(text, dialect=target.sqlglot), pretty=False) == text
    assert "(a + b)" in text or "a + b AS" in text or "(a + b," in text or ", a + b)" in text


def test_no_time_is_no_change() -> None:
    assert shift(exp.column("x"), Duration(0, "day"), SqlDialect("sqlite")) == exp.column("x")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("7 days", Duration(7, "day")),
        (" 1  Year ", Duration(1, "year")),
        ("90 minutes", Duration(90, "minute")),
        ("1 quarter", Duration(1, "quarter")),
        ("30 second", Duration(30, "second")),
    ],
)
def test_durations_are_parsed(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "7", "days", "0 days", "-7 days", "1.5 days", "7 dayss", "1 day; x"])
def test_other_texts_are_rejected_with_the_units(text: str) -> None:
    with pytest.raises(SemanticError, match="units: second, minute, hour, day, week, month, quarter, year"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["1001 years", "99999999999 seconds", "999999999999 days"])
def test_long_durations_are_rejected(text: str) -> None:
    with pytest.raises(SemanticError, match="at most 1000 years"):
        parse_duration(text)
