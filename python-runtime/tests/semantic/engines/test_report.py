"""The report of an engine: differences that are not listed, and listed ones that the engine does not have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.semantic.databases import connect
from tests.semantic.engines import known
from tests.semantic.engines.__main__ import Report
from tests.semantic.engines.outcomes import DIFFERS, EQUAL, FAILED, Outcome
from tests.semantic.engines.written import WRITTEN, Written


def test_unlisted_and_stale_differences_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(known.KNOWN, "engine", {r"^words, map: .*unknown": "reason", r"^words, top": "reason"})
    report = Report("engine", show_refused=False)
    outcomes = [Outcome("map", FAILED, "line 1\nunknown"), Outcome("set", DIFFERS, "1 in place of 2")]
    report.add("words", [*outcomes, Outcome("top", EQUAL)])
    assert report.problems == ["engine, differs: words, set: 1 in place of 2"]
    assert report.stale() == ["engine: no difference is '^words, top'; remove it from known.py"]
    report.stop("random", ValueError("gone"))
    assert report.stale() == []


@pytest.mark.parametrize("is_ordered", [True, False])
def test_rows_of_another_answer_differ(is_ordered: bool) -> None:
    periods = WRITTEN["periods"]
    assert isinstance(periods, Written)
    query, _ = periods.questions["2024"]
    questions = {"right": (query, [(3, 195)]), "wrong": (query, [(3, 196)]), "missing": (query, [])}
    with connect("duckdb", "") as database:
        found = list(replace(periods, questions=questions, is_ordered=is_ordered)(database))
    assert [outcome.state for outcome in found] == [EQUAL, DIFFERS, DIFFERS]
