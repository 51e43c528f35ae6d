"""Sessions of the REST API: requests with a login, a deadline and retries, and the end of jobs on the server."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

import msgspec

from ktx_daemon import __version__, cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.address import Address
from ktx_daemon.warehouses.bigquery.credentials import Source, find_source, load_credentials
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.packages import import_driver
from ktx_daemon.warehouses.connection.target import Target

Json = dict[str, Any]

# Google compresses answers only for clients that say `gzip` twice.
HEADERS = {"User-Agent": f"ktx/{__version__} (gzip)", "Accept-Encoding": "gzip"}
# Pauses in seconds before a request is sent again that the server could not answer.
BACKOFF = (0.3, 1.0, 3.0)
CANCEL_TIMEOUT = 10.0
MAX_ANSWER_BYTES = 256 * 1024 * 1024


class Session:
    """A login, and the requests within its project."""

    def __init__(self, address: Address, sockets: network.AbortableSockets, http: Any, target: Target) -> None:
        self.address = address
        self.timeout = target.statement_timeout
        self._target = target
        self._sockets = sockets
        self._http = http
        self._request = http.login_request()
        self._credentials: Any = None
        self._source: Source | None = None

    def log_in(self) -> None:
        """Load the credentials and fetch a token, unless an earlier session has one."""
        self._source = find_source(self.address)
        timeout = self._target.connection_timeout
        error = network.connection_timeout_error("The login of Google", timeout)
        error.hint = self._source.renewal if self._source else None
        with self._guard("authentication_failed", timeout, error):
            self._credentials = load_credentials(self._source, self.address, self._request)
            if not self._credentials.valid:
                self._credentials.refresh(self._request)

    @contextlib.contextmanager
    def guard(self, default_code: ErrorCode) -> Iterator[None]:
        """Guard a block of requests: enforce the statement timeout, and translate errors."""
        error = network.statement_timeout_error(str(self.address), self.timeout)
        with self._guard(default_code, self.timeout + network.GRACE_SECONDS, error):
            yield

    @contextlib.contextmanager
    def _guard(self, default_code: ErrorCode, seconds: float, timeout_error: BadRequestError) -> Iterator[None]:
        from ktx_daemon.warehouses.bigquery.errors import explain

        try:
            with (
                cancellation.current().interrupting(self._sockets.abort),
                self._sockets.deadline(seconds, timeout_error),
            ):
                yield
        except (BadRequestError, cancellation.CancelledWorkError):
            raise
        except Exception as error:
            cancellation.current().check()
            renewal = self._source.renewal if self._source else ""
            raise explain(error, self.address, self.timeout, default_code, renewal) from None

    def get(self, *path: str, **parameters: Any) -> Json:
        """Get a resource; `path` follows `projects/`."""
        return self._call("GET", path, parameters, None)

    def post(self, *path: str, body: Json | None = None, **parameters: Any) -> Json:
        """Post a resource; again after an error of the server, so that the request must have an id of its own."""
        return self._call("POST", path, parameters, body)

    def _call(self, method: str, path: tuple[str, ...], parameters: Json, body: Json | None) -> Json:
        """Send a request, again after a pause if the server is busy. Raises ApiError."""
        from ktx_daemon.warehouses.bigquery.errors import ApiError

        place = "/".join(quote(part, safe="") for part in path)
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters.items() if value)
        url = f"{self.address.endpoint.url}/bigquery/v2/projects/{place}?{query}".rstrip("?")
        pauses = iter(BACKOFF)
        while True:
            try:
                return self._send(method, url, body)
            except ApiError as error:
                pause = next(pauses, None)
                if not error.is_temporary or pause is None:
                    raise
                time.sleep(pause)
                cancellation.current().check()

    def _send(self, method: str, url: str, body: Json | None) -> Json:
        from ktx_daemon.warehouses.bigquery.errors import UNAUTHORIZED, parse_error

        content = None if body is None else msgspec.json.encode(body)
        status, answer = self._exchange(method, url, content)
        if status == UNAUTHORIZED and self._source and self._source.kind != "access_token":
            self._credentials.refresh(self._request)  # the token was revoked before it expired
            status, answer = self._exchange(method, url, content)
        if status >= 300:  # noqa: PLR2004 - a redirect is not followed
            raise parse_error(status, answer)
        return cast(Json, msgspec.json.decode(answer)) if answer else {}

    def _exchange(self, method: str, url: str, content: bytes | None) -> tuple[int, bytes]:
        headers = {**HEADERS, **({"Content-Type": "application/json"} if content else {})}
        self._credentials.before_request(self._request, method, url, headers)
        response = self._http.request(method, url, content, headers, preload_content=False)
        try:
            answer: bytes = response.read(MAX_ANSWER_BYTES + 1, decode_content=True)
            is_complete = len(answer) <= MAX_ANSWER_BYTES and not response.read(1)
        finally:
            response.release_conn()
        if not is_complete:
            detail = f"{self.address} sent an answer of more than {MAX_ANSWER_BYTES >> 20} MiB"
            raise BadRequestError("query_failed", detail, "Ask for fewer rows")
        return response.status, answer

    def cancel_job(self, job_id: str, location: str | None) -> None:
        """End a job on the server, over another connection, as that of this session may be aborted."""
        from ktx_daemon.warehouses.bigquery.errors import ApiError

        path = (self.address.billing_project, "jobs", job_id, "cancel")
        with contextlib.suppress(Exception), _open(self._target) as other:
            other._credentials, other._source = self._credentials, self._source
            timeout_error = network.statement_timeout_error(str(self.address), CANCEL_TIMEOUT)
            with other._sockets.deadline(CANCEL_TIMEOUT, timeout_error):
                for pause in (*BACKOFF, 0):
                    try:
                        other.post(*path, location=location)
                        return
                    except ApiError:  # the server may not have the job yet
                        time.sleep(pause)


@contextlib.contextmanager
def open_session(target: Target) -> Iterator[Session]:
    """Log in to the project of a target."""
    with _open(target) as session:
        session.log_in()
        yield session


@contextlib.contextmanager
def _open(target: Target) -> Iterator[Session]:
    import_driver("google.auth", "bigquery")
    from ktx_daemon.warehouses.bigquery.transport import open_http

    for name in ("google", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are raised, too
    address = Address.from_target(target)
    timeout = target.statement_timeout + network.GRACE_SECONDS
    with (
        contextlib.closing(network.AbortableSockets()) as sockets,
        open_http(sockets, target.connection_timeout, timeout) as http,
    ):
        yield Session(address, sockets, http, target)
