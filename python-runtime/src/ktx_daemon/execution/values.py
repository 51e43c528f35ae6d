"""Values of all databases as JSON has them, without losing a digit; `docs/values.md` lists every type.

A number is a JSON number as long as a double keeps all its digits, and a text of its digits beyond that. Dates and
times are ISO 8601 with the words that ISO 8601 lacks (`infinity`, `BC`), durations are ISO 8601, bytes are lower-case
hexadecimal digits, and numbers that are none are the texts `NaN`, `Infinity` and `-Infinity`.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

LARGEST_EXACT_INTEGER = 2**53 - 1
# Every decimal number of so many digits survives the way to a double and back.
EXACT_DIGITS = 15
MICROSECOND_DIGITS = 6
NANOSECOND_DIGITS = 9

# A date, a time or both, as PostgreSQL, DuckDB and MySQL write them.
_MOMENT = re.compile(
    r"(?P<date>\d+-\d\d-\d\d)?(?P<era> \(BC\))?(?P<between>[ T])?(?P<time>-?\d+:\d\d:\d\d)?(?P<fraction>\.\d+)?"
    r"(?P<zone>[+-]\d\d(?::\d\d){0,2})?(?P<ending> BC)?"
)

# What may be half of a character in a JSON document, which no answer in UTF-8 can hold.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

Converter = Callable[[Any], Any]


def integer(value: int | str) -> int | str:
    """Return an integer as a number if a double keeps it."""
    if isinstance(value, str) and len(value) > EXACT_DIGITS + 2:
        return value
    number = int(value)
    return number if abs(number) <= LARGEST_EXACT_INTEGER else str(number)


def real(value: float | str) -> float | str:
    """Return a floating point number."""
    number = float(value)
    return number if math.isfinite(number) else not_finite(number)


def not_finite(number: float) -> str:
    """Name what is no number, as JavaScript and PostgreSQL do."""
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def decimal(value: Decimal | str) -> int | float | str:
    """Return an exact number as a number if a double keeps it, and with all its digits otherwise."""
    number = Decimal(value)
    if not number.is_finite():
        return not_finite(float(number))
    if number.adjusted() <= EXACT_DIGITS and number == number.to_integral_value():
        return integer(int(number))
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    approximate = float(number)
    if len(digits) <= EXACT_DIGITS and math.isfinite(approximate) and (approximate or not number):
        return approximate
    # A decimal of a database is written without an exponent, one of a JSON document may have any.
    return format(number, "f") if isinstance(value, Decimal) else value


def moment(text: str) -> str:
    """Return a date, a time or both in one spelling; what is neither (`infinity`) stays as it is."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return text
    parts = found.groupdict(default="")
    between = "T" if parts["between"] else ""
    era = " BC" if parts["era"] or parts["ending"] else ""
    return parts["date"] + between + parts["time"] + _fraction(parts["fraction"]) + _zone(parts["zone"]) + era


def _fraction(text: str) -> str:
    """Write no fraction or six digits of it, and nine where microseconds do not suffice."""
    digits = text[1:].rstrip("0")
    if not digits:
        return ""
    return "." + digits.ljust(MICROSECOND_DIGITS if len(digits) <= MICROSECOND_DIGITS else NANOSECOND_DIGITS, "0")


def _zone(text: str) -> str:
    return f"{text}:00" if text and ":" not in text else text


def duration(months: int, days: int, microseconds: int) -> str:
    """Return an interval as ISO 8601 writes durations, in the form of PostgreSQL's `intervalstyle = iso_8601`."""
    years, months = _divided(months, 12)
    hours, rest = _divided(microseconds, 3_600_000_000)
    minutes, rest = _divided(rest, 60_000_000)
    date = "".join(f"{number}{unit}" for number, unit in ((years, "Y"), (months, "M"), (days, "D")) if number)
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    if rest:
        seconds, fraction = divmod(abs(rest), 1_000_000)
        digits = f".{fraction:06}".rstrip("0") if fraction else ""
        time += f"{'-' if rest < 0 else ''}{seconds}{digits}S"
    return f"P{date}{'T' if time else ''}{time}" if date or time else "PT0S"


def _divided(number: int, by: int) -> tuple[int, int]:
    """Divide towards zero, so that all parts of a duration have its sign."""
    quotient, rest = divmod(abs(number), by)
    return (-quotient, -rest) if number < 0 else (quotient, rest)


def hexadecimal(value: bytes | bytearray | memoryview) -> str:
    """Return bytes as lower-case hexadecimal digits."""
    return bytes(value).hex()


def document(text: str) -> Any:
    """Return a JSON document as it is, with the digits of its numbers; one that cannot be read stays a text."""
    try:
        value = json.loads(text, parse_int=integer, parse_float=decimal, parse_constant=str)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (ValueError, RecursionError):
        return text


def json_value(value: Any) -> Any:
    """Return a Python value that every JSON reader understands the same way."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, float):
        return real(value)
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return hexadecimal(value)
    return _nested(value)


def _nested(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    return str(value)
