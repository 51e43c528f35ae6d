"""Creates the warehouse of the agent's bench, and prints the answers of its questions.

python warehouse.py FILE    (a SQLite file of 370 tables; prints a JSON list of numbers, in the order of questions.json)
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from decoys import ENGLISH, ENGLISH_COLUMNS, digest, shuffled

HERE = Path(__file__).resolve().parent
TABLES = 370
DECOY_ROWS = 20
ASPECTS = "log type assignment history import setting archive request detail plan check summary"
FIRST_DAY = date(2024, 1, 1)
DAYS = 730
FEW = {
    "brand_nm": ["Acme", "Globex", "Initech", "Umbrella"],
    "priority_cd": ["P1", "P2", "P3"],
    **{name: ["A1", "B2", "C3"] for name in ENGLISH_COLUMNS["code"].split()},
}
# Rows of the tables that schema.sql leaves empty, in the order of their references.
ROWS = {
    "cust": 400,
    "prod": 150,
    "ord_hdr": 3000,
    "ord_line": 7000,
    "invoice": 2500,
    "refund": 300,
    "supplier": 90,
    "purchase_ord": 600,
    "support_case": 900,
    "campaign": 25,
    "campaign_spend": 800,
    "product_review": 1200,
}


def main(file: str) -> None:
    """Create the file and print the answers."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript((HERE / "schema.sql").read_text(encoding="utf-8"))
        for table, number in ROWS.items():
            fill(connection, table, number)
        products = range(1, ROWS["prod"] + 1)
        stock = [(site, product, digest(site, product) % 500) for site in (1, 2, 3) for product in products]
        connection.executemany("INSERT INTO stock_level VALUES (?, ?, ?)", stock)
        (count,) = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()
        for table in decoys(TABLES - count):
            create_decoy(connection, table)
        questions = json.loads((HERE / "questions.json").read_text(encoding="utf-8"))
        print(json.dumps([connection.execute(question["sql"]).fetchone()[0] for question in questions]))


def fill(connection: sqlite3.Connection, table: str, number: int) -> None:
    """Insert rows whose values depend on the names of table and column and on the number of the row only."""
    columns = [row[1:3] for row in connection.execute(f"PRAGMA table_info({table})")]
    keys = {
        column: [key for (key,) in connection.execute(f"SELECT {column} FROM {target}")]
        for _, _, target, column, *_ in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    }

    def cell(position: int, row: int) -> object:
        column, kind = columns[position]
        seed = digest(table, column, row)
        if position == 0:
            return row
        return keys[column][seed % len(keys[column])] if column in keys else value(column, kind, seed)

    rows = ([cell(position, row) for position in range(len(columns))] for row in range(1, number + 1))
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)


def value(column: str, kind: str, seed: int) -> object:
    """Return a value of a column by its type, and by its name if it has few values."""
    if few := FEW.get(column):
        return few[seed % len(few)]
    if kind == "DATE":
        return (FIRST_DAY + timedelta(days=seed % DAYS)).isoformat()
    if kind == "INTEGER":
        return 1 + seed % 5
    return (100 + seed % 90_000) / 100 if kind == "REAL" else f"{column} {seed % 100_000}"


def decoys(number: int) -> Iterator[str]:
    """Yield names of tables that no question needs."""
    pairs = [f"{subject}_{aspect}" for subject in ENGLISH.split() for aspect in ASPECTS.split()]
    yield from shuffled(pairs, "agent")[:number]


def create_decoy(connection: sqlite3.Connection, table: str) -> None:
    """Create a table of 6 to 15 columns with rows."""
    choices = [(column, kind) for kind, names in ENGLISH_COLUMNS.items() for column in names.split()]
    columns = shuffled(choices, table)[: 5 + digest(table, "columns") % 10]
    types = {"text": "TEXT", "code": "TEXT", "number": "INTEGER", "money": "REAL", "date": "DATE"}
    definitions = ", ".join(f"{column} {types[kind]}" for column, kind in columns)
    connection.execute(f"CREATE TABLE {table} ({table}_id INTEGER PRIMARY KEY, {definitions})")
    fill(connection, table, DECOY_ROWS)


if __name__ == "__main__":
    main(sys.argv[1])
