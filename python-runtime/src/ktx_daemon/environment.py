"""Every environment variable that the daemon reads, in one place.

| variable | what it is |
| --- | --- |
| `KTX_DAEMON_VERSION` | the version that `/health` reports; absent there when unset |
| `KTX_DAEMON_INSTANCE` | the id that `/health` reports; a random one when unset |
| `KTX_DAEMON_TOKEN` | the secret that every request but `/health` has to carry; none needed when unset |
| `KTX_DAEMON_STATE_FILE` | file that names the daemon in use; a daemon that it names no longer ends |
| `KTX_DAEMON_LISTEN_FD` | descriptor of an inherited, listening socket (Unix) |
| `KTX_DAEMON_LIFE_FD` | descriptor that holds a kernel lock while the daemon lives (Unix) |
| `KTX_DAEMON_LIFE_LOCK` | file that the daemon itself locks while it lives (Windows) |
| `KTX_DAEMON_READY_FD` | descriptor for the ready report, which is written once (Unix) |
| `KTX_DAEMON_READY_FILE` | file for the ready report, which is written once, atomically |
| `KTX_DAEMON_IDLE_TIMEOUT` | seconds without work after which the daemon ends; 0 never; default 1800 |
| `KTX_DAEMON_MAX_BODY_BYTES` | largest request body; default 64 MiB |
| `KTX_DAEMON_ERROR_FORMAT` | `json`: a one-shot command writes the body of an error in place of a sentence |
| `KTX_LOG_LEVEL` | `error`, `warn`, `info` or `debug`: from which level on events are logged; default `info` |
| `KTX_REQUEST_ID` | id of the request that a one-shot command belongs to; a random one when unset or invalid |
| `KTX_EMBEDDING_MODEL_DIR` | folder of the embedding model, instead of a download |
| `KTX_EMBEDDING_BACKEND` | `onnxruntime` or `sentence-transformers`: what runs the embedding model |
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ktx_daemon.errors import StartupError
from ktx_daemon.log_levels import DEFAULT_LEVEL, LEVELS

EMBEDDING_MODEL_DIR = "KTX_EMBEDDING_MODEL_DIR"
EMBEDDING_BACKEND = "KTX_EMBEDDING_BACKEND"
ERROR_FORMAT = "KTX_DAEMON_ERROR_FORMAT"
REQUEST_ID = "KTX_REQUEST_ID"
DEFAULT_IDLE_TIMEOUT = 1800.0
DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024


def for_children(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a child process: none that the daemon was started with for itself."""
    return {name: value for name, value in variables.items() if not fnmatchcase(name, "KTX_DAEMON_*")}


@dataclass(frozen=True)
class Environment:
    """What the process that started the daemon asked for."""

    version: str | None = None
    instance: str = ""
    token: str | None = None
    state_file: str | None = None
    listen_fd: int | None = None
    life_fd: int | None = None
    life_lock: str | None = None
    ready_fd: int | None = None
    ready_file: str | None = None
    idle_timeout: float = DEFAULT_IDLE_TIMEOUT
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    log_level: str = DEFAULT_LEVEL

    @staticmethod
    def take(variables: MutableMapping[str, str] = os.environ) -> Environment:
        """Read the variables, and remove the token so that no child process and no crash report can carry it."""
        return Environment(
            version=variables.get("KTX_DAEMON_VERSION") or None,
            instance=variables.get("KTX_DAEMON_INSTANCE") or os.urandom(16).hex(),
            token=variables.pop("KTX_DAEMON_TOKEN", None) or None,
            state_file=variables.get("KTX_DAEMON_STATE_FILE") or None,
            listen_fd=_descriptor(variables, "KTX_DAEMON_LISTEN_FD"),
            life_fd=_descriptor(variables, "KTX_DAEMON_LIFE_FD"),
            life_lock=variables.get("KTX_DAEMON_LIFE_LOCK") or None,
            ready_fd=_descriptor(variables, "KTX_DAEMON_READY_FD"),
            ready_file=variables.get("KTX_DAEMON_READY_FILE") or None,
            idle_timeout=_seconds(variables, "KTX_DAEMON_IDLE_TIMEOUT", DEFAULT_IDLE_TIMEOUT),
            max_body_bytes=_positive(variables, "KTX_DAEMON_MAX_BODY_BYTES", DEFAULT_MAX_BODY_BYTES),
            log_level=_level(variables, "KTX_LOG_LEVEL", DEFAULT_LEVEL),
        )


def has_json_errors() -> bool:
    """Say whether a one-shot command shall write the body of an error, which a program reads."""
    return os.environ.get(ERROR_FORMAT) == "json"


def given_request_id() -> str:
    """Return the id of the request that a one-shot command belongs to; empty when unset."""
    return os.environ.get(REQUEST_ID, "")


def embedding_model_folder() -> str | None:
    """Return the folder of the embedding model, if the user keeps one."""
    return os.environ.get(EMBEDDING_MODEL_DIR) or None


def embedding_backend() -> str | None:
    """Return what shall run the embedding model, if the user says so; any text, as it is written."""
    return os.environ.get(EMBEDDING_BACKEND) or None


def _descriptor(variables: MutableMapping[str, str], name: str) -> int | None:
    """Read the number of an inherited descriptor and keep it from this process's own children."""
    text = variables.pop(name, "")
    if not text:
        return None
    try:
        descriptor = int(text)
        os.set_inheritable(descriptor, False)
    except (ValueError, OverflowError, OSError):
        raise StartupError(f"{name} is not an open descriptor: {text!r}") from None
    return descriptor


def _seconds(variables: MutableMapping[str, str], name: str, default: float) -> float:
    text = variables.get(name, "")
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise StartupError(f"{name} must be a number of seconds, 0 or more: {text!r}")
    return seconds


def _level(variables: MutableMapping[str, str], name: str, default: str) -> str:
    level = variables.get(name, "") or default
    if level not in LEVELS:
        raise StartupError(f"{name} must be one of {', '.join(LEVELS)}: {level!r}")
    return level


def _positive(variables: MutableMapping[str, str], name: str, default: int) -> int:
    text = variables.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise StartupError(f"{name} must be a whole number of bytes, 1 or more: {text!r}")
    return int(text)
