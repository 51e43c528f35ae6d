"""Fingerprints: equal for equivalent statements, different for others."""

from __future__ import annotations

import itertools

import pytest

from tests.daemon import Daemon

PATH = "/api/sql/analyze-for-fingerprint"


def analyze(daemon: Daemon, sql: str, dialect: str = "postgres") -> dict:
    return daemon.post_ok(PATH, {"sql": sql, "dialect": dialect})


def slots(analysis: dict) -> list[tuple[str, str]]:
    assert [slot["position"] for slot in analysis["literal_slots"]] == list(
        range(1, len(analysis["literal_slots"]) + 1)
    )
    return [(slot["type"], slot["example_value"]) for slot in analysis["literal_slots"]]


def test_response_has_exactly_the_keys_of_the_contract(daemon: Daemon) -> None:
    answer = analyze(daemon, "SELECT * FROM public.orders WHERE id = 42")
    assert len(answer.pop("fingerprint")) == 32
    assert answer == {
        "normalized_sql": "SELECT * FROM public.orders WHERE id = ?",
        "tables_touched": ["public.orders"],
        "literal_slots": [{"position": 1, "type": "number", "example_value": "42"}],
    }


@pytest.mark.parametrize(
    ("dialect", "statements"),
    [
        (
            "postgres",
            [
                "select a, B from Public.T where x = 1 and y in ('a')",
                "SELECT A,b\n\tFROM public.t -- comment\n WHERE X=25 /* c */ AND Y IN ('b' , 'c', 'it''s');",
                "SeLeCt a, b from PUBLIC.t where x=-7.5e3 and y in (null, true)",
                "select a, b from public.t where x = 'x' and y in (DATE '2024-01-01', 5)",
            ],
        ),
        ("postgres", ["select * from t where (a, b) in ((1, 2))", "select * from t where (a, b) in ((3, 4), (5, 6))"]),
        ("postgres", ["select i + interval '1 day'", "select i + interval '3 months'"]),
        ("postgres", ["select date_trunc('day', x) from t", "select date_trunc('month', x) from t"]),
        ("postgres", ["select .5", "select 0.5", "select 1e10"]),
        ("postgres", ["select x -> 'a' ->> 'b' from t", "select x -> 'c' ->> 'd' from t"]),
        ("mysql", ['select "a" from t limit 1, 2', "select 'b' from t limit 30, 40"]),
        ("mysql", ["select /*+ MAX_EXECUTION_TIME(1) */ a from t", "select a from t # comment"]),
        ("tsql", ["select top 10 [a] from t", "SELECT TOP 20 [a] FROM T"]),
        ("bigquery", ["select 'a' from `p.d.t`", 'select "b" from `p.d.t`']),
        ("snowflake", ["select x:a.b, dateadd('day', 1, y) from t", "select X:a.b, dateadd('month', 2, Y) from t"]),
        ("postgres", ["call f(1, 'a')", "CALL  f(2, 'b')"]),
    ],
)
def test_statements_that_differ_in_literals_have_one_fingerprint(
    daemon: Daemon, dialect: str, statements: list[str]
) -> None:
    fingerprints = {sql: analyze(daemon, sql, dialect)["fingerprint"] for sql in statements}
    assert len(set(fingerprints.values())) == 1, fingerprints


def test_different_statements_have_different_fingerprints(daemon: Daemon) -> None:
    statements = [
        "select a from t",
        "select b from t",
        'select "A" from t',
        "select a from u",
        "select a from s.t",
        "select distinct a from t",
        "select a from t where a = 1",
        "select a from t where a > 1",
        "select a from t where a = $1",
        "select a from t where a = b",
        "select a from t where a in (1, 2)",
        "select a from t where a in (1, b)",
        "select a from t where a not in (1, 2)",
        "select a from t where a is null",
        "select a from t where a is not null",
        "select a from t limit 1",
        "select a from t order by 1",
        "select a from t order by a desc",
        "select a from t order by a",
        "select cast(a as varchar(10)) from t",
        "select cast(a as varchar(20)) from t",
        "select a - 1 from t",
        "select a + 1 from t",
        "call f(1)",
        "call g(1)",
    ]
    fingerprints = {sql: analyze(daemon, sql)["fingerprint"] for sql in statements}
    for one, other in itertools.combinations(statements, 2):
        assert fingerprints[one] != fingerprints[other], (one, other)


