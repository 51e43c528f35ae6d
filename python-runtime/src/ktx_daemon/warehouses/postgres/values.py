"""Conversion of PostgreSQL values from the text format, by the type of their column."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from ktx_daemon.warehouses.model import values

TextConverter = Callable[[str], Any]

CONVERTERS_BY_OID: dict[int, TextConverter] = {
    16: lambda text: text == "t",
    17: lambda text: text.removeprefix("\\x"),
    **dict.fromkeys((20, 21, 23, 26, 28, 29), values.convert_integer),
    **dict.fromkeys((700, 701), values.convert_float),
    1700: values.convert_decimal,
    **dict.fromkeys((114, 3802), values.convert_json),
    **dict.fromkeys((1082, 1083, 1114, 1184, 1266), values.convert_temporal),
    **dict.fromkeys((22, 30), lambda text: [int(number) for number in text.split()]),
}


def make_converter(type_oid: int, element_oid: int, delimiter: str) -> TextConverter:
    """Return the converter of a type's values; a type with an element type is an array."""
    if type_oid in CONVERTERS_BY_OID:
        return CONVERTERS_BY_OID[type_oid]
    if element_oid:
        return lambda text: parse_array(text, CONVERTERS_BY_OID.get(element_oid, str), delimiter)
    return str


def parse_array(text: str, element: TextConverter, delimiter: str = ",") -> Any:
    """Parse an array of any dimensions; lower bounds other than 1 (`[0:1]={…}`) are dropped."""
    if '"' not in text and text.count("{") == 1 and not text.endswith("{}"):  # fast path for flat arrays without quotes
        items = text[text.index("{") + 1 : -1].split(delimiter)
        return [None if item == "NULL" else element(item) for item in items]
    stack: list[list[Any]] = [[]]
    position = text.index("{")
    while position < len(text):
        sign = text[position]
        if sign == "{":
            stack.append([])
        elif sign == "}":
            stack[-2].append(stack.pop())
        elif sign != delimiter:
            item, position = _parse_element(text, position, delimiter)
            stack[-1].append(None if item is None else element(item))
            continue
        position += 1
    return stack[0][0]


@functools.cache
def _unquoted_element(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of an element without quotes; `str.find` for each terminator would scan the whole text."""
    return re.compile(rf"[^{re.escape(delimiter)}}}]+")


def _parse_element(text: str, start: int, delimiter: str) -> tuple[str | None, int]:
    """Parse one element, and return it with its end position; an unquoted `NULL` is None."""
    if text[start] != '"':
        match = _unquoted_element(delimiter).match(text, start)
        item = match[0] if match else ""
        end = start + len(item)
        return (None if item == "NULL" else item), end
    parts, position = [], start + 1
    while text[position] != '"':
        position += text[position] == "\\"
        end = position + 1
        while text[end] not in '"\\':
            end += 1
        parts.append(text[position:end])
        position = end
    return "".join(parts), position + 1
