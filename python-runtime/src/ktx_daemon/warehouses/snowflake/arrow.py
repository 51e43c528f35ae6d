"""Rows of a result as the server encodes them in Arrow, in which no digit is lost.

The connector's own rows have microseconds, and dates from the year 1 to 9999 only; Snowflake has nanoseconds and more
years. Therefore its Arrow stream is read without its conversions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from nanoarrow.c_array_stream import CArrayStream
from nanoarrow.iterator import PyIterator


class _Cells(PyIterator):  # type: ignore[misc]  # nanoarrow has no types
    """Values of a column; a date is its number of days since 1970, a decimal its digits without the point."""

    _date_iter = PyIterator._primitive_iter

    def _decimal_iter(self, offset: int, length: int) -> Iterator[int | None]:
        # That of nanoarrow 0.9 reads negative numbers as positive ones.
        for value in self._primitive_iter(offset, length):
            yield None if value is None else int.from_bytes(value, sys.byteorder, signed=True)


class _Rows(_Cells):
    """Rows as tuples, in which several columns may have the same name."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        rows: Iterator[tuple[Any, ...]] = self._struct_tuple_iter(0, len(self._array_view))
        return rows

    def _make_child(self, schema: Any, array_view: Any) -> _Cells:
        return _Cells(schema, array_view=array_view)


class ArrowResult:
    """The columns of a result, as schemas of nanoarrow, and its rows, once."""

    def __init__(self, cursor: Any) -> None:
        self._stream = CArrayStream(None, cursor._result_set.get_arrow_stream_ptr())
        self.columns: list[Any] = list(self._stream.get_schema().children)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows; batches are read one after the other."""
        yield from _Rows.get_iterator(self._stream)

    def close(self) -> None:
        """Release what is left of the stream."""
        if self._stream.is_valid():
            self._stream.release()


def metadata(column: Any) -> dict[str, str]:
    """Return the connector's description of a column: `logicalType`, `precision`, `scale` and others."""
    return {name.decode(): value.decode() for name, value in dict(column.metadata or {}).items()}
