"""The model on ONNX Runtime: a graph that the wheel carries, with the weights of the model's own file.

`scripts/build-embedding-graph.py` makes the graph; it also pools and normalises. docs/embeddings.md compares its
vectors with those of sentence-transformers.
"""

from __future__ import annotations

import threading
from importlib import resources
from pathlib import Path
from typing import Any

import numpy
import onnxruntime
import safetensors
import safetensors.numpy
import tokenizers

from ktx_daemon import cancellation
from ktx_daemon.embeddings import tokens
from ktx_daemon.embeddings.feature import RESTART_COMMAND
from ktx_daemon.embeddings.files import ModelFiles
from ktx_daemon.embeddings.model import MODEL, NoWordsError
from ktx_daemon.environment import EMBEDDING_MODEL_DIR
from ktx_daemon.errors import BadRequestError

_GRAPH = "minilm.onnx"
_HINT = f"Copy the file from {MODEL} again, or unset {EMBEDDING_MODEL_DIR} and restart the daemon: {RESTART_COMMAND}"
_FATAL = 4  # ONNX Runtime's severity; what is below is raised as well


class OnnxModel:
    """A session and a tokenizer."""

    def __init__(self, files: ModelFiles) -> None:
        self._tokenizer = _tokenizer(files.tokenizer)
        self._session = _session(files.weights)
        # One run uses every core; two concurrent ones would take twice the memory and no less time.
        self._running = threading.Lock()

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Return each text's vector."""
        ids = tokens.token_ids(self._tokenizer, texts)
        if empty := tokens.without_words(self._tokenizer, ids):
            raise NoWordsError(empty)
        vectors: list[list[float]] = [[]] * len(texts)
        for batch in tokens.by_length(ids):
            for index, vector in zip(batch, self._run([ids[index] for index in batch]), strict=True):
                vectors[index] = vector
        return vectors

    def _run(self, batch: list[list[int]]) -> list[list[float]]:
        ids: numpy.ndarray[Any, Any] = numpy.zeros((len(batch), max(map(len, batch))), numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, of_text in enumerate(batch):
            ids[row, : len(of_text)] = of_text
            mask[row, : len(of_text)] = 1
        with self._running:
            cancellation.current().check()
            (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        rows: list[list[float]] = vectors.tolist()
        return rows


def _tokenizer(file: Path) -> tokenizers.Tokenizer:
    try:
        return tokens.prepared(tokenizers.Tokenizer.from_file(str(file)))
    except Exception:  # the library raises nothing narrower
        raise BadRequestError("model_invalid", f"The tokenizer in {file} is damaged", _HINT) from None


def _session(file: Path) -> onnxruntime.InferenceSession:
    try:
        weights = safetensors.numpy.load_file(file)
    except (OSError, safetensors.SafetensorError, ValueError):
        raise BadRequestError("model_invalid", f"The weights in {file} are damaged", _HINT) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    # Threads that wait for work by spinning would burn the cores of a daemon that is mostly idle.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    used = [name for name in weights if not name.startswith("pooler.") and not name.endswith(".position_ids")]
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[name]) for name in used]
    options.add_external_initializers(used, values)
    graph = resources.files(__package__).joinpath(_GRAPH).read_bytes()
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception:  # a weight is missing, or has another name, shape or type; the runtime has no narrower error
        detail = f"The weights in {file} are not of the kind of {MODEL}"
        raise BadRequestError("model_invalid", detail, _HINT) from None
