"""The verdict of every statement of the corpus, and the rewriting of read-only ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot.tokens import TokenType

from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect
from ktx_daemon.sql.lexical import Kind, iterate_parts, lexical_rules
from ktx_daemon.sql.parsing import tokenize
from ktx_daemon.sql.read_only import MAX_CODE_CHARACTERS, NotReadOnlyError, check_read_only
from tests.daemon import Daemon
from tests.read_only.corpus import CLASSES, OUTCOMES, dialects, entries, golden
from tests.read_only.ordinary import ORDINARY

PATH = "/sql/validate-read-only"
READS = [(entry.dialect, entry.statement) for name in dialects() for entry in entries(name) if entry.passes]
# The dialects of databases that the daemon connects to, with a URL that would be an error.
DRIVERS = {
    "postgres": "postgresql://u@127.0.0.1:1/d",
    "mysql": "mysql://u@127.0.0.1:1/d",
    "mariadb": "mysql://u@127.0.0.1:1/d",
    "sqlite": "/nowhere.db",
    "duckdb": "/nowhere.duckdb",
    "clickhouse": "clickhouse://127.0.0.1:1/d",
    "spark": "spark://u@127.0.0.1:1/d?method=connect",
}


@pytest.mark.parametrize("dialect", dialects())
def test_statements_have_the_outcome_of_the_corpus(daemon: Daemon, dialect: str) -> None:
    wrong = []
    for entry in entries(dialect):
        answer = daemon.post_ok(PATH, {"sql": entry.statement, "dialect": dialect})
        assert answer["ok"] == (answer["error"] is None)
        assert not (answer["error"] or "").endswith(".")
        if answer["ok"] != entry.passes:
            wrong.append((entry, answer["error"]))
    assert wrong == []


@pytest.mark.parametrize(("dialect", "url"), DRIVERS.items())
def test_refused_statement_reaches_no_server(daemon: Daemon, dialect: str, url: str) -> None:
    driver = "mysql" if dialect == "mariadb" else dialect
    request = {"connection_id": "c", "driver": driver, "url": url}
    for entry in entries(dialect):
        if not entry.passes:
            body = {**request, "sql": entry.statement, "dialect": dialect}
            daemon.post_rejected("/sql/execute", body, "not_read_only")
    assert daemon.post("/sql/execute", {**request, "sql": "SELECT 1"}).json()["code"] != "not_read_only"


@pytest.mark.parametrize("dialect", dialects())
def test_corpus_entries_are_valid_and_unique(dialect: str) -> None:
    found = entries(dialect)
    require_dialect(dialect)
    assert len({entry.statement for entry in found}) == len(found)
    for entry in found:
        assert entry.outcome in OUTCOMES, entry
        assert entry.kind in CLASSES, entry
        assert entry.reason, entry
        assert entry.reason == entry.reason.strip(". "), entry
        assert entry.needs is None or entry.passes, entry


@pytest.mark.parametrize("dialect", [*DRIVERS, "bigquery", "snowflake", "databricks"])
def test_dialect_of_a_driver_has_many_entries_of_both_outcomes(dialect: str) -> None:
    passing = sum(entry.passes for entry in entries(dialect))
    assert passing >= 20
    assert len(entries(dialect)) - passing >= 40


def test_generated_sql_of_the_semantic_layer_is_read_only(daemon: Daemon) -> None:
    plans = golden()
    assert {dialect for dialect, _ in plans} >= {"clickhouse", "postgres", "mysql", "tsql", "snowflake", "bigquery"}
    for dialect, sql in plans:
        assert daemon.post_ok(PATH, {"sql": sql, "dialect": dialect}) == {"ok": True, "error": None}, (dialect, sql)


def assert_sent_has_no_comment(sql: str, dialect_name: str) -> str:
    sent = check_read_only(sql, dialect_name)
    dialect = require_dialect(dialect_name)
    for rules in lexical_rules(dialect):
        assert {part.kind for part in iterate_parts(sent, rules)} <= {Kind.QUOTED}, (sql, sent)
    assert not any(token.comments for token in tokenize(sent, dialect))
    assert check_read_only(sent, dialect_name) == sent
    return sent


@pytest.mark.parametrize(("dialect", "sql"), [*READS, *golden()])
def test_no_text_between_tokens_is_sent(dialect: str, sql: str) -> None:
    sent = assert_sent_has_no_comment(sql, dialect)
    if dialect == "mysql" and "#>" in sql:
        return  # an operator to sqlglot, a comment to the database
    left_out = (TokenType.HINT, TokenType.SEMICOLON)
    written = tokenize(sql.removeprefix("\ufeff"), require_dialect(dialect))
    kept = [(token.token_type, token.text) for token in written if token.token_type not in left_out]
    assert [(token.token_type, token.text) for token in tokenize(sent, require_dialect(dialect))] == kept


CODE = """
    ' " ` \\ -- # #> /* */ /*! /*+ {# #} { } $$ $a$ $1 $ E' U&' N' B' x' 1 .5 0x a b. , ( ) [ ] :: -> ->> @ @@ ? % ; :=
    - / * | ~ < > = GROUP BY ORDER IS NOT NULL FOR UPDATE AS x '' ""
