"""Chooses the backend, and loads the model at the first call."""

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
# A failure of the hub is cached for this time, so that concurrent calls do not wait for the same failure.
FAILURE_CACHE_SECONDS = 5.0

_load_lock = threading.Lock()
# Expiry, code, detail and hint. The error itself is not kept, because its traceback refers to the texts.
_failure: tuple[float, ErrorCode, str, str | None] | None = None


def get_model() -> Model:
    """Return the loaded model.

    A failed load is retried by the next call, a failure of the hub only after `FAILURE_CACHE_SECONDS`.
    """
    with _hold_load_lock():
        _raise_cached_failure()
        try:
            return _load()
        except files.HubError as error:
            _cache_failure(error)
            raise


@contextlib.contextmanager
def _hold_load_lock() -> Iterator[None]:
    """Hold the lock under which the model is loaded once; a cancelled caller stops waiting for it."""
    caller = cancellation.current()
    while not _load_lock.acquire(timeout=_POLL_SECONDS):
        caller.check()
    try:
        caller.check()
        yield
    finally:
        _load_lock.release()


def _raise_cached_failure() -> None:
    if _failure is not None and time.monotonic() < _failure[0]:
        raise files.HubError(*_failure[1:])


def _cache_failure(error: files.HubError) -> None:
    global _failure  # noqa: PLW0603 - one per process, as the loaded model
    _failure = (time.monotonic() + FAILURE_CACHE_SECONDS, error.code, error.detail, error.hint)


@functools.cache
def _load() -> Model:
    if not is_installed():
        # The contract requires the command in the detail.
        raise BadRequestError("feature_missing", f"Local embeddings are not installed. Run: {INSTALL_COMMAND}")
    folder = files.configured_folder()
    if _choose_backend(folder) == ONNX_RUNTIME:
        from ktx_daemon.embeddings.onnx import OnnxModel

        return OnnxModel(files.find_in_folder(folder) if folder else files.fetch_from_hub())
    from ktx_daemon.embeddings.reference import ReferenceModel

    return ReferenceModel(folder)


def _choose_backend(folder: Path | None) -> str:
    """Return the requested backend; by default ONNX Runtime, unless only sentence-transformers can load the model."""
    requested = embedding_backend()
    if requested is None:
        can_run_onnx = has_backend(ONNX_RUNTIME) and (folder is None or (folder / files.WEIGHTS).is_file())
        return ONNX_RUNTIME if can_run_onnx or not has_backend(SENTENCE_TRANSFORMERS) else SENTENCE_TRANSFORMERS
    if requested not in BACKENDS:
        allowed = " or ".join(BACKENDS)
        raise BadRequestError(
            "invalid_setting",
            f"{EMBEDDING_BACKEND} must be {allowed}, not {requested!r}",
            f"Change it and restart the daemon: {RESTART_COMMAND}",
        )
    if not has_backend(requested):
        raise BadRequestError(
            "feature_missing",
            f"{EMBEDDING_BACKEND} asks for {requested}, which {sys.executable} does not have",
            f"Install it there, or unset the variable and restart the daemon: {RESTART_COMMAND}",
        )
    return requested
