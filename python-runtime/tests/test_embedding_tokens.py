"""Tokens of long texts: equal to those of the whole text, in bounded time and memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ktx_daemon import cancellation
from ktx_daemon.cancellation import Cancellation, CancelledWorkError
from tests.test_embeddings import SITE, WEIGHTS

MAX_TOKENS = 256
PARROT = "\U0001f99c"
# Parts of generated texts: words, blanks, marks, scripts without spaces, removed characters, punctuation.
PIECES = [
    "orders", "größe", "Straße", "internationalization", "x" * 99, "x" * 100, "x" * 101, "x" * 230, "数据", "日本語",
    "한국어", "ไทย", "हिन्दी", "עברית", "İ", "ẞ", "ﬁ", "Å", PARROT, "👩\u200d💻", "e\u0301", "\u0301" * 7,
    "\u0315\u302e",
    "\u07fd", "\u1b44", "\u200b", "\ufeff", "\x00", "\x85", "\ufffd", "\ue000", " ", "  \n", "\t", "\u3000", "\u2028",
    "-", "...", "don't", "snake_case", "a/b+c=", "$", "。", "[CLS]", "[mask]", "[", "##s", "12345", "\u00ad",
]  # fmt: skip
LONG = {
    "words": "monthly revenue by region " * 2500,
    "one word": "x" * 1_000_000,
    "a long word at the end": "orders " * 250 + "x" * 100_000,
    "a long word, then others": "x" * 100_000 + " orders by month" * 300,
    "the longest word of the vocabulary over the end of a part": " " * 4046 + "x" * 100 + " a " * 300,
    "one too long over the end of a part": " " * 4046 + "x" * 101 + " a " * 300,
    "Chinese": "每个月的收入" * 5000,
    "Japanese with kana": "月ごとの売上をすべて表示する" * 3000,
    "emoji": PARROT * 20_000,
    "emoji and blanks": f"{PARROT} " * 20_000,
    "base64": "aGVsbG8gd29ybGQ+/Zm9vYmFy==" * 10_000,
    "punctuation": "!?" * 50_000,
    "marks": "a" + "\u0301" * 50_000 + "b",
    "zero width, then words": "\u200b" * 50_000 + "orders by month",
    "blanks, then words": " \n" * 50_000 + "orders by month",
    "nothing": "\u200b " * 50_000,
    "literal special tokens": "[CLS] [SEP] [MASK] [PAD] [UNK] " * 1000,
}


@pytest.fixture(scope="module")
def tokens() -> Iterator[ModuleType]:
    """Return the module, with the packages of the feature on the path."""
    sys.path.append(str(SITE))
    try:
        from ktx_daemon.embeddings import tokens

        yield tokens
    finally:
        sys.path.remove(str(SITE))


@pytest.fixture(scope="module")
def tokenizer(tokens: ModuleType) -> Any:
    return tokens.configure(tokens.tokenizers.Tokenizer.from_file(str(WEIGHTS / "tokenizer.json")))


class CountedText(str):
    """A text that counts the characters that are read."""

    read = 0

    def __getitem__(self, key: Any) -> str:
        chunk_size = super().__getitem__(key)
        self.read += len(chunk_size)
        return chunk_size


@pytest.mark.parametrize("kind", LONG)
def test_shortened_text_has_the_same_tokens(tokens: ModuleType, tokenizer: Any, kind: str) -> None:
    text = LONG[kind]
    assert len(text) > tokens.CHUNK_CHARACTERS
    assert tokens.encode(tokenizer, [text]) == [tokenizer.encode(text).ids]


@given(
    texts=st.lists(
        st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=400).map("".join), min_size=1, max_size=3
    ),
    chunk_size=st.integers(1, 120),
)
@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_tokens_do_not_depend_on_chunk_boundaries(
    tokens: ModuleType, tokenizer: Any, texts: list[str], chunk_size: int
) -> None:
    original = tokens.CHUNK_CHARACTERS
    tokens.CHUNK_CHARACTERS = chunk_size
    try:
        ids = tokens.encode(tokenizer, texts)
    finally:
        tokens.CHUNK_CHARACTERS = original
    assert ids == [tokenizer.encode(text).ids for text in texts]


@pytest.mark.parametrize("kind", LONG)
def test_length_of_a_shortened_text_is_bounded(tokens: ModuleType, tokenizer: Any, kind: str) -> None:
    longest_word = 101
    for times in (1, 20):
        assert len(tokens.shorten(tokenizer, LONG[kind] * times)) <= MAX_TOKENS * (longest_word + 1)


@pytest.mark.parametrize("text", ["orders by month " * 2_500_000, "每个月的收入" * 5_000_000, "x" * 40_000_000])
def test_only_the_start_of_a_long_text_is_read(tokens: ModuleType, tokenizer: Any, text: str) -> None:
    counted = CountedText(text)
    tokens.shorten(tokenizer, counted)
    assert 0 < counted.read <= 2 * tokens.CHUNK_CHARACTERS


def test_cancellation_stops_the_tokenization_of_a_text(tokens: ModuleType, tokenizer: Any) -> None:
    caller = Cancellation()

    class CancellingText(CountedText):
        def __getitem__(self, key: Any) -> str:
            if self.read >= 10 * tokens.CHUNK_CHARACTERS:
                caller.cancel()
            return super().__getitem__(key)

    text = CancellingText(PARROT * 1_000_000)
    with cancellation.scope(caller), pytest.raises(CancelledWorkError):
        tokens.encode(tokenizer, [text])
    assert text.read <= 12 * tokens.CHUNK_CHARACTERS


def test_nothing_is_tokenized_after_a_cancellation(tokens: ModuleType, tokenizer: Any) -> None:
    caller = Cancellation()
    caller.cancel()
    with cancellation.scope(caller), pytest.raises(CancelledWorkError):
        tokens.encode(tokenizer, ["orders"])


def test_other_tokenizers_read_a_bounded_prefix(tokens: ModuleType) -> None:
    other = tokens.tokenizers.Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    other.normalizer = tokens.tokenizers.normalizers.Sequence([other.normalizer])
    other = tokens.configure(other)
    text = "orders by month " * 100_000
    assert len(tokens.shorten(other, text)) == tokens.MAX_OTHER_CHARACTERS
    assert tokens.encode(other, [text]) == [other.encode(text).ids]
