"""The fast path for plain references has exactly the results of the parser."""

from __future__ import annotations

import functools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import Tokenizer

from ktx_daemon.sql import identifiers
from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect
from ktx_daemon.sql.identifiers import UnresolvedTable, parse_items, parse_table_identifiers
from ktx_daemon.sql.plain_references import WITHOUT_SELECT, PhysicalTable, plain_reference_parser
from ktx_daemon.sql.requests import ParseTableIdentifiers, TableIdentifier

PLAIN = ["orders", "T", "_x", "a1", "Shop_2"]
NAMES = ["Größe", "1a", "007", "x$1", "#t", "$1", "@v", "events_*", "INFORMATION_SCHEMA"]
# Words that sqlglot's parser recognises by their text, at least in some version.
TEXTS = ["identifier", "start", "nearest", "changes", "at", "before", "match_condition", "rows", "stream", "msck", "if"]
INSIDE_QUOTES = ["a b", "a-b", "Ab", "1", "", " ", "a.b", "a-b.c.d", "a.b.c.d", "a..b", ".a", 'a"b', "a``b", "a]b"]
INSIDE_QUOTES += ["a\\b", "${a}", "$1", "#a", "größe", "a\nb", "select", "p.INFORMATION_SCHEMA.t", "a:b.c", "a*"]
BETWEEN = [".", ".", ".", ".", " ", "  ", " AS ", " as ", " As ", "-", "..", " . ", ",", ";", "\n", "\t", ":", "(", ""]


def references(dialect: str) -> st.SearchStrategy[tuple[str, str]]:
    """Generate texts of names, keywords, quoted names and separators."""
    return st.tuples(st.just(dialect), _texts(dialect))


@functools.cache
def _texts(dialect: str) -> st.SearchStrategy[str]:
    tokenizer, generator = require_dialect(dialect).tokenizer_class, require_dialect(dialect).generator_class
    known = {*Tokenizer.KEYWORDS, *tokenizer.KEYWORDS, *tokenizer._FORMAT_STRINGS, *generator.RESERVED_KEYWORDS}
    words = sorted({word for key in known for word in re.findall(r"\w+", key)})
    near = [
        changed for word in words for changed in (word[:-1] or "x", word + "x", word + "_", "_" + word, word.lower())
    ]
    own = require_dialect(dialect)
    quotes = [(own.IDENTIFIER_START, own.IDENTIFIER_END), ('"', '"'), ("`", "`"), ("[", "]")]
    quoted = [start + inside + end for start, end in quotes for inside in INSIDE_QUOTES]
    kinds = (PLAIN, PLAIN, NAMES, TEXTS, words, near, near, quoted, quoted[: len(INSIDE_QUOTES)])
    piece = st.one_of(*map(st.sampled_from, kinds))
    more = st.lists(st.tuples(st.sampled_from(BETWEEN), piece).map("".join), max_size=3).map("".join)
    return st.tuples(st.sampled_from(["", "", " "]), piece, more, st.sampled_from(["", "", " ", ";"])).map("".join)


def read_plain(text: str, dialect: str) -> PhysicalTable | None:
    references = plain_reference_parser(dialect)
    return references.parse(text) if references else None


def parsed(text: str, dialect: str) -> PhysicalTable | UnresolvedTable:
    (result,) = parse_items([TableIdentifier("k", text, dialect)])
    return result


def check(text: str, dialect: str) -> None:
    table = read_plain(text, dialect)
    assert table is None or table == parsed(text, dialect), text


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(reference=st.sampled_from(SUPPORTED_DIALECTS).flatmap(references))
def test_plain_references_have_the_result_of_the_parser(reference: tuple[str, str]) -> None:
    dialect, text = reference
    check(text, dialect)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", SUPPORTED_DIALECTS)
def test_every_keyword_has_the_result_of_the_parser(dialect: str) -> None:
    keywords = {*Tokenizer.KEYWORDS, *require_dialect(dialect).tokenizer_class.KEYWORDS}
    for word in sorted({word for key in keywords for word in re.findall(r"[a-z_]\w*", key.lower())}):
        for text in (
            word,
            f"{word}-q.r",
            f"q-{word}.r",
            f"q.{word}",
            f"{word}.q",
            f"q AS {word}",
            f"q {word}",
            f"{word[:-1] or 'x'} q",
        ):
            check(text, dialect)


@pytest.mark.parametrize("dialect", [known for known in SUPPORTED_DIALECTS if known.upper() not in WITHOUT_SELECT])
def test_plain_references_need_no_parser(dialect: str) -> None:
    own = require_dialect(dialect)
    quoted = f"{own.IDENTIFIER_START}Order details-1{own.IDENTIFIER_END}"
    for text in ("orders", "shop.orders", " db_1.shop.orders ", f"shop.{quoted}", f"{quoted}.x AS o", "shop.orders o"):
        table = read_plain(text, dialect)
        assert table == parsed(text, dialect), text
        assert table is not None, text


@pytest.mark.parametrize(
    "text", ["my-project.shop.orders", "`my-project.shop.orders` AS t", "`shop.orders`", "p-q.shop"]
)
def test_plain_paths_of_bigquery_need_no_parser(text: str) -> None:
    table = read_plain(text, " BigQuery")
    assert table == parsed(text, " BigQuery")
    assert table is not None


def test_results_keep_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    parse = identifiers.parse_items
    monkeypatch.setattr(
        identifiers, "parse_items", lambda items: seen.extend(item.sql_table_name for item in items) or parse(items)
    )
    texts = {"a": "shop.orders", "b": "x . y", "c": "SELECT 1", "d": "x . y", "e": "z"}
    items = [TableIdentifier(key, text, "postgres") for key, text in texts.items()]
    results = parse_table_identifiers(ParseTableIdentifiers(items))["results"]
    assert list(results) == list(texts)
    assert [result.ok for result in results.values()] == [True, True, False, True, True]
    assert seen == ["x . y", "SELECT 1"]