@pytest.mark.parametrize(
    ("dialect", "sql", "normalized", "expected"),
    [
        (
            "postgres",
            "select 'it''s', -1, 1.5e3, true, NULL",
            "SELECT ?, ?, ?, ?, ?",
            [("string", "it's"), ("number", "-1"), ("number", "1.5e3"), ("boolean", "TRUE"), ("null", "NULL")],
        ),
        (
            "postgres",
            "select date '2024-01-01', timestamp '2024-01-01 10:00', '2024-01-02'::date",
            "SELECT ?, ?, CAST(? AS DATE)",
            [("date", "2024-01-01"), ("timestamp", "2024-01-01 10:00"), ("date", "2024-01-02")],
        ),
        (
            "postgres",
            "select x'1f', E'a\\'b', $$it's$$",
            "SELECT ?, ?, ?",
            [("unknown", "1f"), ("string", "a'b"), ("string", "it's")],
        ),
        (
            "postgres",
            "select a from t where b = $1 and c = :name and d in ($2,$3) and e = %s and f = %(x)s and g = ?",
            "SELECT a FROM t WHERE b = $1 AND c = :name AND d IN ($2, $3) AND e = %s AND f = %(x)s AND g = ?",
            [],
        ),
        (
            "postgres",
            "select a from t where a % s > 5 and b in ('$1', ':x', '%s', '?')",
            "SELECT a FROM t WHERE a % s > ? AND b IN (?, ?, ?, ?)",
            [("number", "5"), ("string", "$1"), ("string", ":x"), ("string", "%s"), ("string", "?")],
        ),
        (
            "postgres",
            "select a[1:2], x::numeric(10, 2) from t group by 1 order by 2 limit 5 offset 6",
            "SELECT a[?:?], CAST(x AS DECIMAL(10, 2)) FROM t GROUP BY 1 ORDER BY 2 LIMIT ? OFFSET ?",
            [("number", "1"), ("number", "2"), ("number", "5"), ("number", "6")],
        ),
        (
            "mysql",
            "select a as 'name' from t limit 5, 10",
            "SELECT a AS `name` FROM t LIMIT ? OFFSET ?",
            [("number", "10"), ("number", "5")],
        ),
        (
            "sqlite",
            "select ?1, :a, @b, $c from t where x = 'y'",
            "SELECT ?1, :a, @b, $c FROM t WHERE x = ?",
            [("string", "y")],
        ),
    ],
)
def test_literals_become_slots(
    daemon: Daemon, dialect: str, sql: str, normalized: str, expected: list[tuple[str, str]]
) -> None:
    answer = analyze(daemon, sql, dialect)
    assert answer["normalized_sql"] == normalized
    assert slots(answer) == expected


@pytest.mark.parametrize(
    ("dialect", "sql", "tables"),
    [
        ("postgres", "select * from b.z join a as x on true, c.d.e, Z", ["b.z", "a", "c.d.e", "Z"]),
        (
            "postgres",
            "select * from t join T on true where exists (select 1 from s.u where u.id in (select id from v))",
            ["t", "s.u", "v"],
        ),
        (
            "postgres",
            "with orders as (select * from orders), b as (select * from orders) select * from b, public.b",
            ["orders", "public.b"],
        ),
        ("postgres", "with recursive r as (select 1 from base union all select 1 from r) select * from r", ["base"]),
        (
            "postgres",
            "with x as (select 1) select * from (with y as (select * from z) select * from y) q, y",
            ["z", "y"],
        ),
        ("postgres", "insert into target select * from source", ["target", "source"]),
        ("postgres", "update t set a = 1 from u where t.id = u.id", ["t", "u"]),
        ("tsql", "update o set a = 1 from orders o", ["orders"]),
        ("mysql", "delete o from orders o join c on c.id = o.id", ["orders", "c"]),
        ("postgres", "select * from generate_series(1, 2) g, unnest(array[1]) u", []),
        ("bigquery", "select * from shop.orders o, o.items", ["shop.orders"]),
        ("redshift", "select * from shop.orders o, o.items", ["shop.orders"]),
        ("postgres", 'select * from "Order Details" d, "order details"', ["Order Details", "order details"]),
    ],
)
def test_tables_touched_are_listed(daemon: Daemon, dialect: str, sql: str, tables: list[str]) -> None:
    assert analyze(daemon, sql, dialect)["tables_touched"] == tables


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("select * form t where x = 1", "line 1, column"),
        ("select a\nfrom t\nwhere (a = 1", "line 3, column"),
        ("select 'a", "line 1, column"),
    ],
)
def test_unparsable_statement_is_rejected_with_the_position(daemon: Daemon, sql: str, place: str) -> None:
    assert place in daemon.post_rejected(PATH, {"sql": sql, "dialect": "postgres"}, "sql_parse_error")


@pytest.mark.parametrize("sql", ["", " -- nothing", ";", "select 1; select 2"])
def test_text_without_exactly_one_statement_is_rejected(daemon: Daemon, sql: str) -> None:
    daemon.post_rejected(PATH, {"sql": sql, "dialect": "postgres"}, "sql_parse_error")


def test_unknown_dialect_is_rejected_with_the_supported_ones(daemon: Daemon) -> None:
    assert "bigquery" in daemon.post_rejected(PATH, {"sql": "select 1", "dialect": "x"}, "unsupported_dialect")


@pytest.mark.parametrize(
    "sql",
    [
        "select " + "(" * 20_000 + "1" + ")" * 20_000,
        "select " + " + ".join(["a"] * 50_000),
        "select " + "case when a then " * 5_000 + "1" + " end" * 5_000,
        "select " + "not " * 50_000 + "a",
        "select '" + "x" * 1_000_001 + "'",
        "(" * 100_000,
        "\x00\ud7ff\ue000\U0010ffff",
    ],
    ids=["parentheses", "sum", "cases", "nots", "long", "open", "odd"],
)
def test_pathological_texts_never_end_the_daemon(daemon: Daemon, sql: str) -> None:
    answer = daemon.post(PATH, {"sql": sql, "dialect": "postgres"})
    assert answer.status in (200, 400), answer.body
    assert daemon.request("GET", "/health").status == 200


def test_long_chains_of_conditions_are_supported(daemon: Daemon) -> None:
    conditions = " or ".join(f"a = {n}" for n in range(1000))
    assert len(slots(analyze(daemon, f"select * from t where {conditions}"))) == 1000
    sums = " + ".join(["a"] * 300)
    assert analyze(daemon, f"select {sums} from t")["tables_touched"] == ["t"]
