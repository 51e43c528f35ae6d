"""What can go wrong, in the one shape that callers see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One wrong field of a request: where it stands (`items[0].key`) and what is wrong with it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class DaemonError(Exception):
    """A failure that the caller receives: an HTTP status, a stable code and one sentence without a full stop."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}
        self.hint = hint

    def body(self) -> dict[str, Any]:
        """Give the canonical body: `detail`, `code` and maybe `hint`, and for a body of the wrong shape `errors`."""
        body: dict[str, Any] = {"detail": self.detail, "code": self.code}
        if self.hint:
            body["hint"] = self.hint
        if self.errors:
            body["errors"] = [{"path": error.path, "message": error.message} for error in self.errors]
        return body


class BadRequestError(DaemonError):
    """A value that makes no sense: 400."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(400, code, detail)


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
