"""Tokenization with time and memory bounded by the model's maximum sequence length.

A tokenizer reads a whole text before it truncates, and keeps the overflow: gigabytes for a text of 40 MB. Long texts
are therefore shortened first: they are normalised and split into words in chunks, by the tokenizer's own steps, until
there are `MAX_TOKENS` words. Each word has at least one token, so the rest of the text would be truncated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import tokenizers

from ktx_daemon import cancellation
from ktx_daemon.embeddings.model import BATCH_SIZE, MAX_TOKENS

# Texts up to this length are passed to the tokenizer unchanged; longer ones are read in chunks of this length.
CHUNK_CHARACTERS = 4096
# The maximum length for a tokenizer other than BERT's, which may not be applicable to chunks.
MAX_OTHER_CHARACTERS = 16 * CHUNK_CHARACTERS
_SPACES = re.compile(r"[ \t\n\r]*")
# Characters that no tokenizer splits a word at.
_INSIDE_A_WORD = re.compile(r"[A-Za-z0-9]*")


def configure(tokenizer: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    """Set truncation to the model's maximum length, and tokenize `[CLS]` in a text as text."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.encode_special_tokens = True
    return tokenizer


def encode(tokenizer: tokenizers.Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the truncated token ids of each text, including [CLS] and [SEP]."""
    ids: list[list[int]] = []
    for start in range(0, len(texts), BATCH_SIZE):
        batch = [shorten(tokenizer, text) for text in texts[start : start + BATCH_SIZE]]
        cancellation.current().check()
        ids += [encoded.ids for encoded in tokenizer.encode_batch(batch)]
    return ids


def find_empty(tokenizer: tokenizers.Tokenizer, ids: Sequence[Sequence[int]]) -> list[int]:
    """Return the indexes of texts without tokens, which consist of blanks, control and zero-width characters."""
    special = tokenizer.num_special_tokens_to_add(False)
    return [index for index, text_ids in enumerate(ids) if len(text_ids) <= special]


def batch_by_length(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield batches of indexes of texts with similar length, which minimises padding."""
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    for start in range(0, len(order), BATCH_SIZE):
        yield order[start : start + BATCH_SIZE]


def shorten(tokenizer: tokenizers.Tokenizer, text: str) -> str:
    """Return a text of bounded length with the same truncated tokens."""
    if len(text) <= CHUNK_CHARACTERS:
        return text
    if not _is_bert(tokenizer):
        return text[:MAX_OTHER_CHARACTERS]
    words: list[str] = []
    for word in _iterate_words(tokenizer, text):
        words.append(word)
        if len(words) == MAX_TOKENS:
            break
    return " ".join(words)


def _is_bert(tokenizer: tokenizers.Tokenizer) -> bool:
    """Return whether a text can be normalised and split in chunks with the same result."""
    return (
        isinstance(tokenizer.normalizer, tokenizers.normalizers.BertNormalizer)
        and isinstance(tokenizer.pre_tokenizer, tokenizers.pre_tokenizers.BertPreTokenizer)
        and isinstance(tokenizer.model, tokenizers.models.WordPiece)
        and all(token.special for token in tokenizer.get_added_tokens_decoder().values())
    )


def _iterate_words(tokenizer: tokenizers.Tokenizer, text: str) -> Iterator[str]:
    """Yield the normalised words; words that are too long for the vocabulary are cut."""
    normalize, split = tokenizer.normalizer.normalize_str, tokenizer.pre_tokenizer.pre_tokenize_str
    max_length = tokenizer.model.max_input_chars_per_word + 1
    unfinished = ""  # the word at the end of a chunk may continue in the next one
    position = 0
    while (position := _skip_ignored(text, position, unfinished, max_length)) < len(text):
        cancellation.current().check()
        chunk = unfinished + normalize(text[position : position + CHUNK_CHARACTERS])
        position += CHUNK_CHARACTERS
        words = split(chunk)
        unfinished = words.pop()[0][:max_length] if words and words[-1][1][1] == len(chunk) else ""
        yield from (word[:max_length] for word, _ in words)
    if unfinished:
        yield unfinished


def _skip_ignored(text: str, position: int, unfinished: str, max_length: int) -> int:
    """Return the position after characters without effect: further blanks, or the rest of a word that is too long."""
    if not unfinished:
        match = _SPACES.match(text, position)
    elif len(unfinished) == max_length:
        match = _INSIDE_A_WORD.match(text, position)
    else:
        return position
    return match.end() if match else position
