"""The model on sentence-transformers (PyTorch): where it came from, and the measure of the other way."""

from __future__ import annotations

from pathlib import Path

import sentence_transformers
from transformers.utils import logging

from ktx_daemon.embeddings.model import BATCH, DIMENSIONS, MODEL
from ktx_daemon.environment import EMBEDDING_MODEL_DIR
from ktx_daemon.errors import BadRequestError


class ReferenceModel:
    """A model of sentence-transformers."""

    def __init__(self, folder: Path | None) -> None:
        logging.disable_progress_bar()
        name = str(folder or MODEL)
        try:
            self._model = sentence_transformers.SentenceTransformer(name)
        except Exception as error:  # missing files, a failed download, damage: each has its own error there
            sentence = f"sentence-transformers cannot load {name}: set {EMBEDDING_MODEL_DIR} to a folder of {MODEL}"
            raise BadRequestError("model_invalid", sentence) from error
        dimensions = self._model.encode(["one"], show_progress_bar=False).shape[1]
        if dimensions != DIMENSIONS:
            sentence = f"The model in {name} gives {dimensions} numbers a text, and {MODEL} {DIMENSIONS}"
            raise BadRequestError("model_invalid", f"{sentence}: set {EMBEDDING_MODEL_DIR} to a folder of the latter")

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Give each text's vector."""
        vectors = self._model.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        rows: list[list[float]] = vectors.tolist()
        return rows
