"""Operations that compute embeddings of all-MiniLM-L6-v2: unit vectors of 384 numbers."""

from __future__ import annotations

import msgspec

from ktx_daemon.embeddings.load import get_model
from ktx_daemon.embeddings.model import MODEL, EmptyTextError
from ktx_daemon.embeddings.requests import ComputeEmbedding, ComputeEmbeddings
from ktx_daemon.errors import BadRequestError

MAX_TEXTS = 100
_MODEL_NAMES = (None, MODEL, MODEL.rpartition("/")[2])


class Embedding(msgspec.Struct):
    """The response of `/embeddings/compute`."""

    embedding: list[float]


class Embeddings(msgspec.Struct):
    """The response of `/embeddings/compute-bulk`, in the order of the texts."""

    embeddings: list[list[float]]


def compute_embedding(request: ComputeEmbedding) -> Embedding:
    """Embed one text. Raises 400 for an empty text and another model."""
    _check_model(request.model)
    try:
        return Embedding(_encode([request.text])[0])
    except EmptyTextError:
        raise BadRequestError("invalid_value", "text is empty", "Send words to embed") from None


def compute_embeddings(request: ComputeEmbeddings) -> Embeddings:
    """Embed up to 100 texts in one request. Raises 400 for empty texts and another model."""
    _check_model(request.model)
    if not 1 <= len(request.texts) <= MAX_TEXTS:
        raise BadRequestError("invalid_value", f"texts must hold 1 to {MAX_TEXTS} texts, not {len(request.texts)}")
    try:
        return Embeddings(_encode(request.texts))
    except EmptyTextError as error:
        empty = ", ".join(f"texts[{index}]" for index in error.indexes)
        verb = "is" if len(error.indexes) == 1 else "are"
        raise BadRequestError("invalid_value", f"{empty} {verb} empty", "Leave out texts without words") from None


def _encode(texts: list[str]) -> list[list[float]]:
    """Encode the texts. Blank texts are rejected before the model is loaded, others without tokens by the model."""
    blank = [index for index, text in enumerate(texts) if not text or text.isspace()]
    if blank:
        raise EmptyTextError(blank)
    return get_model().encode(texts)


def _check_model(name: str | None) -> None:
    if name not in _MODEL_NAMES:
        raise BadRequestError("unknown_model", f"There is no model {name!r} here", f"Ask for {MODEL}, or for none")
