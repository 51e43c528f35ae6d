"""Lists of literals and placeholders, and rows of VALUES, have one template for all lengths."""

from __future__ import annotations

import itertools
import re

import pytest

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect
from ktx_daemon.sql.query_log import analyze_query_log
from ktx_daemon.sql.templates import Analysis, Template

MARKS = re.compile("[\ue000-\uf8ff]|7\\d{6}3141592653589")


def analyze_statement(sql: str, dialect: str = "postgres") -> Template:
    return analyze(sql, require_dialect(dialect))


def literals(sql: str, dialect: str = "postgres") -> list[str]:
    (analysis,) = analyze_query_log([sql], dialect)
    assert isinstance(analysis, Analysis)
    return [slot.example_value for slot in analysis.literal_slots]


@pytest.mark.parametrize(
    ("dialect", "statements"),
    [
        ("postgres", ["select a from t where b in ($1)", "select a from t where b in ($1,$2,$3)"]),
        (
            "postgres",
            [
                "select a from t where b in ($1) and c = $2 limit $3",
                "select a from t where b in ($1, $2) and c = $3 limit $4",
                "select a from t where b in ($1, $2, $3, $4) and c = $5 limit $6",
            ],
        ),
        ("postgres", ["select a from t where b in ($1::int)", "select a from t where b in ($1::int, $2::int)"]),
        ("postgres", ["select a from t where b = any(array[$1])", "select a from t where b = any(array[$1,$2])"]),
        ("postgres", ["select a from t where b <> all(array[1])", "select a from t where b <> all(array[2, 3])"]),
        (
            "postgres",
            ["select a from t where (a, b) in (($1,$2))", "select a from t where (a,b) in (($1,$2),($3,$4))"],
        ),
        ("postgres", ["select a from t where b in ($1 /*, ... */)", "select a from t where b in ($1, $2)"]),
        ("mysql", ["select a from t where b in (?)", "select a from t where b in (?, ?, ?)"]),
        ("mysql", ["select a from t where b in (%s)", "select a from t where b in (%s, %s)"]),
        ("sqlite", ["select a from t where b in (:a)", "select a from t where b in (:a, :b)"]),
        ("sqlite", ["select a from t where b in (?1) and c = ?2", "select a from t where b in (?1, ?2) and c = ?3"]),
        ("tsql", ["select a from t where b in (@p0)", "select a from t where b in (@p0, @p1)"]),
        ("bigquery", ["select a from t where b not in (@a)", "select a from t where b not in (@a, @b)"]),
        ("mysql", ["insert into t values (?,?)", "insert into t values (?,?),(?,?)"]),
        ("mysql", ["insert into t values (1,'a')", "insert into t values (2,'b'),(3,null),(4,'d')"]),
        ("postgres", ["insert into t (a,b) values ($1,$2)", "insert into t (a,b) values ($1,$2),($3,$4),($5,$6)"]),
        ("postgres", ["insert into t values ($1, now(), $2)", "insert into t values ($1, now(), $2), ($3, NOW(), $4)"]),
        ("postgres", ["insert into t values (default, $1)", "insert into t values (default, $1), (default, $2)"]),
        ("postgres", ["select * from (values (1,2)) v(a,b)", "select * from (values (1,2),(3,4)) v(a,b)"]),
        ("snowflake", ["insert into t values (1, 'a')", "insert into t values (1, 'a'), (2, 'b')"]),
    ],
)
def test_lists_that_differ_in_length_have_one_fingerprint(dialect: str, statements: list[str]) -> None:
    assert len({analyze_statement(sql, dialect).fingerprint for sql in statements}) == 1


def test_normalized_text_keeps_the_length_of_lists() -> None:
    assert (
        analyze_statement("select a from t where b in ($1,$2)").normalized_sql == "SELECT a FROM t WHERE b IN ($1, $2)"
    )
    sql = "insert into t values (1,'a'),(2,'b')"
    assert analyze_statement(sql).normalized_sql == "INSERT INTO t VALUES (?, ?), (?, ?)"
    assert literals(sql) == ["1", "a", "2", "b"]


def test_different_lists_have_different_fingerprints() -> None:
    statements = [
        "select a from t where b in ($1)",
        "select a from t where b in (1)",
        "select a from t where b in (1, $1)",
        "select a from t where b in ($1, c)",
        "select a from t where b not in ($1)",
        "select a from t where b = any(array[$1])",
        "select array[1] from t",
        "select array[1, 2] from t",
        "select a from t where b in ($1) and c = $1",
        "select a from t where b in ($1) and c = $2",
        "insert into t values ($1)",
        "insert into t values ($1, $2)",
        "insert into t values ($1, 2)",
        "insert into t values ($1), (now())",
        "insert into t values (now())",
        "insert into t values (f())",
    ]
    fingerprints = {sql: analyze_statement(sql).fingerprint for sql in statements}
    for one, other in itertools.combinations(statements, 2):
        assert fingerprints[one] != fingerprints[other], (one, other)


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("postgres", "select interval '1' day", "select interval '1' month"),
        ("postgres", "select interval $1 day", "select interval $1 month"),
        ("redshift", "select interval '1' day", "select interval '1' month"),
        ("materialize", "select interval '1' day", "select interval '1' hour"),
        ("risingwave", "select interval '1' day", "select interval '1' hour"),
        ("mysql", "select now() - interval 1 day", "select now() - interval 1 month"),
        ("trino", "select interval '1' day", "select interval '1' month"),
        ("snowflake", "select v:a['b'].c from t", "select v:d['e'].f from t"),
        ("snowflake", "select v:a['b'].c from t", "select v:a['b'].d from t"),
        ("databricks", "select v:a['b'].c from t", "select v:d['e'].f from t"),
        ("clickhouse", "select tup.1 from t", "select tup.2 from t"),
        ("clickhouse", "select (a, b).1 from t", "select (a, b).2 from t"),
    ],
)
def test_units_and_paths_are_part_of_the_fingerprint(dialect: str, one: str, other: str) -> None:
    assert analyze_statement(one, dialect).fingerprint != analyze_statement(other, dialect).fingerprint


