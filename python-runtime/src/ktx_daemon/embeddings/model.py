"""The interface of both ways to run the model."""

from __future__ import annotations

from typing import Protocol

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
# Word pieces of a text that count, [CLS] and [SEP] among them: `max_seq_length` of the model's own settings.
WINDOW = 256
# Texts in one run. More take more memory (300 MB at 16 long texts, 1.2 GB at 100) and no less time.
BATCH = 16


class NoWordsError(Exception):
    """The model has nothing to embed in the texts at these indexes."""

    def __init__(self, indexes: list[int]) -> None:
        super().__init__(indexes)
        self.indexes = indexes


class Model(Protocol):
    """A loaded model; thread-safe."""

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Return each text's vector: 384 numbers, of length one. Raises `NoWordsError` for texts without any word."""
