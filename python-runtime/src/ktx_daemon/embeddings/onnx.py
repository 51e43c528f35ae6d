"""The ONNX Runtime backend: a graph in the wheel with the weights of the model's file.

`scripts/build-embedding-graph.py` builds the graph, which includes pooling and normalisation. docs/embeddings.md
compares its vectors with those of sentence-transformers.
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
from ktx_daemon.embeddings.model import MODEL, EmptyTextError
from ktx_daemon.environment import EMBEDDING_MODEL_DIR
from ktx_daemon.errors import BadRequestError

_GRAPH = "minilm.onnx"
_HINT = f"Copy the file from {MODEL} again, or unset {EMBEDDING_MODEL_DIR} and restart the daemon: {RESTART_COMMAND}"
_FATAL = 4  # log severity of ONNX Runtime; less severe errors are raised as exceptions too


class OnnxModel:
    """An inference session and a tokenizer."""

    def __init__(self, files: ModelFiles) -> None:
        self._tokenizer = _load_tokenizer(files.tokenizer)
        self._session = _create_session(files.weights)
        # One run uses every core; concurrent runs would need more memory and not be faster.
        self._run_lock = threading.Lock()

    def encode(self, texts: list[str]) -> list[list[float]]:
        """Return a unit vector for each text. Raises `EmptyTextError`."""
        ids = tokens.encode(self._tokenizer, texts)
        if empty := tokens.find_empty(self._tokenizer, ids):
            raise EmptyTextError(empty)
        vectors: list[list[float]] = [[]] * len(texts)
        for batch in tokens.batch_by_length(ids):
            for index, vector in zip(batch, self._run([ids[index] for index in batch]), strict=True):
                vectors[index] = vector
        return vectors

    def _run(self, batch: list[list[int]]) -> list[list[float]]:
        ids: numpy.ndarray[Any, Any] = numpy.zeros((len(batch), max(map(len, batch))), numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, text_ids in enumerate(batch):
            ids[row, : len(text_ids)] = text_ids
            mask[row, : len(text_ids)] = 1
        with self._run_lock:
            cancellation.current().check()
            (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        rows: list[list[float]] = vectors.tolist()
        return rows


def _load_tokenizer(file: Path) -> tokenizers.Tokenizer:
    try:
        return tokens.configure(tokenizers.Tokenizer.from_file(str(file)))
    except Exception:  # the library raises no narrower type
        raise BadRequestError("model_invalid", f"The tokenizer in {file} is damaged", _HINT) from None


def _create_session(file: Path) -> onnxruntime.InferenceSession:
    try:
        weights = safetensors.numpy.load_file(file)
    except (OSError, safetensors.SafetensorError, ValueError):
        raise BadRequestError("model_invalid", f"The weights in {file} are damaged", _HINT) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    # Spinning threads would keep the cores busy in an idle daemon.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    names = [name for name in weights if not name.startswith("pooler.") and not name.endswith(".position_ids")]
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[name]) for name in names]
    options.add_external_initializers(names, values)
    graph = resources.files(__package__).joinpath(_GRAPH).read_bytes()
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception:  # a weight is missing or has another shape or type; the library raises no narrower type
        detail = f"The weights in {file} are not of the kind of {MODEL}"
        raise BadRequestError("model_invalid", detail, _HINT) from None
