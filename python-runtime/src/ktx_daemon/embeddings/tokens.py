"""From texts to the ids of their word pieces, with work and memory bounded by the pieces that count.

A tokenizer reads a whole text before it truncates, and keeps what it cuts off: gigabytes for a text of 40 MB. Long
texts are therefore shortened before: read in parts, normalised and split into words by the tokenizer's own steps, until
the window is full of words. Each word is one piece or more, so what follows cannot count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import tokenizers

from ktx_daemon import cancellation
from ktx_daemon.embeddings.model import BATCH, WINDOW

# Texts up to this length go to the tokenizer as they are; longer ones are read in parts of it.
PART = 4096
# Of a text for a tokenizer that is not BERT's, whose steps are not known to work on parts.
MAX_OTHER = 16 * PART
_SPACES = re.compile(r"[ \t\n\r]*")
# Characters that end no word, in any tokenizer.
_INSIDE_A_WORD = re.compile(r"[A-Za-z0-9]*")


def prepared(tokenizer: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    """Set the tokenizer to the model's window, and to read `[CLS]` in a text as text."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(WINDOW)
    tokenizer.encode_special_tokens = True
    return tokenizer


def token_ids(tokenizer: tokenizers.Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each text's pieces in the window, [CLS] and [SEP] among them."""
    ids: list[list[int]] = []
    for start in range(0, len(texts), BATCH):
        batch = [shortened(tokenizer, text) for text in texts[start : start + BATCH]]
        cancellation.current().check()
        ids += [encoded.ids for encoded in tokenizer.encode_batch(batch)]
    return ids


def without_words(tokenizer: tokenizers.Tokenizer, ids: Sequence[Sequence[int]]) -> list[int]:
    """Return the indexes of the texts that have no piece, as of blanks, control and zero-width characters alone."""
    special = tokenizer.num_special_tokens_to_add(False)
    return [index for index, of_text in enumerate(ids) if len(of_text) <= special]


def by_length(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Return the indexes of the texts in batches of like length, so that little of a batch is padding."""
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def shortened(tokenizer: tokenizers.Tokenizer, text: str) -> str:
    """Return a text of the same pieces in the window, in length bounded."""
    if len(text) <= PART:
        return text
    if not _is_bert(tokenizer):
        return text[:MAX_OTHER]
    words: list[str] = []
    for word in _words(tokenizer, text):
        words.append(word)
        if len(words) == WINDOW:
            break
    return " ".join(words)


def _is_bert(tokenizer: tokenizers.Tokenizer) -> bool:
    """Return whether parts of a text are normalised and split as they are in the whole."""
    return (
        isinstance(tokenizer.normalizer, tokenizers.normalizers.BertNormalizer)
        and isinstance(tokenizer.pre_tokenizer, tokenizers.pre_tokenizers.BertPreTokenizer)
        and isinstance(tokenizer.model, tokenizers.models.WordPiece)
        and all(token.special for token in tokenizer.get_added_tokens_decoder().values())
    )


def _words(tokenizer: tokenizers.Tokenizer, text: str) -> Iterator[str]:
    """Return the normalised words; of one that is too long for the vocabulary, no more than makes it too long."""
    normalize, split = tokenizer.normalizer.normalize_str, tokenizer.pre_tokenizer.pre_tokenize_str
    longest = tokenizer.model.max_input_chars_per_word + 1
    unfinished = ""  # the word at the end of a part may go on in the next
    position = 0
    while (position := _skipped(text, position, unfinished, longest)) < len(text):
        cancellation.current().check()
        part = unfinished + normalize(text[position : position + PART])
        position += PART
        found = split(part)
        unfinished = found.pop()[0][:longest] if found and found[-1][1][1] == len(part) else ""
        yield from (word[:longest] for word, _ in found)
    if unfinished:
        yield unfinished


def _skipped(text: str, position: int, unfinished: str, longest: int) -> int:
    """Get the place after characters that change nothing: more blanks, or more of a word that is too long already."""
    if not unfinished:
        passed = _SPACES.match(text, position)
    elif len(unfinished) == longest:
        passed = _INSIDE_A_WORD.match(text, position)
    else:
        return position
    return passed.end() if passed else position
