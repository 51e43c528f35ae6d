"""Analyses from templates equal those of the statements, which are parsed once."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktx_daemon.sql import query_log
from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.query_log import MAX_CACHE_BYTES, Failure, analyze_query_log
from ktx_daemon.sql.template_cache import TemplateCache
from ktx_daemon.sql.templates import Analysis
from tests.daemon import Daemon

# `#` is replaced by a number, `$` by a string of any kind, `~` by blanks.
STATEMENTS = [
    "select a, 'x'~from t where b = # and c in ($, $) and d is not null",
    "select cast(x as varchar(#)), y::numeric(#, #), # from t group~by # order by #, a limit # offset #",
    "select date $, timestamp $, $::date, interval $, interval $ day, - #, -- #\n not true from t",
    "select a as $, count(*) as n from t tablesample (# percent) limit #, #",
    "select x -> $ ->> $, y[#:#], z % #, :#, $#, ?#, %(#)s, @p#, a.#, t#.a# from s.t#",
    "select x'#', E$, N$, b'#', $$, 0x#, #L, .#, #., #e5, #_000 from t where a=#and b=$or c=#",
    'select "a #", `b $`, [c #] from `p-#.d.t-#` where x = #',
    "insert into t (a, b) values (#, $), (#, null)~on conflict (a) do update set b = $",
    "update t~set a = #, b = $ where c = # -- it's $\n and d = /* # */ #",
    "with x as (select # as one) select case when one = # then $ else $ end from x where (a, b) in ((#, $), (#, $))",
    "select /*+ HINT(#) */ a, {# -- #\n $ #} from t # it's #\n where b = $",
    "create table t (a varchar(#) default $, b int default #)",
    "create function f() returns int as $tag$ select # $tag$ language sql",
    "show tables like $",
    "call f(#, $); ",
    "set x = #",
    "select x:a.b[#]:c, json_extract(a, $), date_trunc($, b), substring(c from # for #) from t at (offset => #)",
    "select listagg(a, $) within~group (order by #) over (order by # rows between # preceding and # following) from t",
    "insert into t values (#, $), (#, null), ($1, f(#))",
    "select a from t where b in ($1, $2) and c = any(array[#, #]) and d in ($, $) limit $3",
    "select interval $ day, interval(#) $, tup.#, x:a[$].b, t.$1 from $1",
    "explain (analyze) select a from t where b = # and c = $",
    "replace into t select # from u where a = $",
    "delete top (#) from t where a = $ and b in (#, #)",
    "lock table t, u",
    "savepoint a",
    "```sql\nselect # from t where a = $\n```",
    "select coalesce(j -> $, #), list_transform(l, x -> x + #) from t where a in u",
    "select (#",
    "select # from t where a = $ escape",
]
DIALECTS = ["postgres", "mysql", "bigquery", "snowflake", "tsql", "sqlite", "clickhouse", "duckdb", "hive"]
NUMBERS = st.sampled_from(["0", "1", "2", "007", "10", "70000003141592653589", "3.25", "1e7", "2.5E-3"])
STRINGS = st.sampled_from(
    [
        "''",
        "'a'",
        "'it''s'",
        "'1'",
        "'$1'",
        "':n'",
        "'a -- b'",
        "'2024-01-01'",
        "'day'",
        "'é'",
        "'\"'",
        "'\\n'",
        "'{# '",
    ]
)
BLANKS = st.sampled_from(
    [" ", "   ", "\n", "\n\t ", "\t\t", " /* c */ ", " -- it's\n", " /* it's 5 */ ", " -- # } */\n"]
)


@st.composite
def variants(draw: st.DrawFn) -> list[str]:
    """Generate variants of a statement with different literals, blanks and comments."""
    statement = draw(st.sampled_from(STATEMENTS))
    return [_written(statement, draw) for _ in range(4)]


def _written(statement: str, draw: st.DrawFn) -> str:
    kinds = {"#": NUMBERS, "$": STRINGS, "~": BLANKS}
    is_plain = draw(st.booleans())
    written = []
    for letter in statement:
        if letter == " " and not is_plain and draw(st.integers(0, 9)) == 0:
            written.append(draw(BLANKS))
        else:
            written.append(draw(kinds[letter]) if letter in kinds else letter)
    return "".join(written)


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cache(monkeypatch)


def use_cache(monkeypatch: pytest.MonkeyPatch, max_bytes: int = MAX_CACHE_BYTES) -> TemplateCache:
    cache = TemplateCache(max_bytes)
    monkeypatch.setattr(query_log, "_cache", cache)
    return cache


def encoded(results: list[Analysis | Failure]) -> list[bytes]:
    return [msgspec.json.encode(result if isinstance(result, Failure) else _shown(result)) for result in results]


def _shown(analysis: Analysis) -> tuple[object, ...]:
    template = analysis.template
    slots = analysis.literal_slots
    return (template.fingerprint, template.normalized_sql, template.tables, template.columns, slots)


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every parsed statement is added."""
    seen: list[str] = []
    monkeypatch.setattr(query_log, "analyze", lambda sql, dialect: seen.append(sql) or analyze(sql, dialect))
    return seen


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(texts=variants(), dialect=st.sampled_from(DIALECTS))
def test_analysis_from_a_template_equals_that_of_the_statement(texts: list[str], dialect: str) -> None:
    together = encoded(analyze_query_log(texts, dialect))
    assert encoded(analyze_query_log(texts, dialect)) == together
    with pytest.MonkeyPatch.context() as patch:
        for text, result in zip(texts, together, strict=True):
            use_cache(patch)
            assert encoded(analyze_query_log([text], dialect)) == [result], text


