"""Locates the model's files in the configured folder or on the Hugging Face hub."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from ktx_daemon.embeddings.feature import RESTART_COMMAND
from ktx_daemon.embeddings.model import MODEL
from ktx_daemon.environment import EMBEDDING_MODEL_DIR, embedding_model_folder
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
# SHA-256. They detect damaged files and other files of a mirror, which pinning a revision would not.
_CHECKSUMS = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_HINT = (
    f"Set it to a folder with {WEIGHTS} and {TOKENIZER} of {MODEL}; after a change of the variable restart the daemon:"
    f" {RESTART_COMMAND}"
)


class HubError(BadRequestError):
    """The hub could not provide the model."""


@dataclass(frozen=True)
class ModelFiles:
    """The files that the ONNX Runtime backend needs."""

    weights: Path
    tokenizer: Path


def configured_folder() -> Path | None:
    """Return the configured folder, or None. Raises 400 for a relative path and a missing folder."""
    name = embedding_model_folder()
    if name is None:
        return None
    folder = Path(name)
    if not folder.is_absolute():
        raise BadRequestError("model_missing", f"{EMBEDDING_MODEL_DIR} must be an absolute path, not {name!r}", _HINT)
    if not folder.is_dir():
        raise BadRequestError("model_missing", f"{EMBEDDING_MODEL_DIR} names no folder: {name}", _HINT)
    return folder


def find_in_folder(folder: Path) -> ModelFiles:
    """Return the files of the configured folder. Checksums are not verified, as a fine-tuned model has others."""
    files = ModelFiles(folder / WEIGHTS, folder / TOKENIZER)
    for file in (files.weights, files.tokenizer):
        if not file.is_file():
            raise BadRequestError("model_missing", f"{EMBEDDING_MODEL_DIR} has no {file.name}: {folder}", _HINT)
    return files


def fetch_from_hub() -> ModelFiles:
    """Return the files of the hub's cache; missing and damaged ones are downloaded."""
    return ModelFiles(_fetch_verified(WEIGHTS), _fetch_verified(TOKENIZER))


def _fetch_verified(name: str) -> Path:
    for attempt in ("cached", "missing", "damaged"):
        file = _fetch(name, attempt)
        if file is not None and _checksum(file) == _CHECKSUMS[name]:
            return file
    raise HubError(
        "model_invalid",
        f"The {name} that the hub gave is not that of {MODEL}",
        f"Check the proxy or mirror it came through, or set {EMBEDDING_MODEL_DIR} to a folder of the model and restart"
        f" the daemon: {RESTART_COMMAND}",
    )


def _fetch(name: str, attempt: str) -> Path | None:
    # No progress bars and warnings in the daemon's log and a command's standard error, and no telemetry.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    offline, force = attempt == "cached", attempt == "damaged"
    try:
        if not offline:
            # Fails after one request; a download would retry five times with backoff.
            huggingface_hub.get_hf_file_metadata(huggingface_hub.hf_hub_url(MODEL, name))
        return Path(huggingface_hub.hf_hub_download(MODEL, name, local_files_only=offline, force_download=force))
    except Exception as error:  # errors of the HTTP library are not documented
        if offline and isinstance(error, LocalEntryNotFoundError):
            return None
        raise _download_error(name, error) from error


def _download_error(name: str, error: BaseException) -> HubError:
    while error.__cause__ is not None:
        error = error.__cause__
    reason = redact(str(error)).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    return HubError(
        "model_missing",
        f"{name} of {MODEL} could not be downloaded from the Hugging Face hub: {reason}",
        f"Try again with a connection, or copy {WEIGHTS} and {TOKENIZER} from a machine that has one into a folder and"
        f" set {EMBEDDING_MODEL_DIR} to it; this daemon was started without that variable, so restart it then:"
        f" {RESTART_COMMAND}",
    )


def _checksum(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
