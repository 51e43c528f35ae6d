"""The profile of a column, from the counts and the values that statements have read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET

from ktx_daemon.profile.formats import find_integer_formats, find_text_formats
from ktx_daemon.profile.requests import ProfileColumn
from ktx_daemon.profile.sensitive_names import classify_name
from ktx_daemon.profile.sensitive_values import classify_values, is_sensitive
from ktx_daemon.profile.statements import SHOWN_LENGTH
from ktx_daemon.warehouses.model.profile import ColumnProfile, FrequentValue, Sensitive
from ktx_daemon.warehouses.model.profiling import HASHED, MAX_HASH, Dialect, Kind, Measured
from ktx_daemon.warehouses.model.sampling import estimate_distinct

# Columns with more distinct values have no frequent ones.
MAX_FEW_VALUES = 200
FREQUENT_VALUES = 25
# The share of the rows that a value needs to be a frequent one, unless all values are listed.
MIN_FREQUENT_SHARE = 0.05
# Approximations of distinct values are off by up to 10 %.
APPROXIMATELY_UNIQUE = 0.9
# Values that are read for their format if there are no hashes.
CHECKED_VALUES = 100
TEXTS = (Kind.TEXT, Kind.LABEL, Kind.UUID)
CHECKED = (*TEXTS, Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True)
class Value:
    """A distinct value: its hash, its text, which is cut or hidden, and its number of rows."""

    hash: int
    text: Any
    count: int


@dataclass
class Column:
    """A column of a request, and what was measured of it; `counts` are results by the names of `statements`."""

    request: ProfileColumn
    measured: Measured
    by_name: Sensitive | None
    rows: int = 0
    counts: Mapping[str, Any] = field(default_factory=dict)
    distinct: int = 0
    is_exact: bool = False
    # Whether `distinct` is the number in the rows that were read, and no approximation.
    is_counted: bool = False
    # Distinct values of the whole table by statistics of the database, of which the sample has `distinct`.
    known_distinct: float | None = None
    values: list[Value] | None = None
    limit: int | None = None

    @classmethod
    def of(cls, request: ProfileColumn, dialect: Dialect) -> Column:
        """Describe a column by its name and type."""
        kind = dialect.kind(request.type)
        measured = Measured(dialect.quote(request.name), kind, request.type)
        return cls(request, measured, classify_name(request.name, kind))

    @property
    def is_hidden(self) -> bool:
        """Whether values are not read at all: the column is masked, or looks sensitive by its name."""
        return self.request.masked or (self.by_name is not None and not self.request.unmasked)

    @property
    def has_few_values(self) -> bool:
        """Whether all values of the column are read."""
        return self.distinct <= MAX_FEW_VALUES

    def set_counts(self, rows: int, counts: Mapping[str, Any], distinct: int | None, *, is_exact: bool) -> None:
        """Set the aggregates of a number of rows; without a number of distinct values, that is zero and not exact."""
        self.rows = rows
        # An engine may have zeros as the aggregates of no values.
        self.counts = counts if counts.get("count") else {"count": 0}
        self.distinct = min(distinct or 0, self.count)
        self.is_exact = distinct is not None and is_exact

    @property
    def count(self) -> int:
        """The number of values that are not NULL."""
        return int(self.counts.get("count") or 0)

    def wants_values(self, hashes: int) -> bool:
        """Decide whether values are read, and set the limit of their hashes: about `hashes` of them, or some."""
        kind = self.measured.kind
        if kind in (Kind.OPAQUE, Kind.BINARY) or not self.distinct:
            return False
        is_hashed = hashes > 0 and kind in HASHED
        if self.is_hidden and not is_hashed:
            return False
        if not self.has_few_values:
            if not is_hashed and kind not in CHECKED:
                return False
            wanted = max(hashes, CHECKED_VALUES) if is_hashed else CHECKED_VALUES
            self.limit = None if self.distinct <= 2 * wanted else MAX_HASH // self.distinct * wanted
        return True


@dataclass(frozen=True)
class Whole:
    """The table of columns that were measured on a sample, and its number of rows, if it is known."""

    rows: int | None


def describe(column: Column, dialect: Dialect, whole: Whole | None, *, hashes: bool) -> ColumnProfile:
    """Return the profile of a column; `whole` if it is one of a sample, and `hashes` if they were asked for."""
    counts, kind = column.counts, column.measured.kind
    nulls, distinct = column.rows - column.count, column.distinct
    if whole is not None and whole.rows is not None and column.rows:
        nulls = round(nulls * (whole.rows / column.rows))
        distinct = _distinct_in_table(column, whole.rows - nulls)
    profile = ColumnProfile(column.request.name, nulls, distinct, distinct_exact=column.is_exact)
    profile.min_length = _whole(counts.get("min_length"))
    profile.max_length = _whole(counts.get("max_length"))
    profile.mean_length = _number(counts.get("mean_length"))
    texts = _texts(column)
    sensitive = column.by_name or (classify_values(texts, column.request.name) if kind in CHECKED else None)
    if sensitive is not None:
        profile.sensitive = sensitive
    profile.hidden = column.request.masked or (sensitive is not None and not column.request.unmasked)
    if kind in TEXTS:
        profile.formats = find_text_formats(column.request.name, texts)
    if hashes and kind in HASHED and column.values is not None:
        limit = MAX_HASH if column.limit is None else column.limit
        profile.hash_limit = limit
        profile.hashes = sorted({value.hash for value in column.values if value.hash < limit})
    if not profile.hidden:
        _add_values(profile, column, dialect, texts)
        profile.values_complete = profile.values_complete and whole is None
    return profile


def _distinct_in_table(column: Column, total: int) -> int:
    """Estimate the distinct values of `total` values of the table."""
    if not column.distinct:
        return 0
    if column.known_distinct is not None:
        return min(max(round(column.known_distinct), 1), total)
    # The approximation of as many distinct values as there are rows can be below it.
    is_unique = not column.is_counted and column.distinct >= APPROXIMATELY_UNIQUE * column.count
    return estimate_distinct(column.count if is_unique else column.distinct, column.count, total)


def _add_values(profile: ColumnProfile, column: Column, dialect: Dialect, texts: Sequence[str]) -> None:
    kind, measured = column.measured.kind, column.measured
    # The content of texts that were not read may be sensitive.
    if kind is not Kind.TEXT or texts:
        for name in ("min", "max"):
            value = column.counts.get(name)
            if value is not None and _is_shown(column, str(value)):
                setattr(profile, name, cut(dialect.convert(value, measured)))
    profile.mean = _number(column.counts.get("mean"))
    if kind is Kind.INTEGER:
        least, greatest = (each if isinstance(each, int) else None for each in (profile.min, profile.max))
        profile.formats = find_integer_formats(column.request.name, texts, least, greatest)
    if not column.has_few_values or column.limit is not None or column.values is None:
        return
    shown = [value for value in column.values if value.text is not None and _is_shown(column, str(value.text))]
    frequent = sorted(shown, key=lambda value: (-value.count, str(value.text)))[:FREQUENT_VALUES]
    is_whole = all(len(str(value.text)) <= SHOWN_LENGTH for value in frequent)
    is_all = len(frequent) == len(column.values) and sum(each.count for each in frequent) >= column.count
    if not is_all:
        frequent = [value for value in frequent if value.count >= MIN_FREQUENT_SHARE * column.count]
    values = [FrequentValue(cut(dialect.convert(value.text, measured)), value.count) for value in frequent]
    profile.values, profile.values_complete = values or UNSET, is_all and is_whole


def _is_shown(column: Column, text: str) -> bool:
    return column.request.unmasked or not is_sensitive(text)


def _texts(column: Column) -> list[str]:
    if column.is_hidden:
        return []
    return [str(value.text) for value in column.values or () if value.text is not None]


def cut(value: Any) -> Any:
    """Return a value, a text of more than 100 characters as its first ones with an ellipsis."""
    if isinstance(value, (list, dict)):
        value = str(value)
    if isinstance(value, str) and len(value) > SHOWN_LENGTH:
        return value[:SHOWN_LENGTH] + "…"
    return value


def _whole(value: Any) -> Any:
    return UNSET if value is None else int(value)


def _number(value: Any) -> Any:
    if value is None:
        return UNSET
    number = float(value)
    return number if math.isfinite(number) else UNSET
