"""Generated statements on SQLite and DuckDB: each that shows a denied value is refused."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import duckdb
import pytest

from tests.unit.test_policy_tables import deny, is_refused

CANARY = "canary-7f3a"
DENIED = deny("salaries", columns=("users.secret",))
SETUP = f"""
CREATE TABLE users (id int, secret text, name text); INSERT INTO users VALUES (1, '{CANARY}', 'bob');
CREATE TABLE orders (id int, user_id int); INSERT INTO orders VALUES (1, 1);
CREATE TABLE salaries (id int, pay text); INSERT INTO salaries VALUES (1, '{CANARY}')
"""
EXPRESSIONS = [
    "secret",
    "u.secret",
    "users.secret",
    "x.secret",
    "*",
    "u.*",
    "users.*",
    "x.*",
    "u",
    "users",
    "x",
    "x.c",
    "c",
    "b",
    "pay",
    "s.pay",
    "x.pay",
    "id",
    "name",
    "o.id",
    "count(*)",
    "max(secret)",
    "columns(*)",
    "#2",
    "u.to_json()",
    "to_json(u)",
    "list(u)",
    "(select secret)",
    "(select max(x.secret) from users x)",
    "(select pay from salaries)",
    "(table users)",
    "(select 1 from users where secret > 'a')",
    "exists(select * from users)",
    "coalesce(u.secret, 'n')",
    "json_group_array(secret)",
    "max(secret) over ()",
    "secret || ''",
    "(select b from (users) q(a, b, c))",
]
SOURCES = [
    "users u",
    "users",
    "users x",
    "users u(a, b, c)",
    "(users) x",
    "(select * from users) x",
    "(select secret as c from users) x",
    "(table users) x",
    "(from users) x",
    "users u join orders o on u.id = o.user_id",
    "users u natural join orders o",
    "users u join orders o using (id)",
    "(users u join orders o on u.id = o.user_id) x",
    "orders o, lateral (select * from users) x",
    "salaries s",
    "salaries",
    "(salaries) x",
    "main.salaries s",
    "orders users",
    "orders o",
    "orders u join users o on true",
    "(select u from users u) x",
    "users u, lateral (select u.secret as c) x",
    "(with q as (select * from users) select * from q) x",
    "orders o where id in salaries",
    "users u where id in (select id from salaries)",
    "users u group by secret",
]
PREFIXES = [
    "",
    "with salaries as (select 1 as id, 2 as pay)",
    "with users as (select * from users)",
    "with users as (select 1 as id)",
    "with recursive salaries as (select * from salaries)",
    "with x as (select * from salaries), salaries as (select 1)",
    "with orders as (select * from users)",
    "with orders as (select * from salaries)",
    "with u as (select secret as c from users)",
]
QUOTES = ["{}"] * 3 + ["'{}'", '"{}"', "`{}`", "[{}]", "main.{}", "{}/**/"]


def generate(generator: random.Random) -> str:
    """Return a statement, which may be invalid."""
    prefix, expression, source = map(generator.choice, (PREFIXES, EXPRESSIONS, SOURCES))
    sql = f"{prefix} select {expression} from {source}"
    if generator.random() < 0.2:
        sql = f"select * from ({sql}) zz"
    if generator.random() < 0.5:
        sql = re.sub(r"\b(secret|users|salaries|pay|u|x)\b", lambda name: generator.choice(QUOTES).format(name[0]), sql)
    return sql.upper() if generator.random() < 0.1 else sql


def check(run: Callable[[str], object], dialect: str, errors: tuple[type[Exception], ...]) -> None:
    generator, leaks, allowed = random.Random(7), 0, 0
    for _ in range(2500):
        sql = generate(generator)
        try:
            shows = CANARY in str(run(sql))
        except errors:
            continue
        leaks += shows
        if not is_refused(sql, dialect, DENIED):
            assert not shows, sql
            allowed += 1
    assert leaks > 100 and allowed > 10, (leaks, allowed)  # noqa: PT018


@pytest.mark.slow
def test_sqlite() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SETUP)
        check(lambda sql: connection.execute(sql).fetchall(), "sqlite", (sqlite3.Error,))


@pytest.mark.slow
def test_duckdb() -> None:
    with closing(duckdb.connect()) as connection:
        connection.execute(SETUP)
        check(lambda sql: connection.execute(sql).fetchall(), "duckdb", (duckdb.Error,))
