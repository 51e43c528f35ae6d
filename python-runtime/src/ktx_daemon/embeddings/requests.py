"""The requests of the embedding operations."""

from __future__ import annotations

import msgspec


class ComputeEmbedding(msgspec.Struct, frozen=True):
    """The body of `/embeddings/compute`."""

    text: str


class ComputeEmbeddings(msgspec.Struct, frozen=True):
    """The body of `/embeddings/compute-bulk`: 1 to 100 texts."""

    texts: list[str]
