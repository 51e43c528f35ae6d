"""A generated query log: statements of known templates with other literals, lists, comments, blanks and aliases."""

from __future__ import annotations

import random
from collections.abc import Callable

TABLES = ("orders", "customers", "products", "line_items", "payments", "shipments", "stores", "refunds")
COLUMNS = ("status", "region", "segment", "channel", "currency", "carrier", "brand", "category", "city", "plan")
MEASURES = ("amount", "quantity", "price", "discount", "tax")
AGGREGATES = ("sum", "avg", "min", "max", "count")
COMMENTS = (
    "",
    "/* Metabase:: userID: {n} queryType: MBQL */ ",
    "-- user {n}, it's a dashboard\n",
    '/* {{"app": "dbt", "node_id": "model.shop.m{n}"}} */ ',
)
ALIASES = (("o", "c", "total"), ("t1", "t2", "value"), ("f", "d", "m_1"), ("a", "b", "revenue_sum"))
WORDS = ("paid", "open", "it''s", "Zürich", "a -- b", "x, y", "100%", "(1, 2)")

# A template renders one of its statements: aliases of two tables and a result column, and a source of literals.
Template = Callable[[tuple[str, str, str], random.Random], str]


def templates(count: int) -> list[Template]:
    """Return templates that differ in tables, columns, functions or clauses, never in literals or aliases alone."""
    return [_template(number) for number in range(count)]


def statements(count: int, of: int, seed: int = 1) -> list[tuple[int, str]]:
    """Return statements of `of` templates, each with the number of its template; each template has at least one."""
    source = random.Random(seed)
    made = templates(of)
    numbers = [*range(of), *(int(of ** source.random()) - 1 for _ in range(count - of))]
    source.shuffle(numbers)
    return [(number, _render(made[number], source)) for number in numbers]


def _render(template: Template, source: random.Random) -> str:
    text = template(source.choice(ALIASES), source)
    comment = source.choice(COMMENTS).format(n=source.randrange(1000))
    blank = source.choice((" ", "  ", "\n", "\n\t"))
    return comment + text.replace("\n", blank)


def _template(number: int) -> Template:
    kind, rest = number % 5, number // 5
    rest, left = divmod(rest, len(TABLES))
    rest, column = divmod(rest, len(COLUMNS))
    measure, function = rest % len(MEASURES), (rest // len(MEASURES)) % len(AGGREGATES)
    table, other = TABLES[left], TABLES[(left + 1 + rest % 7) % len(TABLES)]
    return _KINDS[kind](table, other, COLUMNS[column], MEASURES[measure], AGGREGATES[function])


def _lookup(table: str, _other: str, column: str, measure: str, function: str) -> Template:
    return lambda _, r: (
        f"SELECT {column}, {measure}, {function}_at\nFROM {table}\n"
        f"WHERE id = {r.randrange(10**6)}\nLIMIT {r.randrange(1, 100)}"
    )


def _dashboard(table: str, other: str, column: str, measure: str, function: str) -> Template:
    def render(names: tuple[str, str, str], r: random.Random) -> str:
        a, b, c = names
        return (
            f"SELECT {a}.{column}, {function}({b}.{measure}) AS {c}\nFROM {table} AS {a}\n"
            f"JOIN {other} AS {b} ON {a}.id = {b}.{table}_id\nWHERE {a}.created_at >= '{_day(r)}'\n"
            f"AND {a}.{column} IN ({_words(r)})\nGROUP BY {a}.{column}\nORDER BY {c} DESC\nLIMIT 10"
        )

    return render


def _filtered(table: str, _other: str, column: str, measure: str, function: str) -> Template:
    def render(names: tuple[str, str, str], r: random.Random) -> str:
        ids = ", ".join(str(r.randrange(10**6)) for _ in range(r.randrange(1, 40)))
        return (
            f"SELECT {column}, {function}({measure}) AS {names[2]}\nFROM {table}\n"
            f"WHERE {column} NOT IN ({_words(r)})\nAND id IN ({ids})\nGROUP BY {column}"
        )

    return render


def _transformation(table: str, other: str, column: str, measure: str, function: str) -> Template:
    def render(names: tuple[str, str, str], r: random.Random) -> str:
        a, b, c = names
        return (
            f"WITH {b} AS (SELECT {column} AS k, {function}({measure}) AS {c} FROM {other} "
            f"WHERE {measure} > {r.randrange(100)} GROUP BY {column})\nSELECT {a}.id, {b}.{c}\nFROM {table} {a}\n"
            f"LEFT JOIN {b} ON {b}.k = {a}.{column}\nWHERE {a}.{measure} BETWEEN 1 AND {r.randrange(100)}"
        )

    return render


def _insert(table: str, other: str, column: str, measure: str, function: str) -> Template:
    def render(_: tuple[str, str, str], r: random.Random) -> str:
        rows = ", ".join(
            f"({r.randrange(10**6)}, '{r.choice(WORDS)}', {r.random():.2f})" for _ in range(r.randrange(1, 9))
        )
        return f"INSERT INTO {table} ({other}_id, {column}, {function}_{measure})\nVALUES {rows}"

    return render


_KINDS = (_lookup, _dashboard, _filtered, _transformation, _insert)


def _day(source: random.Random) -> str:
    return f"2024-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}"


def _words(source: random.Random) -> str:
    return ", ".join(f"'{source.choice(WORDS)}'" for _ in range(source.randrange(1, 30)))
