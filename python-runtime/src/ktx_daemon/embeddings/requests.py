"""Request types of the embedding operations."""

from __future__ import annotations

import msgspec


class ComputeEmbedding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/embeddings/compute`; another `model` than the installed one is rejected."""

    text: str
    model: str | None = None


class ComputeEmbeddings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/embeddings/compute-bulk`: 1 to 100 texts."""

    texts: list[str]
    model: str | None = None
