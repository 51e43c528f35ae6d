"""Which way the model is run, and loading it at the first call."""

from __future__ import annotations

import functools
import sys
import threading
from pathlib import Path

from ktx_daemon.embeddings import files
from ktx_daemon.embeddings.feature import (
    BACKENDS,
    INSTALL_COMMAND,
    ONNX_RUNTIME,
    SENTENCE_TRANSFORMERS,
    has_backend,
    is_installed,
)
from ktx_daemon.embeddings.model import Model
from ktx_daemon.environment import EMBEDDING_BACKEND, embedding_backend
from ktx_daemon.errors import BadRequestError

_loading = threading.Lock()


def model() -> Model:
    """Give the model. What kept it from being loaded is looked at anew by the next call."""
    with _loading:  # two first requests load it once
        return _load()


@functools.cache
def _load() -> Model:
    if not is_installed():
        raise BadRequestError("feature_missing", f"Local embeddings are not installed. Run: {INSTALL_COMMAND}")
    folder = files.own_folder()
    if _backend(folder) == ONNX_RUNTIME:
        from ktx_daemon.embeddings.onnx import OnnxModel

        return OnnxModel(files.in_folder(folder) if folder else files.from_hub())
    from ktx_daemon.embeddings.reference import ReferenceModel

    return ReferenceModel(folder)


def _backend(folder: Path | None) -> str:
    """Give what the user asks for; else ONNX Runtime, unless only the other can run what is there."""
    wanted = embedding_backend()
    if wanted is None:
        can = has_backend(ONNX_RUNTIME) and (folder is None or (folder / files.WEIGHTS).is_file())
        return ONNX_RUNTIME if can or not has_backend(SENTENCE_TRANSFORMERS) else SENTENCE_TRANSFORMERS
    if wanted not in BACKENDS:
        allowed = " or ".join(BACKENDS)
        raise BadRequestError("invalid_setting", f"{EMBEDDING_BACKEND} must be {allowed}, not {wanted!r}")
    if not has_backend(wanted):
        raise BadRequestError(
            "feature_missing",
            f"{EMBEDDING_BACKEND} asks for {wanted}, which {sys.executable} does not have: install it there, or unset"
            " the variable and start the daemon again",
        )
    return wanted
