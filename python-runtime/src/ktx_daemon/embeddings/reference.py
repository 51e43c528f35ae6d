"""The model on sentence-transformers (PyTorch): where it came from, and the measure of the other way."""

from __future__ import annotations

from pathlib import Path

import sentence_transformers
import tokenizers
from transformers.utils import logging

from ktx_daemon import cancellation
from ktx_daemon.embeddings import files, tokens
from ktx_daemon.embeddings.feature import RESTART_COMMAND
from ktx_daemon.embeddings.model import BATCH, DIMENSIONS, MODEL, NoWordsError
from ktx_daemon.environment import EMBEDDING_MODEL_DIR
from ktx_daemon.errors import BadRequestError


class ReferenceModel:
    """A model of sentence-transformers."""

    def __init__(self, folder: Path | None) -> None:
        logging.disable_progress_bar()
        name = str(folder or MODEL)
        hint = f"Set {EMBEDDING_MODEL_DIR} to a folder of {MODEL} and restart the daemon: {RESTART_COMMAND}"
        try:
            self._model = sentence_transformers.SentenceTransformer(name)
        except Exception as error:  # missing files, a failed download, damage: each has its own error there
            kind = BadRequestError if folder else files.HubError
            raise kind("model_invalid", f"sentence-transformers cannot load {name}", hint) from error
        dimensions = self._model.encode(["one"], show_progress_bar=False).shape[1]
        if dimensions != DIMENSIONS:
            sentence = f"The model in {name} gives {dimensions} numbers a text, and {MODEL} {DIMENSIONS}"
            raise BadRequestError("model_invalid", sentence, hint)
        self._model.tokenizer.split_special_tokens = True  # `[CLS]` in a text is text
        # A copy: the model's own is set again by each of its calls.
        copy = tokenizers.Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        self._tokenizer = tokens.prepared(copy)

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Return each text's vector."""
        texts = [tokens.shortened(self._tokenizer, text) for text in texts]
        ids = tokens.token_ids(self._tokenizer, texts)
        if empty := tokens.without_words(self._tokenizer, ids):
            raise NoWordsError(empty)
        vectors: list[list[float]] = [[]] * len(texts)
        for batch in tokens.by_length(ids):
            cancellation.current().check()
            chosen = [texts[index] for index in batch]
            of_batch = self._model.encode(
                chosen, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            ).tolist()
            for index, vector in zip(batch, of_batch, strict=True):
                vectors[index] = vector
        return vectors
