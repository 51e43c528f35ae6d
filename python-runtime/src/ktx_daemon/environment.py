"""Every environment variable that the daemon reads, in one place.

| variable | meaning |
| --- | --- |
| `KTX_DAEMON_VERSION` | the version that `/health` reports; absent there when unset |
| `KTX_DAEMON_INSTANCE` | the id that `/health` reports; a random one when unset |
| `KTX_DAEMON_TOKEN` | the secret that every request but `/health` must carry; no authentication when unset |
| `KTX_DAEMON_STATE_FILE` | file that names the daemon in use; a daemon that it no longer names stops |
| `KTX_DAEMON_LISTEN_FD` | descriptor of an inherited, listening socket (Unix) |
| `KTX_DAEMON_LIFE_FD` | descriptor that holds a kernel lock while the daemon lives (Unix) |
| `KTX_DAEMON_LIFE_LOCK` | file that the daemon locks while it lives (Windows) |
| `KTX_DAEMON_READY_FD` | descriptor for the ready report, which is written once (Unix) |
| `KTX_DAEMON_READY_FILE` | file for the ready report, which is written once, atomically |
| `KTX_DAEMON_IDLE_TIMEOUT` | seconds without requests after which the daemon stops; 0 disables it; default 1800 |
| `KTX_DAEMON_MAX_BODY_BYTES` | largest request body; default 64 MiB |
| `KTX_DAEMON_ERROR_FORMAT` | `json`: a one-shot command writes an error as its JSON body instead of a sentence |
| `KTX_LOG_LEVEL` | minimum log level: `error`, `warn`, `info` or `debug`; default `info` |
| `KTX_REQUEST_ID` | id of the request that a one-shot command belongs to; a random one when unset or invalid |
| `KTX_EMBEDDING_MODEL_DIR` | folder of the embedding model, instead of a download |
| `KTX_EMBEDDING_BACKEND` | backend of the embedding model: `onnxruntime` or `sentence-transformers` |
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


def child_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a child process, without those that configure the daemon."""
    return {name: value for name, value in variables.items() if not fnmatchcase(name, "KTX_DAEMON_*")}


@dataclass(frozen=True)
class Environment:
    """Configuration of the daemon, from the variables that its launcher sets."""

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
    def read_and_clear(variables: MutableMapping[str, str] = os.environ) -> Environment:
        """Read the variables, and remove the token and descriptors so that child processes do not inherit them."""
        return Environment(
            version=variables.get("KTX_DAEMON_VERSION") or None,
            instance=variables.get("KTX_DAEMON_INSTANCE") or os.urandom(16).hex(),
            token=variables.pop("KTX_DAEMON_TOKEN", None) or None,
            state_file=variables.get("KTX_DAEMON_STATE_FILE") or None,
            listen_fd=_parse_descriptor(variables, "KTX_DAEMON_LISTEN_FD"),
            life_fd=_parse_descriptor(variables, "KTX_DAEMON_LIFE_FD"),
            life_lock=variables.get("KTX_DAEMON_LIFE_LOCK") or None,
            ready_fd=_parse_descriptor(variables, "KTX_DAEMON_READY_FD"),
            ready_file=variables.get("KTX_DAEMON_READY_FILE") or None,
            idle_timeout=_parse_seconds(variables, "KTX_DAEMON_IDLE_TIMEOUT", DEFAULT_IDLE_TIMEOUT),
            max_body_bytes=_parse_positive(variables, "KTX_DAEMON_MAX_BODY_BYTES", DEFAULT_MAX_BODY_BYTES),
            log_level=_parse_level(variables, "KTX_LOG_LEVEL", DEFAULT_LEVEL),
        )


def uses_json_errors() -> bool:
    """Return whether a one-shot command writes errors as JSON bodies."""
    return os.environ.get(ERROR_FORMAT) == "json"


def inherited_request_id() -> str:
    """Return the id of the request that a one-shot command belongs to; empty when unset."""
    return os.environ.get(REQUEST_ID, "")


def embedding_model_folder() -> str | None:
    """Return the configured folder of the embedding model, or None."""
    return os.environ.get(EMBEDDING_MODEL_DIR) or None


def embedding_backend() -> str | None:
    """Return the requested backend of the embedding model, unvalidated, or None."""
    return os.environ.get(EMBEDDING_BACKEND) or None


def _parse_descriptor(variables: MutableMapping[str, str], name: str) -> int | None:
    """Parse the number of an inherited descriptor, and clear its inheritable flag."""
    text = variables.pop(name, "")
    if not text:
        return None
    try:
        descriptor = int(text)
        os.set_inheritable(descriptor, False)
    except (ValueError, OverflowError, OSError):
        raise StartupError(f"{name} is not an open descriptor: {text!r}") from None
    return descriptor


def _parse_seconds(variables: MutableMapping[str, str], name: str, default: float) -> float:
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


def _parse_level(variables: MutableMapping[str, str], name: str, default: str) -> str:
    level = variables.get(name, "") or default
    if level not in LEVELS:
        raise StartupError(f"{name} must be one of {', '.join(LEVELS)}: {level!r}")
    return level


def _parse_positive(variables: MutableMapping[str, str], name: str, default: int) -> int:
    text = variables.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise StartupError(f"{name} must be a whole number of bytes, 1 or more: {text!r}")
    return int(text)
