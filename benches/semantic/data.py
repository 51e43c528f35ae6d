"""Generated rows of a retailer, in a DuckDB database: a leap year with gaps, NULL, and keys without a row."""

from __future__ import annotations

import datetime
import random
from typing import Any

import duckdb

SEED = 1
SCHEMA = "shop"
FIRST_DAY, DAYS = datetime.date(2024, 1, 1), 366
# The shop is closed, so that whole months have no rows of one fact.
NO_ORDERS, NO_RETURNS = (6,), (2, 9)

# Share of the days of a count on which a store counts.
COUNTED = 0.8

TABLES = {
    "customers": "id INTEGER, region VARCHAR, segment VARCHAR",
    "stores": "id INTEGER, city VARCHAR",
    "products": "id INTEGER, category VARCHAR",
    "orders": "id INTEGER, customer_id INTEGER, store_id INTEGER, product_id INTEGER, ordered_on DATE, "
    "amount DECIMAL(12, 2), quantity INTEGER, status VARCHAR",
    "returns": "id INTEGER, customer_id INTEGER, store_id INTEGER, returned_on DATE, amount DECIMAL(12, 2), "
    "reason VARCHAR",
    "visits": "id INTEGER, customer_id INTEGER, visited_on DATE, device VARCHAR",
    "stock": "id INTEGER, store_id INTEGER, day DATE, units INTEGER",
    "days": "day DATE",
}


def create() -> duckdb.DuckDBPyConnection:
    """Return a database in memory with the tables and their rows; `days` has each day of the year and around it."""
    connection = duckdb.connect()
    connection.execute(f"CREATE SCHEMA {SCHEMA}; SET schema = '{SCHEMA}'")
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
    for table, rows in _generate(random.Random(SEED)).items():
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.execute("INSERT INTO days SELECT unnest(generate_series(DATE '2023-12-01', DATE '2025-02-28', '1 day'))")
    return connection


def _generate(draw: random.Random) -> dict[str, list[list[Any]]]:
    def day(*closed: int) -> datetime.date:
        found = FIRST_DAY + datetime.timedelta(draw.randrange(DAYS))
        return day(*closed) if found.month in closed else found

    def key(last: int, dangling: int) -> int | None:
        return draw.choice((*range(1, last + 1), None, dangling))

    amounts, statuses = (5, 12.5, 20, 99.99, None), ("paid", "open", "paid", None)
    ends = [FIRST_DAY + datetime.timedelta(days) for days in range(0, DAYS, 5)]
    return {
        "customers": [
            [i, draw.choice(("north", "south", "east", None)), draw.choice(("retail", "trade"))] for i in range(1, 21)
        ],
        "stores": [[1, "Rome"], [2, "Oslo"], [3, None], [4, "Bern"]],
        "products": [[1, "food"], [2, "toys"], [3, "food"], [4, None]],
        "orders": [
            [
                i,
                key(18, 99),
                key(3, 77),
                key(4, 66),
                day(*NO_ORDERS),
                draw.choice(amounts),
                draw.randint(1, 9),
                draw.choice(statuses),
            ]
            for i in range(1, 401)
        ],
        "returns": [
            [i, key(18, 99), key(4, 77), day(*NO_RETURNS), draw.choice(amounts), draw.choice(("bad", "late", None))]
            for i in range(1, 121)
        ],
        "visits": [[i, key(18, 99), day(), draw.choice(("phone", "desk"))] for i in range(1, 301)],
        "stock": [
            [number, store, end, draw.randint(0, 50)]
            for number, (store, end) in enumerate(((store, end) for end in ends for store in (1, 2, 4)), 1)
            if draw.random() < COUNTED
        ],
    }
