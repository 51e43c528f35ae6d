"""Local times over the changes of daylight saving, compared with zoneinfo."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.queries import TimeUnit
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.times.transitions import find_transitions
from semantic_layer.times.truncation import truncate
from semantic_layer.times.zones import INSTANT, to_zone, zone_warning
from tests.semantic.databases import Database, normalize
from tests.semantic.times.moments import values

# ClickHouse rounds changes that are not on a quarter of an hour, as in Newfoundland before 2011, and engines with other
# releases of the zones differ in the future of Morocco.
ZONES = [
    *("Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("Pacific/Apia", "America/Sao_Paulo", "UTC"),
]
YEARS = range(1970, 2038)
# Without a zone in its type, a column has the same instants as times in UTC.
INSTANTS = {"duckdb": "moment AT TIME ZONE 'UTC'", "postgres": "moment AT TIME ZONE 'UTC'", "sqlite": "moment || 'Z'"}


def create_instants() -> list[datetime]:
    """Return the times around the changes of all zones, in UTC."""
    changes = {change for zone in ZONES for change, _ in find_transitions(zone) if change.year in YEARS}
    near = [timedelta(seconds=seconds) for seconds in (-1800, -1, 0, 1800)]
    found = {change + step for change in changes for step in near}
    return sorted(time.replace(tzinfo=None) for time in found if time.year in YEARS)


TIMES = create_instants()


@pytest.fixture(scope="module")
def instants(engine: Database) -> Database:
    """Return a database with the table of the instants."""
    rows = [[index, time.isoformat(" ")] for index, time in enumerate(TIMES)]
    if engine.dialect == "clickhouse":
        engine.run("CREATE OR REPLACE TABLE instants (id Int32, moment DateTime64(6, 'UTC')) ENGINE = Memory", ())
        engine.run("INSERT INTO instants VALUES " + ", ".join(f"({i}, '{moment}')" for i, moment in rows), ())
    else:
        engine.load({"instants": ({"id": "int", "moment": "time"}, rows)})
    return engine


def local(time: datetime, source: str, target: str, fold: int = 0) -> datetime:
    """Return the time in the target, of a time in the source, both without a zone."""
    there = time.replace(tzinfo=timezone.utc if source == INSTANT else ZoneInfo(source), fold=fold)
    return there.astimezone(ZoneInfo(target)).replace(tzinfo=None)


def exists(time: datetime, zone: str) -> bool:
    return local(local(time, zone, "UTC"), INSTANT, zone) == time


def parse(database: Database, sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect=SqlDialect(database.dialect).sqlglot)


@pytest.mark.parametrize("zone", ZONES)
def test_instants_are_local_times(instants: Database, zone: str) -> None:
    dialect = SqlDialect(instants.dialect)
    column = parse(instants, INSTANTS.get(instants.dialect, "moment"))
    units: list[TimeUnit] = ["hour", "day", "month", "hour_of_day"]
    time = to_zone(column, INSTANT, zone, dialect)
    found = values(instants, time, *(truncate(time, unit, dialect) for unit in units), table="instants")
    for moment, row in zip(TIMES, found, strict=True):
        there = local(moment, INSTANT, zone)
        hour, day = there.replace(minute=0, second=0), there.date()
        expected = (there, hour, day, day.replace(day=1), there.hour)
        assert row == tuple(map(normalize, expected)), (moment, zone)


@pytest.mark.parametrize(("source", "target"), list(zip(ZONES, [*ZONES[1:], ZONES[0]], strict=True)))
def test_local_times_are_converted(instants: Database, source: str, target: str) -> None:
    found = values(
        instants, to_zone(exp.column("moment"), source, target, SqlDialect(instants.dialect)), table="instants"
    )
    for moment, (converted,) in zip(TIMES, found, strict=True):
        # A local time that is repeated is either of two instants, and one that is skipped is none.
        if exists(moment, source):
            assert converted in {normalize(local(moment, source, target, fold)) for fold in (0, 1)}, (moment, source)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite", "tsql"])
def test_other_years_are_a_warning_without_time_zones(dialect: str) -> None:
    target = SqlDialect(dialect)
    assert zone_warning(INSTANT, "Europe/Zurich", target) == (
        "Times before 1970 and after 2037 are NULL in the time zone Europe/Zurich"
    )
    assert zone_warning("Europe/Zurich", "Europe/Zurich", target) is None
    assert zone_warning(INSTANT, "Etc/GMT-3", target) is None
    assert zone_warning(INSTANT, "Europe/Zurich", SqlDialect("postgres")) is None


@pytest.mark.parametrize("zone", ["Europe/Zurich", "Etc/GMT-3"])
def test_other_years_are_null_in_zones_with_changes(engine: Database, zone: str) -> None:
    if zone_warning(INSTANT, "Europe/Zurich", SqlDialect(engine.dialect)) is None:
        return
    texts = ["1969-12-31 23:59:59", "1970-01-01 00:00:00", "2037-12-31 23:59:59", "2038-01-01 00:00:00"]
    trees = [to_zone(exp.Literal.string(text), INSTANT, zone, SqlDialect(engine.dialect)) for text in texts]
    found = [value is None for value in values(engine, *trees)[0]]
    assert found == ([True, False, False, True] if zone == "Europe/Zurich" else [False] * 4)


@pytest.mark.parametrize(
    ("zone", "suggestion"),
    [
        ("Zurich", "did you mean 'Europe/Zurich'?"),
        ("europe/zurich", "did you mean 'Europe/Zurich'?"),
        ("America/NewYork", "'America/New_York'"),
        ("../../etc/passwd", ""),
        ("x'; DROP TABLE y; --", ""),
        ("localtime", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_unknown_zones_are_rejected_with_similar_names(zone: str, suggestion: str, dialect: str) -> None:
    for source, target in ((INSTANT, zone), (zone, "UTC")):
        with pytest.raises(SemanticError) as caught:
            to_zone(exp.column("x"), source, target, SqlDialect(dialect))
        assert caught.value.problem == Problem.UNKNOWN_NAME
        assert str(caught.value).startswith(f"There is no time zone '{zone}'")
        assert suggestion in str(caught.value)


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_times_in_the_zone_of_the_query_stay(dialect: str) -> None:
    assert to_zone(exp.column("x"), "Europe/Zurich", "Europe/Zurich", SqlDialect(dialect)) == exp.column("x")
