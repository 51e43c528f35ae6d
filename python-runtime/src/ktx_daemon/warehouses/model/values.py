"""Lossless conversion of database values to JSON values; `docs/values.md` lists every type.

A number is a JSON number if a double represents it exactly, otherwise a string of its digits. Dates and times are
ISO 8601, extended by `infinity` and `BC`; durations are ISO 8601; bytes are lower-case hexadecimal digits; non-finite
numbers are the strings `NaN`, `Infinity` and `-Infinity`.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

MAX_EXACT_INTEGER = 2**53 - 1
# Every decimal number of at most 15 digits survives the conversion to a double and back.
MAX_EXACT_DIGITS = 15
MICROSECOND_DIGITS = 6
NANOSECOND_DIGITS = 9

# A date, a time or both, as PostgreSQL, DuckDB and MySQL format them.
_TEMPORAL = re.compile(
    r"(?P<date>\d+-\d\d-\d\d)?(?P<era> \(BC\))?(?P<between>[ T])?(?P<time>-?\d+:\d\d:\d\d)?(?P<fraction>\.\d+)?"
    r"(?P<zone>[+-]\d\d(?::\d\d){0,2})?(?P<ending> BC)?"
)

# Escapes that may be lone surrogates in a JSON document, which cannot be encoded in UTF-8.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

Converter = Callable[[Any], Any]


def convert_integer(value: int | str) -> int | str:
    """Return an integer as a number if a double represents it exactly, otherwise as its digits."""
    if isinstance(value, str) and len(value) > MAX_EXACT_DIGITS + 2:
        return value
    number = int(value)
    return number if abs(number) <= MAX_EXACT_INTEGER else str(number)


def convert_float(value: float | str) -> float | str:
    """Return a floating-point number, a non-finite one by its name."""
    number = float(value)
    return number if math.isfinite(number) else name_non_finite(number)


def name_non_finite(number: float) -> str:
    """Return the name of a non-finite number, as in JavaScript and PostgreSQL."""
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def convert_decimal(value: Decimal | str) -> int | float | str:
    """Return a decimal as a number if a double represents it exactly, otherwise as its digits."""
    number = Decimal(value)
    if not number.is_finite():
        return name_non_finite(float(number))
    if number.adjusted() <= MAX_EXACT_DIGITS and number == number.to_integral_value():
        return convert_integer(int(number))
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    approximate = float(number)
    if len(digits) <= MAX_EXACT_DIGITS and math.isfinite(approximate) and (approximate or not number):
        return approximate
    # Decimals of a database are formatted without an exponent, those of a JSON document keep theirs.
    return format(number, "f") if isinstance(value, Decimal) else value


def convert_temporal(text: str) -> str:
    """Return a date, a time or both in ISO 8601; other texts, such as `infinity`, are returned unchanged."""
    match = _TEMPORAL.fullmatch(text)
    if match is None:
        return text
    parts = match.groupdict(default="")
    between = "T" if parts["between"] else ""
    era = " BC" if parts["era"] or parts["ending"] else ""
    return (
        parts["date"]
        + between
        + parts["time"]
        + _format_fraction(parts["fraction"])
        + _format_zone(parts["zone"])
        + era
    )


def format_now() -> str:
    """Return the current time in ISO 8601 in UTC, with milliseconds."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


def format_seconds(seconds: int) -> str:
    """Return a time in seconds since 1970 in ISO 8601 in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def _format_fraction(text: str) -> str:
    """Return no fraction, or six digits of it, or nine if microseconds are not exact."""
    digits = text[1:].rstrip("0")
    if not digits:
        return ""
    return "." + digits.ljust(MICROSECOND_DIGITS if len(digits) <= MICROSECOND_DIGITS else NANOSECOND_DIGITS, "0")


def _format_zone(text: str) -> str:
    return f"{text}:00" if text and ":" not in text else text


def format_duration(months: int, days: int, microseconds: int) -> str:
    """Return an ISO 8601 duration in the form of PostgreSQL's `intervalstyle = iso_8601`."""
    years, months = _divide_towards_zero(months, 12)
    hours, rest = _divide_towards_zero(microseconds, 3_600_000_000)
    minutes, rest = _divide_towards_zero(rest, 60_000_000)
    date = "".join(f"{number}{unit}" for number, unit in ((years, "Y"), (months, "M"), (days, "D")) if number)
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    if rest:
        seconds, fraction = divmod(abs(rest), 1_000_000)
        digits = f".{fraction:06}".rstrip("0") if fraction else ""
        time += f"{'-' if rest < 0 else ''}{seconds}{digits}S"
    return f"P{date}{'T' if time else ''}{time}" if date or time else "PT0S"


def _divide_towards_zero(number: int, by: int) -> tuple[int, int]:
    """Return quotient and remainder rounded towards zero, so that all parts of a duration have its sign."""
    quotient, rest = divmod(abs(number), by)
    return (-quotient, -rest) if number < 0 else (quotient, rest)


def encode_hex(value: bytes | bytearray | memoryview) -> str:
    """Return bytes as lower-case hexadecimal digits."""
    return bytes(value).hex()


def convert_json(text: str) -> Any:
    """Return a parsed JSON document without losing digits of its numbers, or the text if it cannot be parsed."""
    try:
        value = json.loads(text, parse_int=convert_integer, parse_float=convert_decimal, parse_constant=str)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        return text


def convert_value(value: Any) -> Any:
    """Return a Python value as a JSON value that every parser reads without loss."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return convert_integer(value)
    if isinstance(value, float):
        return convert_float(value)
    if isinstance(value, Decimal):
        return convert_decimal(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return encode_hex(value)
    return _convert_nested(value)


def _convert_nested(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): convert_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [convert_value(item) for item in value]
    return str(value)
