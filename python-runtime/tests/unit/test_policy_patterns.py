"""The cases of patterns that the addon's test reads as well: staged files and statements are denied alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.patterns import Denied, DeniedPattern, TableName
from ktx_daemon.sql.policy.violation import PolicyDeniedError

CASES = json.loads((Path(__file__).resolve().parents[3] / "tests/policy/patterns.json").read_text("utf-8"))


def table(parts: list[str]) -> TableName:
    catalog, db, name = ([None, None, *parts])[-3:]
    return TableName(catalog, db, str(name))


@pytest.mark.parametrize("case", CASES["tables"], ids=lambda case: case["pattern"])
def test_tables_match_as_in_staged_files(case: dict[str, Any]) -> None:
    pattern = DeniedPattern(case["pattern"], case["parts"])
    # Collations of some databases ignore more than the letter case of the scanned names.
    for name in [*case["matches"], *case.get("statements", [])]:
        assert pattern.matches_table(table(name)), name
    for name in case["others"]:
        assert not pattern.matches_table(table(name)), name


@pytest.mark.parametrize("case", CASES["columns"], ids=lambda case: case["pattern"])
def test_columns_match_as_in_staged_files(case: dict[str, Any]) -> None:
    pattern = DeniedPattern(case["pattern"], case["parts"])

    def matches(*parts: str) -> bool:
        *names, column = parts
        return pattern.matches_table_of_column(table(names)) and pattern.matches_column(column)

    assert [name for name in case["matches"] if not matches(*name)] == []
    assert [name for name in case["others"] if matches(*name)] == []


def test_references_are_denied_as_in_sources() -> None:
    denied = Denied([DeniedPattern(**pattern) for pattern in CASES["references"]["deny"]])

    def is_denied(dialect: str, reference: str) -> bool:
        try:
            check_policy(f"SELECT 1 FROM {reference}", dialect, denied)
        except PolicyDeniedError:
            return True
        return False

    assert [case for case in CASES["references"]["denied"] if not is_denied(*case)] == []
    assert [case for case in CASES["references"]["allowed"] if is_denied(*case)] == []
