"""The interface of the backends and the parameters of the model."""

from __future__ import annotations

from typing import Protocol

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
# Tokens of a text that are encoded, including [CLS] and [SEP]: `max_seq_length` of the model's configuration.
MAX_TOKENS = 256
# Texts per run. Larger batches need more memory (300 MB for 16 long texts, 1.2 GB for 100) and are not faster.
BATCH_SIZE = 16


class EmptyTextError(Exception):
    """The texts at these indexes have no tokens."""

    def __init__(self, indexes: list[int]) -> None:
        super().__init__(indexes)
        self.indexes = indexes


class Model(Protocol):
    """A loaded model; thread-safe."""

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Return a unit vector of 384 numbers for each text. Raises `EmptyTextError` for texts without tokens."""
