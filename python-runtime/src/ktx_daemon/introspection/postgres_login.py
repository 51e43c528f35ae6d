"""Logging in to PostgreSQL with the meanings that `channel_binding` has for libpq.

The driver binds a login by SCRAM to the TLS channel wherever both sides can, which is `prefer`; this module adds the
other two modes.
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
BOUND = b"SCRAM-SHA-256-PLUS"
END = b"\0"
# Kinds of the server's authentication message.
SASL, SASL_CONTINUE, SASL_FINAL = 10, 11, 12
# What the error is found by.
NOT_BOUND = "channel binding is not offered"


class LoginConnection(Connection):  # type: ignore[misc]
    """A connection whose login proves that the TLS channel ends at a server that knows the password.

    `prefer` does so where both sides can; `require` refuses any other login, before anything of the password is sent.
    """

    _usock: Any

    def __init__(self, *arguments: Any, channel_binding: str = "prefer", **options: Any) -> None:
        self._binding = channel_binding
        self._is_proven = False
        super().__init__(*arguments, **options)

    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: Context) -> None:  # noqa: N802 - the driver's name
        """Answer what the server asks for."""
        (kind,) = i_unpack(data)
        if kind == SASL and self.password is None:
            raise InterfaceError("the server asks for a password, but no password was given")
        if self._binding == "require" and not self._is_proven:
            data = _only_bound(kind, data)
        try:
            with self._hidden_channel() if self._binding == "disable" else contextlib.nullcontext():
                super().handle_AUTHENTICATION_REQUEST(data, context)
        except ScramException as error:
            raise InterfaceError(f"the login by SCRAM failed: {error}") from None
        self._is_proven = self._is_proven or kind == SASL_FINAL

    @contextlib.contextmanager
    def _hidden_channel(self) -> Iterator[None]:
        """Keep the driver from finding what it could bind to."""
        self.channel_binding = None  # up to version 1.31.5
        socket, self._usock = self._usock, None  # from 1.31.6 on
        try:
            yield
        finally:
            self._usock = socket


def _only_bound(kind: int, data: bytes) -> bytes:
    """Leave only logins that are bound of what the server offers. Raises where none is left."""
    if kind in (SASL_CONTINUE, SASL_FINAL):
        return data
    if kind != SASL or BOUND not in data[4:].split(END):
        raise InterfaceError(NOT_BOUND)
    return data[:4] + BOUND + END * 2