@pytest.mark.parametrize(
    ("dialect", "sql", "normalized", "slots"),
    [
        ("postgres", "select interval '1' day", "SELECT INTERVAL ? DAY", ["1"]),
        ("postgres", "select interval '1 day'", "SELECT INTERVAL ?", ["1 day"]),
        ("postgres", "select interval $1 day", "SELECT INTERVAL $1 DAY", []),
        ("postgres", "select interval '1-2' year to month", "SELECT INTERVAL ? YEAR TO MONTH", ["1-2"]),
        ("postgres", "select interval(3) '1 day'", "SELECT CAST(? AS INTERVAL(3))", ["1 day"]),
        ("postgres", "select a + interval(3) $1 - b", "SELECT a + CAST($1 AS INTERVAL(3)) - b", []),
        ("postgres", "select a::interval(3)", "SELECT CAST(a AS INTERVAL(3))", []),
        ("snowflake", "select v:a['b']['c'] from t", 'SELECT GET_PATH(v, \'a["?"]["?"]\') FROM t', ["b", "c"]),
        ("sqlite", "select x -> 'a' from t", "SELECT x -> ? FROM t", ["a"]),
        ("clickhouse", "select tup.2 from t", "SELECT tup.2 FROM t", []),
        ("postgres", "select to_char(a, 'YYYY') || $1 || 'b'", "SELECT TO_CHAR(a, ?) || $1 || ?", ["YYYY", "b"]),
    ],
)
def test_literals_in_intervals_and_paths_become_slots(
    dialect: str, sql: str, normalized: str, slots: list[str]
) -> None:
    assert analyze_statement(sql, dialect).normalized_sql == normalized
    assert literals(sql, dialect) == slots


@pytest.mark.parametrize(
    "text",
    ["```sql\n{}\n```", "```\n{}\n```", "  ```postgresql\n{};\n```  \n", "```sql\n{}```", "``` sql\n{}\n```"],
)
@pytest.mark.parametrize("sql", ["select a from t where b = 'x'", "select a\nfrom t\n\nwhere b = 5"])
def test_code_fence_does_not_change_the_fingerprint(text: str, sql: str) -> None:
    if text.startswith("``` sql"):
        text = text.replace("``` sql", "```sql")
    for dialect in ("postgres", "mysql", "bigquery"):
        fenced, plain = analyze_statement(text.format(sql), dialect), analyze_statement(sql, dialect)
        assert (fenced.fingerprint, fenced.tables, fenced.columns) == (plain.fingerprint, plain.tables, plain.columns)


EXPRESSIONS = """
t.$1|tup.2|a.:x|a.?|a.%s|a.%(n)s|$1|?|?1|:n|%s|@p|a.@p|(1, 2).1|x:a['b'].c|v['a'][0]|x -> 'a' ->> 'b'|m #> '{a}'
interval '1' day|interval 1 day|interval $1 day|date '2024-01-01'|cast('1' as int)|'1'::int|array[1, $1]|[1, 2]|{'a': 1}
f(a => 1)|date_trunc('day', x)|extract(year from x)|dateadd(day, 1, x)|json_value(x, '$.a')
count(*) filter (where a > 1)
sum(x) over (order by 1 rows between 1 preceding and current row)|case when 1 = 1 then 'x' end|x in (1, 2)|x in ($1, $2)
x like 'a' escape 'b'|-1|.5|1e5|x'1f'|N'a'|E'a'|$$a$$|a[1:2]|a at time zone 'UTC'
substring(a from 1 for 2)|try_cast('1' as int)
struct(1 as a).a|t.a.b.c|convert(varchar(10), 1)|nextval('s')|list_transform(l, x -> x + 1)|coalesce(j -> 'k', 'd')
"1"|`1`|[1]
""".replace("\n", "|").strip("|")
FRAMES = [
    "select {} from t",
    "select a from t where {} = 1",
    "select a from t group by {} order by {}",
    "update t set a = {} where b = {}",
    "insert into t values ({}, 1), ({}, 2)",
    "select {} as x from $1",
    "call f({})",
    "explain select {} from t",
    "set x = {}",
    "select a from t limit {}",
    "delete top (1) from t where {} > 1",
]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", [known for known in SUPPORTED_DIALECTS if known not in ("dax", "prql")])
def test_marks_never_appear_in_results(dialect: str) -> None:
    read = 0
    expressions = EXPRESSIONS.split("|")
    for number, expression in itertools.product(range(0, 12, 3), expressions):
        frame = FRAMES[(number + expressions.index(expression)) % len(FRAMES)]
        sql = frame.replace("{}", expression)
        try:
            template = analyze_statement(sql, dialect)
        except Exception as error:
            assert not MARKS.search(str(error)), sql  # noqa: PT017
            continue
        read += 1
        seen = [template.normalized_sql, template.columns.decode(), str(template.tables), str(template.slots)]
        assert not any(MARKS.search(text) for text in seen), (sql, seen)
        assert template.normalized_sql.count("?") >= len(template.slots), sql
    assert read > 80
