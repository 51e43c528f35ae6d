"""The sentence-transformers (PyTorch) backend: the reference implementation of the model."""

from __future__ import annotations

from pathlib import Path

import sentence_transformers
import tokenizers
from transformers.utils import logging

from ktx_daemon import cancellation
from ktx_daemon.embeddings import files, tokens
from ktx_daemon.embeddings.feature import RESTART_COMMAND
from ktx_daemon.embeddings.model import BATCH_SIZE, DIMENSIONS, MODEL, EmptyTextError
from ktx_daemon.environment import EMBEDDING_MODEL_DIR
from ktx_daemon.errors import BadRequestError


class ReferenceModel:
    """A model loaded by sentence-transformers."""

    def __init__(self, folder: Path | None) -> None:
        logging.disable_progress_bar()
        name = str(folder or MODEL)
        hint = f"Set {EMBEDDING_MODEL_DIR} to a folder of {MODEL} and restart the daemon: {RESTART_COMMAND}"
        try:
            self._model = sentence_transformers.SentenceTransformer(name)
        except Exception as error:  # missing files, failed downloads and damage have no common type
            kind = BadRequestError if folder else files.HubError
            raise kind("model_invalid", f"sentence-transformers cannot load {name}", hint) from error
        dimensions = self._model.encode(["one"], show_progress_bar=False).shape[1]
        if dimensions != DIMENSIONS:
            detail = f"The model in {name} gives {dimensions} numbers a text, and {MODEL} {DIMENSIONS}"
            raise BadRequestError("model_invalid", detail, hint)
        self._model.tokenizer.split_special_tokens = True  # `[CLS]` in a text is text
        # A copy, because each call of the model reconfigures its own tokenizer.
        copy = tokenizers.Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        self._tokenizer = tokens.configure(copy)

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Return a unit vector for each text. Raises `EmptyTextError`."""
        texts = [tokens.shorten(self._tokenizer, text) for text in texts]
        ids = tokens.encode(self._tokenizer, texts)
        if empty := tokens.find_empty(self._tokenizer, ids):
            raise EmptyTextError(empty)
        vectors: list[list[float]] = [[]] * len(texts)
        for batch in tokens.batch_by_length(ids):
            cancellation.current().check()
            batch_texts = [texts[index] for index in batch]
            batch_vectors = self._model.encode(
                batch_texts, batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
            ).tolist()
            for index, vector in zip(batch, batch_vectors, strict=True):
                vectors[index] = vector
        return vectors
