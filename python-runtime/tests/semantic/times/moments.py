"""The times that are tested, and their table: with the time (`moment`) and its date (`day`)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlglot import exp

from semantic_layer.sql.dialects import SqlDialect
from tests.semantic.databases import Database, normalize

_CHOSEN = """
1965-02-03 10:20:30, 1968-02-29 23:59:59, 1969-12-31 23:59:59, 1970-01-01 00:00:00, 1999-12-31 23:59:59
2000-02-29 12:00:00, 2020-12-28 00:00:00, 2020-12-31 06:07:08, 2021-01-01 00:00:01, 2021-01-03 23:59:59
2021-01-04 00:00:00, 2021-12-31 00:00:00, 2023-01-31 01:02:03, 2023-03-31 13:00:00, 2023-05-31 00:59:59
2024-01-01 00:00:00, 2024-01-30 10:10:10, 2024-01-31 10:10:10, 2024-02-28 00:00:00, 2024-02-29 23:30:00
2024-03-31 02:30:00, 2024-04-01 00:00:00, 2024-08-31 08:00:00, 2024-10-27 02:30:00, 2024-12-29 12:00:00
2024-12-30 00:00:00, 2026-12-31 20:00:00, 2027-01-03 20:00:00, 2037-12-31 23:59:59, 2068-02-29 11:11:11
"""
_RETAIL_ENDS = [date(year, 1, 1) + timedelta(days=days) for year in range(2017, 2026) for days in range(22, 40)]


def create_times() -> list[datetime]:
    """Return chosen times, the days on which retail years may end, and random times of a century."""
    chosen = [datetime.fromisoformat(text.strip()) for line in _CHOSEN.split("\n") if line for text in line.split(",")]
    source = random.Random(20)
    noons = [datetime(day.year, day.month, day.day, 12) for day in _RETAIL_ENDS]
    some = [datetime(1960, 1, 1) + timedelta(seconds=source.randrange(3_400_000_000)) for _ in range(150)]
    return chosen + noons + some


TIMES = create_times()
_CLICKHOUSE = (
    "CREATE OR REPLACE TABLE moments (id Int32, moment DateTime64(6, 'UTC'), day Date32) ENGINE = Memory",
    "INSERT INTO moments VALUES ",
)


def create_moments(database: Database) -> None:
    """Create the table `moments`."""
    rows = [[index, time.isoformat(" "), time.date().isoformat()] for index, time in enumerate(TIMES)]
    if database.dialect == "clickhouse":
        database.run(_CLICKHOUSE[0], ())
        database.run(_CLICKHOUSE[1] + ", ".join(f"({i}, '{at}', '{day}')" for i, at, day in rows), ())
    else:
        database.load({"moments": ({"id": "int", "moment": "time", "day": "date"}, rows)})


def values(database: Database, *trees: exp.Expr, table: str = "moments") -> list[tuple[object, ...]]:
    """Return the normalised values of expressions over the columns of a table, in the order of `id`."""
    dialect = SqlDialect(database.dialect)
    columns = ", ".join(f"{dialect.write(tree, pretty=False)} AS c{index}" for index, tree in enumerate(trees))
    return [row[1:] for row in database.rows(f"SELECT id, {columns} FROM {table} ORDER BY id")]


def differences(
    found: Sequence[tuple[object, ...]], expected: Sequence[Sequence[object]], inputs: Sequence[object]
) -> list[tuple[object, ...]]:
    """Return the first inputs whose values differ from the expected ones, with both."""
    assert len(found) == len(expected) == len(inputs)
    pairs = zip(inputs, found, [tuple(map(normalize, row)) for row in expected], strict=True)
    return [(str(given), row, wanted) for given, row, wanted in pairs if row != wanted][:3]
