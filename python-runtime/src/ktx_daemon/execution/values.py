"""Values of all drivers as JSON has them, without losing a digit.

A number is a JSON number as long as a double keeps all its digits, and a string of its digits beyond that. Dates and
times are ISO 8601, bytes are lower-case hexadecimal digits, NaN and the infinities are null, arrays and objects stay
what they are, and everything else is the text that the driver gives.
"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

LARGEST_EXACT_INTEGER = 2**53 - 1
# Every decimal number of so many digits survives the way to a double and back.
EXACT_DIGITS = 15


def json_value(value: Any) -> Any:
    """Give a value that every JSON reader understands the same way."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_EXACT_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return _nested(value)


def _decimal(value: Decimal) -> int | float | str | None:
    if not value.is_finite():
        return None
    if value == value.to_integral_value() and abs(value) <= LARGEST_EXACT_INTEGER:
        return int(value)
    digits = value.normalize().as_tuple().digits
    return float(value) if len(digits) <= EXACT_DIGITS and math.isfinite(float(value)) else format(value, "f")


def _nested(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    return str(value)
