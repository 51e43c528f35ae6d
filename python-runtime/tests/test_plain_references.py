"""The fast path for plain references has exactly the results of the parser, also for generated references."""

from __future__ import annotations

import functools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import Tokenizer

from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, require_dialect
from tests.plain_references import parsed, read_plain

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
