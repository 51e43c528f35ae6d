"""The translation of errors of Snowflake, of its connector and of the network."""

from __future__ import annotations

import re

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import redact
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.snowflake.account import Account

# Numbers of the server's errors, and the connector's own for a time limit.
CLIENT_TIMEOUT = 14
WRONG_PASSWORD = 390100
# Other refusals, of which the server's text has the reason.
REFUSED_LOGIN = range(390_000, 400_000)
EXPIRED = {390110, 390114, 390318}
LOCKED = 390102
BLOCKED_ADDRESS = {390420, 390422}
NO_ROLE = 390189
NO_WAREHOUSE = 606
STATEMENT_TIMEOUT = 630
UNKNOWN_OBJECT = {2003, 2043}
NO_RIGHTS = 3001

PREFIX = re.compile(r"^(?:\d{6}(?: \(\w{5}\))?: ?)+(?:Failed to login: )?(?:Login error: )?|, code: \d+$")
CONFIGURATION = re.compile(r"^Configuration error: (?:Configuration validation failed \(\d+ issue\(s\)\): )?")
# It has the form of a secret: `password: Missing …`.
MISSING = re.compile(r"\w+: (?=Missing required parameter)")
PRIVATE_KEY = re.compile(r"^Authentication failed")
MFA = re.compile(r"\bMFA\b|multi-factor|\bduo\b|TOTP|passcode", re.IGNORECASE)
SUSPENDED = re.compile(r"cannot be resumed|is suspended|resource monitor", re.IGNORECASE)
UNKNOWN_HOST = re.compile(r"lookup address|dns error|not known", re.IGNORECASE)
TLS = re.compile(r"certificate|\bTLS\b|\bSSL\b|handshake", re.IGNORECASE)
NOT_FOUND = re.compile(r"error status: 40[34]\b")
OBJECT = re.compile(r"(?P<kind>[A-Z][\w ]*?) '(?P<name>[^']+)' does not exist or not authorized", re.IGNORECASE)
PRIVILEGE = re.compile(r"Insufficient privileges to operate on (?P<kind>[\w ]+?) '(?P<name>[^']+)'", re.IGNORECASE)

CHECK = "Check the network, and account: it has the form organization-account, as in the browser's address"


def explain_login(error: Exception, account: Account, timeout: float) -> BadRequestError:
    """Translate an error of the login, of the connector's options, or of the network."""
    number = getattr(error, "errno", None)
    message = redact(MISSING.sub("", _message(error)), account.secrets)
    if number == CLIENT_TIMEOUT:
        detail = network.connection_timeout_error(str(account), timeout).detail
        return BadRequestError("connection_timeout", detail, CHECK)
    if CONFIGURATION.search(message):
        detail = f"The connection to {account} is not complete: {CONFIGURATION.sub('', message)}"
        return BadRequestError("invalid_value", detail)
    if PRIVATE_KEY.search(message) and account.options.get("private_key_file"):
        detail = f"The private key for {account} cannot be read"
        return BadRequestError("authentication_failed", detail, "Check private_key_file and private_key_file_pwd")
    if MFA.search(message):
        hint = "Use a key pair or an access token, or give authenticator: username_password_mfa with a passcode"
        return BadRequestError(
            "authentication_failed", f"{account} asks {account.display_user} for a second factor: {message}", hint
        )
    if number == LOCKED:
        hint = f"Wait 15 minutes, or ask for: ALTER USER {account.user} SET MINS_TO_UNLOCK = 0"
        return BadRequestError("authentication_failed", f"{account} has locked {account.display_user}", hint)
    if number in BLOCKED_ADDRESS:
        hint = "Ask an administrator to allow the address in the network policy"
        return BadRequestError("authentication_failed", f"{account} refused this network: {message}", hint)
    if number in EXPIRED:
        detail = f"{account} refused the token of {account.display_user}, which has expired"
        return BadRequestError("authentication_failed", detail, "Create another token")
    if number == WRONG_PASSWORD:
        return BadRequestError("authentication_failed", f"{account} refused the login of {account.display_user}")
    if number == NO_ROLE:
        hint = f"Ask for: GRANT ROLE {account.options.get('role')} TO USER {account.user}"
        return BadRequestError("permission_denied", f"{account} refused the role: {message}", hint)
    if number in REFUSED_LOGIN:
        detail = f"{account} refused the login of {account.display_user}: {message}"
        return BadRequestError("authentication_failed", detail)
    return _explain_network(message, account)


def _explain_network(message: str, account: Account) -> BadRequestError:
    if UNKNOWN_HOST.search(message):
        return BadRequestError("host_not_found", f"{account} cannot be reached: its host name is not known", CHECK)
    if TLS.search(message):
        return BadRequestError("tls_failed", f"{account} cannot be trusted over TLS: {message}")
    if NOT_FOUND.search(message):
        return BadRequestError("connection_failed", f"{account} does not exist at its host", CHECK)
    return BadRequestError("connection_failed", f"{account} cannot be reached: {message}")


def explain(
    error: Exception, account: Account, timeout: float, default_code: ErrorCode, role: str, warehouse: str | None
) -> BadRequestError:
    """Translate an error of a statement into one with a stable code; `default_code` is that of all other errors.

    `role` and `warehouse` are those of the session.
    """
    role = role or "…"
    number = getattr(error, "errno", None)
    message = redact(_message(error), account.secrets)
    if number in (CLIENT_TIMEOUT, STATEMENT_TIMEOUT):
        return network.statement_timeout_error(str(account), timeout)
    if number == NO_WAREHOUSE:
        name = account.options.get("warehouse") or "…"
        hint = f"Set warehouse of the connection, or ask for: GRANT USAGE ON WAREHOUSE {name} TO ROLE {role}"
        return BadRequestError(default_code, f"{account} has no running warehouse for this session: {message}", hint)
    if SUSPENDED.search(message):
        name = warehouse or "…"
        hint = f"Run: ALTER WAREHOUSE {name} RESUME, or ask for: GRANT OPERATE ON WAREHOUSE {name} TO ROLE {role}"
        return BadRequestError(default_code, f"{account} cannot use the warehouse: {message}", hint)
    if number == NO_RIGHTS:
        return BadRequestError("permission_denied", f"{account} refused: {message}", _grant_hint(message, role))
    object_hint = _object_hint(message, role) if number in UNKNOWN_OBJECT else None
    return BadRequestError(default_code, f"{account} failed: {message}", object_hint)


def _grant_hint(message: str, role: str) -> str:
    found = PRIVILEGE.search(message)
    if found is None:
        return f"Ask for the privilege of the role {role}"
    kind = found["kind"].upper()
    privilege = "SELECT" if kind in ("TABLE", "VIEW", "DYNAMIC TABLE", "EXTERNAL TABLE") else "USAGE"
    return f"Ask for: GRANT {privilege} ON {kind} {found['name']} TO ROLE {role}"


def _object_hint(message: str, role: str) -> str | None:
    found = OBJECT.search(message)
    if found is None:
        return None
    kind = found["kind"].split()[-1].upper()
    privilege = "USAGE" if kind in ("DATABASE", "SCHEMA") else "SELECT"
    target = kind if kind in ("DATABASE", "SCHEMA", "TABLE", "VIEW") else "TABLE"
    return f"Check the name, or ask for: GRANT {privilege} ON {target} {found['name']} TO ROLE {role}"


def _message(error: Exception) -> str:
    text = " ".join(str(getattr(error, "msg", None) or error).split())
    return PREFIX.sub("", text).rstrip(".") or type(error).__name__
