"""Types of a profile. Values are encoded as in results of queries (`docs/values.md`)."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

Scalar = str | int | float | bool

# What the texts or the numbers of a column are, where all of a sample agree but a small share.
FormatKind = Literal[
    "boolean", "country_code", "currency_code", "email", "epoch_milliseconds", "epoch_seconds", "integer", "ip_address",
    "iso_date", "iso_datetime", "json", "language_code", "number", "phone", "postal_code", "url", "us_state", "uuid",
]  # fmt: skip
# A class of values that are not stored by default.
SensitiveClass = Literal["secret", "email", "phone", "card", "national_id", "iban", "person"]


class FrequentValue(msgspec.Struct, frozen=True):
    """A value and the number of its rows, in the sample if there is one.

    A text of more than 100 characters is cut, and ends with an ellipsis (`…`).
    """

    value: Scalar
    count: int


class Format(msgspec.Struct, frozen=True):
    """A recognised format: the share of the checked values that have it, 0 to 1, and the evidence as a sentence."""

    kind: FormatKind
    share: float
    evidence: str


class Sensitive(msgspec.Struct, frozen=True, rename={"name": "class"}):
    """Why a column looks sensitive: its class, what it was recognised by, and the evidence without any value."""

    name: SensitiveClass
    by: Literal["name", "content"]
    evidence: str


class ColumnProfile(msgspec.Struct, omit_defaults=True):
    """The profile of a column.

    Of a table with a sample (`sampled_rows`), `nulls` is the share of the sample in `rows`, rounded, and `distinct` an
    estimate for all rows by the statistics of the database, or by the number of equally frequent values of which the
    sample is expected to have as many as it has; both are those of the sample if `rows` is unknown. All else is of the
    sample: `min` and `max` may not be those of the table, and `values` are never complete.

    `distinct` counts distinct values without NULL; it is an estimate unless it is `distinct_exact`. An inexact 0 is
    unknown, as of a type without equality. Lengths are in characters, those of bytes in bytes. `values` are all values,
    the first with the most rows, if they are `values_complete` or all that a sample has, otherwise those of at least
    5 % of the rows; texts in them, in `min` and in `max` are cut after 100 characters. `hidden` columns have no `min`,
    `max`, `mean` and `values`, because the request masks them or they are `sensitive`. `hashes` are 63-bit hashes of
    all distinct values whose hash is below `hash_limit`, sorted, so that hashes of two columns of a connection can be
    compared below the lower limit; columns whose values cannot be hashed have none.
    """

    name: str
    nulls: int
    distinct: int
    distinct_exact: bool
    min: Scalar | UnsetType = UNSET
    max: Scalar | UnsetType = UNSET
    mean: float | UnsetType = UNSET
    min_length: int | UnsetType = UNSET
    max_length: int | UnsetType = UNSET
    mean_length: float | UnsetType = UNSET
    values: list[FrequentValue] | UnsetType = UNSET
    values_complete: bool = False
    formats: list[Format] = []
    sensitive: Sensitive | UnsetType = UNSET
    hidden: bool = False
    hashes: list[int] | UnsetType = UNSET
    hash_limit: int | UnsetType = UNSET


class TableProfile(msgspec.Struct, omit_defaults=True):
    """The profile of a table or a view.

    `rows` is its number of rows, an estimate unless it is `rows_exact`. `sampled_rows` is the size of the sample, and
    omitted if all rows were read. `bytes` were read, where the engine says so. `unread` is a sentence about a table
    that could not be profiled, which has no columns then.
    """

    catalog: str | None
    db: str | None
    name: str
    rows: int | None
    rows_exact: bool
    columns: list[ColumnProfile]
    statements: int
    seconds: float
    sampled_rows: int | UnsetType = UNSET
    bytes: int | UnsetType = UNSET
    unread: str | UnsetType = UNSET


class KeyCount(msgspec.Struct, omit_defaults=True):
    """Exact counts of a possible key: rows, rows in which a column is NULL, and distinct values of the other rows.

    `uncounted` is a sentence about a key that could not be counted; the numbers are 0 then.
    """

    rows: int
    null_rows: int
    distinct: int
    uncounted: str | UnsetType = UNSET


class LinkCount(msgspec.Struct, omit_defaults=True):
    """Exact counts of a possible foreign key.

    `rows` of the referencing table have no NULL in its columns, and `distinct` values; `unmatched_rows` of them refer
    to no row. `target_rows` and `target_distinct` are those of the referenced columns, without NULL. `uncounted` is a
    sentence about a link that could not be counted; the numbers are 0 then.
    """

    rows: int
    distinct: int
    unmatched_rows: int
    target_rows: int
    target_distinct: int
    uncounted: str | UnsetType = UNSET


class DatabaseProfile(msgspec.Struct, omit_defaults=True):
    """The response of `/database/profile`: results in the order of the request; `profiled_at` is ISO 8601 in UTC."""

    connection_id: str
    profiled_at: str
    tables: list[TableProfile]
    keys: list[KeyCount]
    links: list[LinkCount]
    warnings: list[str] = []
