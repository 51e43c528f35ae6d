"""Chooses the way to run the model, and loads it at the first call."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ktx_daemon import cancellation
from ktx_daemon.embeddings import files
from ktx_daemon.embeddings.feature import (
    BACKENDS,
    INSTALL_COMMAND,
    ONNX_RUNTIME,
    RESTART_COMMAND,
    SENTENCE_TRANSFORMERS,
    has_backend,
    is_installed,
)
from ktx_daemon.embeddings.model import Model
from ktx_daemon.environment import EMBEDDING_BACKEND, embedding_backend
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError

_POLL_SECONDS = 0.1
# For so long a failure of the hub is the result of other calls too, so that these do not wait for the same failure.
FAILURE_SECONDS = 5.0

_loading = threading.Lock()
# Until when, with which code, detail and hint; the error itself would keep the texts of its call alive.
_failure: tuple[float, ErrorCode, str, str | None] | None = None


def model() -> Model:
    """Return the model. A failed load is retried by the next call, after a failure of the hub some seconds later."""
    with _one_at_a_time():
        _raise_recent_failure()
        try:
            return _load()
        except files.HubError as error:
            _remember(error)
            raise


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let two first calls load the model once; a call whose caller goes waits no longer."""
    caller = cancellation.current()
    while not _loading.acquire(timeout=_POLL_SECONDS):
        caller.check()
    try:
        caller.check()
        yield
    finally:
        _loading.release()


def _raise_recent_failure() -> None:
    if _failure is not None and time.monotonic() < _failure[0]:
        raise files.HubError(*_failure[1:])


def _remember(error: files.HubError) -> None:
    global _failure  # noqa: PLW0603 - of the process, as the loaded model is
    _failure = (time.monotonic() + FAILURE_SECONDS, error.code, error.detail, error.hint)


@functools.cache
def _load() -> Model:
    if not is_installed():
        # The contract has the detail itself name the command.
        raise BadRequestError("feature_missing", f"Local embeddings are not installed. Run: {INSTALL_COMMAND}")
    folder = files.own_folder()
    if _backend(folder) == ONNX_RUNTIME:
        from ktx_daemon.embeddings.onnx import OnnxModel

        return OnnxModel(files.in_folder(folder) if folder else files.from_hub())
    from ktx_daemon.embeddings.reference import ReferenceModel

    return ReferenceModel(folder)


def _backend(folder: Path | None) -> str:
    """Return what the user asks for; else ONNX Runtime, unless only the other can run what is there."""
    wanted = embedding_backend()
    if wanted is None:
        can = has_backend(ONNX_RUNTIME) and (folder is None or (folder / files.WEIGHTS).is_file())
        return ONNX_RUNTIME if can or not has_backend(SENTENCE_TRANSFORMERS) else SENTENCE_TRANSFORMERS
    if wanted not in BACKENDS:
        allowed = " or ".join(BACKENDS)
        raise BadRequestError(
            "invalid_setting",
            f"{EMBEDDING_BACKEND} must be {allowed}, not {wanted!r}",
            f"Change it and restart the daemon: {RESTART_COMMAND}",
        )
    if not has_backend(wanted):
        raise BadRequestError(
            "feature_missing",
            f"{EMBEDDING_BACKEND} asks for {wanted}, which {sys.executable} does not have",
            f"Install it there, or unset the variable and restart the daemon: {RESTART_COMMAND}",
        )
    return wanted
