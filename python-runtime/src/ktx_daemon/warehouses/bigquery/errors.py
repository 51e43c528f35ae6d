"""The translation of errors of BigQuery, of google-auth and of the network."""

from __future__ import annotations

import re
from typing import Any

import google.auth.exceptions as login
import msgspec

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.bigquery.address import Address
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.http_errors import explain_connection, first_line

UNAUTHORIZED = 401
# Statuses and reasons of a server that may answer the same request later.
RETRIED_STATUSES = (429, 500, 502, 503, 504)
RETRIED_REASONS = ("rateLimitExceeded", "jobRateLimitExceeded", "backendError", "internalError")
DENIED = ("accessDenied", "PERMISSION_DENIED")
PERMISSION = re.compile(r"(?:bigquery|serviceusage)\.\w+\.\w+")
# The role with the fewest rights that has a permission.
ROLES = {
    "bigquery.jobs.create": "roles/bigquery.jobUser",
    "bigquery.jobs.list": "roles/bigquery.resourceViewer",
    "bigquery.jobs.listAll": "roles/bigquery.resourceViewer",
    "bigquery.datasets.get": "roles/bigquery.metadataViewer",
    "bigquery.tables.get": "roles/bigquery.metadataViewer",
    "bigquery.tables.list": "roles/bigquery.metadataViewer",
    "bigquery.readsessions.create": "roles/bigquery.readSessionUser",
    "serviceusage.services.use": "roles/serviceusage.serviceUsageConsumer",
}
DEFAULT_ROLE = "roles/bigquery.dataViewer"
HINTS = {
    "accessNotConfigured": "Ask for the BigQuery API to be enabled in the project",
    "billingNotEnabled": "Ask for billing to be enabled in the project",
    "bytesBilledLimitExceeded": "Read less, or raise maximum_bytes_billed of the connection",
    "quotaExceeded": "Wait until the quota is renewed, or ask for a larger one",
    "rateLimitExceeded": "Try again later, or lower max_concurrent_statements of the connection",
    "resourcesExceeded": "Filter or aggregate more rows",
    "responseTooLarge": "Filter or aggregate more rows",
}
DISABLED = re.compile("has not been used in project|API .* is disabled|SERVICE_DISABLED")
IN_LOCATION = re.compile("was not found in location|Cannot read and write in different locations")
TIMED_OUT = re.compile("timed out|timeout|exceeded the time", re.IGNORECASE)


class ApiError(Exception):
    """An error that the API returned, with the HTTP status (0 for that of a job) and Google's reason."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = " ".join(message.split()).rstrip(".")

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in RETRIED_STATUSES or self.reason in RETRIED_REASONS


class ErrorItem(msgspec.Struct):
    """A detail of an error, as requests and jobs have it."""

    reason: str = ""
    message: str = ""


class ErrorDetails(msgspec.Struct):
    """The error of a response."""

    message: str = ""
    status: str = ""
    errors: list[ErrorItem] = []


class ErrorBody(msgspec.Struct):
    """The body of a response with an error."""

    error: ErrorDetails


def parse_error(status: int, body: bytes) -> ApiError:
    """Return the error of a response; that of a proxy or of another server has no reason."""
    try:
        error = msgspec.json.decode(body, type=ErrorBody).error
    except msgspec.MsgspecError:
        text = first_line(body[:200].decode("utf-8", "replace")) or "no text"
        return ApiError(status, "", f"HTTP status {status}: {text}")
    reason = error.errors[0].reason if error.errors else error.status
    return ApiError(status, reason, error.message or reason)


def explain(
    error: Exception, address: Address, timeout: float, default_code: ErrorCode, renewal: str
) -> BadRequestError:
    """Translate an error; `default_code` is that of errors without one, `renewal` the next step for the login."""
    if isinstance(error, ApiError):
        return _explain_api(error, address, timeout, default_code, renewal)
    connection = explain_connection(error, str(address), address.endpoint.host, timeout, address.secrets)
    if connection is not None:
        return connection
    text = first_line(redact(str(_first_argument(error)), address.secrets))
    if isinstance(error, login.DefaultCredentialsError):
        detail = "This machine has no application default credentials of Google"
        return BadRequestError("authentication_failed", detail, "Run: gcloud auth application-default login")
    if isinstance(error, login.GoogleAuthError):
        return BadRequestError("authentication_failed", f"{address} refused the login: {text}", renewal)
    return BadRequestError(default_code, f"{address} failed: {text}")


def _first_argument(error: Exception) -> Any:
    """Return the text of an error, without the response that google-auth appends to it."""
    return error.args[0] if error.args else type(error).__name__


def _explain_api(
    error: ApiError, address: Address, timeout: float, default_code: ErrorCode, renewal: str
) -> BadRequestError:
    message = redact(error.message, address.secrets)
    if error.status == UNAUTHORIZED:
        return BadRequestError("authentication_failed", f"{address} refused the login: {message}", renewal)
    if DISABLED.search(message):
        return BadRequestError("permission_denied", f"{address} failed: {message}", HINTS["accessNotConfigured"])
    if error.reason in DENIED:
        return BadRequestError("permission_denied", f"{address}: {message}", _ask_for_role(message, address))
    if error.reason in ("stopped", "timeout") and TIMED_OUT.search(message):
        return network.statement_timeout_error(str(address), timeout)
    if IN_LOCATION.search(message):
        hint = "Check the name, and location of the connection"
        return BadRequestError(default_code, f"{address} failed: {message}", hint)
    if error.reason == "notFound" and message.startswith("Not found: Project"):
        return BadRequestError("database_not_found", f"{address}: {message}", "Check project of the connection")
    return BadRequestError(default_code, f"{address} failed: {message}", HINTS.get(error.reason))


def _ask_for_role(message: str, address: Address) -> str:
    found = PERMISSION.search(message)
    permission = found[0] if found else ""
    is_of_data = not permission.startswith(("bigquery.jobs.", "serviceusage."))
    place = address.project if is_of_data else address.billing_project
    return f"Ask for the role {ROLES.get(permission, DEFAULT_ROLE)} in the project {place}"
