"""Queries over periods in a time zone and in fiscal years of weeks, with gaps, compared with Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Calendar, Model, RetailYears, Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import Database, normalize
from tests.semantic.times.moments import TIMES
from tests.semantic.times.oracle import retail_starts, start

SOURCE = {
    "name": "events",
    "table": "moments",
    "grain": ["id"],
    "time": "moment",
    "columns": [
        {"name": "id", "type": "number"},
        {"name": "moment", "type": "time", "time_zone": "UTC"},
        {"name": "day", "type": "time", "granularity": "day"},
    ],
    "measures": [{"name": "count", "expr": "count(*)", "fill_nulls_with": 0}],
    "segments": [{"name": "recent", "expr": "day between '2017-01-20' and '2025-02-20'"}],
}
RETAIL = Calendar(retail=RetailYears("4-4-5", "nearest"))


def compile_events(dialect: str, model: Model | None = None, **query: Any) -> CompiledQuery:
    asked = msgspec.convert({"segments": ["events.recent"], "limit": None, **query}, Query)
    return compile_query([msgspec.convert(SOURCE, Source)], asked, dialect, model)


def recent() -> list[datetime]:
    return [time for time in TIMES if date(2017, 1, 20) <= time.date() <= date(2025, 2, 20)]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe"])
def test_days_are_those_of_the_zone(engine: Database, zone: str) -> None:
    found = compile_events(
        engine.dialect,
        measures=["events.count"],
        dimensions=[{"field": "metric_time", "granularity": "day"}],
        time_zone=zone,
        fill_gaps=True,
    )
    local = Counter(time.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).date() for time in recent())
    first = min(local)
    days = [first + timedelta(days=count) for count in range((max(local) - first).days + 1)]
    assert engine.rows(found.sql) == [(normalize(day), float(local[day])) for day in days]
    has_limits = engine.dialect in ("mysql", "sqlite")
    assert ("Times before 1970" in " ".join(found.plan.warnings)) == has_limits


def test_retail_months_have_their_own_ends(engine: Database) -> None:
    found = compile_events(
        engine.dialect,
        Model(calendar=RETAIL),
        measures=[{"expr": "cumulative(events.count)", "name": "all_events"}, "events.count"],
        dimensions=[{"field": "metric_time", "granularity": "fiscal_month"}],
        fill_gaps=True,
    )
    counts = Counter(start(time, "fiscal_month", RETAIL) for time in recent())
    assert RETAIL.retail is not None
    starts = retail_starts("fiscal_month", *msgspec.structs.astuple(RETAIL.retail))
    months = [month for month in starts if min(counts) <= month <= max(counts)]
    expected = [
        (normalize(month), float(sum(counts[other] for other in months if other <= month)), float(counts[month]))
        for month in months
    ]
    assert engine.rows(found.sql) == expected
    assert "Times before 1970-02-01 and from 2069-02-03 on have no fiscal period" in " ".join(found.plan.warnings)


def test_no_period_without_rows(engine: Database) -> None:
    found = compile_events(
        engine.dialect,
        measures=["events.count"],
        dimensions=[{"field": "metric_time", "granularity": "day"}],
        filters=["events.id < 0"],
        fill_gaps=True,
    )
    assert engine.rows(found.sql) == []
