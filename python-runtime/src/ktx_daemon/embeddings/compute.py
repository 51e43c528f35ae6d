"""Embeddings of all-MiniLM-L6-v2: 384 numbers a text, of length one."""

from __future__ import annotations

import functools
import threading
from typing import Any

import msgspec

from ktx_daemon.embeddings.feature import INSTALL_COMMAND, is_installed
from ktx_daemon.embeddings.requests import ComputeEmbedding, ComputeEmbeddings
from ktx_daemon.environment import embedding_model_folder
from ktx_daemon.errors import BadRequestError

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
MAX_TEXTS = 100

_loading = threading.Lock()


class Embedding(msgspec.Struct):
    """The answer of `/embeddings/compute`."""

    embedding: list[float]


class Embeddings(msgspec.Struct):
    """The answer of `/embeddings/compute-bulk`, in the order of the texts."""

    embeddings: list[list[float]]


def compute_embedding(request: ComputeEmbedding) -> Embedding:
    """Embed one text."""
    return Embedding(_encode([request.text])[0])


def compute_embeddings(request: ComputeEmbeddings) -> Embeddings:
    """Embed up to 100 texts at once."""
    if not 1 <= len(request.texts) <= MAX_TEXTS:
        raise BadRequestError("invalid_value", f"texts must hold 1 to {MAX_TEXTS} texts, not {len(request.texts)}")
    return Embeddings(_encode(request.texts))


def _encode(texts: list[str]) -> list[list[float]]:
    with _loading:  # two first requests load the model once
        model = _model()
    vectors: list[list[float]] = model.encode(texts, normalize_embeddings=True, show_progress_bar=False).tolist()
    return vectors


@functools.cache
def _model() -> Any:
    if not is_installed():
        raise BadRequestError("feature_missing", f"Local embeddings are not installed. Run: {INSTALL_COMMAND}")
    import sentence_transformers

    return sentence_transformers.SentenceTransformer(embedding_model_folder() or MODEL)
