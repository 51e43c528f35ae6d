"""`docs/values.md` documents the conversion of values: those of Snowflake, in the encoding that its server sends."""

from __future__ import annotations

import json
from typing import Any

from tests.daemon import Daemon
from tests.snowflake import Result, snowflake_server
from tests.test_values import PAGE, ROW

WHOLE = {"type": "fixed", "precision": 38, "scale": 0}
STAMP = {"type": "timestamp_ntz", "scale": 9}
ZONED = {"type": "timestamp_tz", "scale": 9}
# The type and the encoding of each example: a number of days or seconds since 1970, and an offset of 1440 + 60 minutes.
ENCODED: dict[str, tuple[dict[str, Any], str]] = {
    "9007199254740991": (WHOLE, "9007199254740991"),
    "-9007199254740993": (WHOLE, "-9007199254740993"),
    "99999999999999999999999999999999999999": (WHOLE, "99999999999999999999999999999999999999"),
    "12.50::NUMBER(10, 2)": ({**WHOLE, "precision": 10, "scale": 2}, "12.50"),
    "-272.14::NUMBER(38, 2)": ({**WHOLE, "scale": 2}, "-272.14"),
    "0.1234567890123456789012345678901234567": ({**WHOLE, "scale": 37}, "0.1234567890123456789012345678901234567"),
    "1.23e400::DECFLOAT": ({"type": "decfloat", "precision": 38}, "1.23e400"),
    "0.1::FLOAT + 0.2::FLOAT": ({"type": "real"}, "0.30000000000000004"),
    "'NaN'::FLOAT": ({"type": "real"}, "NaN"),
    "'-inf'::FLOAT": ({"type": "real"}, "-inf"),
    "true": ({"type": "boolean"}, "1"),
    "'größe'": ({"type": "text"}, "größe"),
    "TO_BINARY('00FF', 'HEX')": ({"type": "binary", "length": 8388608, "byteLength": 8388608}, "00FF"),
    "'2024-02-29'::DATE": ({"type": "date"}, "19782"),
    "'12024-01-01'::DATE": ({"type": "date"}, "3672148"),
    "'-0043-03-15'::DATE": ({"type": "date"}, "-735160"),
    "'12:30:00'::TIME": ({"type": "time", "scale": 9}, "45000.000000000"),
    "'12:30:00.123456789'::TIME": ({"type": "time", "scale": 9}, "45000.123456789"),
    "'2024-02-29 12:30:00.25'::TIMESTAMP_NTZ": (STAMP, "1709209800.250000000"),
    "'1969-12-31 23:59:58.123456789'::TIMESTAMP_NTZ": (STAMP, "-1.876543211"),
    "'2024-02-29 12:30:00'::TIMESTAMP_NTZ(0)": ({**STAMP, "scale": 0}, "1709209800"),
    "'2024-02-29 12:30:00 +01:00'::TIMESTAMP_LTZ": ({**STAMP, "type": "timestamp_ltz"}, "1709206200.000000000"),
    "'2024-02-29 12:30:00.000000001 +01:00'::TIMESTAMP_TZ": (ZONED, "1709206200.000000001 1500"),
    "'2024-02-29 12:30:00.25 +01:00'::TIMESTAMP_TZ(3)": ({**ZONED, "scale": 3}, "1709206200.250 1500"),
    "PARSE_JSON('{\"a\": 12345678901234567890}')": ({"type": "variant"}, '{"a": 12345678901234567890}'),
    "ARRAY_CONSTRUCT(1, NULL, 'undefined')": ({"type": "array"}, '[1,undefined,"undefined"]'),
    "OBJECT_CONSTRUCT('a', 1.5)": ({"type": "object"}, '{"a": 1.5}'),
    "{'k': 1}::MAP(VARCHAR, NUMBER)": ({"type": "map"}, '{"k": 1}'),
    "TO_GEOGRAPHY('POINT(1 2)')": (
        {"type": "object", "extTypeName": "GEOGRAPHY"},
        '{"coordinates": [1, 2], "type": "Point"}',
    ),
    "[1.5, 2.5]::VECTOR(FLOAT, 2)": (
        {"type": "vector", "vectorDimension": 2, "fields": [{"type": "real", "nullable": True}]},
        "[1.5,2.5]",
    ),
    "INTERVAL '1-2' YEAR TO MONTH": ({"type": "interval_year_month", "precision": 9, "scale": 0}, "14"),
    "INTERVAL '3 04:05:06.5' DAY TO SECOND": (
        {"type": "interval_day_time", "precision": 9, "scale": 0},
        "273906500000000",
    ),
}


def documented() -> dict[str, Any]:
    section = PAGE.read_text(encoding="utf-8").split("\n## Snowflake\n")[1].split("\n## ")[0]
    return {row["sql"]: json.loads(row["json"]) for row in ROW.finditer(section)}


def run(daemon: Daemon, columns: list[tuple[str, dict[str, Any]]], row: list[str | None]) -> Any:
    with snowflake_server(lambda _: Result(columns, [row])) as (server, _):
        url = f"snowflake://ada:secret@acme/shop?{server}"
        body = {"connection_id": "w", "driver": "snowflake", "url": url, "sql": "SELECT 1"}
        return daemon.post_ok("/sql/execute", body)["rows"][0]


def test_values_are_converted_as_documented(daemon: Daemon) -> None:
    expected = documented()
    assert set(ENCODED) == set(expected)
    found = run(daemon, [(sql, kind) for sql, (kind, _) in ENCODED.items()], [text for _, text in ENCODED.values()])
    converted = dict(zip(ENCODED, found, strict=True))
    assert converted == expected
    assert {sql: type(value) for sql, value in converted.items()} == {sql: type(v) for sql, v in expected.items()}


def test_null_has_no_type(daemon: Daemon) -> None:
    found = run(daemon, [(sql, kind) for sql, (kind, _) in ENCODED.items()], [None] * len(ENCODED))
    assert found == [None] * len(ENCODED)
