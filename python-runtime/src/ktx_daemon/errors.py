"""What can go wrong, in the one shape that callers see, and the list of its codes.

A body is `{ "detail", "code", "hint"?, "errors"? }`: `detail` is one statement of what happened, `hint` one imperative
sentence with the next step, both without a full stop. A code keeps its meaning; `docs/errors.md` lists the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from ktx_daemon.error_codes import ErrorCode


@dataclass(frozen=True)
class FieldError:
    """One wrong field of a request: where it stands (`items[0].key`) and what is wrong with it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer that is an error: one sentence without a full stop, a stable code, and where there is
    one the next step.

    A body of the wrong shape adds `errors`, an unexpected error the `id` under which the log has it.
    """

    detail: str
    code: ErrorCode
    hint: str | None = None
    errors: list[FieldError] = []
    id: str | None = None


class DaemonError(Exception):
    """A failure that the caller receives: an HTTP status, a stable code, one statement and maybe the next step."""

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
        """Give the canonical body."""
        return ErrorBody(self.detail, self.code, self.hint or None, self.errors, error_id)

    def line(self) -> str:
        """Give detail and hint as one line for people."""
        return f"{self.detail}. {self.hint}" if self.hint else self.detail


class BadRequestError(DaemonError):
    """A value that makes no sense: 400."""

    def __init__(self, code: ErrorCode, detail: str, hint: str | None = None) -> None:
        super().__init__(400, code, detail, hint=hint)


class WrongShapeError(DaemonError):
    """A body of the wrong shape, with every wrong field: 422."""

    def __init__(self, errors: list[FieldError]) -> None:
        listed = "; ".join(str(error) for error in errors)
        super().__init__(422, "invalid_request", f"The request has the wrong shape: {listed}", errors=errors)


@dataclass
class StartupError(Exception):
    """The daemon cannot start; the message is one sentence that says what to change."""

    message: str
    hint: str = field(default="")

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message
