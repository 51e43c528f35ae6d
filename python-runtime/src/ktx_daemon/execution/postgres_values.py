"""Values of PostgreSQL: from the text that the server sends, by the type of the column."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from ktx_daemon.execution import values

Reader = Callable[[str], Any]

BY_TYPE: dict[int, Reader] = {
    16: lambda text: text == "t",
    17: lambda text: text.removeprefix("\\x"),
    **dict.fromkeys((20, 21, 23, 26, 28, 29), values.integer),
    **dict.fromkeys((700, 701), values.real),
    1700: values.decimal,
    **dict.fromkeys((114, 3802), values.document),
    **dict.fromkeys((1082, 1083, 1114, 1184, 1266), values.moment),
    **dict.fromkeys((22, 30), lambda text: [int(number) for number in text.split()]),
}


def reader(type_oid: int, element_oid: int, delimiter: str) -> Reader:
    """Return the function that reads a value; a type with an element is an array of it."""
    if type_oid in BY_TYPE:
        return BY_TYPE[type_oid]
    if element_oid:
        return lambda text: array(text, BY_TYPE.get(element_oid, str), delimiter)
    return str


def array(text: str, element: Reader, delimiter: str = ",") -> Any:
    """Read an array of any dimensions; bounds other than 1 (`[0:1]={…}`) are left out."""
    if '"' not in text and text.count("{") == 1 and not text.endswith("{}"):  # fast path for the most frequent arrays
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
            item, position = _item(text, position, delimiter)
            stack[-1].append(None if item is None else element(item))
            continue
        position += 1
    return stack[0][0]


@functools.cache
def _plain(delimiter: str) -> re.Pattern[str]:
    """Read an element without quotes; looking for each sign after it would read the whole text every time."""
    return re.compile(rf"[^{re.escape(delimiter)}}}]+")


def _item(text: str, start: int, delimiter: str) -> tuple[str | None, int]:
    """Read one element, and say where it ends; without quotes `NULL` is no value."""
    if text[start] != '"':
        found = _plain(delimiter).match(text, start)
        item = found[0] if found else ""
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
