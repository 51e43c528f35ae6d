"""Build the sample warehouse of `ktx setup demo`: a small shop in one SQLite file.

The rows come from a seeded generator, so that every build has the same content. SQLite writes its version into the
file, hence `--check` compares contents, not bytes.

    python3 scripts/build-demo-warehouse.py            # writes cli/assets/demo-warehouse.sqlite
    python3 scripts/build-demo-warehouse.py --check    # exit with 1 if the file is not up to date
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "cli" / "assets" / "demo-warehouse.sqlite"
SEED = 20260101
FIRST_DAY = datetime.date(2025, 1, 1)
DAYS = 365

SCHEMA = """
CREATE TABLE stores (
    store_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    opened_on DATE NOT NULL
);
CREATE TABLE employees (
    employee_id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores (store_id),
    manager_id INTEGER REFERENCES employees (employee_id),
    full_name TEXT NOT NULL
);
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    full_name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    segment TEXT NOT NULL CHECK (segment IN ('consumer', 'business', 'reseller')),
    country TEXT NOT NULL,
    signed_up_on DATE NOT NULL
);
CREATE TABLE products (
    product_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    unit_price DECIMAL(10, 2) NOT NULL
);
CREATE TABLE inventory (
    store_id INTEGER NOT NULL REFERENCES stores (store_id),
    product_id INTEGER NOT NULL REFERENCES products (product_id),
    on_hand INTEGER NOT NULL,
    PRIMARY KEY (store_id, product_id)
);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    store_id INTEGER NOT NULL REFERENCES stores (store_id),
    status TEXT NOT NULL CHECK (status IN ('placed', 'paid', 'shipped', 'returned')),
    ordered_at TIMESTAMP NOT NULL
);
CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (order_id),
    line INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (product_id),
    quantity INTEGER NOT NULL,
    unit_price DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY (order_id, line)
);
CREATE VIEW daily_sales AS
    SELECT date(o.ordered_at) AS day, o.store_id, count(DISTINCT o.order_id) AS orders,
           sum(i.quantity * i.unit_price) AS revenue
    FROM orders AS o JOIN order_items AS i ON i.order_id = o.order_id
    WHERE o.status <> 'returned'
    GROUP BY date(o.ordered_at), o.store_id;
"""

STORES = [
    ("Harbour", "Rotterdam", "NL"),
    ("Old Town", "Zürich", "CH"),
    ("Riverside", "Kraków", "PL"),
    ("Central", "Lisbon", "PT"),
]
FIRST_NAMES = ["Ada", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Goran", "Hana", "Ines", "Jürgen", "Kofi", "Lucía"]
LAST_NAMES = ["Almeida", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Grant", "Horák", "Ivanova", "Jansen"]
SEGMENTS = ["consumer", "consumer", "consumer", "business", "business", "reseller"]
STATUSES = ["shipped", "shipped", "shipped", "paid", "placed", "returned"]
PRODUCTS = {
    "coffee": ["House Blend", "Single Origin", "Decaf", "Espresso Roast"],
    "tea": ["Green", "Earl Grey", "Rooibos"],
    "equipment": ["Grinder", "French Press", "Kettle", "Filter Papers"],
    "gifts": ["Mug", "Gift Box", "Voucher"],
}
CUSTOMER_COUNT = 80
ORDER_COUNT = 240

Row = tuple[object, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare the file with a new build")
    arguments = parser.parse_args()
    if not arguments.check:
        build(TARGET)
        print(f"{TARGET}: {TARGET.stat().st_size} bytes")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = Path(folder) / TARGET.name
        build(rebuilt)
        if TARGET.exists() and dump(rebuilt) == dump(TARGET):
            return 0
    print(f"{TARGET} is not up to date. Run: python3 {Path(sys.argv[0]).as_posix()}", file=sys.stderr)
    return 1


def build(target: Path) -> None:
    """Write the warehouse to a temporary file, then replace the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(partial)) as database:
        database.execute("PRAGMA page_size = 1024")
        database.executescript(SCHEMA)
        for table, rows in content(random.Random(SEED)).items():
            placeholders = ", ".join("?" for _ in rows[0])
            database.executemany(f"INSERT INTO {table} VALUES ({placeholders})", rows)
        database.commit()
        database.execute("PRAGMA foreign_keys = ON")
        violations = database.execute("PRAGMA foreign_key_check").fetchall()
        if violations:
            raise ValueError(f"rows without a parent: {violations}")
        database.execute("ANALYZE")
        database.execute("VACUUM")
    os.replace(partial, target)


def content(rng: random.Random) -> dict[str, list[Row]]:
    """Return the rows of every table, parents first."""
    products = list(product_rows(rng))
    orders = list(order_rows(rng))
    return {
        "stores": [
            (number, name, city, country, f"20{10 + number}-04-01")
            for number, (name, city, country) in enumerate(STORES, 1)
        ],
        "employees": list(employee_rows(rng)),
        "customers": list(customer_rows(rng)),
        "products": products,
        "inventory": [
            (store, product[0], rng.randrange(0, 120)) for store in range(1, len(STORES) + 1) for product in products
        ],
        "orders": orders,
        "order_items": list(item_rows(rng, orders, products)),
    }


def employee_rows(rng: random.Random) -> Iterator[Row]:
    """Yield one manager and three employees per store."""
    number = 0
    for store in range(1, len(STORES) + 1):
        manager = number + 1
        for _ in range(4):
            number += 1
            yield number, store, None if number == manager else manager, person(rng)


def customer_rows(rng: random.Random) -> Iterator[Row]:
    countries = sorted({country for _, _, country in STORES})
    for number in range(1, CUSTOMER_COUNT + 1):
        signed_up = FIRST_DAY - datetime.timedelta(days=rng.randrange(0, 700))
        email = f"customer{number}@example.com"
        yield number, person(rng), email, rng.choice(SEGMENTS), rng.choice(countries), signed_up.isoformat()


def product_rows(rng: random.Random) -> Iterator[Row]:
    number = 0
    for category, names in PRODUCTS.items():
        for name in names:
            number += 1
            yield number, name, category, rng.randrange(300, 9000) / 100


def order_rows(rng: random.Random) -> Iterator[Row]:
    seconds = sorted(rng.randrange(0, DAYS * 86400) for _ in range(ORDER_COUNT))
    start = datetime.datetime.combine(FIRST_DAY, datetime.time())
    for number, offset in enumerate(seconds, 1):
        at = start + datetime.timedelta(seconds=offset)
        customer, store = rng.randrange(1, CUSTOMER_COUNT + 1), rng.randrange(1, len(STORES) + 1)
        yield number, customer, store, rng.choice(STATUSES), at.isoformat(" ")


def item_rows(rng: random.Random, orders: list[Row], products: list[Row]) -> Iterator[Row]:
    for order in orders:
        for line, product in enumerate(rng.sample(products, rng.randrange(1, 4)), 1):
            yield order[0], line, product[0], rng.randrange(1, 6), product[3]


def person(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def dump(path: Path) -> list[str]:
    """Return the content of the file as SQL."""
    with closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as database:
        # The statistics depend on the version of SQLite.
        return [line for line in database.iterdump() if "sqlite_stat" not in line]


if __name__ == "__main__":
    sys.exit(main())
