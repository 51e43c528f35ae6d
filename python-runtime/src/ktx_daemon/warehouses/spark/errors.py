"""The translation of errors of Spark, of its wires and of the network."""

from __future__ import annotations

import http.client
import re
import ssl

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.spark.server import Server

# `[TABLE_OR_VIEW_NOT_FOUND] The table …. SQLSTATE: 42P01; line 1 pos 14;`, since Spark 3.4.
CLASS = re.compile(r"\[(_?[A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\] ")
SQL_STATE = re.compile(r"\s*SQLSTATE: (\w{5})")
POSITION = re.compile(r"\bline (\d+),? pos(?:ition)? (\d+)")
STACK = re.compile(r"\n\s*(?:at |Caused by: |\.\.\. \d+ more|JVM stacktrace:)")
# What comes before the message: names of exceptions and the stage of the statement.
PREFIX = re.compile(r"(?:[\w.$]+(?:Exception|Error): |Error (?:running|operating|compiling) \w+: )+")

PERMISSION = re.compile(
    r"permission denied|insufficient_permissions|insufficient privileges|AccessControlException|not authorized"
    r"|does not have .{0,80}privilege|PERMISSION_DENIED",
    re.IGNORECASE,
)
HINTS = (
    (
        re.compile(r"maxResultSize|OutOfMemoryError|Java heap space|GC overhead"),
        "Filter or aggregate more rows, or ask for more memory of Spark's driver",
    ),
    (
        re.compile(r"ExecutorLostFailure|executor \d+ exited|FetchFailed|Executor heartbeat timed out"),
        "Executors of the cluster were lost. Try again, or ask for larger ones",
    ),
    (
        re.compile(r"SparkContext (?:was shut down|has been shut)|stopped SparkContext|Session handle|SessionHandle"),
        "The server was restarted. Try again",
    ),
)
# What OpenSSL says of a server without TLS.
NO_TLS = re.compile("WRONG_VERSION|UNEXPECTED_EOF|RECORD_LAYER")


class ServerError(Exception):
    """An error that the server reported."""

    def __init__(self, text: str, sql_state: str | None = None, *, is_timeout: bool = False) -> None:
        super().__init__(text)
        self.sql_state = sql_state
        self.is_timeout = is_timeout


class LoginRefusedError(Exception):
    """The server refused the login."""


class WrongProtocolError(Exception):
    """The server speaks another protocol, or another form of it; the text is the next step."""


class HttpStatusError(Exception):
    """The server answered with a status of HTTP that is not 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def explain(error: Exception, server: Server, timeout: float, default_code: ErrorCode) -> BadRequestError:
    """Translate an error into one with a stable code; `default_code` is that of all other errors."""
    if isinstance(error, BadRequestError):
        return error
    if isinstance(error, ServerError):
        return _explain_statement(error, server, timeout, default_code)
    return _explain_transport(error, server, default_code)


def _explain_statement(error: ServerError, server: Server, timeout: float, default_code: ErrorCode) -> BadRequestError:
    if error.is_timeout:
        return network.statement_timeout_error(str(server), timeout)
    text = str(error)
    message = redact(summarize(text), server.secrets)
    if error.sql_state == "42501" or PERMISSION.search(text):
        advice = "Ask an administrator for the right SELECT on what the statement reads"
        return BadRequestError(
            "permission_denied", f"{server} does not let {server.display_user} read: {message}", advice
        )
    hint = next((hint for pattern, hint in HINTS if pattern.search(text)), None)
    return BadRequestError(default_code, f"{server} failed: {message}", hint)


def summarize(text: str) -> str:
    """Return the first line of the server's message, with the position in the statement."""
    head = STACK.split(text, maxsplit=1)[0]
    if match := CLASS.search(head):
        message = head[head.rindex(match[0]) + len(match[0]) :]
    else:
        message = PREFIX.sub("", head.strip(), count=1)
    line = SQL_STATE.split(message, maxsplit=1)[0].strip().partition("\n")[0]
    # A position in an error of the execution is that in the statement which limits the rows.
    position = POSITION.search(message.partition("\n== SQL")[0])
    line = POSITION.split(line, maxsplit=1)[0].rstrip(" .;:(") or "no reason is given"
    return f"{line} (line {position[1]}, position {position[2]})" if position else line


def _explain_transport(error: Exception, server: Server, default_code: ErrorCode) -> BadRequestError:
    """Translate an error of the network, of TLS, of a login, or an answer in another protocol."""
    if isinstance(error, LoginRefusedError):
        hint = "Check the user, the password or token, and the key auth of the connection"
        return BadRequestError("authentication_failed", f"{server} refused the login of {server.display_user}", hint)
    if isinstance(error, WrongProtocolError):
        name = "Thrift server" if server.method == "thrift" else "server of Spark Connect"
        return BadRequestError("connection_failed", f"{server} does not answer as a {name}", str(error))
    if isinstance(error, HttpStatusError):
        detail = f"{server} answered with the HTTP status {error.status}"
        return BadRequestError("connection_failed", detail, "Check the port and http_path")
    if isinstance(error, ssl.SSLError):
        reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason or str(error)
        step = "If the server has no TLS, set use_ssl: false" if NO_TLS.search(str(error)) else None
        return BadRequestError("tls_failed", f"{server} cannot be trusted over TLS: {reason}".rstrip("."), step)
    if isinstance(error, http.client.HTTPException):
        return BadRequestError("connection_failed", f"{server} did not answer by HTTP", "Check the port and http_path")
    reason = redact((str(error).strip().splitlines() or [type(error).__name__])[0].rstrip("."), server.secrets)
    return BadRequestError(default_code, f"{server} failed: {reason}")