"""
SPACES = (" ", "\n", "\r", "\t", "\u00a0", "\u200b", "\x0b", "\x01")
PIECES = st.sampled_from([*CODE.split(), *SPACES])


@settings(max_examples=600, deadline=None)
@given(
    dialect=st.sampled_from(["postgres", "mysql", "sqlite", "duckdb", "bigquery", "snowflake", "databricks", "tsql"]),
    pieces=st.lists(PIECES, max_size=12),
)
def test_no_generated_text_between_tokens_is_sent(dialect: str, pieces: list[str]) -> None:
    sql = "SELECT 1 " + "".join(pieces)
    try:
        check_read_only(sql, dialect)
    except NotReadOnlyError:
        return
    assert_sent_has_no_comment(sql, dialect)


def test_rewriting_removes_comments_only() -> None:
    assert check_read_only("SELECT 1 -- a\n, 'it''s' /* b */ ;", "postgres") == "SELECT 1  \n, 'it''s'"
    assert check_read_only("SELECT/*+ BKA(t) */a.b::int FROM\u00a0t", "mysql") == "SELECT a.b::int FROM t"
    assert check_read_only("SELECT 5--1, 2*/*x*/-1", "mysql") == "SELECT 5- -1, 2* -1"
    assert check_read_only("SELECT 'a'\n'b'\r\nFROM t", "postgres") == "SELECT 'a'\n'b'\nFROM t"
    formatted = "SELECT\n\ta,\n  b\nFROM t\nWHERE x->>'y'='z'"
    assert check_read_only(formatted, "postgres") == formatted


def test_line_numbers_of_errors_are_preserved() -> None:
    sent = check_read_only("-- a\n-- b\nSELECT 1\n/* c\nd */\n, 2", "postgres")
    assert sent.split("\n").index(", 2") == 3
    with pytest.raises(NotReadOnlyError, match="line 3, column 5"):
        check_read_only("SELECT\n1\n  , {# x #} 2", "mysql")


def test_long_code_is_rejected_and_long_literals_are_accepted(daemon: Daemon) -> None:
    condition = "SELECT * FROM t WHERE " + " OR ".join(["a=1"] * (MAX_CODE_CHARACTERS // 6))
    answer = daemon.post_ok(PATH, {"sql": condition, "dialect": "postgres"})
    assert "250,000 characters" in answer["error"]
    text = "SELECT 1 WHERE a = '" + "x" * 900_000 + "' -- " + "y" * 50_000
    assert daemon.post_ok(PATH, {"sql": text, "dialect": "postgres"})["ok"] is True
    ids = "SELECT * FROM t WHERE id IN (" + ",".join(map(str, range(5_000))) + ")"
    assert daemon.post_ok(PATH, {"sql": ids, "dialect": "mysql"})["ok"] is True


def test_ordinary_queries_are_accepted() -> None:
    for dialect, sql in ORDINARY:
        check_read_only(sql, dialect)


def test_unclosed_quotes_do_not_backtrack() -> None:
    """The pattern of a string without an end once had exponentially many ways to fail."""
    for dialect in SUPPORTED_DIALECTS:
        started = time.process_time()
        for text in ("'{}", '"{}', "`{}", "[{}", "$a${}", "/*{}", "E'{}", "q'[{}", "$$ ' $$ {}"):
            for filling in ("a", "''a", '""', "\\a", "$a", "/*"):
                for rules in lexical_rules(require_dialect(dialect)):
                    list(iterate_parts(text.format(filling * 500), rules))
        assert time.process_time() - started < 5, dialect


@pytest.mark.parametrize("sql", ["SELECT/*+]'@a*/ 2", 'SELECT /*+ " */ 1 FROM t', "INSERT /*+ ` */ INTO t SELECT 1"])
def test_unclosed_quote_in_a_hint_is_rejected(daemon: Daemon, sql: str) -> None:
    for dialect in SUPPORTED_DIALECTS:
        assert daemon.post(PATH, {"sql": sql, "dialect": dialect}).status == 200
        for path in ("/api/sql/analyze-for-fingerprint", "/sql/execute"):
            rest = {"connection_id": "c", "driver": "sqlite", "url": "/nowhere.db"} if path == "/sql/execute" else {}
            assert daemon.post(path, {"sql": sql, "dialect": dialect, **rest}).status in (200, 400), (dialect, path)
        batch = {"dialect": dialect, "items": [{"id": "a", "sql": sql}]}
        assert daemon.post("/sql/analyze-batch", batch).status == 200
