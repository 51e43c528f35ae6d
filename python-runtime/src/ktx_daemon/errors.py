"""Exceptions of the daemon and the body in which callers receive them.

A body is `{ "detail", "code", "hint"?, "errors"? }`: `detail` is one statement of what happened, `hint` one imperative
sentence with the next step, both without a full stop. Codes are stable; `docs/errors.md` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from ktx_daemon.error_codes import ErrorCode


@dataclass(frozen=True)
class FieldError:
    """One invalid field of a request: its path (`items[0].key`) and what is wrong with it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error response: one sentence without a full stop, a stable code, and an optional next step.

    A request of the wrong shape adds `errors`, an unexpected error the request `id` of its log entry.
    """

    detail: str
    code: ErrorCode
    hint: str | None = None
    errors: list[FieldError] = []
    id: str | None = None


class DaemonError(Exception):
    """A failure that the caller receives: an HTTP status, a stable code, one statement and an optional next step."""

    def __init__(
        self,
        status: int,
        code: ErrorCode,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code: ErrorCode = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}
        self.hint = hint

    def body(self, error_id: str | None = None) -> ErrorBody:
        """Return the canonical body; `error_id` is the request id of an unexpected error."""
        return ErrorBody(self.detail, self.code, self.hint or None, self.errors, error_id)

    def line(self) -> str:
        """Return detail and hint as one line of text."""
        return f"{self.detail}. {self.hint}" if self.hint else self.detail


class BadRequestError(DaemonError):
    """A value that is out of range or not allowed: 400."""

    def __init__(self, code: ErrorCode, detail: str, hint: str | None = None) -> None:
        super().__init__(400, code, detail, hint=hint)


class InvalidRequestError(DaemonError):
    """A body of the wrong shape, with every invalid field: 422."""

    def __init__(self, errors: list[FieldError]) -> None:
        listed = "; ".join(str(error) for error in errors)
        super().__init__(422, "invalid_request", f"The request has the wrong shape: {listed}", errors=errors)


@dataclass
class StartupError(Exception):
    """The daemon cannot start; the message is one sentence, the hint the next step."""

    message: str
    hint: str = field(default="")

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message