@pytest.mark.parametrize(
    ("texts", "learned"),
    [
        (["select a from t where b = 1", "select a from t\n where b = 1"], 2),
        (["select a from t where b = 1 and c = 'x'", "select a   from t where b = 23 and c = ''"], 1),
        (["select a -- one\nfrom t where b = 1", "select a -- it's two\nfrom t where b = 2"], 1),
        (["select 1 from t group by 1", "select 2 from t group by 1", "select 2 from t group by 2"], 2),
        (["select 1 from t", "select 1.5 from t", "select 2.75 from t"], 2),
        (["select 'a' from t", "select 'it''s' from t", "select 'it''s' from t"], 3),
        (["select a from t where b in (1, 2)", "select a from t where b in (1, 2, 3)"], 2),
    ],
)
def test_statements_that_differ_in_literals_are_parsed_once(
    monkeypatch: pytest.MonkeyPatch, texts: list[str], learned: int
) -> None:
    seen = parsed(monkeypatch)
    analyze_query_log(texts, "postgres")
    assert len(seen) == learned
    analyze_query_log(texts, "mysql")
    assert len(seen) == 2 * learned


def test_size_is_bounded_and_a_template_in_use_is_not_evicted(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = use_cache(monkeypatch, 3000)
    seen = parsed(monkeypatch)
    for number in range(100):
        analyze_query_log([f"select a{number} from t", "select used from t"], "postgres")
        assert 0 < cache.size <= 3000
    assert len(seen) == 101


def test_least_recently_used_template_is_evicted(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cache(monkeypatch, 3000)
    seen = parsed(monkeypatch)
    for number in range(100):
        analyze_query_log([f"select a{number} from t"], "postgres")
    analyze_query_log(["select a99 from t", "select a0 from t"], "postgres")
    assert seen[100:] == ["select a0 from t"]


def test_templates_that_fit_the_cache_are_parsed_once_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = parsed(monkeypatch)
    for number in range(0, 100, 2):
        analyze_query_log([f"select a{kind % 20} from t where b = {kind}" for kind in (number, number + 1)], "postgres")
    assert len(seen) == 20


def test_templates_of_one_skeleton_are_evicted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A skeleton kept a template for each text of a significant literal as long as the skeleton was used."""
    cache = use_cache(monkeypatch, 10_000)
    for number in range(0, 100, 2):
        texts = [f"select cast(a as varchar({length})) from t" for length in (number, number + 1)]
        analyze_query_log(texts, "postgres")
        assert cache.size <= 10_000
    seen = parsed(monkeypatch)
    analyze_query_log(["select cast(a as varchar(99)) from t", "select cast(a as varchar(1)) from t"], "postgres")
    assert seen == ["select cast(a as varchar(1)) from t"]


def test_single_statement_has_the_analysis_of_a_batch(daemon: Daemon) -> None:
    sql = "select 'x' from t where b = -5 and c in (1, 2)"
    alone = daemon.post_ok("/api/sql/analyze-for-fingerprint", {"sql": sql, "dialect": "postgres"})
    batch = {"dialect": "postgres", "items": [{"id": "x", "sql": sql}]}
    together = daemon.post_ok("/sql/analyze-batch", batch)["results"]["x"]
    for key in ("fingerprint", "normalized_sql", "literal_slots"):
        assert alone[key] == together[key]
    assert [slot["example_value"] for slot in alone["literal_slots"]] == ["x", "-5", "1", "2"]


@pytest.mark.parametrize(
    "sql",
    [
        f"select 'x', {'a' * 30_000} from t where b = 5",
        f"select 'x' from t where b = 5 -- {'-' * 30_000}",
        f"select 'x' from t where b = 5 and c <> '{'y' * 30_000}'",
        "select 'x' from t where b = 5 and c = '\uf8ff'",
        "select 'x' from t where b = 5 -- \ue000",
        "select 'x', '\ue0000\ue001' from t where b = 5",
        "select 'x' as \"\ue010\" from t where b = 5",
    ],
    ids=lambda sql: ascii(sql[:40]),
)
@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "tsql", "clickhouse", "bigquery"])
def test_statements_without_a_skeleton_keep_their_literals(sql: str, dialect: str) -> None:
    """Statements that are too long or contain private-use characters are analysed one by one."""
    found, beside = analyze_query_log([sql, "select 'y' from u"], dialect)
    assert isinstance(found, Analysis)
    assert isinstance(beside, Analysis)
    texts = [slot.example_value for slot in found.literal_slots]
    assert (texts[0], "5" in texts) == ("x", True)
