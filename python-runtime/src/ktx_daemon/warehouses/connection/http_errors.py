"""The translation of errors of HTTP connections. Imported with a driver that has urllib3."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import urllib3.exceptions as transport

from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.connection import network

_REASON = re.compile(
    r"^(?:<.*?>|\w+\(.*?\)): (?:Failed to establish a new connection: )?|\(Caused by .*$|\[(?:Errno -?\d+|SSL: \w+)\] ",
    re.S,
)
_HOST = re.compile("Failed to resolve '([^']+)'")


def explain_connection(
    error: BaseException, server: str, host: str, timeout: float, secrets: Iterable[str | None]
) -> BadRequestError | None:
    """Translate an error of a connection, of TLS or of a proxy; None for another error, such as an invalid answer."""
    cause = find_cause(error)
    reason = redact(find_reason(cause), secrets)
    if isinstance(cause, transport.NameResolutionError):
        named = _HOST.search(str(cause))  # of the server, or of one that logs in to it
        name = named[1] if named else host
        return BadRequestError("host_not_found", f"{server} cannot be reached: the host name '{name}' is not known")
    if isinstance(cause, transport.ProxyError):
        return BadRequestError("connection_failed", f"{server} cannot be reached through the proxy: {reason}")
    if isinstance(cause, transport.SSLError):
        return BadRequestError("tls_failed", f"{server} cannot be trusted over TLS: {reason}")
    if isinstance(cause, transport.NewConnectionError):
        return BadRequestError("connection_failed", f"{server} cannot be reached: {reason.lower()}")
    if isinstance(cause, transport.ConnectTimeoutError):
        return network.connection_timeout_error(server, timeout)
    if isinstance(cause, transport.ReadTimeoutError):
        return network.statement_timeout_error(server, timeout)
    return None


def find_cause(error: BaseException) -> BaseException:
    """Return the error of the transport that a driver has wrapped."""
    cause: Any = error if isinstance(error, transport.HTTPError) else error.__cause__ or error
    while True:
        inner = getattr(cause, "reason", None)
        if not isinstance(inner, Exception) or isinstance(cause, transport.ProxyError):
            return cause  # type: ignore[no-any-return]
        cause = inner


def find_reason(error: BaseException) -> str:
    """Return the first line of an error's own text, without the names of classes and numbers."""
    original = getattr(error, "original_error", None) or error
    inner = original.args[-1] if original.args else original
    return first_line(_REASON.sub("", str(inner))) or type(error).__name__


def first_line(text: str) -> str:
    """Return the first line of a text without a full stop."""
    return (text.strip().splitlines() or [""])[0].rstrip(".")
