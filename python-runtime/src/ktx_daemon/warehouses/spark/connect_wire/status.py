"""The translation of the status of a call, which is an error of the server, of gRPC or of the network."""

from __future__ import annotations

from typing import Any

import grpc

from ktx_daemon.warehouses.spark.errors import SQL_STATE, LoginRefusedError, ServerError, WrongProtocolError

PERMISSION_STATE = "42501"


def translate(error: Any) -> Exception:
    """Return the error for a failed call."""
    status, text = error.code(), error.details() or ""
    if status is grpc.StatusCode.UNAUTHENTICATED:
        return LoginRefusedError()
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return ServerError(text, is_timeout=True)
    if status is grpc.StatusCode.UNAVAILABLE:
        return _unavailable(text)
    if status is grpc.StatusCode.UNIMPLEMENTED or "http2 header" in text:
        return WrongProtocolError("Check the port: that of Spark Connect is 15002 by default")
    if status is grpc.StatusCode.PERMISSION_DENIED:
        return ServerError(text, PERMISSION_STATE)
    state = SQL_STATE.search(text)
    return ServerError(text, state[1] if state else None)


def _unavailable(text: str) -> Exception:
    """Return the error for a connection that failed although the server can be reached without gRPC."""
    if "proxy" in text.lower() or "dns" in text.lower():
        return ServerError(f"no connection through the proxy: {text}")
    return WrongProtocolError("Check the port (that of Spark Connect is 15002 by default), use_ssl and the token")
