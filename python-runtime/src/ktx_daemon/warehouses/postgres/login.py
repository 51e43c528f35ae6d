"""Login to PostgreSQL with libpq's modes of `channel_binding`.

The driver binds a SCRAM login to the TLS channel if both sides support it, which is `prefer`; this module adds the
modes `disable` and `require`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from pg8000.core import Context, i_unpack
from pg8000.exceptions import InterfaceError
from pg8000.native import Connection
from scramp import ScramException

CHANNEL_BINDINGS = ("disable", "prefer", "require")
SCRAM_PLUS = b"SCRAM-SHA-256-PLUS"
TERMINATOR = b"\0"
# Types of the server's authentication request.
SASL, SASL_CONTINUE, SASL_FINAL = 10, 11, 12
# The message by which the error is recognised.
NO_CHANNEL_BINDING = "channel binding is not offered"


class LoginConnection(Connection):  # type: ignore[misc]
    """A connection with channel binding, which proves that the TLS channel ends at a server that knows the password.

    `prefer` binds if both sides support it; `require` rejects other logins before any proof of the password is sent.
    """

    _usock: Any

    def __init__(self, *arguments: Any, channel_binding: str = "prefer", **options: Any) -> None:
        self._channel_binding_mode = channel_binding
        self._is_server_verified = False
        super().__init__(*arguments, **options)

    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: Context) -> None:  # noqa: N802 - the driver's name
        """Respond to an authentication request of the server."""
        (kind,) = i_unpack(data)
        if kind == SASL and self.password is None:
            raise InterfaceError("the server asks for a password, but no password was given")
        if self._channel_binding_mode == "require" and not self._is_server_verified:
            data = _require_channel_binding(kind, data)
        try:
            with (
                self._channel_binding_disabled()
                if self._channel_binding_mode == "disable"
                else contextlib.nullcontext()
            ):
                super().handle_AUTHENTICATION_REQUEST(data, context)
        except ScramException as error:
            raise InterfaceError(f"the login by SCRAM failed: {error}") from None
        self._is_server_verified = self._is_server_verified or kind == SASL_FINAL

    @contextlib.contextmanager
    def _channel_binding_disabled(self) -> Iterator[None]:
        """Hide the TLS channel from the driver, so that it does not bind the login."""
        self.channel_binding = None  # up to version 1.31.5
        socket, self._usock = self._usock, None  # from 1.31.6 on
        try:
            yield
        finally:
            self._usock = socket


def _require_channel_binding(kind: int, data: bytes) -> bytes:
    """Reduce the offered SASL mechanisms to the one with channel binding. Raises InterfaceError without it."""
    if kind in (SASL_CONTINUE, SASL_FINAL):
        return data
    if kind != SASL or SCRAM_PLUS not in data[4:].split(TERMINATOR):
        raise InterfaceError(NO_CHANNEL_BINDING)
    return data[:4] + SCRAM_PLUS + TERMINATOR * 2
